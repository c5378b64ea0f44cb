"""TinyBMS behind its CAN converter: the recorded exchanges, and the conversation on a clock that jumps."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.can import ERROR, EXTENDED, CanFrame, pack, unpack
from tui.model.frame import Trust
from tui.model.sample import Cells, Counters, Identity, Pack, Protection, UnitLog
from tui.protocols.protocol import Answered, Bad, BatteryProtocol, Outcome, Refused, Rejected
from tui.protocols.tinybms_can import (
    ANSWER_S,
    END_S,
    FIRST_TRIES,
    SHORT,
    TRIES,
    TinyBmsCanProtocol,
    decode_exchange,
    explain_tinybms,
    read_question,
)
from tui.simulator.as_can import TinyBmsNode
from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.battery import Battery, Phase, left_pack

Vector = dict[str, Any]

RECORDINGS = Path(__file__).parents[1] / "recordings" / "tinybms_can.json"
VECTORS: list[Vector] = json.loads(RECORDINGS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=[v["id"] for v in VECTORS])
def test_recorded_exchange(vector: Vector) -> None:
    """S4-19: every published value; registers have more names than were published."""
    got = decode_exchange(vector["hex_request"], vector["hex_response"])
    assert got | vector["expected"] == got


def test_no_recording_is_missing() -> None:
    """Twelve exchanges, a refusal and foreign traffic among them."""
    assert len(VECTORS) == 12


@pytest.mark.parametrize(
    ("request_text", "response_text", "expected"),
    [
        ("201#15", "241#0115000048C1", {"pack_current": {"value": -12.5, "unit": "A"}}),
        ("201#19", "241#01196400000A", {"lifetime_counter": {"value": 0x0A000064, "unit": "s"}}),
        ("201#28", "241#002800", {"error": "nack", "nack_command": "0x28", "nack_code": 0}),
        ("200#28", "245#012805", {"node": {"value": 5, "unit": None}}),
        ("201#2907", "247#012907", {"node": {"value": 7, "unit": None}}),
        ("201#0201", "241#0102", {"ack": "0x02"}),
        ("201#14", "", {"error": "timeout"}),
        ("201#14", "241#0115000048C1", {"error": "unexpected_command"}),
        ("201#14", "241#011400", {"error": "length_mismatch"}),
        ("201#1B", "241#011B06160100 241#011B06008002", {"error": "missing_message"}),
        ("201#0300240002", "241#0103041EB800", {"error": "missing_message"}),
        ("205#14", "241#0114B81E5F42", {"error": "timeout"}),
    ],
)
def test_other_exchanges(request_text: str, response_text: str, expected: Vector) -> None:
    """Commands without a recording, by the document's layout, and what can be wrong."""
    assert decode_exchange(request_text, response_text) == expected


def test_journey_and_version() -> None:
    """Three frames of four bytes, and one frame with a length that nobody needs."""
    journey = decode_exchange("201#20", "241#01200C0000024200 241#01200C2A00000001 241#01200C5C1C000002")
    assert journey == {
        "speed": {"value": 32.5, "unit": "km/h"},
        "distance_left": {"value": 42, "unit": "km"},
        "time_left": {"value": 7260, "unit": "s"},
    }
    version = decode_exchange("201#1E", "241#011E05020101F200")
    assert {name: part["value"] for name, part in version.items()} == {
        "hardware_version": 2,
        "hardware_changes_version": 1,
        "firmware_public_version": 1,
        "firmware_internal_version": 242,
    }


def test_requests_may_be_short() -> None:
    """Trailing zeros may be left out."""
    assert read_question(b"\x03\x00\x24\x00\x02") == read_question(b"\x03\x00\x24\x00\x02\0\0\0")
    assert read_question(b"\x1d\x02\x00\x03").data == bytes.fromhex("1D02000300000000")


class Talk:
    """A protocol and a node, with a clock that jumps to whatever is due next."""

    def __init__(self, node: TinyBmsNode | None, number: int = 1, poll_s: float = 1.0) -> None:
        self.protocol = TinyBmsCanProtocol(number, poll_s)
        self.node = node
        self.now_s = 500.0
        self.asked: list[bytes] = []
        self.outcomes: list[Outcome] = []
        self.lost: set[int] = set()  # numbers of answer frames that never arrive
        self.refuses: set[int] = set()
        self.deaf_to: set[int] = set()
        self.frames = 0

    def until(self, end_s: float) -> "Talk":
        while (due_s := max(self.now_s, self.protocol.next_due_s())) <= 500.0 + end_s:
            self.now_s = due_s + 1e-6
            for record in self.protocol.requests_due(self.now_s):
                (request,) = unpack(record)
                self.asked.append(request.data)
                self.outcomes += self._answered(request)
        return self

    def _answered(self, request: CanFrame) -> list[Outcome]:
        outcomes: list[Outcome] = []
        command = request.data[0]
        if command in self.refuses:
            return self.protocol.feed(pack(CanFrame(0, 0x241, bytes((0, command, 0)))))
        if command in self.deaf_to or self.node is None:
            return []
        for answer in self.node.receive(request, self.now_s):
            self.frames += 1
            if self.frames not in self.lost:
                outcomes += self.protocol.feed(pack(answer))
        return outcomes

    def said(self, kind: type[Any]) -> list[Any]:
        return [outcome for outcome in self.outcomes if isinstance(outcome, kind)]


def unit(**more: Any) -> TinyBmsNode:
    return TinyBmsNode(TinyBmsDevice(Battery(16, 280.0, phase=Phase.REST, rest_s=1e9, **more)))


def test_a_whole_conversation() -> None:
    """S4-19: like on the serial line: totals, cells, who it is, its log and its counters."""
    node = TinyBmsNode(TinyBmsDevice(left_pack()))
    talk = Talk(node).until(3)
    packs, cells = talk.said(Pack), talk.said(Cells)
    assert len(packs) >= 3 and len(cells) >= 3 and talk.protocol.requests_unanswered == 0
    told, battery = packs[-1], node.device.battery  # type: ignore[attr-defined]
    assert told.pack_v == pytest.approx(battery.pack_mv / 1000, abs=0.02) and told.current_a > 10
    assert told.nominal_ah == 280.0 and told.cell_count == 16 and told.status == "charging"
    assert told.soc_pct == pytest.approx(battery.mean_soc_pct, abs=0.01) and told.soh_pct == 98.0
    assert sum(cells[-1].mv) == pytest.approx(told.pack_v * 1000, abs=20)
    assert {i.firmware for i in talk.said(Identity)} == {None, "2.3.254"}
    assert all((i.hardware or "").startswith("PACKDECK-SIM") for i in talk.said(Identity))
    assert len(talk.said(UnitLog)) == 1 and len(talk.said(Counters)) == 1
    assert talk.said(Answered) == [Answered(3)]


def test_requests_are_padded_and_alone() -> None:
    """Eight bytes to 0x200 + node, at time 0; nothing more while a question is open."""
    protocol = TinyBmsCanProtocol(7)
    (record,) = protocol.requests_due(1.0)
    assert list(unpack(record)) == [CanFrame(0, 0x207, bytes.fromhex("0300000038000000"))]
    assert protocol.requests_due(1.1) == [] and protocol.requests_sent == 1
    assert protocol.next_due_s() == pytest.approx(1.0 + ANSWER_S)


@pytest.mark.parametrize("node", [0, 64, -1])
def test_nodes_that_do_not_exist(node: int) -> None:
    """1 to 63."""
    with pytest.raises(ValueError, match="node"):
        TinyBmsCanProtocol(node)


def test_nobody_there() -> None:
    """Five tries at first; each cycle without an answer counts once."""
    talk = Talk(None).until(FIRST_TRIES * ANSWER_S - 0.01)
    assert talk.protocol.silent_cycles == 0 and len(talk.asked) == FIRST_TRIES
    talk.until(20)
    assert talk.protocol.silent_cycles >= 3 and talk.outcomes == []
    assert {data[0] for data in talk.asked} == {0x03, SHORT[0]}  # registers and short commands in turn
    assert talk.protocol.requests_unanswered >= 20


def test_a_unit_that_wakes_up() -> None:
    """Silence ends with the first answer; the converter cannot wake the unit."""
    node = unit()
    node.device.is_asleep = True
    talk = Talk(node).until(10)
    assert talk.protocol.silent_cycles >= 2 and talk.said(Pack) == []
    node.device.is_asleep = False
    talk.until(20)
    assert talk.protocol.silent_cycles == 0 and talk.said(Pack)


@pytest.mark.parametrize("way", ["refuses", "deaf_to"])
def test_short_commands_instead_of_registers(way: str) -> None:
    """A unit that refuses or ignores registers tells the same by other commands."""
    reference, talk = Talk(unit()).until(1.5).said(Pack)[-1], Talk(unit())
    setattr(talk, way, {0x03})
    told = talk.until(8).said(Pack)[-1]
    assert told.pack_v == pytest.approx(reference.pack_v, abs=0.02)
    assert (told.cell_count, told.status) == (16, "idle") and told.nominal_ah is None
    assert told.soc_pct == pytest.approx(reference.soc_pct, abs=0.01)
    assert told.temperatures_c == pytest.approx(reference.temperatures_c, abs=0.5)
    assert len(talk.said(Cells)[-1].mv) == 16 and talk.said(UnitLog)


def test_refused_registers() -> None:
    """Refused once, told as refused, and the short commands come at once."""
    talk = Talk(unit())
    talk.refuses = {0x03}
    talk.until(1)
    assert talk.said(Refused) == [Refused(0x03, 0)]
    assert [data[0] for data in talk.asked[1:3]] == [0x14, 0x15]
    assert talk.said(Pack)[-1].status == "idle"


def test_a_lost_frame() -> None:
    """A gap in an answer is no answer: the same question again."""
    talk = Talk(unit())
    talk.lost = {10}
    talk.until(1)
    assert talk.asked[0] == talk.asked[1] and talk.protocol.requests_unanswered == 1
    assert talk.said(Pack)


def test_frames_in_any_order_and_twice() -> None:
    """The index says where a word belongs."""
    protocol = TinyBmsCanProtocol()
    protocol.requests_due(0.0)
    words = {36: 0x1EB8, 37: 0x425F, 47: 0x04FA, 46: 0xF208, 50: 0x97, 53: 4} | dict.fromkeys(
        range(12, 16), 33000
    )
    outcomes: list[Outcome] = []
    for n in [*range(55, -1, -1), 3]:
        answer = b"\x01\x03\x70" + words.get(n, 0).to_bytes(2, "big") + bytes((n,))
        outcomes += protocol.feed(pack(CanFrame(0, 0x241, answer)))
    told, cells, late = outcomes
    assert isinstance(told, Pack) and told.pack_v == 55.78 and told.soc_pct == 83.554824
    assert cells == Cells((3300,) * 4) and late == Rejected(Bad.LATE)


def events_asked() -> TinyBmsCanProtocol:
    """A protocol that waits for events; everything else was refused."""
    protocol, now_s = TinyBmsCanProtocol(), 0.0
    for _ in range(100):
        for record in protocol.requests_due(now_s):
            (request,) = unpack(record)
            if request.data[0] == 0x12:
                return protocol
            protocol.feed(pack(CanFrame(0, 0x241, bytes((0, request.data[0], 0)))))
        now_s = max(now_s, protocol.next_due_s())
    raise AssertionError("never asked")


EVENTS = ["01120CCD93FE0000", "01120C2B4EB96401", "01120C424EB90202"]


def test_events_end_with_silence() -> None:
    """No count is told: 100 ms without a frame end the list, even on a busy bus."""
    protocol = events_asked()
    for n, data in enumerate(EVENTS):
        assert protocol.feed(pack(CanFrame(0, 0x241, bytes.fromhex(data)))) == []
        due_s = protocol.next_due_s()
        protocol.requests_due(due_s)
        assert protocol.next_due_s() == pytest.approx(due_s + END_S), n
    protocol.requests_due(due_s + END_S / 2)
    assert protocol.feed(b"") == []
    protocol.requests_due(due_s + END_S)
    (log,) = protocol.feed(b"")
    assert isinstance(log, UnitLog) and log.clock_s == 16683981
    assert [(e.at_s, e.code, e.is_open) for e in log.events] == [(12144194, 2, True), (12144171, 100, False)]


def test_events_end_when_the_line_is_quiet() -> None:
    """Or as soon as the wire itself says so."""
    protocol = events_asked()
    assert protocol.line_went_quiet() == []
    for data in EVENTS:
        protocol.feed(pack(CanFrame(0, 0x241, bytes.fromhex(data))))
    (log,) = protocol.line_went_quiet()
    assert isinstance(log, UnitLog) and len(log.events) == 2
    assert protocol.line_went_quiet() == []


def test_events_with_a_gap_are_asked_again() -> None:
    """An event that was lost is not left out silently."""
    protocol = events_asked()
    for data in (EVENTS[0], EVENTS[2]):
        protocol.feed(pack(CanFrame(0, 0x241, bytes.fromhex(data))))
    assert protocol.line_went_quiet() == []
    now_s = protocol.next_due_s()
    protocol.requests_due(now_s)
    (again,) = protocol.requests_due(now_s + ANSWER_S)
    assert next(unpack(again)).data[0] == 0x12


def test_faults_come_from_the_log() -> None:
    """A status of fault makes it read at once; the protection is what the log says is open."""
    node = unit()
    talk = Talk(node).until(2.5)
    assert talk.said(Pack)[-1].protections == ()
    battery = node.device.battery  # type: ignore[attr-defined]
    for cell in battery.cells:
        cell.soc_pct, cell.offset_mv = 0.0, -300.0
    talk.until(4.5)
    told = talk.said(Pack)[-1]
    assert told.status == "fault" and told.protections == (Protection.CELL_UNDERVOLTAGE,)
    assert len(talk.said(UnitLog)) == 2


def test_frames_of_others() -> None:
    """Other nodes, formats, error frames and the battery family give nothing; a wrong one is counted."""
    protocol = TinyBmsCanProtocol()
    protocol.requests_due(0.0)
    good = bytes.fromhex("010370000000")
    for can_id in (0x242, 0x201, 0x351, 0x241 | EXTENDED, 0x241 | ERROR):
        assert protocol.feed(pack(CanFrame(0, can_id, good))) == []
    for data, why in [
        (b"", Bad.IMPLAUSIBLE), (b"\x02\x03", Bad.IMPLAUSIBLE), (good[:5], Bad.IMPLAUSIBLE),
        (bytes.fromhex("0114B81E5F42"), Bad.LATE), (b"\0\x14\0", Bad.LATE),
    ]:  # fmt: skip
        assert protocol.feed(pack(CanFrame(0, 0x241, data))) == [Rejected(why)]
    assert protocol.feed(b"123") == [Rejected(Bad.GARBAGE, 3)]


def test_impossible_values() -> None:
    """A voltage that is no number is counted as implausible, and the conversation goes on."""
    protocol = TinyBmsCanProtocol()
    protocol.requests_due(0.0)
    words = {36: 0x0000, 37: 0x7FC0}
    outcomes: list[Outcome] = []
    for n in range(56):
        answer = b"\x01\x03\x70" + words.get(n, 0).to_bytes(2, "big") + bytes((n,))
        outcomes += protocol.feed(pack(CanFrame(0, 0x241, answer)))
    assert outcomes == [Rejected(Bad.IMPLAUSIBLE)]
    assert len(protocol.requests_due(protocol.next_due_s())) == 1


def test_opened_anew() -> None:
    """The open question is forgotten and everything is asked again."""
    talk = Talk(unit()).until(1.5)
    count = len(talk.said(Identity))
    talk.protocol.reset()
    talk.until(3)
    assert len(talk.said(Identity)) == 2 * count and TRIES > 1


FRAMES = st.builds(
    CanFrame,
    st.just(0),
    st.sampled_from((0x241, 0x242, 0x351)),
    st.one_of(
        st.binary(max_size=8),
        st.builds(
            lambda command, rest: bytes((1, command)) + rest,
            st.sampled_from((0x03, 0x12, 0x14, 0x1B, 0x1C, 0x1E, 0x18)),
            st.binary(max_size=6),
        ),
    ),
)


@given(st.lists(st.lists(FRAMES, max_size=60), max_size=12))
def test_random_traffic_never_raises(rounds: list[list[CanFrame]]) -> None:
    """Whatever comes, at most one question is open and the clock always has a next moment."""
    protocol: BatteryProtocol = TinyBmsCanProtocol()
    now_s = 0.0
    for frames in rounds:
        assert len(protocol.requests_due(now_s)) <= 1
        protocol.feed(b"".join(map(pack, frames)))
        protocol.line_went_quiet()
        assert protocol.next_due_s() > float("-inf")
        now_s = max(now_s + 0.05, protocol.next_due_s())


@given(st.integers(0x200, 0x27F), st.binary(max_size=8))
def test_any_frame_in_words(can_id: int, data: bytes) -> None:
    """No content raises; what no converter sends is left to others."""
    shown = explain_tinybms(CanFrame(0, can_id, data))
    assert shown is None or (shown.name and shown.trust in (Trust.GOOD, Trust.BAD))
