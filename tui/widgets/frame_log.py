"""The traffic of a wire as it came: one row per frame, newest last."""

from tui.locale import say
from tui.model.frame import FrameRow, FrameView, Trust
from tui.style.glyphs import GlyphSet
from tui.widgets.frame_table import (
    BUS_ID,
    FADES_US,
    NARROW,
    STREAM_ID,
    Cell,
    Column,
    Content,
    FramesValue,
    RowList,
    clock,
    content_columns,
    hex_row,
    kept_in_sight,
    laid_out,
    plain_cell,
    text_row,
    with_content,
)
from tui.widgets.rows import Row

TRUST_MARKS = {Trust.GOOD: (" ", "text"), Trust.BAD: ("!", "alarm"), Trust.UNKNOWN: ("?", "label")}


class FrameLog(RowList):
    """The newest frames, or those around the selected one."""

    LISTED = True

    def title(self, value: FramesValue) -> str:
        """The other view of the same data."""
        return say("frames-list")

    def columns(self, value: FramesValue, cells: int) -> list[tuple[Column, int]]:
        """For this content and width."""
        return log_columns(value.view is not None and value.view.is_bus, value.content, cells)

    def body(self, value: FramesValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """Every frame of the view."""
        if value.view is None:
            return []
        columns, view, old = self.columns(value, cells), value.view, bool(value.old)
        changes, beside_bytes = changed_bytes(view), "bytes" in {column.name for column, _ in columns}
        lines, before_us = [], 0
        for frame, fresh in zip(view.rows, changes, strict=True):
            role = "stale" if old else "text"
            cell = row_cells(frame, before_us, () if old else fresh, role, beside_bytes)
            lines.append(laid_out(columns, cell, ">" if frame.number == value.selected else " "))
            before_us = frame.time_us
        return lines

    def first_shown(self, value: FramesValue, room: int) -> int:
        """By number; while following, the newest."""
        return first_of(value, room)


def first_of(value: FramesValue, room: int) -> int:
    """The place of the first row on show."""
    numbers = [frame.number for frame in value.view.rows] if value.view else []
    if value.following:
        return max(0, len(numbers) - room)
    first = sum(number < value.top for number in numbers)
    at = numbers.index(int(value.selected)) if value.selected in numbers else None
    return kept_in_sight(len(numbers), first, at, room)


def log_columns(is_bus: bool, content: Content, cells: int) -> list[tuple[Column, int]]:
    """The columns of the list in their order."""
    wanted = (
        Column("time", 8 if cells < NARROW else 12, 3),
        Column("delta", 7, 8, right=True),
        Column("dir", 2, 2),
        Column("id", BUS_ID if is_bus else STREAM_ID, 0),
        Column("trust", 1, 5),
        Column("name", 12, 6),
        Column("size", 3, 7, right=True),
        *content_columns(is_bus, content, cells),
    )
    return with_content(wanted, content, cells)


def row_cells(
    frame: FrameRow, before_us: int, fresh_us: tuple[int, ...], role: str, beside_bytes: bool
) -> dict[str, Cell]:
    """Every cell of one row of the list."""
    mark, mark_role = TRUST_MARKS[frame.trust]
    delta = f"{min((frame.time_us - before_us) / 1000, 9_999_999):.0f}" if before_us else ""
    return {
        "time": lambda wide: plain_cell(clock(frame.time_us, 3 if wide == 12 else 0), role)(wide),
        "delta": plain_cell(delta, "label"),
        "dir": plain_cell(
            frame.direction, "series-b" if frame.direction == "TX" and role == "text" else role
        ),
        "id": plain_cell(frame.key, "number" if role == "text" else role),
        "trust": plain_cell(mark, mark_role),
        "name": plain_cell(frame.name, role),
        "size": plain_cell(str(len(frame.data)), "label"),
        "bytes": lambda wide: hex_row(frame.data, wide, role, fresh_us),
        "text": lambda wide: text_row(
            frame.text, b"" if beside_bytes else frame.data, frame.trust, wide, role
        ),
    }


def changed_bytes(view: FrameView) -> list[tuple[int, ...]]:
    """For each row the ages of its bytes that differ from the row of the same key before it."""
    before: dict[tuple[str, str], bytes] = {}
    out = []
    for frame in view.rows:
        key = frame.key, str(frame.direction)
        old, age_us = before.get(key, frame.data), view.at_us - frame.time_us
        out.append(
            tuple(
                age_us if old[i : i + 1] != frame.data[i : i + 1] else FADES_US
                for i in range(len(frame.data))
            )
            if age_us < FADES_US
            else ()
        )
        before[key] = frame.data
    return out
