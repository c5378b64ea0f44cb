"""Facts about cell voltages that do not depend on the battery's maker."""

from enum import StrEnum
from itertools import pairwise

# Row CL-2: state of charge of a LiFePO4 cell from its voltage, in volts and percent.
_SOC_POINTS = ((2.50, 0.0), (3.20, 50.0), (3.65, 100.0))

CELL_LOW_CRITICAL_V = 3.00
CELL_LOW_WARNING_V = 3.10
CELL_HIGH_WARNING_V = 3.55
CELL_HIGH_CRITICAL_V = 3.65


class CellStatus(StrEnum):
    """How a LiFePO4 cell is, by its voltage alone (row CL-1)."""

    NORMAL = "normal"
    WARNING = "warning"
    CRITICAL = "critical"


def cell_status(cell_v: float) -> CellStatus:
    """Row CL-1, with its upper side."""
    if cell_v < CELL_LOW_CRITICAL_V or cell_v >= CELL_HIGH_CRITICAL_V:
        return CellStatus.CRITICAL
    if cell_v < CELL_LOW_WARNING_V or cell_v >= CELL_HIGH_WARNING_V:
        return CellStatus.WARNING
    return CellStatus.NORMAL


def soc_from_cell_v(cell_v: float) -> float:
    """Estimated state of charge in percent (row CL-2). Only where the unit reports none, and labelled so."""
    if cell_v <= _SOC_POINTS[0][0]:
        return 0.0
    for (v0, p0), (v1, p1) in pairwise(_SOC_POINTS):
        if cell_v <= v1:
            return p0 + (p1 - p0) * (cell_v - v0) / (v1 - v0)
    return 100.0
