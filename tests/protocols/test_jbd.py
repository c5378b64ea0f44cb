"""The conversation with a JBD board: what is asked when, and what becomes of the answers. Fake clock."""

from itertools import pairwise

import pytest

from tests.protocols.talk import (
    BASIC,
    CELLS,
    COUNTERS,
    FIRST_CYCLE,
    IDENTITY,
    Talk,
    good,
    plain,
    silent,
)
from tui.model.sample import Cells, Counters, Identity, Pack
from tui.protocols.jbd import ANSWER_S, FIRST_TRIES, PAUSE_S, TRIES, JbdProtocol
from tui.protocols.jbd_frames import read_request
from tui.protocols.protocol import Refused


def test_first_cycle_and_the_next() -> None:
    """Readings first, then who it is, then the counters; afterwards readings every 2 s only."""
    talk = Talk().until(11)
    assert talk.asked == [*FIRST_CYCLE, BASIC, CELLS, BASIC, CELLS]
    assert talk.protocol.requests_due(talk.now_s + 1.0) == []
    assert talk.protocol.requests_due(talk.now_s + 1.5) == []
    basics = [at_s for at_s, register in talk.sent if register == BASIC]
    assert [b - a for a, b in pairwise(basics)] == pytest.approx([2.0, 2.0])


def test_one_request_at_a_time_and_a_pause_after_each_answer() -> None:
    """50 ms between an answer and the next request, however late the answer came."""
    for answers_after_s in (0.001, 0.08, 0.9):
        talk = Talk(answers_after_s=answers_after_s).until(5)
        gaps = [b - a for (a, _), (b, _) in pairwise(talk.sent)]
        assert gaps == pytest.approx([answers_after_s + PAUSE_S] * 4)


def test_nothing_is_sent_while_a_question_is_open() -> None:
    """One outstanding request: asking again too early gives nothing and counts nothing."""
    protocol = JbdProtocol()
    assert protocol.next_due_s() <= 0.0
    assert len(protocol.requests_due(0.0)) == 1
    assert protocol.requests_due(0.5) == [] and protocol.requests_sent == 1
    assert protocol.next_due_s() == ANSWER_S
    protocol.feed(good(BASIC))
    assert protocol.requests_due(0.6) == [] and protocol.next_due_s() == pytest.approx(0.6 + PAUSE_S)
    assert protocol.requests_due(0.6 + PAUSE_S / 2) == []
    assert protocol.requests_due(protocol.next_due_s()) == [read_request(CELLS)]


def test_first_request_lost_to_sleep() -> None:
    """The board only woke up: the same question after a second, and the conversation goes on."""
    awake = False

    def board(register: int) -> bytes:
        nonlocal awake
        was, awake = awake, True
        return good(register) if was else b""

    talk = Talk(board).until(3)
    assert talk.asked == [BASIC, BASIC, CELLS]
    assert talk.sent[1][0] - talk.sent[0][0] == pytest.approx(ANSWER_S)
    assert talk.protocol.requests_unanswered == 1 and talk.protocol.silent_cycles == 0
    assert len(talk.said(Pack)) == 1


def test_silent_cycles() -> None:
    """5 tries at first. Each cycle without an answer counts once; an answer sets it back to zero."""
    talk = Talk(silent).until(FIRST_TRIES)
    assert talk.asked == [BASIC] * FIRST_TRIES and talk.protocol.silent_cycles == 0
    talk.until(FIRST_TRIES + 1)
    assert talk.protocol.silent_cycles == 1
    talk.until(3 * FIRST_TRIES + 1)
    assert talk.protocol.silent_cycles == 3
    assert talk.protocol.requests_unanswered == 3 * FIRST_TRIES
    talk.board = good
    talk.until(3 * FIRST_TRIES + 2)
    assert talk.protocol.silent_cycles == 0


def test_fewer_tries_once_it_has_spoken() -> None:
    """A board that fell silent is asked 3 times a cycle, for nothing but basic information."""
    talk = Talk(plain).until(11)
    before = len(talk.sent)
    assert talk.asked[-1] == CELLS
    talk.board = silent
    talk.pass_s(2 * TRIES * ANSWER_S + 2)
    assert set(talk.asked[before:]) == {BASIC}
    assert talk.protocol.silent_cycles >= 1


def test_no_cells_is_no_reason_to_stop() -> None:
    """Register 04 silent: 03 goes on being read and the rest is asked all the same."""
    talk = Talk(lambda register: b"" if register == CELLS else good(register)).pass_s(30)
    assert len(talk.said(Pack)) > 5 and talk.said(Cells) == []
    assert talk.said(Counters) and talk.protocol.silent_cycles == 0


def test_refusals_are_asked_once_per_connection() -> None:
    """A clone without names and counters is not bothered again, until the wire is opened anew."""
    talk = Talk(plain).pass_s(200)
    for register in (*IDENTITY, COUNTERS):
        assert talk.asked.count(register) == 1
    assert [r.register for r in talk.said(Refused)] == [*IDENTITY, COUNTERS]
    talk.protocol.reset()
    talk.pass_s(60)
    assert [talk.asked.count(register) for register in (*IDENTITY, COUNTERS)] == [2] * 5


def test_silence_to_extras_never_holds_up_readings() -> None:
    """A clone that ignores the extras: two tries each, one a cycle, and never again."""
    talk = Talk(lambda register: good(register) if register in (BASIC, CELLS) else b"").pass_s(120)
    assert [talk.asked.count(register) for register in (*IDENTITY, COUNTERS)] == [2] * 5
    basics = [at_s for at_s, register in talk.sent if register == BASIC]
    assert max(b - a for a, b in pairwise(basics)) < 3.0
    assert talk.protocol.silent_cycles == 0


def test_identity_once_and_counters_every_minute() -> None:
    """Names do not change; counters are read each minute."""
    talk = Talk().pass_s(190)
    assert [talk.asked.count(register) for register in IDENTITY] == [1] * 4
    assert talk.asked.count(COUNTERS) == 4
    assert [i for i in talk.said(Identity) if i.firmware] == [
        Identity(firmware="2.1", production_date="2022-03-28")
    ]


def test_polling_as_fast_as_the_line_allows() -> None:
    """A poll time shorter than the answers take: no question is skipped and none is sent on top."""
    talk = Talk(plain, poll_s=0.01).until(20)
    assert talk.asked[-4:] in ([BASIC, CELLS] * 2, [CELLS, BASIC] * 2)
