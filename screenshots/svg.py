"""A terminal screen as a picture: SVG in which bars and frames join without gaps, and PNG from it."""

from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from rich.color import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme

CELL_W, CELL_H, BASELINE = 8, 16, 12
FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"
FONT_FILES = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf",
)
# The sixteen colours of the console palette, for themes that name colours by number.
PALETTE = TerminalTheme(
    (11, 15, 20),
    (200, 208, 216),
    [
        *((11, 15, 20), (180, 55, 42), (31, 111, 84), (138, 90, 0)),
        *((31, 78, 121), (38, 49, 61), (30, 101, 115), (200, 208, 216)),
    ],
    [
        *((133, 146, 160), (255, 122, 89), (92, 201, 167), (240, 180, 41)),
        *((108, 182, 255), (217, 160, 217), (127, 215, 232), (255, 255, 255)),
    ],
)

Box = tuple[float, float, float, float]  # x, y, width, height as shares of a cell

_LINES: dict[str, tuple[Box, ...]] = {
    "─": ((0, 0.47, 1, 0.07),),
    "│": ((0.46, 0, 0.09, 1),),
    "┌": ((0.46, 0.47, 0.54, 0.07), (0.46, 0.47, 0.09, 0.53)),
    "┐": ((0, 0.47, 0.55, 0.07), (0.46, 0.47, 0.09, 0.53)),
    "└": ((0.46, 0.47, 0.54, 0.07), (0.46, 0, 0.09, 0.54)),
    "┘": ((0, 0.47, 0.55, 0.07), (0.46, 0, 0.09, 0.54)),
    "┬": ((0, 0.47, 1, 0.07), (0.46, 0.47, 0.09, 0.53)),
}
_BLOCKS: dict[str, tuple[Box, ...]] = {
    "█": ((0, 0, 1, 1),),
    **{c: ((0, 1 - (n + 1) / 8, 1, (n + 1) / 8),) for n, c in enumerate("▁▂▃▄▅▆▇")},
    **{c: ((0, 0, (n + 1) / 8, 1),) for n, c in enumerate("▏▎▍▌▋▊▉")},
    "▀": ((0, 0, 1, 0.5),),
}
_SHADES = {"░": 0.28, "▒": 0.5, "▓": 0.75}


def svg(lines: Iterable[Iterable[Segment]], ground: str = "#0B0F14") -> str:
    """The screen as SVG text; the same screen gives the same text."""
    rows = [list(line) for line in lines]
    width = max((sum(len(s.text) for s in line) for line in rows), default=0)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * CELL_W}" height="{len(rows) * CELL_H}" '
        f'viewBox="0 0 {width * CELL_W} {len(rows) * CELL_H}">',
        f'<rect width="100%" height="100%" fill="{ground}"/>',
        f'<g font-family="{FONT}" font-size="13" xml:space="preserve">',
    ]
    for y, line in enumerate(rows):
        x = 0
        for segment in line:
            out += _segment(segment, x, y)
            x += len(segment.text)
    return "\n".join([*out, "</g>", "</svg>", ""])


def _segment(segment: Segment, x: int, y: int) -> list[str]:
    style = segment.style or Style.null()
    ink, ground = _colours(style)
    out: list[str] = []
    if ground is not None:
        out.append(_rect(x, y, (0, 0, len(segment.text), 1), ground.hex))
    letters, start = "", 0
    for i, char in enumerate(segment.text):
        boxes = _LINES.get(char) or _BLOCKS.get(char)
        if boxes is None and char not in _SHADES:
            if not letters:
                start = i
            letters += char
            continue
        out += _letters(letters, x + start, y, ink, bool(style.bold))
        letters = ""
        if char in _SHADES:
            out.append(_rect(x + i, y, (0, 0, 1, 1), ink.hex, _SHADES[char]))
        else:
            out += [_rect(x + i, y, box, ink.hex) for box in boxes or ()]
    return _merged(out) + _letters(letters, x + start, y, ink, bool(style.bold))


def _colours(style: Style) -> tuple[ColorTriplet, ColorTriplet | None]:
    ink = style.color.get_truecolor(PALETTE) if style.color else PALETTE.foreground_color
    ground = style.bgcolor.get_truecolor(PALETTE, foreground=False) if style.bgcolor else None
    if style.reverse:
        ink, ground = ground or PALETTE.background_color, ink
    if style.dim and ground is not None:
        ink = ColorTriplet(*((a + b) // 2 for a, b in zip(ink, ground, strict=True)))
    return ink, ground


def _letters(text: str, x: int, y: int, ink: ColorTriplet, bold: bool) -> list[str]:
    """Text of which each word stands exactly on its cells."""
    out, at = [], 0
    weight = ' font-weight="bold"' if bold else ""
    for word in text.split(" "):
        if word:
            xs = " ".join(str((x + at + i) * CELL_W) for i in range(len(word)))
            out.append(
                f'<text x="{xs}" y="{y * CELL_H + BASELINE}" fill="{ink.hex}"{weight}>{escape(word)}</text>'
            )
        at += len(word) + 1
    return out


def _rect(x: int, y: int, box: Box, fill: str, opacity: float = 1.0) -> str:
    bx, by, bw, bh = box
    faint = f' fill-opacity="{opacity}"' if opacity < 1 else ""
    return (
        f'<rect x="{(x + bx) * CELL_W:g}" y="{(y + by) * CELL_H:g}" width="{bw * CELL_W:g}" '
        f'height="{bh * CELL_H:g}" fill="{fill}"{faint}/>'
    )


def _merged(rects: list[str]) -> list[str]:
    """Neighbours that differ only in x as one wider rectangle: no seams, and smaller pictures."""
    out: list[str] = []
    for rect in rects:
        last = out[-1] if out else ""
        joined = _joined(last, rect) if last.startswith("<rect") and rect.startswith("<rect") else ""
        if joined:
            out[-1] = joined
        else:
            out.append(rect)
    return out


def _joined(a: str, b: str) -> str:
    pa, pb = a.split('"'), b.split('"')
    if pa[3:5] != pb[3:5] or pa[6:] != pb[6:] or float(pa[1]) + float(pa[5]) != float(pb[1]):
        return ""
    if pa[3] != pb[3]:
        return ""
    pa[5] = f"{float(pa[5]) + float(pb[5]):g}"
    return '"'.join(pa)


def png(text: str, path: Path, scale: int = 2) -> None:
    """Write the picture as PNG. Needs resvg-py, which is part of the developers' packages."""
    import resvg_py

    fonts = [name for name in FONT_FILES if Path(name).exists()]
    path.write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=scale, font_files=fonts)))
