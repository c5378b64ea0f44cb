"""One frame in full: its bytes and every field."""

from dataclasses import dataclass

from textual.geometry import Size

from tui.locale import say
from tui.model.frame import FrameDetail, FrameRow, Trust
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import clock
from tui.widgets.rows import BLANK, Row, ends, flow, row, wrap

TRUST_ROLES = {Trust.GOOD: "ok", Trust.BAD: "alarm", Trust.UNKNOWN: "label"}
NAME_CELLS = 26


@dataclass(frozen=True, slots=True)
class DetailValue:
    """What is known of a frame: its row at once, its fields when the engine has answered."""

    detail: FrameDetail
    waiting: bool = True
    why: tuple[str, ...] = ()


class DetailText(Drawing[DetailValue]):
    """All of it as rows, as high as it needs."""

    DEFAULT_CSS = "DetailText { height: auto; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are to show."""
        return len(detail_rows(self.value, width, self.glyphs)) if self.value else 1

    def draw(self, value: DetailValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Head, bytes, fields."""
        return detail_rows(value, cells, glyphs)


def detail_rows(value: DetailValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """What it is, its bytes with offsets, its fields, or why there are none."""
    frame = value.detail.row
    role = TRUST_ROLES[frame.trust]
    title = f"{frame.direction} {frame.key} {frame.name}".rstrip()
    known = (
        row((clock(frame.time_us, 6), "text")),
        row((f"#{frame.number}", "label")),
        row((trust_words(frame), role)),
    )
    return [
        ends(row((title, "title")), row((say("frames-close"), "label")), cells),
        *(line[1:] for line in flow(known, cells + 1)),
        BLANK,
        *hex_dump(frame.data, cells),
        BLANK,
        *_fields(value, cells),
    ]


def trust_words(frame: FrameRow) -> str:
    """Good, bad or unknown, as a word."""
    return say(f"frames-trust-{frame.trust}")


def hex_dump(data: bytes, cells: int) -> list[Row]:
    """`00 50 4E … PN..`: offset, bytes, and the letters they may be."""
    per_line = next((n for n in (16, 8) if 3 + 3 * n + 1 + n <= cells), 4)
    lines = []
    for at in range(0, len(data), per_line):
        part = data[at : at + per_line]
        letters = "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in part)
        lines.append(
            row(
                (f"{at:02X} ", "label"),
                (f"{part.hex(' ').upper():<{3 * per_line}}", "number"),
                (f" {letters}", "text"),
            )
        )
    return lines or [row((say("frames-no-bytes"), "label"))]


def _fields(value: DetailValue, cells: int) -> list[Row]:
    if value.detail.fields:
        longest = max(len(name) for name, _ in value.detail.fields)
        wide = min(longest, NAME_CELLS, cells // 2) + 2
        return [line for field in value.detail.fields for line in _field(*field, wide, cells)]
    if value.waiting:
        return [row((say("frames-decoding"), "label"))]
    reasons = value.why or (say("frames-no-fields"),)
    return [row((line, "warn" if value.why else "label")) for why in reasons for line in wrap(why, cells)]


def _field(name: str, content: str, wide: int, cells: int) -> list[Row]:
    """Name and value; whichever is longer than its column goes on below."""
    names, contents = wrap(name, wide - 2) or [""], wrap(content, cells - wide) or ["--"]
    count = max(len(names), len(contents))
    names += [""] * (count - len(names))
    contents += [""] * (count - len(contents))
    return [row((f"{n:<{wide}}", "label"), (c, "number")) for n, c in zip(names, contents, strict=True)]
