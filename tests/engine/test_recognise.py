"""A battery on a serial line is recognised by its answers."""

from tests.engine.bench import ANSWER, Bench
from tui.engine.recognise import Recogniser
from tui.model.link import State
from tui.model.track import Setup


def test_each_language_is_tried_at_its_own_speed() -> None:
    recogniser = Recogniser(Setup("left", address="/dev/x", protocol="auto"))
    seen = []
    for _ in range(3):
        seen.append((recogniser.speaks.protocol, recogniser.speaks.baudrate))
        recogniser.next()
    assert seen == [("jbd", 9600), ("tinybms", 115_200), ("jbd", 9600)]
    assert recogniser.rounds == 1


def test_what_was_said_is_not_guessed() -> None:
    said = Recogniser(Setup("left", address="/dev/x", protocol="tinybms", baudrate=57_600))
    assert not said.is_searching
    assert (said.speaks.protocol, said.speaks.baudrate) == ("tinybms", 57_600)


def test_a_battery_that_answers_the_second_language_is_found_and_kept() -> None:
    bench = Bench(protocol="auto")
    bench.wire.answer = lambda request: ANSWER if bench.spoken[-1] == "tinybms" else b""
    bench.run_until(State.LIVE, 10.0)
    assert bench.link.protocol == "tinybms"
    assert bench.spoken == ["jbd", "tinybms"]
    bench.answers(b"")
    bench.run(120.0)
    bench.answers(ANSWER)
    bench.run_until(State.LIVE, 60.0)
    assert bench.spoken == ["jbd", "tinybms"]
    assert bench.link.traffic.requests >= bench.link.traffic.answers + bench.link.traffic.unanswered


def test_when_nobody_answers_it_says_so_and_goes_on_trying() -> None:
    bench = Bench(b"", protocol="auto")
    bench.run(40.0)
    assert bench.link.cause is not None
    assert bench.link.cause.key == "no-answer"
    assert bench.link.traffic.unanswered > 3
    assert bench.link.traffic.unanswered <= bench.link.traffic.requests
