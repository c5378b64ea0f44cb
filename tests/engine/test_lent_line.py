"""A worker that lends its wire: polling rests, frames are kept, nothing is left waiting."""

from tests.engine.bench import Bench
from tests.fakes import wire_error
from tui.engine.register_line import Line
from tui.model.frame import Direction
from tui.model.link import Cause, Phase, State


def test_a_job_has_the_wire_to_itself_and_polling_goes_on_afterwards() -> None:
    bench = Bench()
    bench.run(5.0)
    asked = len(bench.wire.written)
    heard: list[bytes] = []

    def job(line: Line) -> None:
        bench.answers(b"yes")
        line.send(b"!")
        heard.append(line.read(0.1))
        for _ in range(100):  # ten seconds in which the battery is not polled
            line.read(0.1)
        assert len(bench.wire.written) == asked + 1
        bench.answers(b"p13.2;")

    bench.worker.work(job, lambda cause: heard.append(cause.key.encode()))
    bench.run(0.5)
    assert heard == [b"yes"]
    assert bench.link.phase is Phase.UP
    bench.run(3.0)
    assert bench.state is State.LIVE


def test_what_a_job_says_is_kept_among_the_frames_but_for_secrets() -> None:
    bench = Bench()
    bench.run(1.0)

    def job(line: Line) -> None:
        line.send(b"open")
        line.send(b"123456", secret=True)

    bench.worker.work(job, lambda cause: None)
    bench.run(0.5)
    sent = [frame.data for frame in bench.frames.after(0) if frame.direction is Direction.TX]
    assert b"open" in sent
    assert b"123456" not in sent
    assert b"123456" in bench.wire.written


def test_a_job_that_cannot_begin_is_told_why() -> None:
    bench = Bench()
    bench.run(5.0)
    lost: list[Cause] = []
    bench.wire.breaks = wire_error("port-unplugged")
    bench.wire.present = None
    bench.wire.cannot_open = wire_error("port-missing")
    bench.worker.work(lambda line: line.send(b"!"), lost.append)
    bench.run(0.5)
    bench.worker.work(lambda line: line.send(b"!"), lost.append)
    bench.run(5.0)
    assert [cause.key for cause in lost] == ["port-missing"]
    assert bench.link.phase is Phase.LOST


def test_a_wire_that_breaks_under_a_job_is_lost_and_comes_back() -> None:
    bench = Bench()
    bench.run(5.0)

    def job(line: Line) -> None:
        bench.wire.breaks = wire_error("port-unplugged")
        line.send(b"!")

    bench.worker.work(job, lambda cause: None)
    bench.run(0.1)
    assert bench.link.phase is Phase.LOST
    assert bench.link.cause == Cause("port-unplugged")
    bench.wire.breaks = None
    bench.run_until(State.LIVE, 5.0)


def test_a_long_job_lets_the_link_ask_what_is_due() -> None:
    bench = Bench()
    bench.run(5.0)
    ages: list[float | None] = []

    def job(line: Line) -> None:
        for _ in range(30):
            for _ in range(10):
                line.read(0.1)
            line.breathe()
            ages.append(bench.track.pack_age_s(bench.clock.now_s))

    bench.worker.work(job, lambda cause: None)
    bench.run(0.5)
    assert len(ages) == 30
    assert max(age for age in ages if age is not None) < bench.track.stale_after_s
