"""Alerts through the engine: kept, acknowledged, told, cut out of the black box, found after a restart."""

import gzip
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.test_notify import posix, script, server
from tests.fakes import FakeClock, FakeProtocol, FakeTransport, wait_until
from tui.engine import silence
from tui.engine.alert_clip import AROUND_S, Clips, cut
from tui.engine.alert_keeper import AlertKeeper, save_to, text
from tui.engine.engine import Engine
from tui.engine.recording import EngineRecording
from tui.engine.replay import ReplayFeed
from tui.feed.recording import read_recording
from tui.locale import use
from tui.model.alert import Alert, Severity, Status, Way
from tui.model.events import (
    AlertCleared,
    AlertRaised,
    AlertsSilenced,
    Event,
    FleetStarted,
    SampleRead,
)
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.frame import Direction, Frame
from tui.model.link import Cause
from tui.model.requests import (
    AcknowledgeAlert,
    AlertHistory,
    Answer,
    ClearAlerts,
    CountAlerts,
    Request,
    SetThreshold,
    SilenceAlerts,
    TestNotify,
    Thresholds,
)
from tui.model.sample import Cells
from tui.model.settings import AlertSettings, NotifySettings
from tui.model.track import Setup, Track
from tui.store.config import read_config
from tui.store.silence import write_silence

LEFT = Setup("left", address="/dev/left", poll_s=0.02)
LOW = b"p12.0;c2700,3000,3000,3000;"
GOOD = b"p13.2;c3300,3310,3290,3305;"
NOW = AlertSettings((("debounce_sec", 0), ("imbalance_enabled", 0), ("trip_enabled", 0)))


@pytest.fixture(autouse=True)
def never_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine makes no battery silent: alerts of that kind would be counted, told and acknowledged."""
    monkeypatch.setattr(Track, "stale_after_s", property(lambda track: 600.0))
    monkeypatch.setattr(silence, "ASLEEP_AFTER_S", 600.0)


class House:
    """An engine with one fake battery, and its history in a file."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def ask(self, request: Request) -> Answer:
        return self.engine.ask(request)

    def alerts(self) -> list[Alert]:
        return [alert for alert in self.engine.fleet().alerts if alert.key == "cell-low"]

    def kept(self) -> list[Status]:
        """What the history says of them."""
        page = self.ask(AlertHistory(key="cell-low")).alerts
        return [record.status for record in page.records] if page else []


@contextmanager
def running(
    tmp_path: Path, wire: FakeTransport, settings: AlertSettings = NOW, **more: object
) -> Iterator[House]:
    engine = Engine(
        [LEFT],
        open_wire=lambda setup: wire,
        open_protocol=lambda setup: FakeProtocol(setup.poll_s),
        database=tmp_path / "history.db",
        alerts=settings,
        **more,  # type: ignore[arg-type]
    )
    engine.start()
    try:
        yield House(engine)
    finally:
        engine.close()


def saying(answer: bytes) -> FakeTransport:
    return FakeTransport(lambda request: answer)


def test_raised_acknowledged_ended_and_in_the_history(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """S1-60, S4-49, S1-71: who and when; acknowledging never hides what holds."""
    caplog.set_level(logging.INFO)
    wire = saying(LOW)
    with running(tmp_path, wire) as house:
        wait_until(lambda: len(house.alerts()) == 4)
        first = next(alert for alert in house.alerts() if alert.where == 1)
        assert first.frame > 0
        assert house.ask(AcknowledgeAlert(first.number, "  anna\n")) == Answer(True, count=1)
        wait_until(lambda: any(alert.acknowledged_by == "anna" for alert in house.alerts()))
        assert house.ask(AcknowledgeAlert(first.number, "eve")) == Answer(True, count=0)
        assert house.ask(AcknowledgeAlert(who="bob")) == Answer(True, count=3)
        wait_until(lambda: all(alert.status is Status.ACKNOWLEDGED for alert in house.alerts()))
        refused = house.ask(AcknowledgeAlert(999))
        assert refused.cause is not None and refused.cause.key == "alert-unknown"
        wire.answer = lambda request: GOOD
        wait_until(lambda: not house.alerts())
        wait_until(lambda: set(house.kept()) == {Status.CLEARED})  # written after it is shown
        page = house.ask(AlertHistory(key="cell-low")).alerts
        assert page is not None and page.total == 4
        record = next(r for r in page.records if r.alert.number == first.number)
        assert (record.status, record.alert.acknowledged_by, record.alert.worst) == (
            Status.CLEARED,
            "anna",
            2.7,
        )
        statistics = house.ask(CountAlerts()).alert_statistics
        assert statistics is not None
        assert (statistics.active, statistics.acknowledged) == (0, 4)
        assert house.ask(ClearAlerts("anna")).count == statistics.total
        left = house.ask(AlertHistory()).alerts
        assert left is not None and left.total == 0
    assert "[Alarm] New alarm: CELL_LOW_VOLTAGE (cell 1: 2.700V < 2.800V) left" in caplog.text


def test_after_a_restart_the_same_condition_is_the_same_alert(tmp_path: Path) -> None:
    with running(tmp_path, saying(LOW)) as house:
        wait_until(lambda: len(house.alerts()) == 4)
        house.ask(AcknowledgeAlert(who="anna"))
        wait_until(lambda: all(alert.acknowledged_by for alert in house.alerts()))
        before = {alert.id: alert for alert in house.alerts()}
    with running(tmp_path, saying(LOW)) as house:
        wait_until(lambda: len(house.alerts()) == 4)
        for alert in house.alerts():
            old = before[alert.id]
            assert (alert.number, alert.since_ms, alert.acknowledged_by) == (old.number, old.since_ms, "anna")
        assert house.engine.alerts._log.number() > max(alert.number for alert in house.alerts())


def test_what_is_over_when_the_engine_starts_again_is_closed(tmp_path: Path) -> None:
    with running(tmp_path, saying(LOW)) as house:
        wait_until(lambda: len(house.alerts()) == 4)
    with running(tmp_path, saying(GOOD)) as house:
        page = house.ask(AlertHistory(key="cell-low")).alerts
        assert page is not None
        assert [record.status for record in page.records] == [Status.CLEARED] * 4


# --- limits ---


def test_a_limit_is_set_kept_in_the_file_and_judged_by(tmp_path: Path) -> None:
    """S4-41: the comments of the file stay; out of range is named and the old value stays."""
    file = tmp_path / "config.toml"
    file.write_text("# mine\n[tracks.left]\nport = '/dev/left' # here\n", encoding="utf-8")
    with running(tmp_path, saying(b"p13.2;c3000,3000,3000,3000;"), save_alert_setting=save_to(file)) as house:
        wait_until(lambda: len(house.alerts()) == 4)
        for key, mv in (("cell_voltage_low_warning_mv", 2850), ("cell_voltage_low_early_mv", 2950)):
            assert house.ask(SetThreshold(key, mv, "left", "anna")).ok
        assert house.ask(SetThreshold("temp_high_enabled", 0)).ok
        wait_until(lambda: not house.alerts())
        refused = house.ask(SetThreshold("temperature_max_c", 500))
        assert refused.cause is not None
        assert dict(refused.cause.args) == {
            "key": "temperature_max_c", "found": "500 °C", "low": "-60", "high": "150 °C",
        }  # fmt: skip
        thresholds = house.ask(Thresholds("left")).thresholds
        assert thresholds is not None
        by_key = {one.key: one for one in thresholds}
        early = by_key["cell_voltage_low_early_mv"]
        assert (early.value, early.default, early.track, early.rule) == (2950, 3100, "left", "cell-low")
        assert by_key["temperature_max_c"].value == 45
        assert by_key["temp_high_enabled"].is_switch and by_key["temp_high_enabled"].value == 0
        unknown = house.ask(SetThreshold("temperature_max_c", 40, "nowhere"))
        assert unknown.cause is not None and unknown.cause.key == "track-unknown"
        assert house.ask(SetThreshold("cell_voltage_low_warning_mv", None, "left")).ok
    written = file.read_text("utf-8")
    assert written.startswith("# mine\n") and "# here" in written
    config = read_config(file)
    assert config.alerts.values == (("temp_high_enabled", 0),)
    assert config.alerts.tracks == (("left", (("cell_voltage_low_early_mv", 2950),)),)


def test_a_limit_that_cannot_be_kept_is_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("this is = no [toml", encoding="utf-8")
    with running(tmp_path, saying(GOOD), save_alert_setting=save_to(file)) as house:
        answer = house.ask(SetThreshold("temperature_max_c", 50))
        assert answer.cause is not None and answer.cause.key == "config-not-written"
        thresholds = house.ask(Thresholds()).thresholds or ()
        assert [one.value for one in thresholds if one.key == "temperature_max_c"] == [45]


# --- telling ---


def test_each_alert_is_told_once_and_not_while_silenced(tmp_path: Path) -> None:
    with server() as (url, seen):
        settings = AlertSettings(NOW.values, notify=NotifySettings(url=url))
        wire = saying(b"p13.2;c2700,3300,3300,3300;")
        with running(tmp_path, wire, settings) as house:
            wait_until(lambda: seen)
            (body,) = [body.decode() for _, _, body in seen]
            assert re.fullmatch(r"cell 1 low: 2\.700 V < 2\.800 V", body)
            assert house.ask(SilenceAlerts(3600, "anna")).ok
            wait_until(lambda: house.engine.fleet().silent_until_ms)
            wire.answer = lambda request: b"p13.2;c2700,2700,3300,3300;"
            wait_until(lambda: len(house.alerts()) == len(house.kept()) == 2)  # shown, then told or not
            house.ask(SilenceAlerts(0, "anna"))
            wait_until(lambda: not house.engine.fleet().silent_until_ms)
            wire.answer = lambda request: b"p13.2;c2700,2700,2700,3300;"
            wait_until(lambda: len(seen) == 2)
        assert "cell 3" in seen[1][2].decode()


@posix
def test_each_way_is_tested_from_the_screen_and_trouble_is_shown_once(tmp_path: Path) -> None:
    command = script(tmp_path, "exit 3")
    settings = AlertSettings(NOW.values, notify=NotifySettings(command=command))
    with running(tmp_path, saying(LOW), settings) as house:
        answer = house.ask(TestNotify(Way.COMMAND))
        assert not answer.ok and answer.notified is not None
        assert [(one.way, one.cause and one.cause.key) for one in answer.notified] == [
            (Way.COMMAND, "notify-command-failed")
        ]
        wait_until(lambda: any(note.key == "notify-fails" for note in house.engine.fleet().notes))
        wait_until(lambda: len(house.alerts()) == 4)
        assert sum(note.key == "notify-fails" for note in house.engine.fleet().notes) == 1
    with running(tmp_path, saying(GOOD)) as house:
        nothing = house.ask(TestNotify())
        assert nothing.cause is not None and nothing.cause.key == "notify-none"
        assert house.ask(TestNotify(Way.BELL)).ok


def test_the_message_has_128_characters_at_most_and_its_language() -> None:
    """CL-42."""
    alert = Alert("left", "cell-low", Severity.CRITICAL, 5, 2.795, 2.8)
    assert text(alert) == "cell 5 low: 2.795 V < 2.800 V"
    use("fr")
    assert "cellule 5" in text(alert) and "2,795" in text(alert)
    assert len(text(Alert("x" * 300, "cell-low", Severity.INFO, 10**200))) <= 128


def test_trouble_of_another_part_is_an_alert_with_a_number() -> None:
    """CL-40: storage problem."""
    told: list[Event] = []
    keeper = AlertKeeper([], AlertSettings(), fleet=Fleet, publish=told.append)
    keeper.tell("storage", True)
    keeper.tell("storage", True)
    keeper.tell("storage", False)
    keeper.tell("storage", False)
    assert [type(event).__name__ for event in told] == ["AlertRaised", "AlertCleared"]
    assert isinstance(told[0], AlertRaised)
    assert (told[0].alert.type, told[0].alert.number, told[0].alert.name) == (404, 1, "STORAGE_PROBLEM")


def test_a_locked_database_is_told_as_one_and_not_as_a_full_disk() -> None:
    """CL-40: storage problem, and which."""
    told: list[Event] = []
    keeper = AlertKeeper([], AlertSettings(), fleet=Fleet, publish=told.append)
    keeper.storage_trouble(Cause("database-locked", (("path", "/x"),)))
    (event,) = told
    assert isinstance(event, AlertRaised) and event.alert.type == 404
    assert "locked" in text(event.alert) and "full" not in text(event.alert)
    keeper.storage_trouble(Cause("database-full", (("path", "/x"),)))
    assert [e.alert.key for e in told[1:] if isinstance(e, AlertRaised)] == ["storage"]
    assert [e.alert.key for e in told if isinstance(e, AlertCleared)] == ["storage-locked"]
    keeper.storage_trouble(None)
    assert [e.alert.key for e in told if isinstance(e, AlertCleared)] == ["storage-locked", "storage"]


def test_a_silence_outlasts_the_engine(tmp_path: Path) -> None:
    """S4 5.7: who wanted no bell for an hour gets none because of an update."""
    with running(tmp_path, saying(GOOD)) as house:
        assert house.ask(SilenceAlerts(3600, "anna")).ok
        wait_until(lambda: house.engine.fleet().silent_until_ms)
        until_ms = house.engine.fleet().silent_until_ms
    with running(tmp_path, saying(GOOD)) as house:
        wait_until(lambda: house.engine.fleet().silent_until_ms == until_ms)
        (note,) = [note for note in house.engine.fleet().notes if note.key == "alerts-silenced"]
        assert dict(note.args) == {"who": "anna"}
        assert house.ask(SilenceAlerts(0, "anna")).ok
        wait_until(lambda: not house.engine.fleet().silent_until_ms)
    with running(tmp_path, saying(LOW)) as house:
        wait_until(lambda: len(house.alerts()) == 4)
        assert not house.engine.fleet().silent_until_ms


@pytest.mark.parametrize("kept", ["", "[]", '{"until_ms": null, "who": "x"}', '{"who": "x"}', "{"])
def test_a_damaged_silence_silences_nothing(tmp_path: Path, kept: str) -> None:
    (tmp_path / "silence.json").write_text(kept, encoding="utf-8")
    assert _silent_until_ms(tmp_path) == []


def test_a_silence_that_is_over_or_of_a_wrong_clock_is_not_prolonged(tmp_path: Path) -> None:
    write_silence(tmp_path / "silence.json", 999_999, "anna")
    assert _silent_until_ms(tmp_path) == []
    write_silence(tmp_path / "silence.json", 10**15, "anna")
    assert _silent_until_ms(tmp_path) == [1_000_000 + 24 * 3600 * 1000], "the longest anybody may ask for"


def _silent_until_ms(folder: Path) -> list[int]:
    """What a keeper that starts at 1000 s of Unix time finds."""
    told: list[Event] = []
    keeper = AlertKeeper(
        [],
        AlertSettings(),
        fleet=Fleet,
        publish=told.append,
        database=folder / "a.db",
        wall=FakeClock(1000.0),
    )
    keeper.start()
    keeper.close()
    return [event.until_ms for event in told if isinstance(event, AlertsSilenced)]


def test_switching_the_alerts_off_is_seen_at_once(tmp_path: Path) -> None:
    """S4-41: on every screen, without waiting for a reading."""
    with running(tmp_path, saying(LOW)) as house:
        wait_until(lambda: len(house.alerts()) == 4)
        assert house.ask(SetThreshold("enabled", 0)).ok
        wait_until(lambda: house.engine.fleet().alerts_off == ("left",) and not house.alerts())
        assert house.ask(SetThreshold("enabled", 1)).ok
        wait_until(lambda: house.engine.fleet().alerts_off == () and len(house.alerts()) == 4)


# --- the recording around it ---


class Recorded:
    """A black box with one reading and one frame a second, written by the real recorder."""

    def __init__(self, tmp_path: Path, seconds: int) -> None:
        self.clock, self.wall = FakeClock(5000.0), FakeClock(_now_s() - seconds)
        self.fleet = fold(Fleet(), FleetStarted((LEFT,), 1))
        self.box = tmp_path / "box"
        recording = EngineRecording(lambda: self.fleet, clock=self.clock, wall=self.wall)
        recording.start_box(self.box)
        wait_until(
            lambda: recording.figures().box.written_bytes
        )  # the head tells this moment, not a later one
        for n in range(seconds):
            self.clock.advance(1.0)
            self.wall.advance(1.0)
            time_us = int(self.wall() * 1e6)
            recording.frame(Frame(n + 1, "left", time_us, Direction.RX, bytes([n % 256])))
            event = SampleRead("left", self.clock(), time_us // 1000, Cells((3000 + n,)), n + 1)
            self.fleet = fold(self.fleet, event)
            recording.listener(event, self.fleet)
        recording.close()


def _now_s() -> float:
    import time

    return time.time()


def test_the_clip_has_two_minutes_before_and_after_and_replays(tmp_path: Path) -> None:
    """Every alert saves the black box around it."""
    made = Recorded(tmp_path, 900)
    at_s = 5000.0 + 600
    target = tmp_path / "clips" / "alert.packdeck.gz"
    cut(made.box, target, at_s - AROUND_S, at_s + AROUND_S)
    recording = read_recording(target)
    assert recording.damage == () and recording.holes == 0
    numbers = [frame.number for frame in recording.frames]
    assert (numbers[0], numbers[-1], len(numbers)) == (480, 720, 241)
    assert recording.length_s == pytest.approx(2 * AROUND_S, abs=1.0)
    feed = ReplayFeed(recording)
    track = feed.fleet().track("left")
    feed.close()
    assert track is not None
    assert track.cells.mv[0] in (3000 + 478, 3000 + 479)  # the state that was, not an empty one
    assert target.stat().st_mode & 0o077 == 0
    assert [p.name for p in target.parent.iterdir()] == [target.name]


def test_alerts_close_together_share_a_clip_and_a_late_one_has_its_own(tmp_path: Path) -> None:
    made = Recorded(tmp_path, 900)
    told: list[tuple[list[int], str]] = []
    clock = FakeClock(5300.0)
    clips = Clips(
        made.box, tmp_path / "clips", lambda ns, path: told.append((list(ns), path)), clock=clock, look_s=0.01
    )
    clips.plan(1, 5200.0, 0)
    clips.plan(2, 5210.0, 0)
    clips.plan(3, 5600.0, 0)
    assert told == []
    clock.now_s = 5800.0
    wait_until(lambda: len(told) == 2)
    clips.close()
    assert [numbers for numbers, _ in told] == [[1, 2], [3]]
    assert all(read_recording(Path(path)).frames for _, path in told)


def test_a_clip_that_cannot_be_cut_costs_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    clips = Clips(
        tmp_path / "none", tmp_path / "clips", lambda ns, path: told.append(path), clock=FakeClock(0.0)
    )
    clips.plan(1, -1000.0, 0)
    clips.close()
    assert told == []
    assert "no recording around alert" in caplog.text


def test_an_alert_of_a_running_engine_has_its_clip(tmp_path: Path) -> None:
    """Closing cuts what is planned as far as it has come."""
    with running(tmp_path, saying(LOW), black_box=tmp_path / "box", black_box_bytes=1 << 20) as house:
        wait_until(lambda: len(house.alerts()) == 4)
        wait_until(lambda: house.engine.recording_figures().box.written > 20)
    with running(tmp_path, saying(GOOD)) as house:
        page = house.ask(AlertHistory(key="cell-low")).alerts
    assert page is not None
    (clip,) = {record.clip for record in page.records}
    with gzip.open(clip) as file:
        assert file.readline().startswith(b'{"type":"head"')
    assert read_recording(Path(clip)).frames
