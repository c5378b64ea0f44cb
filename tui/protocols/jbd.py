"""JBD (Overkill Solar, Xiaoxiang) boards: what to ask when, and what the answers say.

Source: JBD protocol document (V11, 2023) and captures: one request at a time, a pause between requests, and
a sleeping board that loses the first request of a conversation.
"""

from collections import deque
from dataclasses import dataclass

from tui.model.sample import Cells, Counters, Doubt, Identity, Pack
from tui.protocols.asking import AskingOnLine
from tui.protocols.jbd_decode import Decoded, ImplausibleError, protections
from tui.protocols.jbd_exchange import BASIC, CELLS, COUNTERS, HARDWARE, decode_answer
from tui.protocols.jbd_frames import Answer, assembler, is_echo, parse, read_request
from tui.protocols.protocol import Answered, Bad, Outcome, Refused, Rejected

MANUFACTURER, MODEL, BARCODE = 0xA0, 0xA1, 0xA2
IDENTITY = (HARDWARE, MANUFACTURER, MODEL, BARCODE)

ANSWER_S = 1.0  # the document: usually under 0.1 s; 0.5 to 1 s before a request is repeated
PAUSE_S = 0.05  # between an answer and the next request
TRIES = 3
FIRST_TRIES = 5  # a board that sleeps, or a line just opened
OPTIONAL_TRIES = 2  # what clones refuse by silence
COUNTERS_EVERY_S = 60.0
COLD_C, HOT_C = -30.0, 120.0  # beyond these a sensor is open or shorted
SUM_DIFFERS_SHARE = 0.02  # pack voltage and sum of cells are measured apart and at different moments
HIGHEST_CELL_MV = 5000


@dataclass(slots=True)
class _Question:
    register: int
    tries_left: int
    sent_at_s: float


class JbdProtocol(AskingOnLine[_Question]):
    """One board. Asks 03 and 04 every `poll_s`, counters every minute, and once who it is."""

    def __init__(self, poll_s: float = 2.0) -> None:
        super().__init__(assembler(), poll_s)

    def reset(self) -> None:
        """The wire was opened anew: forget half frames and the open question, ask identity again."""
        super().reset()
        self._plan: deque[int] = deque()
        self._settled: set[int] = set()  # answered, refused or given up: not asked again on this wire
        self._not_before_s = self._cycle_at_s = self._counters_at_s = float("-inf")
        self._pauses = False  # an answer came, and the pause after it has not begun
        self._cells = Cells()  # of another battery, perhaps
        self._said = Identity()

    def requests_due(self, now_s: float) -> list[bytes]:
        """The next request, when it is time for one. Calling it counts as sending."""
        self._now_s = now_s
        if self._open is not None:
            if now_s < self._open.sent_at_s + ANSWER_S:
                return []
            self._unanswered += 1
            if self._open.tries_left:
                return self._send(self._open.register, self._open.tries_left - 1)
            self._give_up()
        if self._pauses:
            self._pauses, self._not_before_s = False, now_s + PAUSE_S
        if now_s < self._not_before_s:
            return []
        if not self._plan:
            if now_s < self._cycle_at_s:
                return []
            self._plan_cycle()
        register = self._plan.popleft()
        return self._send(register, self._tries(register) - 1)

    def next_due_s(self) -> float:
        """When `requests_due` should be asked again."""
        if self._open is not None:
            return self._open.sent_at_s + ANSWER_S
        if self._pauses:
            return self._now_s  # at once: `feed` has no clock, so the pause begins with the next call
        return max(self._not_before_s, self._cycle_at_s if not self._plan else self._not_before_s)

    # asking

    def _plan_cycle(self) -> None:
        self._begin_cycle()
        self._cycle_at_s = self._now_s + self._poll_s
        self._plan += (BASIC, CELLS)
        self._plan += [r for r in IDENTITY if r not in self._settled]
        if self._now_s >= self._counters_at_s and COUNTERS not in self._settled:
            self._plan.append(COUNTERS)

    def _tries(self, register: int) -> int:
        if register in (BASIC, CELLS):
            return TRIES if self._has_spoken else FIRST_TRIES
        return OPTIONAL_TRIES

    def _send(self, register: int, tries_left: int) -> list[bytes]:
        return self._ask(_Question(register, tries_left, self._now_s), read_request(register))

    def _give_up(self) -> None:
        """No answer after every try. Nothing more in this cycle, so that readings never wait for extras."""
        assert self._open is not None
        register, self._open = self._open.register, None
        if register != CELLS:
            self._plan.clear()
        if register not in (BASIC, CELLS):
            self._settled.add(register)

    # hearing

    def _heard(self, frame: bytes) -> list[Outcome]:
        if is_echo(frame):
            return [Rejected(Bad.GARBAGE, len(frame))]
        answer = parse(frame)
        if not isinstance(answer, Answer) or self._open is None or answer.register != self._open.register:
            return [Rejected(Bad.LATE)]
        self._open = None
        self._pauses = True
        self._heard_in_cycle = self._has_spoken = True
        self._silent = 0
        if answer.register == COUNTERS:
            self._counters_at_s = self._now_s + COUNTERS_EVERY_S
        if answer.register in IDENTITY or (answer.register == COUNTERS and answer.status):
            self._settled.add(answer.register)
        if answer.status:
            return [Refused(answer.register, answer.status)]
        return self._read(answer)

    def _read(self, answer: Answer) -> list[Outcome]:
        try:
            decoded = decode_answer(answer)
        except ImplausibleError:
            return [Rejected(Bad.IMPLAUSIBLE)]
        if not answer.data:
            return [Answered(answer.register)]
        if answer.register == BASIC:
            return self._basic(decoded)
        if answer.register == CELLS:
            return [self._cell_values(decoded)]
        if answer.register == COUNTERS:
            return [Counters(tuple(decoded["error_counts"].items()))]
        return [_identity(answer.register, decoded)]

    def _basic(self, decoded: Decoded) -> list[Outcome]:
        outcomes: list[Outcome] = [self._pack(decoded)]
        said = Identity(firmware=decoded["version"], production_date=decoded["production_date"])
        if said != self._said:
            self._said = said
            outcomes.append(said)
        return outcomes

    def _pack(self, decoded: Decoded) -> Pack:
        trailer = decoded.get("trailer")
        return Pack(
            pack_v=decoded["voltage_v"],
            current_a=decoded["current_a"],
            soc_pct=decoded["soc_pct"],
            remaining_ah=decoded["remaining_ah"],
            nominal_ah=decoded["nominal_ah"],
            cycles=decoded["cycles"],
            cell_count=decoded["cell_count"],
            temperatures_c=tuple(decoded["temperatures_c"]),
            balancing=tuple(decoded["balancing_cells"]),
            protections=tuple(protections(decoded["protection_mask"])),
            charge_on=decoded["charge_fet"],
            discharge_on=decoded["discharge_fet"],
            limiter_on=bool(decoded["fet_mask"] & 4),
            heater_on=bool(decoded["fet_mask"] & 8),
            balance_current_ma=trailer["balance_current_ma"] if trailer else None,
            humidity_pct=trailer["humidity_raw"] & 0x7F if trailer else None,
            doubts=tuple(self._pack_doubts(decoded)),
        )

    def _pack_doubts(self, decoded: Decoded) -> list[Doubt]:
        doubts = [Doubt.SOC_RANGE] if decoded["soc_pct"] > 100 else []
        if any(not COLD_C < t < HOT_C for t in decoded["temperatures_c"]):
            doubts.append(Doubt.TEMPERATURE)
        sum_v = sum(self._cells.mv) / 1000
        if sum_v and abs(decoded["voltage_v"] - sum_v) > SUM_DIFFERS_SHARE * sum_v:
            doubts.append(Doubt.SUM_DIFFERS)
        if self._cells.mv and len(self._cells.mv) != decoded["cell_count"]:
            doubts.append(Doubt.COUNT_DIFFERS)
        return doubts

    def _cell_values(self, decoded: Decoded) -> Cells:
        mv = tuple(round(v * 1000) for v in decoded["cells_v"])
        strange = any(v == 0 or v > HIGHEST_CELL_MV for v in mv)
        self._cells = Cells(mv, (Doubt.CELL_RANGE,) if strange else ())
        return self._cells


def _identity(register: int, decoded: Decoded) -> Identity:
    if register == HARDWARE:
        return Identity(hardware=decoded["hardware_name"])
    if register == MANUFACTURER:
        return Identity(manufacturer=decoded["manufacturer"])
    if register == MODEL:
        return Identity(model=decoded["device_model"])
    return Identity(barcode=decoded["barcode"])
