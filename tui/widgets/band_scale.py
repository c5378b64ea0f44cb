"""Bands on one axis: a dot with its reach to both sides, and the axis itself."""

from tui.style.glyphs import GlyphSet


def band(
    low: float | None,
    value: float,
    high: float | None,
    axis: tuple[float, float],
    cells: int,
    glyphs: GlyphSet,
) -> str:
    """`  ├──●───┤  ` in exactly so many cells; without a band the dot alone. What lies beyond is cut."""
    at = position(value, axis, cells)
    line = [" "] * cells
    if low is not None and high is not None:
        first, last = position(low, axis, cells), position(high, axis, cells)
        for x in range(first, last + 1):
            line[x] = glyphs.line
        left, right = ("├", "┤") if glyphs.has("latin1") else ("|", "|")
        if last > first:
            line[first], line[last] = left, right
    line[at] = glyphs.ok
    return "".join(line)


def position(value: float, axis: tuple[float, float], cells: int) -> int:
    """The cell in which a value lies."""
    low, high = axis
    share = (value - low) / (high - low) if high > low else 0.5
    return round(min(max(share, 0.0), 1.0) * (cells - 1))


def axis_rows(cells: int, glyphs: GlyphSet, ticks: int = 5) -> tuple[str, str]:
    """Percent above, ticks below: `0      20      40 …` and `┼───────┼───────┼`."""
    marks, line = [" "] * (cells + 3), [glyphs.line] * cells
    for n in range(ticks + 1):
        at = round(n / ticks * (cells - 1))
        word = str(100 * n // ticks)
        start = max(0, min(at - len(word) // 2, cells - len(word)))
        marks[start : start + len(word)] = word
        line[at] = "┼"
    return "".join(marks[:cells]), "".join(line)
