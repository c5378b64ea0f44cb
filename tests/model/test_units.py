"""Cell voltages and what they mean."""

import pytest

from tui.model.units import CellStatus, cell_status, soc_from_cell_v


@pytest.mark.parametrize(
    ("cell_v", "status"),
    [
        (2.99, CellStatus.CRITICAL),
        (3.00, CellStatus.WARNING),
        (3.09, CellStatus.WARNING),
        (3.10, CellStatus.NORMAL),
        (3.54, CellStatus.NORMAL),
        (3.55, CellStatus.WARNING),
        (3.64, CellStatus.WARNING),
        (3.65, CellStatus.CRITICAL),
    ],
)
def test_cell_status_by_voltage(cell_v: float, status: CellStatus) -> None:
    """CL-1: critical below 3.00, warning below 3.10, and the product's upper side."""
    assert cell_status(cell_v) is status


@pytest.mark.parametrize(
    ("cell_v", "soc_pct"),
    [(2.0, 0), (2.5, 0), (2.85, 25), (3.2, 50), (3.425, 75), (3.65, 100), (3.9, 100)],
)
def test_charge_level_from_voltage(cell_v: float, soc_pct: float) -> None:
    """CL-2: straight lines between 2.50, 3.20 and 3.65 V, held at the ends."""
    assert soc_from_cell_v(cell_v) == pytest.approx(soc_pct)
