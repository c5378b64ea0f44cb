"""TinyBMS behind its maker's UART to CAN converter: one question, and its answer in one frame or many.

Source: Energus "Communication Protocols, Tiny BMS", Revision D (2025), chapter 2. Requests go to 0x200 +
node, answers come from 0x240 + node. Register commands have the high byte first, all others the low byte.
What the registers mean is the same as on the serial line. Current is positive when charging.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tui.model.can import CanFrame, id_words, pack, unpack
from tui.model.frame import Trust
from tui.model.sample import Pack, UnitLog
from tui.protocols import tinybms_readings as readings
from tui.protocols.asking import Asking
from tui.protocols.modbus import big_words
from tui.protocols.protocol import Answered, Bad, Explained, Outcome, Refused, Rejected
from tui.protocols.tinybms_decode import REGISTERS_OF, VERSION_KEYS, event_parts
from tui.protocols.tinybms_events import FAULT_STATUS, judge_log, level_of
from tui.protocols.tinybms_frames import (
    CELLS,
    CURRENT,
    EVENTS,
    HIGHEST_CELL,
    JOURNEY,
    LIFETIME,
    LOWEST_CELL,
    NEW_EVENTS,
    READ_BIG,
    RESET,
    SETTINGS,
    SOC,
    STATUS,
    TEMPERATURES,
    VERSION,
    VOLTAGE,
    WRITE_BIG,
    little_words,
)
from tui.protocols.tinybms_readings import ImplausibleError, words_of
from tui.protocols.tinybms_registers import (
    LIVE_COUNT,
    LIVE_FIRST,
    NO_SENSOR,
    POSITIONS,
    SETTINGS_FIRST,
    STATISTICS_COUNT,
    STATISTICS_FIRST,
    VERSION_COUNT,
    VERSION_FIRST,
)
from tui.protocols.tinybms_requests import OPTION_NAMES
from tui.protocols.tinybms_values import Decoded, float_of, named, quantity, rounded, volts

REQUEST_ID, ANSWER_ID, LAST_NODE = 0x200, 0x240, 0x3F
ERROR, OK = 0x00, 0x01  # first byte of an answer
NODE_ID, NEW_NODE_ID = 0x28, 0x29  # only on CAN

NAMES = {
    RESET: "reset", READ_BIG: "registers", WRITE_BIG: "write", NEW_EVENTS: "new-events", EVENTS: "events",
    VOLTAGE: "pack-voltage", CURRENT: "pack-current", HIGHEST_CELL: "highest-cell",
    LOWEST_CELL: "lowest-cell", STATUS: "status", LIFETIME: "lifetime", SOC: "soc",
    TEMPERATURES: "temperatures", CELLS: "cells", SETTINGS: "settings", VERSION: "version",
    JOURNEY: "journey", NODE_ID: "node-id", NEW_NODE_ID: "new-node-id",
}  # fmt: skip
SINGLE_BYTES = {  # of content in answers of one frame
    RESET: 0, WRITE_BIG: 4, VOLTAGE: 4, CURRENT: 4, HIGHEST_CELL: 2, LOWEST_CELL: 2, STATUS: 2, LIFETIME: 4,
    SOC: 4, VERSION: 6, NODE_ID: 1, NEW_NODE_ID: 1,
}  # fmt: skip
ITEM_BYTES = {  # of content in each frame of answers of many
    READ_BIG: 2, SETTINGS: 2, TEMPERATURES: 2, CELLS: 2, JOURNEY: 4, EVENTS: 4, NEW_EVENTS: 4,
}  # fmt: skip
FIXED_COUNTS = {TEMPERATURES: 3, JOURNEY: 3}
OPEN_ENDED = (NEW_EVENTS, EVENTS, CELLS)  # nothing tells how many frames come
SHORT = (
    VOLTAGE, CURRENT, HIGHEST_CELL, LOWEST_CELL, LIFETIME, SOC, TEMPERATURES, CELLS, JOURNEY, STATUS,
)  # fmt: skip
NEEDED = (36, 38, 46, 50)  # registers without which there is no reading

ANSWER_S = 0.3  # since the request or the newest frame of its answer
END_S = 0.1  # of silence ends an answer whose length nobody knows
TRIES, FIRST_TRIES = 3, 5
EXTRAS_EVERY_S = 20.0
REGISTERS_AGAIN_S = 60.0  # after registers brought silence and short commands an answer


@dataclass(frozen=True, slots=True)
class Question:
    """One request: its command; for registers from where and how many, for settings which of their values."""

    command: int
    first: int = 0
    count: int = 1
    option: int = 0

    @property
    def data(self) -> bytes:
        """Eight bytes, padded with zeros."""
        head = bytes((self.command,))
        if self.command == READ_BIG:
            head += self.first.to_bytes(2, "big") + bytes((0, self.count))
        elif self.command == SETTINGS:
            head += bytes((self.option, 0, self.count))
        return head.ljust(8, b"\0")

    @property
    def frames(self) -> int | None:
        """Frames of a whole answer; `None` when nobody knows."""
        if self.command in OPEN_ENDED:
            return None
        return self.count if self.command in (READ_BIG, SETTINGS) else FIXED_COUNTS.get(self.command, 1)


LIVE = Question(READ_BIG, LIVE_FIRST, LIVE_COUNT)
CONFIGURED = Question(READ_BIG, 306, 2)
WHO = Question(READ_BIG, VERSION_FIRST, VERSION_COUNT + 6)  # versions, then the serial number
STATISTICS = Question(READ_BIG, STATISTICS_FIRST, STATISTICS_COUNT)
LOG = Question(EVENTS)
ONCE, EXTRAS = (CONFIGURED, WHO), (LOG, STATISTICS)


@dataclass(slots=True)
class _Open:
    """The question on the wire and the frames of its answer so far, by index."""

    question: Question
    tries_left: int
    since_s: float
    frames: dict[int, bytes] = field(default_factory=dict)
    is_fresh: bool = False  # a frame came after the clock was last told

    @property
    def has_open_end(self) -> bool:
        return self.question.frames is None and bool(self.frames)

    @property
    def is_whole(self) -> bool:
        """Every index is there, up to the count that is known or the largest that came."""
        expected = self.question.frames or len(self.frames)
        return bool(self.frames) and all(n in self.frames for n in range(expected))

    @property
    def content(self) -> bytes:
        return b"".join(item for _, item in sorted(self.frames.items())[: self.question.frames])


class TinyBmsCanProtocol(Asking):
    """One unit at `node` (1 to 63). Asks everything live each `poll_s` seconds, log and statistics seldom.

    A unit that gives no registers is asked by the short commands instead. ValueError for another node.
    """

    def __init__(self, node: int = 1, poll_s: float = 1.0) -> None:
        if not 0 < node <= LAST_NODE:
            raise ValueError(f"TinyBMS node {node}")
        self._request_id, self._answer_id = REQUEST_ID + node, ANSWER_ID + node
        self._poll_s = poll_s
        self._now_s = 0.0
        super().__init__()
        self._pending: list[Outcome] = []
        self.reset()

    def reset(self) -> None:
        """The bus was opened anew: forget the open question, ask identity again."""
        self._plan: deque[Question] = deque()
        self._open: _Open | None = None
        self._settled: set[Question] = set()  # answered, refused or given up: not asked again on this wire
        self._has_spoken, self._heard_in_cycle = False, True
        self._not_before_s = self._cycle_at_s = self._registers_from_s = float("-inf")
        self._extra_at_s = dict.fromkeys(EXTRAS, float("-inf"))
        self._short_words: dict[int, int] = {}
        self._nominal_ah: float | None = None
        self._configured: int | None = None
        self._status: int | None = None
        self._calm_at_s: int | None = None  # the unit's clock when it last said something else than fault
        self._pack: Pack | None = None
        self._log, self._log_is_newest = UnitLog(), False

    def requests_due(self, now_s: float) -> list[bytes]:
        """The next request as one record, when it is time for one. Calling it counts as sending."""
        self._now_s = now_s
        if self._open is not None:
            self._look_at(self._open)
        if self._open is not None:
            if now_s < self._open.since_s + ANSWER_S:
                return []
            self._unanswered += 1
            if self._open.tries_left:
                return self._send(self._open.question, self._open.tries_left - 1)
            self._give_up(self._open.question)
        if now_s < self._not_before_s:
            return []
        if not self._plan:
            if now_s < self._cycle_at_s:
                return []
            self._plan_cycle()
        return self._send(self._plan.popleft(), (TRIES if self._has_spoken else FIRST_TRIES) - 1)

    def next_due_s(self) -> float:
        """When `requests_due` should be asked again."""
        if self._open is None:
            return max(self._not_before_s, self._now_s if self._plan else self._cycle_at_s)
        if self._open.is_fresh:
            return self._now_s  # `feed` has no clock: the waiting begins with the next call
        return self._open.since_s + (END_S if self._open.has_open_end else ANSWER_S)

    def feed(self, data: bytes) -> list[Outcome]:
        """Take whole records; give what they complete. Frames of others give nothing. Never raises."""
        try:
            frames = list(unpack(data))
        except ValueError:
            return [*self._told(), Rejected(Bad.GARBAGE, len(data))]
        for frame in frames:
            if frame.can_id == self._answer_id:
                self._pending += self._heard(frame.data)
        return self._told()

    def line_went_quiet(self) -> list[Outcome]:
        """Nothing came for the idle time: an answer without a known end has ended."""
        if self._open is not None and self._open.has_open_end:
            self._finish(self._open)
        return self._told()

    def _told(self) -> list[Outcome]:
        outcomes, self._pending = self._pending, []
        return outcomes

    # asking

    def _plan_cycle(self) -> None:
        if not self._heard_in_cycle:
            self._silent += 1
        self._heard_in_cycle = False
        self._cycle_at_s = self._now_s + self._poll_s
        has_registers = self._now_s >= self._registers_from_s
        self._short_words = {}
        self._plan += [LIVE] if has_registers else [Question(command) for command in SHORT]
        extras = [q for q in EXTRAS if self._now_s >= self._extra_at_s[q]]
        self._plan += [
            q for q in (*ONCE, *extras) if q not in self._settled and (has_registers or q.command != READ_BIG)
        ]

    def _send(self, question: Question, tries_left: int) -> list[bytes]:
        self._open = _Open(question, tries_left, self._now_s)
        self._sent += 1
        return [pack(CanFrame(0, self._request_id, question.data))]

    def _give_up(self, question: Question) -> None:
        """No answer after every try. Late frames of registers do not say which: a pause keeps them apart."""
        self._open = None
        self._not_before_s = self._now_s + ANSWER_S
        if question == LIVE:
            self._plan.clear()
            self._registers_from_s = self._now_s + REGISTERS_AGAIN_S  # it may know short commands only
        elif question.command in SHORT:
            if not self._heard_in_cycle:
                self._plan.clear()
                self._registers_from_s = min(self._registers_from_s, self._now_s)
        elif question in EXTRAS:
            self._extra_at_s[question] = self._now_s + EXTRAS_EVERY_S
            self._log_is_newest = self._log_is_newest or question == LOG

    # hearing

    def _look_at(self, waiting: _Open) -> None:
        """The clock moved: an answer that grows gets more time, one without an end may have ended."""
        if waiting.is_fresh:
            waiting.is_fresh, waiting.since_s = False, self._now_s
        elif waiting.has_open_end and self._now_s >= waiting.since_s + END_S:
            self._finish(waiting)

    def _heard(self, data: bytes) -> list[Outcome]:
        if len(data) < 2 or data[0] not in (OK, ERROR):
            return [Rejected(Bad.IMPLAUSIBLE)]
        waiting = self._open
        if waiting is None or data[1] != waiting.question.command:
            return [Rejected(Bad.LATE)]
        if data[0] == ERROR:
            self._note_life()
            return self._refused(waiting.question, data[2] if len(data) > 2 else 0)
        try:
            index, item = split_answer(data)
        except ImplausibleError:
            return [Rejected(Bad.IMPLAUSIBLE)]
        self._note_life()
        waiting.frames[index], waiting.is_fresh = item, True
        is_last_cell = waiting.question.command == CELLS and len(waiting.frames) == self._configured
        if is_last_cell or waiting.question.frames is not None:
            self._finish(waiting)
        return []

    def _note_life(self) -> None:
        self._heard_in_cycle = self._has_spoken = True
        self._silent = 0

    def _refused(self, question: Question, status: int) -> list[Outcome]:
        self._open = None
        if question == LIVE:
            self._registers_from_s = float("inf")
            self._plan.clear()
            self._cycle_at_s = self._now_s  # at once, by the short commands
        elif question.command not in SHORT:
            self._settled.add(question)
            self._log_is_newest = self._log_is_newest or question == LOG
        return [Refused(question.command, status)]

    def _finish(self, waiting: _Open) -> None:
        """A whole answer becomes readings; one with a gap stays open until its time runs out."""
        if not waiting.is_whole:
            return
        self._open = None
        question = waiting.question
        if question in EXTRAS:
            self._extra_at_s[question] = self._now_s + EXTRAS_EVERY_S
        if question in ONCE:
            self._settled.add(question)
        try:
            self._pending += self._read(question, waiting.content)
        except ImplausibleError:
            self._pending.append(Rejected(Bad.IMPLAUSIBLE))

    def _read(self, question: Question, content: bytes) -> list[Outcome]:
        if question == LOG:
            return self._read_log(content)
        if question.command in SHORT:
            self._short_words |= registers_told(question.command, content)
            is_told = question.command == STATUS and all(n in self._short_words for n in NEEDED)
            return self._read_live(UNTOLD | self._short_words) if is_told else []
        words = words_of(question.first, big_words(content))
        if question == LIVE:
            return self._read_live(words)
        if question == STATISTICS:
            return [readings.counters(words)]
        if question == WHO:
            version = readings.version(long_version(words), readings.is_simulated(words))
            return [readings.serial(words), version]
        self._nominal_ah, self._configured = readings.settings(words)
        return [Answered(question.command)]

    def _read_live(self, words: dict[int, int]) -> list[Outcome]:
        pack, cells = readings.live(words, self._nominal_ah, self._configured)
        self._note_status(words[50])
        if words[50] != FAULT_STATUS:
            self._calm_at_s = readings.clock_s(words) or None
        self._pack = self._with_log(pack)
        return [self._pack, cells] if cells.mv else [self._pack]

    def _note_status(self, status: int) -> None:
        """Entering or leaving the fault status: the log knows why, so it is read at once."""
        was, self._status = self._status, status
        if (was == FAULT_STATUS) == (status == FAULT_STATUS):
            return
        if LOG not in self._plan and LOG not in self._settled:
            self._plan.append(LOG)
        self._log_is_newest = LOG not in self._plan

    def _with_log(self, pack: Pack) -> Pack:
        log = judge_log(self._log, self._status, self._calm_at_s)
        return readings.with_log(pack, log, self._status, self._log_is_newest)

    def _read_log(self, content: bytes) -> list[Outcome]:
        """The log, and the pack anew when the log tells something else about it."""
        self._log, self._log_is_newest = readings.log_of(event_parts(content)), True
        told = judge_log(self._log, self._status, self._calm_at_s)
        if self._pack is None:
            return [told]
        before, self._pack = self._pack, self._with_log(self._pack)
        return [told] if self._pack == before else [told, self._pack]


# answers

_NONE, _ABSENT = 0xFFFF, NO_SENSOR & 0xFFFF
UNTOLD = dict.fromkeys(range(LIVE_COUNT), 0) | {34: _NONE, 35: _NONE, 42: _ABSENT, 43: _ABSENT, 48: _ABSENT}
"""The live registers of a unit that told none of them."""


def split_answer(data: bytes) -> tuple[int, bytes]:
    """Index and content of one good answer frame. ImplausibleError for a length that its command has not."""
    item = ITEM_BYTES.get(data[1])
    if item is not None and len(data) == 4 + item:
        return data[-1], data[3:-1]  # byte 2 is a length that nobody is sure of
    if item is None and len(data) == 2 + SINGLE_BYTES.get(data[1], len(data)):
        return 0, data[2:]
    raise ImplausibleError(f"command {data[1]:02X} in {len(data)} bytes")


def registers_told(command: int, content: bytes) -> dict[int, int]:
    """The registers that a short command is another way to: their numbers and words."""
    if command == CELLS:
        words = little_words(content)[:POSITIONS]
        return words_of(POSITIONS - len(words), words) | {53: len(words)}
    words = little_words(content)
    if command == JOURNEY:
        numbers: tuple[int, ...] = (54, 55, 44, 34, 35)
        words = (*words[:3], *words[4:])  # the distance fits one register
    else:
        numbers = REGISTERS_OF.get(command, ())
    return dict(zip(numbers, words, strict=False))


def long_version(words: dict[int, int]) -> bytes:
    """Registers 500 to 503 in the order in which the serial line's command 1F has them."""
    return bytes((words[500] & 0xFF, words[500] >> 8, words[501] & 0xFF)) + b"".join(
        words[n].to_bytes(2, "little") for n in (502, 503)
    )


def decode_answer(question: Question, content: bytes) -> Decoded:
    """What a whole answer says, with the names and units of the recordings."""
    command = question.command
    if command in REGISTERS_OF:
        return named(registers_told(command, content))
    if command == CELLS:
        return {"cells": quantity([volts(word) for word in little_words(content)], "V")}
    if command in (EVENTS, NEW_EVENTS):
        clock_s, entries = event_parts(content) or (0, [])
        return {
            "bms_timestamp": quantity(clock_s, "s"),
            "events": [{"timestamp_s": t, "event_id": e, "severity": level_of(e)} for t, e in entries],
        }
    if command == READ_BIG:
        raw = big_words(content)
        registers = {"first": question.first, "count": len(raw), "raw": list(raw)}
        return {"registers": registers} | named(words_of(question.first, raw))
    if command == SETTINGS:
        raw = little_words(content)
        registers = {"first": SETTINGS_FIRST, "count": len(raw), "raw": list(raw)}
        return {"option": OPTION_NAMES.get(question.option, "unknown"), "registers": registers}
    return _decode_rest(command, content)


def _decode_rest(command: int, content: bytes) -> Decoded:
    if command == JOURNEY:
        speed, km, seconds = (int.from_bytes(content[at : at + 4], "little") for at in (0, 4, 8))
        return {
            "speed": quantity(rounded(float_of(speed)), "km/h"),
            "distance_left": quantity(km, "km"),
            "time_left": quantity(seconds, "s"),
        }
    if command == VERSION:
        parts = (*content[1:4], int.from_bytes(content[4:6], "little"))
        keys = (*VERSION_KEYS, "firmware_internal_version")
        return {key: quantity(part, None) for key, part in zip(keys, parts, strict=True)}
    if command in (NODE_ID, NEW_NODE_ID):
        return {"node": quantity(content[0], None)}
    return {"ack": f"0x{command:02X}"}


def decode_exchange(request_text: str, response_text: str) -> Decoded:
    """A request `201#14…` and the frames after it, as candump writes them; those of others are skipped.

    Values have their units. Without a whole answer there is an `error`: "nack", "timeout",
    "missing_message", "length_mismatch" or "unexpected_command". ValueError for text that is no frame.
    """
    asked_id, asked = _parse(request_text)
    waiting = _Open(read_question(asked), 0, 0.0)
    is_mine = _answers_to(asked_id, asked)
    error = "timeout"
    for can_id, data in map(_parse, response_text.split()):
        if can_id not in is_mine or len(data) < 2:
            continue
        if data[0] == ERROR:
            code = data[2] if len(data) > 2 else 0
            return {"error": "nack", "nack_command": f"0x{data[1]:02X}", "nack_code": code}
        if data[1] != waiting.question.command:
            error = "unexpected_command"
            continue
        try:
            index, item = split_answer(data)
            waiting.frames[index] = item
        except ImplausibleError:
            return {"error": "length_mismatch"}
        error = "missing_message"
    return decode_answer(waiting.question, waiting.content) if waiting.is_whole else {"error": error}


def read_question(data: bytes) -> Question:
    """What a request's bytes ask. Trailing zeros may be left out, as the document allows."""
    data = data.ljust(8, b"\0")
    if data[0] == READ_BIG:
        return Question(READ_BIG, int.from_bytes(data[1:3], "big"), data[4])
    if data[0] == SETTINGS:
        return Question(SETTINGS, SETTINGS_FIRST, data[3], data[1])
    return Question(data[0])


def _answers_to(asked_id: int, asked: bytes) -> range:
    """Identifiers an answer may have. A node that is asked for or renamed answers from its own, new one."""
    if asked_id == REQUEST_ID or asked[:1] == bytes((NEW_NODE_ID,)):
        return range(ANSWER_ID, ANSWER_ID + LAST_NODE + 1)
    return range(asked_id + ANSWER_ID - REQUEST_ID, asked_id + ANSWER_ID - REQUEST_ID + 1)


def _parse(text: str) -> tuple[int, bytes]:
    can_id, _, data = text.partition("#")
    return int(can_id, 16), bytes.fromhex(data)


# words


def explain_tinybms(frame: CanFrame) -> Explained | None:
    """A request or one frame of an answer; `None` for what no TinyBMS converter sends. Never raises."""
    key, data = id_words(frame.can_id), frame.data
    if REQUEST_ID <= frame.can_id <= REQUEST_ID + LAST_NODE:
        return Explained(key, NAMES[data[0]], _asked(data), Trust.GOOD) if data and data[0] in NAMES else None
    if not ANSWER_ID <= frame.can_id <= ANSWER_ID + LAST_NODE or len(data) < 2 or data[1] not in NAMES:
        return None
    if data[0] == ERROR and len(data) == 3:
        return Explained(key, NAMES[data[1]], (("refused", str(data[2])),), Trust.BAD)
    if data[0] != OK:
        return None
    try:
        index, item = split_answer(data)
    except ImplausibleError:
        return Explained(key, NAMES[data[1]], (), Trust.BAD)
    return Explained(key, NAMES[data[1]], _answered(data[1], index, item), Trust.GOOD)


def _asked(data: bytes) -> tuple[tuple[str, str], ...]:
    question = read_question(data)
    if data[0] in (READ_BIG, WRITE_BIG):
        first, count = int.from_bytes(data[1:3].ljust(2, b"\0"), "big"), data[4] if len(data) > 4 else 0
        return (("request", f"{first}..{first + max(count, 1) - 1}"),)
    if data[0] == SETTINGS:
        option = OPTION_NAMES.get(question.option, str(question.option))
        return (("request", option), ("count", str(question.count)))
    return (("request", data.rstrip(b"\0").hex().upper()),)


def _answered(command: int, index: int, item: bytes) -> tuple[tuple[str, str], ...]:
    """One frame alone: of an answer in many frames it has one item and its index."""
    if command in (READ_BIG, SETTINGS):
        word = int.from_bytes(item, "big" if command == READ_BIG else "little")
        return (("index", str(index)), ("value", f"{word} (0x{word:04X})"))
    if command == CELLS:
        return ((f"cell_{index + 1}", f"{volts(int.from_bytes(item, 'little'))} V"),)
    if command == TEMPERATURES:
        number = dict(enumerate(REGISTERS_OF[TEMPERATURES])).get(index)
        decoded = {} if number is None else named({number: int.from_bytes(item, "little")})
        return tuple(_field(name, part) for name, part in decoded.items())
    if command in (EVENTS, NEW_EVENTS):
        if index == 0:
            return (("clock", f"{int.from_bytes(item, 'little')} s"),)
        at_s, code = int.from_bytes(item[:3], "little"), item[3]
        return (("at", f"{at_s} s"), ("event", f"0x{code:02X}"), ("level", level_of(code)))
    if command == JOURNEY:
        return (("index", str(index)), ("value", item.hex().upper()))
    return tuple(_field(name, part) for name, part in decode_answer(Question(command), item).items())


def _field(name: str, part: Any) -> tuple[str, str]:
    if not isinstance(part, dict):
        return name, str(part)
    value, unit = part["value"], part["unit"]
    if value is None:
        return name, "--"
    return name, f"{value} {unit}" if unit else str(value)
