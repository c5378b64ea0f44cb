"""What a terminal can draw: one set of glyphs per tier, and the drawings made of them.

A tier is chosen by looking at the terminal (style/detect.py). Every drawing asks its glyph set, so nothing
above this file knows which characters exist. Facts about the fonts: Linux console fonts of kbd and
console-setup, read from their Unicode tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

EIGHTHS_UP = " ▁▂▃▄▅▆▇█"
EIGHTHS_RIGHT = " ▏▎▍▌▋▊▉█"
LAST_ON_CONSOLES = "\uffff"  # a Linux console cannot show what comes after it
BRAILLE = 0x2800
BRAILLE_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # column, row from the top
WIDE_DIGITS = {
    "0": "#####|#   #|#   #|#   #|#####",
    "1": "  #  | ##  |  #  |  #  |#####",
    "2": "#####|    #|#####|#    |#####",
    "3": "#####|    #| ####|    #|#####",
    "4": "#   #|#   #|#####|    #|    #",
    "5": "#####|#    |#####|    #|#####",
    "6": "#####|#    |#####|#   #|#####",
    "7": "#####|    #|    #|    #|    #",
    "8": "#####|#   #|#####|#   #|#####",
    "9": "#####|#   #|#####|    #|#####",
    "-": "     |     |#####|     |     ",
}
NARROW_DIGITS = {
    "0": "###|# #|# #|# #|###",
    "1": " # |## | # | # |###",
    "2": "###|  #|###|#  |###",
    "3": "###|  #| ##|  #|###",
    "4": "# #|# #|###|  #|  #",
    "5": "###|#  |###|  #|###",
    "6": "###|#  |###|# #|###",
    "7": "###|  #|  #|  #|  #",
    "8": "###|# #|###|# #|###",
    "9": "###|# #|###|  #|###",
    "-": "   |   |###|   |   ",
}
POINTS = {".": " | | | |#", ",": " | | |#|#", " ": "  |  |  |  |  "}


@dataclass(frozen=True, slots=True)
class GlyphSet:
    """The glyphs of one tier. Marks and line pieces are one cell each."""

    name: str
    features: frozenset[str]
    ok: str
    warn: str
    alarm: str
    stale: str
    dot: str
    up: str
    down: str
    line: str
    pipe: str
    tee: str
    corners: str  # top left, top right, bottom left, bottom right
    block: str
    bar_empty: str
    levels_up: str  # from nothing to a full cell, rising
    levels_right: str  # the same, growing to the right
    levels_spark: str  # the levels of a one-row trend, lowest first
    replace: tuple[tuple[str, str], ...]  # what GlyphFilter writes instead of what is missing

    def has(self, feature: str) -> bool:
        """Whether the tier has eighths, halves, braille, heavy, rounded or marks."""
        return feature in self.features

    def hbar(self, fraction: float, cells: int) -> str:
        """A bar that grows to the right, in exactly so many cells."""
        steps = len(self.levels_right) - 1
        filled = round(min(max(fraction, 0.0), 1.0) * cells * steps)
        whole, part = divmod(filled, steps)
        bar = self.block * whole + (self.levels_right[part] if part else "")
        return bar + self.bar_empty * (cells - len(bar))

    def vbar(self, fraction: float, height: int) -> tuple[str, ...]:
        """A bar that grows upwards: one glyph a row, top first. Something is always left to see."""
        steps = len(self.levels_up) - 1
        filled = max(1, round(min(max(fraction, 0.0), 1.0) * height * steps))
        rows = [self.levels_up[min(steps, max(0, filled - y * steps))] for y in range(height)]
        return tuple(reversed(rows))

    def spark(self, values: Sequence[float | None], low: float, high: float) -> str:
        """One row; a value that is not known is a space."""
        top = len(self.levels_spark) - 1
        span = (high - low) or 1.0
        return "".join(
            " " if v is None else self.levels_spark[min(top, max(0, int((v - low) / span * (top + 1))))]
            for v in values
        )

    def plot(
        self, points: Sequence[float | None], cells: int, height: int, low: float, high: float
    ) -> list[str]:
        """A line through the points, the first at the left edge and the last at the right one; top row first."""
        across, down = (2, 4) if self.has("braille") else (1, 2) if self.has("halves") else (1, 1)
        dots = _traced(points, cells * across, height * down, low, high)
        if self.has("braille"):
            return _braille(dots, cells, height)
        if self.has("halves"):
            return [
                "".join(" ▀▄█"[((x, 2 * y) in dots) + 2 * ((x, 2 * y + 1) in dots)] for x in range(cells))
                for y in range(height)
            ]
        return ["".join(self.dot if (x, y) in dots else " " for x in range(cells)) for y in range(height)]

    def digits(self, text: str, wide: bool) -> list[str]:
        """Five rows of block digits; knows digits, `-`, `.`, `,` and space."""
        shapes = WIDE_DIGITS if wide else NARROW_DIGITS
        parts = [(POINTS.get(c) or shapes.get(c) or shapes["-"]).split("|") for c in text]
        return [" ".join(part[y] for part in parts).replace("#", self.block) for y in range(5)]

    def box_top(self, cells: int) -> str:
        """The upper edge of a frame."""
        return f"{self.corners[0]}{self.line * max(0, cells - 2)}{self.corners[1]}"

    def box_bottom(self, cells: int) -> str:
        """The lower edge of a frame."""
        return f"{self.corners[2]}{self.line * max(0, cells - 2)}{self.corners[3]}"


Dot = tuple[int, int]  # column, row from the top


def _traced(points: Sequence[float | None], width: int, height: int, low: float, high: float) -> set[Dot]:
    """Dots of a line through the points on a raster; gaps stay empty."""
    dots: set[Dot] = set()
    span = (high - low) or 1.0
    before: int | None = None
    for x in range(width):
        value = points[x * len(points) // width] if points else None
        if value is None:
            before = None
            continue
        y = min(height - 1, max(0, round((high - value) / span * (height - 1))))
        if before is None:
            first, last = y, y
        else:
            first, last = (min(before + 1, y), y) if y > before else (y, max(before - 1, y))
        dots.update((x, between) for between in range(first, last + 1))
        before = y
    return dots


def _braille(dots: set[Dot], cells: int, height: int) -> list[str]:
    lines = [[" "] * cells for _ in range(height)]
    bits: dict[Dot, int] = {}
    for x, y in dots:
        cell = x // 2, y // 4
        bits[cell] = bits.get(cell, 0) | BRAILLE_DOTS[x % 2][y % 4]
    for (x, y), value in bits.items():
        lines[y][x] = chr(BRAILLE + value)
    return ["".join(line) for line in lines]


# What stands in for what a tier lacks: from the more able stand-in to plain ASCII.
_HEAVY = tuple(zip("━┃┏┓┗┛┣┫┳┻╋╸╹╺╻╴╵╶╷", "─│┌┐└┘├┤┬┴┼─│─│─│─│", strict=True))
_DOUBLE = tuple(zip("═║╔╗╚╝╠╣╦╩╬", "─│┌┐└┘├┤┬┴┼", strict=True))
_ROUNDED = tuple(zip("╭╮╰╯", "┌┐└┘", strict=True))
_DASHED = tuple(zip("┄┈┅┉╌╍┆┊┇┋╎╏", "──────││││││", strict=True))
_EIGHTHS = (*((c, "░") for c in "▁▂▏▎▔▕"), *((c, "▒") for c in "▃▍▋"), *((c, "█") for c in "▅▆▇▉▊"))
_HALVES = (*((c, "▒") for c in "▄▀▌▐▓"),)
_QUADRANTS = (*((c, "░") for c in "▖▗▘▝"), *((c, "▒") for c in "▙▛▜▟▞▚"))
_MARKS = (
    ("●", "•"), ("○", "•"), ("◦", "•"), ("✓", "•"), ("✔", "•"), ("✗", "x"), ("✕", "x"), ("⚠", "!"), ("⚡", "*"),
    ("⭘", "•"), ("⏎", "<"), ("⌫", "<"), ("❱", ">"), ("◆", "•"), ("♦", "•"), ("■", "█"), ("□", "░"),
    ("▴", "▲"), ("▾", "▼"), ("▸", "▶"), ("◂", "◀"), ("►", "▶"), ("◄", "◀"), ("≠", "!"), ("Δ", "d"), ("Ω", "O"),
    ("⋯", "·"), ("🔎", "  "), ("^", "^"),
)  # fmt: skip
_TYPOGRAPHY = (("–", "-"), ("—", "-"), ("…", "."), ("‘", "'"), ("’", "'"), ("“", '"'), ("”", '"'), ("€", "E"))
_ASCII = (
    *zip("─│┌┐└┘├┤┬┴┼", "-|+++++++++", strict=True),
    ("█", "#"), ("░", "."), ("▒", ":"), ("•", "*"), ("·", "."), ("▲", "^"), ("▼", "v"), ("◀", "<"), ("▶", ">"),
    ("←", "<"), ("↑", "^"), ("→", ">"), ("↓", "v"), ("°", " "), ("±", "~"), ("²", "2"), ("×", "x"), ("÷", "/"),
    ("µ", "u"), ("≤", "<"), ("≥", ">"), ("≈", "~"), ("½", "."), ("«", '"'), ("»", '"'), ("\u00a0", " "),
    *zip("àâäáãåçéèêëîïíìñôöóòõùûüúÿ", "aaaaaaceeeeiiiinooooouuuuy", strict=True),
    *zip("ÀÂÄÁÃÅÇÉÈÊËÎÏÍÌÑÔÖÓÒÕÙÛÜÚ", "AAAAAACEEEEIIIINOOOOOUUUU", strict=True),
    ("ø", "o"), ("Ø", "O"), ("æ", "a"), ("Æ", "A"), ("œ", "o"), ("Œ", "O"), ("ß", "s"),
)  # fmt: skip
# CP437, the kernel's own font, lacks these capitals; it has the small letters.
_CP437_LETTERS = tuple(zip("ÀÂÁÃÈÊËÎÏÍÌÔÓÒÕÙÛÚ", "AAAAEEEIIIIOOOOUUU", strict=True))
_BRAILLE_OUT = tuple((chr(c), "·" if bin(c - BRAILLE).count("1") < 5 else "•") for c in range(0x2801, 0x2900))

_LINES = {"line": "─", "pipe": "│", "tee": "┬", "corners": "┌┐└┘", "block": "█", "bar_empty": "░"}
_FINE = {"levels_up": EIGHTHS_UP, "levels_right": EIGHTHS_RIGHT, "levels_spark": EIGHTHS_UP[1:]}
_COARSE = {"levels_up": " ░▒█", "levels_right": " █", "levels_spark": "░▒█"}
_FULL_FEATURES = frozenset({"eighths", "halves", "braille", "heavy", "rounded", "marks", "latin1"})
_POOR = (*_HEAVY, *_ROUNDED, *_DASHED, *_EIGHTHS, *_QUADRANTS, *_MARKS, *_BRAILLE_OUT)
_PLAIN_MARKS = {"ok": "•", "warn": "▲", "alarm": "!", "stale": "?", "dot": "•", "up": "▲", "down": "▼"}

GLYPHS: dict[str, GlyphSet] = {
    "full": GlyphSet(
        "full", _FULL_FEATURES, "●", "▲", "■", "?", "•", "▲", "▼", **_LINES, **_FINE, replace=()
    ),
    "bmsfont": GlyphSet(
        "bmsfont", _FULL_FEATURES, "●", "▲", "■", "?", "•", "▲", "▼", **_LINES, **_FINE,
        replace=(("♦", "•"), *_DASHED),
    ),
    "cp437": GlyphSet(
        "cp437", frozenset({"halves", "latin1"}), **_PLAIN_MARKS, **_LINES,
        levels_up=" ░▄█", levels_right=" ▌█", levels_spark="_▄█",
        replace=(*_POOR, *_TYPOGRAPHY, *_CP437_LETTERS),
    ),
    "lat15": GlyphSet(
        "lat15", frozenset({"latin1"}), **_PLAIN_MARKS, **_LINES, **_COARSE,
        replace=(*_POOR, *_DOUBLE, *_HALVES),
    ),
    "common": GlyphSet(
        "common", frozenset({"latin1"}), **_PLAIN_MARKS, **_LINES, **_COARSE,
        replace=(*_POOR, *_DOUBLE, *_HALVES, *_TYPOGRAPHY, *_CP437_LETTERS),
    ),
    "ascii": GlyphSet(
        "ascii", frozenset(), "*", "^", "!", "?", "*", "^", "v", "-", "|", "+", "++++", "#", ".",
        levels_up=" .=#", levels_right=" #", levels_spark="_-=#",
        replace=(*_POOR, *_DOUBLE, *_HALVES, *_TYPOGRAPHY, *_ASCII),
    ),
}  # fmt: skip


@cache
def translation(name: str) -> dict[int, str]:
    """A stand-in for every character that the tier lacks, as wide as it; stand-ins of stand-ins resolved."""
    pairs = dict(GLYPHS[name].replace)
    for _ in range(4):
        pairs = {a: pairs.get(b, b) for a, b in pairs.items()}
    return {ord(a): b.ljust(cell_len(a)) for a, b in pairs.items() if a != b}


class GlyphFilter(LineFilter):
    """The last net: whatever widget drew it, nothing leaves that the tier cannot show. Widths stay the same."""

    def __init__(self, glyphs: GlyphSet) -> None:
        super().__init__()
        self._map = translation(glyphs.name)
        self._last = "~" if glyphs.name == "ascii" else LAST_ON_CONSOLES

    @property
    def has_work(self) -> bool:
        """False for a tier that shows everything."""
        return bool(self._map)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments with stand-ins; pure ASCII ones are passed on untouched."""
        if not self._map:
            return segments
        return [
            segment if segment.text.isascii() else Segment(self._translate(segment.text), segment.style)
            for segment in segments
        ]

    def _translate(self, text: str) -> str:
        shown = text.translate(self._map)
        if all(c <= self._last for c in shown):
            return shown
        plain = "".join(c if c <= self._last else "?" * cell_len(c) for c in shown)
        return set_cell_size(plain, cell_len(text))
