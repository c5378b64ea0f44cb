"""A terminal screen as a picture: SVG in which bars and frames join without gaps, and PNG from it."""

import re
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from rich.color import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.app import App

from tui.style.glyphs import GlyphFilter

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


Rect = tuple[float, float, float, float]  # x, y, width, height in pixels
Paint = tuple[str, float]  # colour and opacity


def picture(app: App[object]) -> str:
    """The screen of an app as SVG, behind its glyph filter: as a terminal gets it."""
    strips = [list(strip) for strip in app.screen._compositor.render_strips()]
    for one in app.get_line_filters():
        if isinstance(one, GlyphFilter):
            strips = [one.apply(strip, app.screen.styles.background) for strip in strips]
    return svg(strips)


def svg(lines: Iterable[Iterable[Segment]], ground: str = "#0B0F14") -> str:
    """The screen as SVG text; the same screen gives the same text. A colour is one path."""
    rows = [list(line) for line in lines]
    width = max((sum(len(s.text) for s in line) for line in rows), default=0) * CELL_W
    height = len(rows) * CELL_H
    behind: dict[Paint, list[Rect]] = {}
    shapes: dict[Paint, list[Rect]] = {}
    texts: dict[str, list[str]] = {}
    for y, line in enumerate(rows):
        x = 0
        for segment in line:
            _draw(segment, x, y, behind, shapes, texts)
            x += len(segment.text)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}">',
            f'<path fill="{ground}" d="M0 0h{width}v{height}H0z"/>',
            *(_path(paint, rects) for paint, rects in (*behind.items(), *shapes.items())),
            f'<g font-family="{FONT}" font-size="13" xml:space="preserve">',
            *(line for look, words in texts.items() for line in (f"<g {look}>", *words, "</g>")),
            "</g>",
            "</svg>",
            "",
        )
    )


def _draw(
    segment: Segment,
    x: int,
    y: int,
    behind: dict[Paint, list[Rect]],
    shapes: dict[Paint, list[Rect]],
    texts: dict[str, list[str]],
) -> None:
    """One run of one style, sorted into what it is made of."""
    style = segment.style or Style.null()
    ink, ground = _colours(style)
    if ground is not None:
        _add(behind.setdefault((ground.hex, 1.0), []), _pixels(x, y, (0, 0, len(segment.text), 1)))
    letters = ""
    for i, char in enumerate(segment.text):
        for box in _LINES.get(char) or _BLOCKS.get(char) or ():
            _add(shapes.setdefault((ink.hex, 1.0), []), _pixels(x + i, y, box))
        if char in _SHADES:
            _add(shapes.setdefault((ink.hex, _SHADES[char]), []), _pixels(x + i, y, (0, 0, 1, 1)))
        letters += " " if char in _SHADES or char in _LINES or char in _BLOCKS else char
    look = f'fill="{ink.hex}"' + (' font-weight="bold"' if style.bold else "")
    for match in re.finditer(r"\S+(?: \S+)*", letters):
        at, size = x + match.start(), len(match[0])
        stretch = f' textLength="{size * CELL_W}"' if size > 1 else ""
        texts.setdefault(look, []).append(
            f'<text x="{at * CELL_W}" y="{y * CELL_H + BASELINE}"{stretch}>{escape(match[0])}</text>'
        )


def _colours(style: Style) -> tuple[ColorTriplet, ColorTriplet | None]:
    ink = style.color.get_truecolor(PALETTE) if style.color else PALETTE.foreground_color
    ground = style.bgcolor.get_truecolor(PALETTE, foreground=False) if style.bgcolor else None
    if style.reverse:
        ink, ground = ground or PALETTE.background_color, ink
    if style.dim and ground is not None:
        ink = ColorTriplet(*((a + b) // 2 for a, b in zip(ink, ground, strict=True)))
    return ink, ground


def _pixels(x: int, y: int, box: Box) -> Rect:
    bx, by, bw, bh = box
    return (x + bx) * CELL_W, (y + by) * CELL_H, bw * CELL_W, bh * CELL_H


def _add(rects: list[Rect], new: Rect) -> None:
    """Keep a rectangle; one that continues the one before to the right makes that wider: no seams."""
    if rects:
        x, y, w, h = rects[-1]
        if (y, h) == (new[1], new[3]) and x + w == new[0]:
            rects[-1] = (x, y, w + new[2], h)
            return
    rects.append(new)


def _path(paint: Paint, rects: list[Rect]) -> str:
    fill, opacity = paint
    faint = f' fill-opacity="{opacity}"' if opacity < 1 else ""
    shape = "".join(f"M{x:g} {y:g}h{w:g}v{h:g}h{-w:g}z" for x, y, w, h in _stacked(rects))
    return f'<path fill="{fill}"{faint} d="{shape}"/>'


def _stacked(rects: list[Rect]) -> list[Rect]:
    """Rectangles of one column on top of each other as one."""
    open_ones: dict[tuple[float, float, float], int] = {}  # x, width, lower edge: place in the result
    out: list[Rect] = []
    for x, y, w, h in rects:
        at = open_ones.pop((x, w, y), None)
        if at is None:
            at = len(out)
            out.append((x, y, w, h))
        else:
            above = out[at]
            out[at] = (x, above[1], w, above[3] + h)
        open_ones[(x, w, y + h)] = at
    return out


def png(text: str, path: Path, scale: int = 2) -> None:
    """Write the picture as PNG. Needs resvg-py, which is part of the developers' packages."""
    import resvg_py

    fonts = [name for name in FONT_FILES if Path(name).exists()]
    path.write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=scale, font_files=fonts)))
