"""Rows of coloured text: what every drawing is made of. Without Textual: drawings are functions."""

from collections.abc import Iterable, Sequence

from tui.style.glyphs import GlyphSet

Span = tuple[str, str]  # text of one-cell characters, name of a role in style/themes.py
Row = tuple[Span, ...]

BLANK: Row = ()


def row(*spans: Span | str) -> Row:
    """A row of spans; plain text gets the role `text`."""
    return tuple((span, "text") if isinstance(span, str) else span for span in spans if span)


def joined(spans: Iterable[Span]) -> Row:
    """Neighbours of one role as one span: less to paint, and fewer escape codes on the wire."""
    out: list[Span] = []
    for text, role in spans:
        if out and out[-1][1] == role:
            out[-1] = (out[-1][0] + text, role)
        else:
            out.append((text, role))
    return tuple(out)


def width(line: Row) -> int:
    """Cells that a row takes."""
    return sum(len(text) for text, _ in line)


def fit(line: Row, cells: int) -> Row:
    """The row in exactly so many cells: cut at the end or filled with spaces."""
    out: list[Span] = []
    left = cells
    for text, role in line:
        if left <= 0:
            break
        out.append((text[:left], role))
        left -= len(text)
    if left > 0:
        out.append((" " * left, "text"))
    return tuple(out)


def ends(left: Row, right: Row, cells: int) -> Row:
    """Two rows at the two ends of one line. Too narrow for both: the right one goes."""
    gap = cells - width(left) - width(right)
    if gap < 1:
        return fit(left, cells)
    return (*left, (" " * gap, "text"), *right)


def title_rule(title: str, known: Iterable[Span], cells: int, glyphs: GlyphSet) -> Row:
    """`─ PER ID ────── filter 351 · following ─`, with as many facts as fit, the first ones first."""
    left = row((f"{glyphs.line} ", "rule"), (title.upper(), "title"), (" ", "rule"))
    right: list[Span] = []
    for text, role in known:
        more = [(" · ", "rule"), (text, role)] if right else [(text, role)]
        if width(left) + width(tuple(right + more)) + 4 <= cells:
            right += more
    end: Row = ((" ", "rule"), *right, (f" {glyphs.line}", "rule")) if right else ()
    return (*left, (glyphs.line * (cells - width(left) - width(end)), "rule"), *end)


def beside(columns: Sequence[tuple[Sequence[Row], int]]) -> list[Row]:
    """Blocks side by side, each with its width; short ones are filled with blank rows."""
    height = max(len(block) for block, _ in columns)
    lines: list[Row] = []
    for y in range(height):
        line: Row = ()
        for block, cells in columns:
            line += fit(block[y] if y < len(block) else BLANK, cells)
        lines.append(line)
    return lines


def fit_block(lines: Iterable[Row], cells: int, height: int) -> list[Row]:
    """Exactly `height` rows of exactly `cells` cells."""
    block = [fit(line, cells) for line in lines][:height]
    return block + [fit(BLANK, cells)] * (height - len(block))


def flow(groups: Sequence[Row], cells: int, gap: int = 2) -> list[Row]:
    """Groups of spans side by side behind a space, in as many rows as they need; a group is never parted."""
    lines: list[Row] = []
    for group in groups:
        if lines and width(lines[-1]) + gap + width(group) <= cells:
            lines[-1] = (*lines[-1], (" " * gap, "text"), *group)
        else:
            lines.append(((" ", "text"), *group))
    return lines


def wrap(text: str, cells: int) -> list[str]:
    """Text in lines of at most so many cells, cut between words; a longer word is cut hard."""
    lines: list[str] = []
    line = ""
    for word in _pieces(text, cells):
        if line and len(line) + 1 + len(word) > cells:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def _pieces(text: str, cells: int) -> Iterable[str]:
    """Words, those that are too long in pieces."""
    for word in text.split():
        for at in range(0, len(word), cells):
            yield word[at : at + cells]


def warned(sentences: Iterable[str], cells: int, glyphs: GlyphSet) -> list[Row]:
    """What is wrong and what to do, wrapped, with one sign before all of it."""
    lines = [line for words in sentences for line in wrap(words, cells - 4)]
    return [row((f" {' ' if i else glyphs.warn} {line}", "warn")) for i, line in enumerate(lines)]


def plain(lines: Iterable[Row]) -> str:
    """The text alone, for tests and for programs that cannot show colours."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)
