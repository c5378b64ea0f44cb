"""The two-track dialect."""

from dataclasses import replace

from tests import fleets
from tui.model.batteries import battery_objects
from tui.model.sample import Cells, Pack


def test_numbers_run_on_from_left_to_right() -> None:
    """CL-3: left 1-4, right 5-8; with more cells the right track continues after the left."""
    four = battery_objects(fleets.cells(4), fleets.NOW_S)
    assert [(b.batteryNumber, b.track, b.trackPosition) for b in four][3:6] == [
        (4, "left", 4),
        (5, "right", 1),
        (6, "right", 2),
    ]
    assert battery_objects(fleets.live(), fleets.NOW_S)[16].batteryNumber == 17


def test_rounding_and_signs() -> None:
    """CL-4, X-10: two decimals, whole percent and degrees; a magnitude, and the sign beside it."""
    right = battery_objects(fleets.live(), fleets.NOW_S)[-1]
    assert (right.voltage, right.amperage, right.amperageSigned) == (3.32, 8.1, -8.1)
    assert (right.chargeLevel, right.temperature, right.status) == (64, 21, "normal")


def test_a_track_that_never_answered_has_no_cells() -> None:
    """CL-6: nothing is made up for it."""
    assert {b.track for b in battery_objects(fleets.never_answered(), fleets.NOW_S)} == {"right"}


def test_status_is_the_worse_of_voltage_and_alerts() -> None:
    """CL-1, X-11: normal, warning, critical."""
    by_cell = [b.status for b in battery_objects(fleets.alarm(), fleets.NOW_S) if b.track == "left"]
    assert by_cell[6] == "critical"


def test_old_values_are_not_called_live_and_estimates_say_so() -> None:
    """CL-2: an estimate only where the unit reports none."""
    lost = battery_objects(fleets.lost(), fleets.NOW_S)
    assert {(b.track, b.live) for b in lost} == {("left", False), ("right", True)}
    fleet = fleets.live()
    bare = replace(fleet.tracks[1], pack=Pack(pack_v=13.0), cells=Cells((3200,)))
    (cell,) = battery_objects(replace(fleet, tracks=(bare,)), fleets.NOW_S)
    assert (cell.chargeLevel, cell.chargeLevelEstimated, cell.amperage) == (50, True, None)
