"""The place System over the socket: what a real engine in a process of its own tells of itself."""

from pathlib import Path

from tests.cli.runs import PATIENCE_S, House
from tests.doors import attached
from tests.fakes import wait_until
from tui.feed.remote import RemoteFeed
from tui.model.requests import Answer, Request
from tui.model.system import Check, LogEntry, LookAtLog, LookAtSystem, SwitchDebug, SystemFigures

HISTORY = "[history]\ninterval_s = 1\n"


def asked(feed: RemoteFeed, request: Request) -> Answer:
    """The answer of the engine: on a busy machine the first may come too late."""
    answers: list[Answer] = []

    def came() -> bool:
        answers.append(feed.ask(request))
        return answers[-1].ok

    wait_until(came, 2.0)
    return answers[-1]


def figures(feed: RemoteFeed) -> SystemFigures:
    found = asked(feed, LookAtSystem()).system
    assert found is not None
    return found


def entries(feed: RemoteFeed, *kinds: str, text: str = "") -> tuple[LogEntry, ...]:
    page = asked(feed, LookAtLog(kinds, text)).log_page
    assert page is not None
    return page.entries


def self_tests(feed: RemoteFeed) -> tuple[Check, ...]:
    asked(feed, LookAtSystem(test=True))
    return figures(feed).tests or ()


def test_a_running_engine_tells_of_itself(home: House) -> None:
    """S0-24, S0-39, S1-8, S1-33, S1-73, S3-48, CL-29."""
    home.write_config(HISTORY)
    with home.running("serve", "--demo") as process, attached(home.door) as feed:
        wait_until(lambda: feed.wait(1) and all(t.pack_at_s for t in feed.fleet().tracks), PATIENCE_S)

        first = figures(feed)
        assert first.engine.pid == process.pid
        assert [one.track for one in first.health] == ["left", "right"]
        if Path("/proc/self/task").is_dir():
            wait_until(lambda: figures(feed).engine.cpu_pct is not None, PATIENCE_S)
            newest = figures(feed)
            assert {"engine", "link left", "link right"} <= {t.name for t in newest.engine.threads}
            assert newest.host.memory_pct is not None and newest.engine.rss_mib is not None

        wait_until(lambda: entries(feed, "uart", text="left: connecting"), PATIENCE_S)
        uart = entries(feed, "uart")
        assert {"uart", "ok"} >= {one.kind for one in uart} - {"err"}
        assert all("link " in one.source for one in uart)

        wait_until(lambda: [c.key for c in self_tests(feed) if c.area == "ports"] == ["port"] * 2, PATIENCE_S)
        tests = figures(feed).tests or ()
        assert {c.key for c in tests if c.area in ("database", "clock")} == {"database", "clock"}

        assert not entries(feed, text="Added sample")
        assert not figures(feed).engine.is_debug
        assert asked(feed, SwitchDebug(True)).ok
        wait_until(lambda: entries(feed, text="[History] Added sample #"), PATIENCE_S)
        wait_until(lambda: entries(feed, "uart", text="right: Pack in frame"), PATIENCE_S)
        assert figures(feed).engine.is_debug
        assert asked(feed, SwitchDebug(False)).ok
        assert not figures(feed).engine.is_debug
        said = home.run("logs", "--text", "logged from now on")
        assert len(said.stdout.splitlines()) == 2, "both switches are in the log"
