"""Curves as fine tables: one look-up for each cell and step instead of a search."""

from tui.simulator.exact import along

PER_PCT = 10  # entries for each percent of charge
_ENTRIES = 100 * PER_PCT


class Curve:
    """A value by state of charge in percent, on straight lines; flat beyond both ends."""

    __slots__ = ("table",)

    def __init__(self, soc_pct: tuple[float, ...], values: tuple[float, ...]) -> None:
        points = tuple(zip(soc_pct, values, strict=True))
        table = [along(points, n / PER_PCT) for n in range(_ENTRIES + 1)]
        self.table = [*table, table[-1]]  # so that the last entry has a neighbour

    def at(self, soc_pct: float) -> float:
        """The value there."""
        place = min(max(soc_pct, 0.0), 100.0) * PER_PCT
        n = int(place)
        low = self.table[n]
        return low + (self.table[n + 1] - low) * (place - n)
