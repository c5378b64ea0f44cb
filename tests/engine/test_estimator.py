"""The estimates of all tracks: fed by the engine, asked by a screen, kept over a restart."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doors import over_the_wire
from tests.engine.test_engine import LEFT, answering, pack_v, running
from tests.engine.test_soc_estimates import full_then_used
from tests.engine.truth import Truth, household, steady, time_ms
from tests.fakes import FakeClock, wait_until
from tui import locale
from tui.engine.estimator import QUEUE_MAX, Estimator
from tui.engine.track_estimator import TrackEstimator
from tui.feed import wire, wire_requests
from tui.model.estimate import Anchor, Laboratory, Method, Reason, Why
from tui.model.events import FleetStarted, LinkChanged, SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.link import Link
from tui.model.requests import Answer, LookAtLaboratory
from tui.model.sample import Cells, Pack
from tui.model.track import Setup
from tui.store.estimates import EVERY_S, EstimatesFile

SETUP = Setup("left", chemistry="LiFePO4")


class Bench:
    """An estimator without its thread."""

    def __init__(self, path: Path | None = None, now_s: float = 1000.0, wall_s: float = 1.79e9) -> None:
        self.clock, self.wall = FakeClock(now_s), FakeClock(wall_s)
        self.fleet = fold(Fleet(), FleetStarted((SETUP,), 1))
        self.estimator = Estimator([SETUP], lambda: self.fleet, path=path, clock=self.clock, wall=self.wall)
        self.estimator.restore()

    def run(self, battery: Truth, seconds: float, amps: float) -> None:
        load = steady(amps)
        began_s = battery.at_s
        battery.at_s = self.clock.now_s
        for at_s, reading in battery.run(seconds, load):
            self.wall.advance(at_s - self.clock.now_s)
            self.clock.now_s = at_s
            self.estimator.listener(SampleRead("left", at_s, time_ms(at_s), reading))
            if len(self.estimator._waiting) > 1000:
                self.estimator.turn()
        self.estimator.turn()
        assert began_s is not None

    def laboratory(self) -> Laboratory:
        answer = self.estimator.look(LookAtLaboratory("left"))
        assert answer.ok and answer.laboratory is not None
        return answer.laboratory


def test_an_answer_holds_everything_and_survives_the_wire() -> None:
    _, track = full_then_used(1, hours=1.0)
    laboratory = track.look(5000.0)
    assert laboratory.soc.anchor is Anchor.FULL
    assert len(laboratory.cells) == 4
    assert all(cell.resistance_mohm.value and cell.rank for cell in laboratory.cells)
    assert laboratory.forecast.empty.mean_s is not None
    answer = Answer(True, laboratory=laboratory)
    assert over_the_wire(answer) == answer
    ask = wire.read_from_screen(wire.encode(wire_requests.asked(LookAtLaboratory("left"), 4)))
    assert isinstance(ask, wire.Ask)
    assert wire_requests.request_of(ask) == LookAtLaboratory("left")


def test_every_missing_figure_has_its_reason() -> None:
    laboratory = Bench().laboratory()
    for estimate in (
        laboratory.soc.reported,
        laboratory.soc.counted,
        laboratory.soc.rest,
        laboratory.capacity_ah,
    ):
        assert estimate.value is None and estimate.reason is not None
    assert laboratory.forecast.empty.reason is Reason.TOO_EARLY


def test_the_engine_feeds_and_answers() -> None:
    with running({"left": answering("13.2")}, LEFT) as engine:
        wait_until(lambda: pack_v(engine, "left") == 13.2)

        def cells() -> int:
            found = engine.ask(LookAtLaboratory("left")).laboratory
            return len(found.cells) if found else 0

        wait_until(lambda: cells() == 4)
        refused = engine.ask(LookAtLaboratory("nobody"))
        assert not refused.ok and refused.cause is not None and refused.cause.key == "track-unknown"


def test_readings_wait_in_the_queue_and_the_oldest_go() -> None:
    bench = Bench()
    for n in range(QUEUE_MAX + 500):
        bench.estimator.listener(SampleRead("left", n * 2.0, 0, Pack(current_a=-1.0, nominal_ah=100.0)))
    bench.estimator.listener(SampleRead("nobody", 0.0, 0, Pack(current_a=-1.0)))
    bench.estimator.listener(LinkChanged("left", 0.0, 0, Link()))
    assert len(bench.estimator._waiting) == QUEUE_MAX
    assert bench.estimator.soc("left").reported.value is None  # nothing was worked out in the engine's thread
    bench.estimator.turn()
    assert not bench.estimator._waiting


def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "estimates.json"
    battery, first = Truth(3, soc_pct=99.0), Bench(path)
    first.run(battery, 300, 3.0)
    first.run(battery, 3600, -20.0)
    before = first.laboratory()
    assert before.soc.anchor is Anchor.FULL
    first.estimator.keep()
    second = Bench(path, now_s=10.0, wall_s=first.wall.now_s + 30)  # the machine was restarted
    second.run(battery, 120, -20.0)
    after = second.laboratory()
    assert after.soc.anchor is Anchor.FULL
    assert after.soc.counted.value is not None and before.soc.counted.value is not None
    assert after.soc.counted.value == pytest.approx(before.soc.counted.value - 20 * 150 / 3600, abs=0.3)
    assert after.soc.anchor_at_s is not None and after.soc.anchor_at_s < 0  # before this machine was started
    assert after.full_charges == before.full_charges == 1


def test_a_wall_clock_that_went_backwards_ends_no_estimate(tmp_path: Path) -> None:
    path = tmp_path / "estimates.json"
    battery, first = Truth(3, soc_pct=70.0), Bench(path)
    first.run(battery, 300, -10.0)
    first.estimator.keep()
    second = Bench(path, now_s=10.0, wall_s=1000.0)
    second.run(battery, 300, -10.0)
    assert second.laboratory().soc.counted.value is not None


def test_the_file_is_written_every_five_minutes_and_no_oftener(tmp_path: Path) -> None:
    path = tmp_path / "estimates.json"
    bench = Bench(path)
    bench.estimator.turn()
    bench.clock.advance(EVERY_S - 1)
    bench.estimator.turn()
    assert not path.exists()
    bench.clock.advance(1)
    bench.estimator.turn()
    written = path.read_text()
    assert json.loads(written)["version"] == 1
    assert path.stat().st_mode & 0o077 == 0
    path.unlink()
    bench.estimator.turn()
    assert not path.exists()


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", '{"version":9}', '{"version":1,"now_s":0,"time_ms":0,"tracks":{"left":{"counter":5}}}'],
)
def test_a_damaged_file_is_no_reason_not_to_start(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "estimates.json"
    path.write_text(damage)
    bench = Bench(path)
    bench.run(Truth(), 60, -10.0)
    assert bench.laboratory().soc.reported.value == 70


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = EstimatesFile(tmp_path / "file" / "estimates.json", FakeClock())
    file.write({"tracks": {}})
    assert file.read() == {}


def test_what_is_kept_is_small() -> None:
    """A year of days and sixty capacities of 16 cells: a few tens of kilobytes."""
    draw, track = random.Random(1), TrackEstimator("t")
    battery = Truth(1, mohm=(0.5,) * 16, capacities_ah=(100.0,) * 16, ahead_ah=(0.0,) * 16)
    for day in range(1, 4):
        battery.at_s = 86_400.0 * day
        for at_s, reading in battery.run(600, household(draw)):
            if isinstance(reading, Cells):
                track.cells(at_s, reading)
            else:
                track.pack(at_s, time_ms(at_s), reading)
    assert len(track.resistances.days) >= 1
    track.resistances.days *= 200
    track.resistances.from_json(track.resistances.to_json(), 0.0)
    assert len(json.dumps(track.to_json())) < 100_000


def test_a_simulation_whose_time_runs_faster_is_not_counted() -> None:
    """X-1: there the charge moves faster than the clock, so a drift would be invented."""
    bench = Bench()
    setup = Setup("left", simulated=True)
    bench.fleet = fold(Fleet(), FleetStarted((setup,), 1))
    battery = Truth(soc_pct=90.0)
    for n in range(400):
        battery.soc_pct -= 0.1
        at_s = 1000.0 + 2 * n
        bench.estimator.listener(SampleRead("left", at_s, time_ms(at_s), battery.pack()))
        if n == 3:
            assert bench.laboratory().soc.drift_pct.reason is Reason.TOO_EARLY, (
                "nothing is known of its clock"
            )
    soc = bench.laboratory().soc
    assert soc.counted.reason is soc.drift_pct.reason is Reason.FAST_CLOCK
    assert soc.drift_sure_pct is None
    assert bench.laboratory().forecast.empty.reason is Reason.FAST_CLOCK


packs = st.builds(
    Pack,
    current_a=st.none() | st.floats(-1e6, 1e6) | st.just(float("nan")),
    soc_pct=st.none() | st.floats(-10, 300),
    remaining_ah=st.none() | st.floats(-1e3, 1e6),
    nominal_ah=st.none() | st.sampled_from([0.0, 100.0, 1e-9, 1e9]),
    temperatures_c=st.tuples(st.floats(-300, 1e6)),
    balancing=st.lists(st.integers(1, 40), max_size=3).map(tuple),
    balance_current_ma=st.none() | st.integers(-5, 70_000),
)
cells = st.builds(Cells, st.lists(st.integers(0, 65_535), max_size=6).map(tuple))


@settings(max_examples=200)
@given(st.lists(st.tuples(st.floats(-5, 4000), packs | cells), max_size=60))
def test_nothing_that_a_battery_says_breaks_it(said: list[tuple[float, Pack | Cells]]) -> None:
    track, at_s = TrackEstimator("t"), 1000.0
    for passed_s, reading in said:
        at_s += passed_s
        if isinstance(reading, Pack):
            track.pack(at_s, time_ms(at_s), reading)
        else:
            track.cells(at_s, reading)
    laboratory = track.look(at_s)
    answer = Answer(True, laboratory=laboratory)
    assert over_the_wire(answer) == answer
    TrackEstimator("t").from_json(json.loads(json.dumps(track.to_json(), allow_nan=False)), 0.0)


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_every_word_of_an_estimate_has_its_sentence(language: str) -> None:
    for kind in (Method, Reason, Anchor, Why):
        for word in kind:
            assert f"estimate-{kind.__name__.lower()}-{word.value} =" in locale.source(language)
