"""The conversation with a TinyBMS: what is asked when, and what becomes of the answers. Fake clock."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocols.tinybms_unit import FIRST_CYCLE, Talk, Unit, live_words, refusing, silent, with_length
from tui.model.sample import Cells, Counters, Identity, Pack, Protection, UnitLog
from tui.protocols.modbus import read_answer
from tui.protocols.protocol import Answered, Bad, Outcome, Refused, Rejected
from tui.protocols.tinybms import (
    ANSWER_S,
    ASLEEP_EVERY_S,
    FIRST_TRIES,
    TRIES,
    TinyBmsProtocol,
)
from tui.protocols.tinybms_frames import CRC_ERROR, ack, nack
from tui.protocols.tinybms_plan import LIVE, LOG, SETTINGS, VERSION

NOISE = b"BPV:49.05\tMINCV:3.766\r\n"


def test_first_cycle_and_the_next() -> None:
    """Readings first, then who it is, then log and statistics; afterwards readings only."""
    talk = Talk().until(9)
    assert talk.asked == [*FIRST_CYCLE, "live", "live", "live"]
    assert [b - a for a, b in pairwise(talk.times("live"))] == pytest.approx([1.0] * 3)
    assert talk.said(Answered) == [Answered(306)] and talk.said(Rejected) == []
    for kind in (Pack, Cells, Identity, Counters, UnitLog):
        assert talk.said(kind)


def test_two_readings_a_second() -> None:
    """S1-10: at 2 Hz every half second brings a reading, with everything else asked in between."""
    talk = Talk(poll_s=0.5).pass_s(60)
    assert len(talk.said(Pack)) in (120, 121)
    assert max(b - a for a, b in pairwise(talk.times("live"))) == pytest.approx(0.5)
    assert talk.protocol.requests_unanswered == 0


def test_log_and_statistics_every_20_s() -> None:
    """Slow things slowly, and identity once."""
    talk = Talk().pass_s(61)
    for name in ("log", "statistics"):
        assert [b - a for a, b in pairwise(talk.times(name))] == pytest.approx([20.0] * 3, abs=0.1)
    assert [talk.asked.count(name) for name in ("settings", "serial", "version")] == [1, 1, 1]


def test_nothing_is_sent_while_a_question_is_open() -> None:
    """One outstanding request, and none needed between an answer and the next request."""
    protocol = TinyBmsProtocol()
    assert protocol.requests_due(0.0) == [LIVE.request]
    assert protocol.requests_due(0.1) == [] and protocol.requests_sent == 1
    assert protocol.next_due_s() == ANSWER_S
    protocol.feed(Unit()(LIVE.request))
    assert protocol.next_due_s() == 0.1 and protocol.requests_due(0.1) == [SETTINGS.request]


def test_wake_by_the_second_request() -> None:
    """S1-6: a sleeping unit answers the second of two equal requests, sent 0.2 s after the first."""
    unit, lost = Unit(), [b""]
    talk = Talk(lambda request: lost.pop() if lost else unit(request)).until(3)
    assert talk.asked == ["live", "live", "settings"]
    assert talk.sent[1][0] - talk.sent[0][0] == pytest.approx(0.2)
    assert talk.protocol.requests_unanswered == 1 and talk.protocol.silent_cycles == 0
    assert len(talk.said(Pack)) == 1


def test_a_silent_unit_is_asked_once_a_minute() -> None:
    """After three silent cycles only each 60 s: constant requests would keep it awake."""
    talk = Talk().pass_s(5)
    talk.unit = silent
    before = len(talk.sent)
    talk.pass_s(600)
    starts = [b for a, b in pairwise(talk.times("live")) if b - a > 10]
    assert talk.protocol.silent_cycles >= 10
    assert [b - a for a, b in pairwise(starts)] == pytest.approx([ASLEEP_EVERY_S] * (len(starts) - 1))
    assert len(talk.sent) - before <= TRIES + 12 * FIRST_TRIES
    assert set(talk.asked[before:]) == {"live"}
    talk.unit = Unit()
    talk.pass_s(ASLEEP_EVERY_S + 3)
    assert talk.protocol.silent_cycles == 0
    assert [b - a for a, b in pairwise(talk.times("live")[-3:])] == pytest.approx([1.0, 1.0])


def test_silent_from_the_start() -> None:
    """Five tries a cycle; each cycle counts once."""
    talk = Talk(silent).until(FIRST_TRIES + 1)
    assert talk.protocol.silent_cycles == 1
    assert talk.protocol.requests_unanswered == FIRST_TRIES
    talk.until(3 * FIRST_TRIES + 1)
    assert talk.protocol.silent_cycles == 3
    talk.protocol.reset()
    assert talk.protocol.requests_due(talk.now_s + 0.01) == [LIVE.request]


def test_refusals() -> None:
    """What is refused is not asked again on this wire, except the readings."""
    talk = Talk(refusing).pass_s(90)
    assert [talk.asked.count(name) for name in FIRST_CYCLE[1:]] == [1] * 5
    assert len(talk.said(Refused)) == len(talk.sent) and talk.protocol.silent_cycles == 0
    talk.protocol.reset()
    talk.pass_s(5)
    assert [talk.asked.count(name) for name in FIRST_CYCLE[1:]] == [2] * 5


def test_a_damaged_request_is_repeated_at_once() -> None:
    """The unit says that the checksum was wrong: the line's fault, so the same again without waiting."""
    unit, hurt = Unit(), [True]
    talk = Talk(lambda request: nack(request[1], CRC_ERROR) if hurt and hurt.pop() else unit(request)).until(
        2
    )
    assert talk.asked == ["live", "live"] and talk.sent[1][0] - talk.sent[0][0] < 0.1
    assert talk.said(Refused) == [Refused(3, CRC_ERROR)] and len(talk.said(Pack)) == 1
    assert talk.protocol.requests_unanswered == 0
    assert len(Talk(lambda request: nack(request[1], CRC_ERROR)).pass_s(0.9).sent) == FIRST_TRIES


@pytest.mark.parametrize("deaf", ["settings", "serial", "version", "log", "statistics"])
def test_silence_to_extras_never_holds_up_readings(deaf: str) -> None:
    """One question the unit ignores: readings go on every second; after three cycles it is left alone."""
    unit = Unit()
    talk = Talk(lambda request: b"" if talk.asked[-1] == deaf else unit(request))
    talk.pass_s(120)
    assert max(b - a for a, b in pairwise(talk.times("live"))) < 1.5
    assert talk.protocol.silent_cycles == 0
    assert talk.asked.count(deaf) == (6 if deaf in ("settings", "serial", "version") else 12)


def test_fault_reads_the_log_at_once() -> None:
    """Status 9B: log and statistics at once, and the reason is in the pack; and back to normal."""
    unit = Unit()
    talk = Talk(unit).pass_s(5)
    unit.words |= {50: 0x9B}
    unit.log.append((1_000_000, 0x05))
    before = len(talk.sent)
    talk.until(before + 3)
    assert talk.asked[before:] == ["live", "log", "statistics"]
    assert talk.said(Pack)[-1].protections == (Protection.DISCHARGE_OVERCURRENT,)
    assert talk.said(Pack)[-1].status == "fault"
    assert [e.is_open for e in talk.said(UnitLog)[-1].events] == [True, False]
    unit.words |= {50: 0x97}
    unit.log.append((1_000_001, 0x77))
    before = len(talk.sent)
    talk.until(before + 2)
    assert talk.asked[before:] == ["live", "log"]
    assert talk.said(Pack)[-1].protections == () and not talk.said(UnitLog)[-1].events[1].is_open


def test_a_fault_without_a_reason() -> None:
    """The log tells nothing, or is refused: an alarm all the same."""
    unit = Unit()
    unit.words |= {50: 0x9B}
    assert [p.protections for p in Talk(unit).pass_s(1).said(Pack)][-1] == (Protection.GENERAL,)
    talk = Talk(lambda request: nack(0x12, 0) if request == LOG.request else unit(request)).pass_s(1.1)
    assert talk.said(Pack)[-1].protections == (Protection.GENERAL,)
    assert talk.said(Pack)[0].protections == ()  # not before the log was asked


def test_an_old_fault_does_not_return_with_a_new_one() -> None:
    """A switch error has no recovery: it ended when the unit said something else than fault."""
    unit = Unit()
    unit.log = [(900_000, 0x0C)]
    talk = Talk(unit).pass_s(3)
    assert talk.said(Pack)[-1].protections == ()
    unit.words |= {50: 0x9B}
    unit.log.append((1_000_000, 0x03))
    talk.pass_s(1.5)
    assert talk.said(Pack)[-1].protections == (Protection.CELL_OVERVOLTAGE,)


def test_warnings_need_no_fault() -> None:
    """A warning is open whatever the status says, and shown apart from protections."""
    unit = Unit()
    unit.log = [(5, 0x31), (6, 0x37), (7, 0x7A)]
    pack = Talk(unit).pass_s(2).said(Pack)[-1]
    assert pack.warnings == (Protection.CHARGE_UNDERTEMPERATURE,) and pack.protections == ()


def test_late_answers() -> None:
    """Valid, but to another question: counted, not used."""
    protocol, unit = TinyBmsProtocol(), Unit()
    assert protocol.feed(unit(LIVE.request)) == [Rejected(Bad.LATE)]
    protocol.requests_due(0.0)
    for stray in (unit(SETTINGS.request), unit(VERSION.request), nack(0x12, 0), ack(0x0D), ack(0x03)):
        assert protocol.feed(stray) == [Rejected(Bad.LATE)]
    assert isinstance(protocol.feed(unit(LIVE.request))[0], Pack)


def test_echo_and_broadcast() -> None:
    """What was sent and text between the answers are garbage, counted byte by byte."""
    unit = Unit()
    talk = Talk(lambda request: request + NOISE + unit(request), piece=3).until(6)
    size = sum(r.count for r in talk.said(Rejected))
    assert {r.why for r in talk.said(Rejected)} == {Bad.GARBAGE}
    assert size == 4 * 8 + 2 * 4 + 6 * len(NOISE)
    assert talk.protocol.requests_unanswered == 0 and talk.said(Pack) and talk.said(Counters)


def test_damaged_answers_are_asked_again() -> None:
    """A wrong checksum is counted and the request repeated."""
    unit, hurt = Unit(), [True]

    def answer(request: bytes) -> bytes:
        frame = unit(request)
        return frame[:-1] + bytes((frame[-1] ^ 1,)) if hurt and hurt.pop() else frame

    talk = Talk(answer).until(2)
    assert talk.asked == ["live", "live"] and len(talk.said(Pack)) == 1
    assert Rejected(Bad.CHECKSUM) in talk.said(Rejected)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (VERSION.request, with_length(0x1F, bytes(5))),
        (LOG.request, with_length(0x12, bytes(6))),
        (LOG.request, with_length(0x12, b"")),
        (LIVE.request, read_answer(0xAA, [live_words(r37=0x7FC0)[n] for n in range(56)])),  # NaN volts
        (LIVE.request, read_answer(0xAA, [live_words(r39=0x7F80)[n] for n in range(56)])),  # infinite amps
        (LIVE.request, read_answer(0xAA, [live_words(r53=17)[n] for n in range(56)])),
    ],
)
def test_impossible_content(request_: bytes, answer: bytes) -> None:
    """A good checksum around what cannot be: counted, no reading, and the plan goes on."""
    unit = Unit()
    talk = Talk(lambda request: answer if request == request_ else unit(request)).until(8)
    assert Rejected(Bad.IMPLAUSIBLE) in talk.said(Rejected)
    assert talk.protocol.silent_cycles == 0 and talk.said(Identity)


def test_simulated_units_are_known() -> None:
    """The serial number spells it; the hardware name begins so, and never without."""
    unit = Unit()
    unit.words |= dict(zip(range(504, 510), (0x4150, 0x4B43, 0x4544, 0x4B43, 0x532D, 0x4D49), strict=True))
    names = [i.hardware for i in Talk(unit).until(6).said(Identity)]
    assert names == ["PACKDECK-SIM TinyBMS s516", "PACKDECK-SIM TinyBMS s516 v2.1"]


def readings(outcomes: list[Outcome]) -> list[Outcome]:
    return [o for o in outcomes if not isinstance(o, Rejected)]


@given(st.binary(max_size=600))
def test_random_bytes_never_raise(noise: bytes) -> None:
    """Whatever comes, at whatever point; every byte is counted or waits."""
    protocol = TinyBmsProtocol()
    protocol.requests_due(0.0)
    outcomes = protocol.feed(noise) + protocol.line_went_quiet()
    assert all(isinstance(o, Rejected | Refused | Pack | Cells) for o in outcomes)
    assert protocol.line_went_quiet() == []


@given(st.lists(st.integers(0, 0xFFFF), min_size=56, max_size=56))
def test_random_registers_never_raise(words: list[int]) -> None:
    """A good frame with any content is a reading or implausible."""
    protocol = TinyBmsProtocol()
    protocol.requests_due(0.0)
    outcomes = protocol.feed(read_answer(0xAA, words))
    assert outcomes == [Rejected(Bad.IMPLAUSIBLE)] or isinstance(outcomes[0], Pack)


@given(st.binary(max_size=80))
def test_garbage_in_front(noise: bytes) -> None:
    """The answer is found behind any noise, at the latest when the line is quiet."""
    protocol = TinyBmsProtocol()
    protocol.requests_due(0.0)
    outcomes = protocol.feed(noise + Unit()(LIVE.request)) + protocol.line_went_quiet()
    assert sum(isinstance(o, Pack) for o in outcomes) == 1


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40), st.integers(0, 5))
def test_any_cut_gives_the_same_readings(cuts: list[int], which: int) -> None:
    """A valid conversation delivered in any pieces."""
    unit = Unit()
    whole, pieces = TinyBmsProtocol(), TinyBmsProtocol()
    for turn in range(which + 1):
        (request,) = whole.requests_due(turn * 0.01)
        assert pieces.requests_due(turn * 0.01) == [request]
        answer, heard, at = unit(request), [], 0
        for size in (*cuts, len(answer)):
            heard += pieces.feed(answer[at : at + size])
            at += size
        assert heard == whole.feed(answer) and readings(heard) == heard
