"""The quantities of a track, by their names."""

import pytest

from tui.locale import say
from tui.model.history import (
    QUANTITIES,
    TABLE,
    measured,
    quantities_of,
    quantity,
    values_of,
    with_derived,
)
from tui.model.sample import Cells, Pack
from tui.model.track import Setup, Track


def test_a_track_lists_what_it_measures_in_order() -> None:
    pack = Pack(pack_v=13.2, current_a=-2.0, soc_pct=50.0, temperatures_c=(20.0, 22.0))
    track = Track(Setup("left"), pack=pack, cells=Cells((3300, 3310)))
    assert [one.key for one in quantities_of(track)] == [
        *("pack_v", "current_a", "power_w", "soc_pct", "spread_mv", "lowest_mv", "highest_mv", "mean_mv"),
        *("temperature_c", "cell_mv.1", "cell_mv.2", "temperature_c.1", "temperature_c.2"),
    ]
    assert values_of(track, with_cells=True)["power_w"] == pytest.approx(-26.4)
    assert values_of(track, with_cells=True)["temperature_c"] == 21.0
    assert quantities_of(Track(Setup("new"))) == ()


def test_extremes_of_single_cells_replace_those_of_the_unit() -> None:
    pack = Pack(lowest_cell_mv=3000, highest_cell_mv=3400)
    alone = Track(Setup("left"), pack=pack)
    assert values_of(alone, with_cells=True) == {
        "spread_mv": 400.0,
        "lowest_mv": 3000.0,
        "highest_mv": 3400.0,
    }
    both = Track(Setup("left"), pack=pack, cells=Cells((3300, 3310)))
    assert values_of(both, with_cells=True)["lowest_mv"] == 3300.0
    assert with_derived(measured(both, with_cells=False)) == values_of(alone, with_cells=True)


@pytest.mark.parametrize(
    "key", ["", "rocket", "cell_mv", "cell_mv.0", "cell_mv.x", "cell_mv.01", "pack_v.1", "cell_mv.²"]
)
def test_what_is_no_quantity(key: str) -> None:
    assert quantity(key) is None


def test_cells_and_sensors_have_numbers() -> None:
    cell, sensor = quantity("cell_mv.12"), quantity("temperature_c.3")
    assert cell is not None and sensor is not None
    assert (cell.number, cell.unit, cell.name) == (12, "mV", "cell-mv")
    assert (sensor.number, sensor.unit, sensor.name) == (3, "°C", "temperature-c")
    assert set(TABLE) <= {one.key for one in QUANTITIES}
    for one in (*QUANTITIES, cell):
        assert say(f"quantity-{one.name}") != f"quantity-{one.name}"
