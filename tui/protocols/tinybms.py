"""TinyBMS s516 on a serial line: what to ask when, and what the answers say.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025), and its user manual: one request at a
time, no pause needed between them, and a sleeping unit that answers only the second of two equal requests.
"""

from collections import deque
from dataclasses import dataclass

from tui.model.sample import Pack, UnitLog
from tui.protocols import tinybms_readings as readings
from tui.protocols.asking import AskingOnLine
from tui.protocols.framing import Assembler
from tui.protocols.modbus import big_words
from tui.protocols.protocol import Answered, Bad, Outcome, Refused, Rejected
from tui.protocols.tinybms_decode import event_parts
from tui.protocols.tinybms_events import FAULT_STATUS, judge_log
from tui.protocols.tinybms_frames import (
    CRC_ERROR,
    LONGEST,
    START,
    Answer,
    Nack,
    answer_size,
    fault_of,
    parse,
)
from tui.protocols.tinybms_plan import EXTRAS, LIVE, LOG, ONCE, SERIAL, STATISTICS, VERSION, Asks, fits
from tui.protocols.tinybms_readings import ImplausibleError, words_of

ECHO_BYTES = 4
ANSWER_S = 0.2  # an answer takes 30 ms at most; a unit that slept wants the same request again
TRIES = 3
FIRST_TRIES = 5  # a unit that sleeps looks at its line once a second
OPTIONAL_TRIES = 2
FRUITLESS = 3  # cycles in which an optional question stayed open before it is given up
EXTRAS_EVERY_S = 20.0
SILENT_CYCLES, ASLEEP_EVERY_S = 3, 60.0  # constant requests would keep a stored pack awake and drain it


@dataclass(slots=True)
class _Question:
    asks: Asks
    tries_left: int
    sent_at_s: float
    was_damaged: bool = False  # the unit says that the request did not arrive whole


class TinyBmsProtocol(AskingOnLine[_Question]):
    """One unit. Asks for what is live every `poll_s`, for log and statistics every 20 s, once who it is.

    A unit that fell silent is asked only once a minute, so that this program does not keep it awake.
    """

    def __init__(self, poll_s: float = 1.0) -> None:
        super().__init__(Assembler(bytes((START,)), self._size_of, fault_of, LONGEST), poll_s)

    def reset(self) -> None:
        """The wire was opened anew: forget half frames and the open question, ask identity again."""
        super().reset()
        self._plan: deque[Asks] = deque()
        self._settled: set[Asks] = set()  # answered, refused or given up: not asked again on this wire
        self._fruitless: dict[Asks, int] = {}
        self._cycle_at_s = float("-inf")
        self._extra_at_s = dict.fromkeys(EXTRAS, float("-inf"))
        self._nominal_ah: float | None = None
        self._configured: int | None = None
        self._is_simulated = False
        self._status: int | None = None
        self._calm_at_s: int | None = None  # clock of the unit when it last said anything but fault
        self._pack: Pack | None = None
        self._log = UnitLog()
        self._log_is_newest = False  # read since the unit last entered or left its fault status

    def requests_due(self, now_s: float) -> list[bytes]:
        """The next request, when it is time for one. Calling it counts as sending."""
        self._now_s = now_s
        if self._open is not None:
            if now_s < self._due_again_s(self._open):
                return []
            self._unanswered += not self._open.was_damaged
            if self._open.tries_left:
                return self._send(self._open.asks, self._open.tries_left - 1)
            self._give_up(self._open.asks)
        if not self._plan:
            if now_s < self._cycle_at_s:
                return []
            self._plan_cycle()
        asks = self._plan.popleft()
        return self._send(asks, self._tries(asks) - 1)

    def next_due_s(self) -> float:
        """When `requests_due` should be asked again."""
        if self._open is not None:
            return self._due_again_s(self._open)
        return self._now_s if self._plan else self._cycle_at_s

    # asking

    def _due_again_s(self, question: _Question) -> float:
        return question.sent_at_s if question.was_damaged else question.sent_at_s + ANSWER_S

    def _plan_cycle(self) -> None:
        self._begin_cycle()
        is_asleep = self._silent >= SILENT_CYCLES
        self._cycle_at_s = self._now_s + (max(self._poll_s, ASLEEP_EVERY_S) if is_asleep else self._poll_s)
        self._plan.append(LIVE)
        self._plan += [asks for asks in ONCE if asks not in self._settled]
        for asks in EXTRAS:
            if asks not in self._settled and self._now_s >= self._extra_at_s[asks]:
                self._plan.append(asks)

    def _next_extra_s(self) -> float:
        """20 s after the begin of this cycle, less half a cycle: no turn is missed by a few milliseconds."""
        return self._cycle_at_s + EXTRAS_EVERY_S - 1.5 * self._poll_s

    def _tries(self, asks: Asks) -> int:
        if asks is not LIVE:
            return OPTIONAL_TRIES
        return TRIES if self._has_spoken and not self._silent else FIRST_TRIES

    def _send(self, asks: Asks, tries_left: int) -> list[bytes]:
        return self._ask(_Question(asks, tries_left, self._now_s), asks.request)

    def _give_up(self, asks: Asks) -> None:
        """No answer after every try. Nothing more in this cycle, so that readings never wait for extras."""
        self._open = None
        self._plan.clear()
        if asks is LIVE:
            return
        if asks in EXTRAS:
            self._extra_at_s[asks] = self._next_extra_s()
            self._log_is_newest = self._log_is_newest or asks is LOG
            return
        self._fruitless[asks] = self._fruitless.get(asks, 0) + 1
        if self._fruitless[asks] >= FRUITLESS:
            self._settled.add(asks)

    # hearing

    def _size_of(self, head: bytes) -> int | None:
        """An adapter may give back what was sent: no answer begins with the first bytes of its request."""
        if self._open is not None and head[:ECHO_BYTES] == self._open.asks.request[:ECHO_BYTES]:
            return len(self._open.asks.request)
        return answer_size(head)

    def _heard(self, frame: bytes) -> list[Outcome]:
        answer, question = parse(frame), self._open
        if question is not None and frame == question.asks.request:
            return [Rejected(Bad.GARBAGE, len(frame))]
        if question is None or not isinstance(answer, Answer | Nack) or not fits(answer, question.asks):
            return [Rejected(Bad.LATE)]
        self._note_life()
        if isinstance(answer, Nack) and answer.code == CRC_ERROR:
            question.was_damaged = True
            return [Refused(answer.command, answer.code)]
        self._open = None
        asks = question.asks
        if asks in EXTRAS:
            self._extra_at_s[asks] = self._next_extra_s()
        if asks in ONCE or (isinstance(answer, Nack) and asks is not LIVE):
            self._settled.add(asks)
        if isinstance(answer, Nack):
            self._log_is_newest = self._log_is_newest or asks is LOG
            return [Refused(answer.command, answer.code)]
        try:
            return self._read(asks, answer.data)
        except ImplausibleError:
            return [Rejected(Bad.IMPLAUSIBLE)]

    def _note_life(self) -> None:
        self._heard_in_cycle = self._has_spoken = True
        if self._silent >= SILENT_CYCLES:
            self._cycle_at_s = self._now_s + self._poll_s  # awake again: no minute between the readings
        self._silent = 0

    def _read(self, asks: Asks, data: bytes) -> list[Outcome]:
        if asks is LOG:
            return self._read_log(data)
        if asks is VERSION:
            return [readings.version(data, self._is_simulated)]
        words = words_of(asks.first, big_words(data))
        if asks is LIVE:
            return self._read_live(words)
        if asks is STATISTICS:
            return [readings.counters(words)]
        if asks is SERIAL:
            self._is_simulated = readings.is_simulated(words)
            return [readings.serial(words)]
        self._nominal_ah, self._configured = readings.settings(words)
        return [Answered(asks.first)]

    def _read_live(self, words: dict[int, int]) -> list[Outcome]:
        pack, cells = readings.live(words, self._nominal_ah, self._configured)
        self._note_status(words[50])
        if words[50] != FAULT_STATUS:
            self._calm_at_s = readings.clock_s(words)
        self._pack = self._with_log(pack)
        return [self._pack, cells] if cells.mv else [self._pack]

    def _with_log(self, pack: Pack) -> Pack:
        log = judge_log(self._log, self._status, self._calm_at_s)
        return readings.with_log(pack, log, self._status, self._log_is_newest)

    def _note_status(self, status: int) -> None:
        """Entering or leaving the fault status: the log knows why, so it is read at once."""
        was, self._status = self._status, status
        if (was == FAULT_STATUS) == (status == FAULT_STATUS):
            return
        self._log_is_newest = False
        wanted = EXTRAS if status == FAULT_STATUS else (LOG,)
        for asks in wanted:
            if asks not in self._plan and asks not in self._settled:
                self._plan.append(asks)
        self._log_is_newest = LOG not in self._plan

    def _read_log(self, data: bytes) -> list[Outcome]:
        """The log, and the pack anew when the log tells something else about it."""
        log = readings.log_of(event_parts(data))
        self._log, self._log_is_newest = log, True
        told = judge_log(log, self._status, self._calm_at_s)
        if self._pack is None:
            return [told]
        before, self._pack = self._pack, self._with_log(self._pack)
        return [told] if self._pack == before else [told, self._pack]
