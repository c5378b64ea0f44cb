"""S0-24, S0-39, S1-5, S1-8, S1-33, S1-73, S3-43, S3-48, CL-29: what the engine knows of itself."""

import ast
import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_engine import LEFT, RIGHT, answering, pack_v
from tests.fakes import FakeClock, FakeProtocol, FakeTransport, wait_until
from tests.feed.test_recording import small, written
from tui import __version__
from tui.api.roles import VIEWER, refusal_of
from tui.cli.logs import start_log
from tui.engine import self_tests, system
from tui.engine.bus import BusFigures as BusCounters
from tui.engine.engine import Engine
from tui.engine.estimator import Estimator
from tui.engine.replay import ReplayFeed
from tui.engine.self_tests import AREAS, SelfTests, Under, checks_of
from tui.engine.system import System, balance_of, overall_of
from tui.feed.recording import read_recording
from tui.host.doctor import Machine
from tui.locale import messages
from tui.model.estimate import CapacityPoint
from tui.model.events import FleetStarted, LinkChanged, SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Cause, Link, Phase
from tui.model.requests import Answer
from tui.model.sample import Cells, Pack
from tui.model.settings import HistorySettings
from tui.model.system import (
    Check,
    CheckState,
    Grade,
    Health,
    LogEntry,
    LookAtLog,
    LookAtSystem,
    SwitchDebug,
    SystemFigures,
)
from tui.model.track import Setup

NOW_S = 1_800_000_000.0  # Unix time of a fake wall clock
SETUPS = (LEFT, Setup("right", transport="can", address="can0"), Setup("far", transport="ble"))


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """What a test does to the logging of the process ends with it."""
    root, program = logging.getLogger(), logging.getLogger("tui")
    before = list(root.handlers), root.level, logging.raiseExceptions, program.level
    yield
    root.handlers[:], logging.raiseExceptions = before[0], before[2]
    root.setLevel(before[1])
    program.setLevel(before[3])


def empty_machine(folder: Path) -> Machine:
    """A Linux machine with nothing in it."""
    return Machine(folder, "linux", "ada", 1000)


def fleet_of(*setups: Setup, **readings: Any) -> Fleet:
    fleet = fold(Fleet(), FleetStarted(setups, 1))
    for track, reading in readings.items():
        for part in reading if isinstance(reading, tuple) else (reading,):
            fleet = fold(fleet, SampleRead(track, 1000.0, 1, part))
    return fleet


def system_of(under: Under, **more: Any) -> System:
    return System(
        under,
        bus=lambda: BusCounters(70, 3, 50, 2),
        listeners=lambda: 4,
        measured_soh_pct=more.pop("soh", lambda track: None),
        clock=more.pop("clock", FakeClock()),
        **more,
    )


def looked(answer: Answer) -> SystemFigures:
    assert answer.ok and answer.system is not None
    return answer.system


def by_area(checks: tuple[Check, ...] | list[Check]) -> dict[str, list[Check]]:
    return {area: [check for check in checks if check.area == area] for area in AREAS}


# --- figures and health ---


def test_figures_of_machine_and_engine(tmp_path: Path) -> None:
    """S1-8, S1-73: those of this process, and none that nobody knows."""
    clock = FakeClock()
    under = Under((LEFT,), lambda: fleet_of(LEFT), folder=tmp_path, wall=lambda: NOW_S)
    asked = system_of(under, clock=clock)
    clock.advance(90.0)
    found = looked(asked.ask(LookAtSystem()))
    assert found.time_ms == int(NOW_S * 1000)
    assert (found.tests, found.tested_ms) == (None, None), "a look makes no test"
    engine = found.engine
    assert (engine.version, engine.pid, engine.uptime_s) == (__version__, os.getpid(), 90.0)
    assert engine.cpu_pct is None, "the first look knows no time between"
    bus = engine.bus
    assert (bus.published, bus.waiting, bus.most, bus.dropped, bus.listeners) == (70, 3, 50, 2, 4)
    assert found.host.disk_pct is not None
    assert found.health == (Health("left"),), "nothing was read: nothing is told"


@pytest.mark.parametrize(
    ("soh_pct", "overall"),
    [(100.0, Grade.GOOD), (80.1, Grade.GOOD), (80.0, Grade.FAIR), (60.1, Grade.FAIR), (60.0, Grade.POOR),
     (0.0, Grade.POOR), (None, None)],
)  # fmt: skip
def test_words_of_health(soh_pct: float | None, overall: Grade | None) -> None:
    """CL-29."""
    assert overall_of(soh_pct) is overall


@pytest.mark.parametrize(
    ("spread_mv", "balance"),
    [(0, Grade.GOOD), (29, Grade.GOOD), (30, Grade.FAIR), (49, Grade.FAIR), (50, Grade.POOR), (None, None)],
)
def test_words_of_balance(spread_mv: int | None, balance: Grade | None) -> None:
    """CL-29."""
    assert balance_of(spread_mv) is balance


def test_health_is_what_the_unit_tells_else_what_was_measured() -> None:
    fleet = fleet_of(
        LEFT, RIGHT, left=(Pack(soh_pct=91.0), Cells((3300, 3340))), right=(Pack(), Cells((3300, 3310)))
    )
    clock = FakeClock(1000.0)
    asked = system_of(
        Under((LEFT, RIGHT), lambda: fleet),
        clock=clock,
        soh={"left": 12.0, "right": 55.0}.get,
    )
    assert looked(asked.ask(LookAtSystem())).health == (
        Health("left", 91.0, Grade.GOOD, 40, Grade.FAIR),
        Health("right", 55.0, Grade.POOR, 10, Grade.GOOD),
    )
    clock.advance(600.0)
    assert [h.spread_mv for h in looked(asked.ask(LookAtSystem())).health] == [None, None], "long ago"


def test_a_measured_capacity_is_a_state_of_health() -> None:
    """CL-29: against what the unit tells; nothing before it was measured."""
    told = Estimator((LEFT,), lambda: fleet_of(LEFT))
    assert told.soh_pct("left") is None and told.soh_pct("nobody") is None
    for at_s in (1.0, 2.0):
        told.listener(SampleRead("left", at_s, 1, Pack(current_a=0.0, soc_pct=50.0, nominal_ah=100.0)))
    told.turn()
    assert told.soh_pct("left") is None
    told._tracks["left"].capacities.points.append(CapacityPoint(1, 87.5, 1.0))
    assert told.soh_pct("left") == pytest.approx(87.5)


# --- self-tests ---


def test_a_healthy_engine_passes_its_own_tests(tmp_path: Path) -> None:
    """CL-29: storage, database, clock, ports are really tried; the machine is that of the test."""
    engine = Engine(
        [LEFT],
        open_wire=lambda setup: answering(),
        open_protocol=lambda setup: FakeProtocol(setup.poll_s),
        database=tmp_path / "history.db",
        history=HistorySettings(interval_s=1, live_interval_s=0.1, commit_s=1),
    )
    engine.start()
    try:
        wait_until(lambda: pack_v(engine, "left"))
        made = 0

        def complete() -> bool:
            """On a busy machine the tests may take longer than one asks."""
            nonlocal made
            made += 1
            tests = looked(engine.ask(LookAtSystem(test=True))).tests
            return tests is not None and not any(check.key == "test-late" for check in tests)

        wait_until(complete)
        found = looked(engine.ask(LookAtSystem()))
        assert found.tests is not None and found.tested_ms is not None
        areas = by_area(found.tests)
        assert all(areas.values()), "each area has something to say"
        assert "terminal" not in {check.area for check in found.tests}
        assert [areas[area][0].key for area in ("storage", "database", "clock")] in (
            ["storage", "database", "clock"],
            ["storage-low", "database", "clock"],
        )
        assert areas["ports"][0].key == "port-gone", "this port is one of a fake wire"
        words = messages("en")
        assert not [check.key for check in found.tests if f"doctor-{check.key}" not in words]
        unneeded = [c for c in found.tests if c.area in ("bluetooth", "can") and c.state is CheckState.FAIL]
        assert not unneeded, "no track is on a radio or a bus"
    finally:
        engine.close()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("tmp")]


def test_a_damaged_database_is_found(tmp_path: Path) -> None:
    """CL-29: the test reads the file, and does not only ask how it was."""
    from tui.engine.history_keeper import HistoryKeeper

    keeper = HistoryKeeper(
        tmp_path / "history.db",
        settings=HistorySettings(),
        archives=None,
        on_trouble=lambda cause: None,
        clock=time.monotonic,
        wall=time.time,
    )
    keeper.start()
    try:
        assert keeper.settle()
        assert keeper.check() is None
        assert keeper.newest_ms() is None
        for path in tmp_path.glob("history.db*"):
            path.write_bytes(b"x" * path.stat().st_size)
        cause = keeper.check()
        assert cause is not None and cause.key.startswith("database-")
        assert f"doctor-{cause.key}" in messages("en")
    finally:
        keeper.close()
    assert keeper.check() == Cause("engine-closed")


def test_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def key(folder: Path | None) -> str:
        (check,) = checks_of(Under((), Fleet, folder=folder), "storage")
        return check.key

    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10**10))
    assert key(tmp_path) == "storage"
    assert key(None) == "storage-none"
    assert key(tmp_path / "gone") == "storage-unwritable"
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10**8))
    assert key(tmp_path) == "storage-low"
    assert not list(tmp_path.iterdir()), "nothing stays behind"


def test_database() -> None:
    def key(cause: Cause | None, fleet: Fleet = Fleet()) -> str:  # noqa: B008
        (check,) = checks_of(Under((), lambda: fleet, check_database=lambda: cause), "database")
        return check.key

    full = Cause("database-full", (("path", "/x"),))
    assert key(full) == "database-full"
    assert key(None) == "database"
    assert key(None, Fleet(is_written=False)) == "database-paused"
    assert checks_of(Under((), Fleet), "database")[0].key == "database-none"


@pytest.mark.parametrize(
    ("now_s", "newest_s", "key"),
    [
        (NOW_S, None, "clock"),
        (NOW_S, NOW_S - 60, "clock"),
        (NOW_S, NOW_S + 30, "clock"),
        (NOW_S, NOW_S + 3600, "clock-behind"),
        (0.0, None, "clock-early"),
        (0.0, NOW_S, "clock-early"),
    ],
)
def test_clock(now_s: float, newest_s: float | None, key: str) -> None:
    """A board without a clock begins in 1970, or where it was switched off."""
    newest_ms = None if newest_s is None else int(newest_s * 1000)
    under = Under((), Fleet, newest_ms=lambda: newest_ms, wall=lambda: now_s)
    (check,) = checks_of(under, "clock")
    assert check.key == key


@pytest.fixture
def port() -> Iterator[str]:
    """A serial port that is there: the user side of a pseudo-terminal."""
    ours, theirs = os.openpty()
    yield os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ("phase", "key"),
    [(Phase.UP, "port"), (Phase.ASLEEP, "port"), (Phase.CONNECTING, "port"), (Phase.LOST, "port-closed"),
     (Phase.TAP, "port-closed"), (Phase.LENT, "port-lent")],
)  # fmt: skip
def test_a_port_that_is_there(port: str, phase: Phase, key: str) -> None:
    setup = Setup("left", address=port)
    fleet = fold(fleet_of(setup), LinkChanged("left", 1.0, 1, Link(phase)))
    (check,) = checks_of(Under((setup,), lambda: fleet), "ports")
    assert (check.key, check.values()["port"]) == (key, port)


def test_ports_that_are_not_there_or_none_or_somebody_elses(
    port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keys(*setups: Setup) -> list[str]:
        return [check.key for check in checks_of(Under(setups, lambda: fleet_of(*setups)), "ports")]

    file = tmp_path / "file"
    file.write_text("")
    assert keys(Setup("a", address=str(tmp_path / "gone")), Setup("b", address=str(file))) == [
        "port-gone", "port-unusable"
    ]  # fmt: skip
    assert keys(Setup("a", transport="can", address="can0")) == keys() == ["port-none"]
    monkeypatch.setattr("tui.transports.ports.is_pty", lambda port: False)
    monkeypatch.setattr("tui.transports.ports.holder", lambda port: (77, "minicom"))
    (taken,) = checks_of(Under((Setup("a", address=port),), Fleet), "ports")
    assert (taken.key, taken.values()["program"], taken.values()["pid"]) == ("port-taken", "minicom", "77")


def test_what_no_track_needs_is_no_failure(tmp_path: Path) -> None:
    """As `packdeck doctor` does: a machine without Bluetooth is ill only for who has a battery there."""

    def states(area: str, *setups: Setup) -> set[CheckState]:
        under = Under(setups, lambda: fleet_of(*setups), machine=lambda: empty_machine(tmp_path))
        return {check.state for check in checks_of(under, area)}

    bus, radio = Setup("bus", transport="can", address="can0"), Setup("far", transport="ble")
    assert CheckState.FAIL in states("bluetooth", LEFT, radio)
    assert CheckState.FAIL not in states("bluetooth", LEFT)
    assert states("can", bus) == {CheckState.FAIL}
    assert states("can", LEFT) == {CheckState.SKIP}
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "ttyUSB0").write_text("")
    (tmp_path / "dev" / "ttyUSB0").chmod(0)

    def closed(*setups: Setup) -> set[CheckState]:
        machine = Machine(tmp_path, "linux", "ada", 1000, may_use=lambda path: False)
        under = Under(setups, lambda: fleet_of(*setups), machine=lambda: machine)
        return {check.state for check in checks_of(under, "permissions")}

    assert CheckState.FAIL in closed(LEFT)
    assert CheckState.FAIL in closed(Setup("bus", transport="can", address="slcan:/dev/ttyUSB0"))
    assert CheckState.FAIL not in closed(radio)
    assert CheckState.FAIL not in closed(Setup("left", address="/dev/pts/9", simulated=True))


def test_a_test_that_hangs_holds_up_nobody() -> None:
    """What was found until then is told, and that the rest is late; and later all of it."""
    goes_on = threading.Event()

    def examine(under: Under, area: str) -> list[Check]:
        if area == "clock":
            assert goes_on.wait(60)
        return [Check(area, area, CheckState.OK)]

    tests = SelfTests(Under((), Fleet, wall=lambda: NOW_S), limit_s=0.2, examine=examine)

    def is_late() -> bool:
        """A thread that got no processor yet may not have come to the one that hangs."""
        tests.make()
        return tests.newest is not None and len(tests.newest[0]) == 3

    wait_until(is_late)
    assert tests.newest is not None
    checks, at_ms = tests.newest
    assert [(c.area, c.key) for c in checks] == [
        ("storage", "storage"), ("database", "database"), ("clock", "test-late")
    ]  # fmt: skip
    assert at_ms == int(NOW_S * 1000)
    goes_on.set()
    wait_until(lambda: tests.newest and [c.key for c in tests.newest[0]] == list(AREAS))


def test_a_test_with_a_mistake_fails_alone() -> None:
    def examine(under: Under, area: str) -> list[Check]:
        if area == "ports":
            raise LookupError(area)
        return [Check(area, area, CheckState.OK)]

    tests = SelfTests(Under((), Fleet), limit_s=60.0, examine=examine)
    tests.make()
    assert tests.newest is not None
    assert [c.key for c in tests.newest[0] if c.state is CheckState.FAIL] == ["test-broken"]
    assert len(tests.newest[0]) == len(AREAS)


def test_every_check_has_a_sentence_and_an_ill_one_a_cure() -> None:
    for language in ("en", "fr"):
        words = messages(language)
        assert not [area for area in AREAS if f"doctor-area-{area}" not in words]
        for key, states in checks_in_code():
            assert f"doctor-{key}" in words, key
            assert not states & {"FAIL", "WARN"} or f"doctor-{key}-do" in words, key
        for key in ("full", "locked", "failed", "newer", "unreadable"):
            assert {f"doctor-database-{key}", f"doctor-database-{key}-do"} <= words.keys()


def checks_in_code() -> list[tuple[str, set[str]]]:
    """Each key that the self-tests may tell, with the states that stand beside it."""
    found = []
    for node in ast.walk(ast.parse(Path(self_tests.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_check", "Check"):
            states = {n.attr for n in ast.walk(node.args[2]) if isinstance(n, ast.Attribute)}
            keys = [n.value for n in ast.walk(node.args[1]) if isinstance(n, ast.Constant)]
            found += [(str(key), states) for key in keys]
    assert len(found) > 15
    return [*found, ("port-gone", {"FAIL"}), ("port-unusable", {"FAIL"})]


# --- the log ---

LOG = """\
2026-11-21 10:00:01,000 > conn  left: connecting  [link left tui.engine.teller]
2026-11-21 10:00:02,000 > conn  right: connecting  [link right tui.engine.teller]
2026-11-21 10:00:03,000 + ok    left: up  [link left tui.engine.teller]
2026-11-21 10:00:04,000 ! err   right: can-off  [link right tui.engine.worker]
Traceback
2026-11-21 10:00:05,000 ~ ble   Bluetooth: on  [radio tui.transports.ble_adapters]
2026-11-21 10:00:06,000         opened  [database tui.store.database]
2026-11-21 10:00:07,000 > conn  asked by a screen  [api tui.api.screens]
"""


@pytest.fixture
def logging_system(tmp_path: Path) -> System:
    file = tmp_path / "packdeck.log"
    file.write_text(LOG, encoding="utf-8")
    return system_of(Under(SETUPS, Fleet), log_file=file)


def texts(answer: Answer) -> list[str]:
    assert answer.log_page is not None, answer.cause
    return [f"{entry.kind}: {entry.text}" for entry in answer.log_page.entries]


def test_the_log_newest_first_with_the_transport_of_each_line(logging_system: System) -> None:
    """S0-24, S0-39."""
    answer = logging_system.ask(LookAtLog())
    assert texts(answer) == [
        "conn: asked by a screen",
        ": opened",
        "ble: Bluetooth: on",
        "err: right: can-off",
        "ok: left: up",
        "can: right: connecting",
        "uart: left: connecting",
    ]
    page = answer.log_page
    assert page is not None and page.path.endswith("packdeck.log")
    assert set(page.kinds) == {"ble", "uart", "can", "conn", "ok", "err"}
    assert page.entries[3] == LogEntry(
        "2026-11-21 10:00:04,000", "err", "right: can-off", "link right tui.engine.worker", ("Traceback",)
    )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (LookAtLog(("uart",)), ["ok: left: up", "uart: left: connecting"]),
        (LookAtLog(("can",)), ["err: right: can-off", "can: right: connecting"]),
        (LookAtLog(("ble", "err")), ["ble: Bluetooth: on", "err: right: can-off"]),
        (LookAtLog(("conn",), "LEFT"), ["uart: left: connecting"]),
        (LookAtLog(text="traceback"), ["err: right: can-off"]),
        (LookAtLog(count=1), ["conn: asked by a screen"]),
        (LookAtLog(count=0), []),
        (LookAtLog(text="nowhere"), []),
    ],
)
def test_the_log_while_connecting(logging_system: System, asked: LookAtLog, expected: list[str]) -> None:
    """S0-39: by transport, with what went wrong there."""
    assert texts(logging_system.ask(asked)) == expected


def test_a_log_that_has_not_grown_is_not_read_again(tmp_path: Path) -> None:
    """S1-73: a filter that nothing fits would else cost the whole log every second."""
    file = tmp_path / "packdeck.log"
    file.write_text(LOG, encoding="utf-8")
    asked = system_of(Under(SETUPS, Fleet), log_file=file)
    before = asked.ask(LookAtLog(("uart",)))
    assert asked.ask(LookAtLog(("uart",))) is before
    assert texts(asked.ask(LookAtLog(("can",)))) != texts(before)
    with file.open("a", encoding="utf-8") as more:
        more.write("2026-11-21 10:00:08,000 > conn  left: asleep  [link left tui.engine.teller]\n")
    assert texts(asked.ask(LookAtLog(("uart",))))[0] == "uart: left: asleep"


def test_a_log_that_cannot_be_shown_says_why(tmp_path: Path, logging_system: System) -> None:
    def cause(log_file: Path | None) -> str:
        answer = system_of(Under((), Fleet), log_file=log_file).ask(LookAtLog())
        assert not answer.ok and answer.cause is not None
        return answer.cause.key

    assert cause(None) == "log-off"
    assert cause(tmp_path / "gone") == "log-missing"
    assert cause(tmp_path) == "log-unreadable"
    refused = logging_system.ask(LookAtLog(("plumbing",)))
    assert refused.cause is not None and refused.cause.key == "log-kind"
    assert logging_system.ask(LookAtLog(count=10**9)).ok
    assert LookAtLog().count <= system.LOG_MAX


# --- the debug switch ---


def test_debug_lines_appear_at_once_and_stop_at_once(tmp_path: Path) -> None:
    """S1-33: without a restart; the switch is in the log itself."""
    start_log(tmp_path / "log", "info")
    asked = system_of(Under((LEFT,), Fleet), log_file=tmp_path / "log")
    quiet = logging.getLogger("tui.engine.something")

    def said() -> list[str]:
        return [text.partition(": ")[2] for text in texts(asked.ask(LookAtLog()))]

    def is_debug() -> bool:
        return looked(asked.ask(LookAtSystem())).engine.is_debug

    quiet.debug("one")
    assert said() == [] and not is_debug()
    assert asked.ask(SwitchDebug(True)).ok
    assert is_debug()
    quiet.debug("two")
    logging.getLogger("bleak.backends").debug("31 32 33 34")
    assert asked.ask(SwitchDebug(False)).ok
    quiet.debug("three")
    assert not is_debug()
    assert said() == [
        "only what the configuration says is logged from now on", "two", "everything is logged from now on"
    ]  # fmt: skip
    asked.ask(SwitchDebug(True))
    asked.close()
    assert not quiet.isEnabledFor(logging.DEBUG), "it does not outlive the engine"


def test_what_the_configuration_says_holds_when_it_is_switched_off(tmp_path: Path) -> None:
    start_log(tmp_path / "log", "debug")
    asked = system_of(Under((LEFT,), Fleet))
    asked.ask(SwitchDebug(False))
    assert looked(asked.ask(LookAtSystem())).engine.is_debug


def test_a_viewer_looks_and_does_not_switch() -> None:
    """S1-33: a command."""
    assert refusal_of(VIEWER, SwitchDebug(True)) == Cause("viewer-only")
    assert refusal_of(VIEWER, LookAtSystem(test=True)) is None
    assert refusal_of(VIEWER, LookAtLog()) is None


# --- in the engine, and in a recording ---


@contextmanager
def engine_with(wires: dict[str, FakeTransport], log_file: Path) -> Iterator[Engine]:
    engine = Engine(
        (LEFT, RIGHT),
        open_wire=lambda setup: wires[setup.name],
        open_protocol=lambda setup: FakeProtocol(setup.poll_s),
        log_file=log_file,
    )
    engine.start()
    try:
        yield engine
    finally:
        engine.close()


def test_the_engine_answers_while_it_works(tmp_path: Path) -> None:
    """S1-8, S3-48, S4-52: its own bus, its own threads, its own log."""
    log = tmp_path / "log"
    start_log(log, "info")
    with engine_with({"left": answering(), "right": answering()}, log) as engine:
        unsubscribe = engine.subscribe(lambda event, fleet: None)
        wait_until(lambda: pack_v(engine, "left") and pack_v(engine, "right"))
        wait_until(lambda: looked(engine.ask(LookAtSystem())).engine.bus.listeners == 1)
        before = looked(engine.ask(LookAtSystem())).engine.bus.published
        wait_until(lambda: looked(engine.ask(LookAtSystem())).engine.bus.published > before)
        if Path("/proc/self/task").is_dir():

            def threads() -> dict[str, float | None]:
                return {t.name: t.cpu_pct for t in looked(engine.ask(LookAtSystem())).engine.threads}

            wait_until(lambda: threads().get("link left") is not None)
            assert {"link left", "link right", "engine"} <= threads().keys()
        wait_until(lambda: any(t.startswith("ok: left: up") for t in texts(engine.ask(LookAtLog(("uart",))))))
        assert engine.ask(SwitchDebug(True)).ok
        wait_until(lambda: any("left: Pack in frame" in t for t in texts(engine.ask(LookAtLog(("uart",))))))
        unsubscribe()
    assert engine.ask(LookAtSystem()) == Answer(False, Cause("engine-closed"))


def test_a_recording_has_no_machine(tmp_path: Path) -> None:
    feed = ReplayFeed(read_recording(written(tmp_path / "short", small()[0])), clock=FakeClock(5.0))
    for request in (LookAtSystem(), LookAtSystem(test=True), LookAtLog(), SwitchDebug(True)):
        assert feed.ask(request) == Answer(False, Cause("replay-only"))
