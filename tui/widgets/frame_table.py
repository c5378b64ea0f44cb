"""The traffic of a wire, one row per identifier: newest bytes, what changed, rhythm and age."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from textual import events
from textual.message import Message

from tui.locale import say
from tui.model.frame import FrameKind, FrameView, Trust
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, fixed
from tui.widgets.drawing import Drawing
from tui.widgets.rows import BLANK, Row, Span, fit, joined, row, title_rule, warned, width, wrap

FADES_US = 1_000_000  # how long a changed byte stays marked; in the second half with a fainter mark
LATE, SILENT = 3, 10  # missed periods until amber, until red
LEAST_PERIOD_US = 100_000  # faster ones would flicker between in time and late
BUS_ID, STREAM_ID = 8, 4  # cells of a 29-bit identifier, of a register
BYTE = 3  # cells of a byte: two digits and its mark
NARROW, WIDE = 60, 100
FIELD_GAP = "  "  # between the fields of a decoded line


class Content(StrEnum):
    """What is shown of a frame: key `d`."""

    RAW = "raw"
    DECODED = "decoded"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class FramesValue:
    """One wire as it is shown. `view` is `None` before the first answer."""

    view: FrameView | None = None
    content: Content = Content.BOTH
    only: str = ""
    following: bool = True
    selected: str | int = ""  # `kind_key` in the table, number in the list
    top: int = 0  # first row shown: its place in the table, its number in the list
    old: str = ""  # "12 s old"; empty: as new as it gets
    why: tuple[str, ...] = ()  # what happened and what to do, when there is trouble


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `rank` tells which ones go first where there is no room. Least cells, if it stretches."""

    name: str
    cells: int
    rank: int
    stretches: bool = False
    right: bool = False


class RowChosen(Message):
    """A row was tapped, in the list or in the table."""

    def __init__(self, index: int, listed: bool) -> None:
        super().__init__()
        self.index = index
        self.listed = listed


class RowList(Drawing[FramesValue]):
    """Title rule, sentences if any, headings, rows. Subclasses give columns and cells."""

    LISTED = False

    def draw(self, value: FramesValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Never empty: without frames there is a sentence."""
        why, body = self.reasons(value, cells, glyphs), self.body(value, cells, glyphs)
        room = height - 2 - len(why)
        known = facts(value)
        if not body:
            return [title_rule(self.title(value), known, cells, glyphs), *why, *nothing(value, cells)]
        if len(body) > room and not self.LISTED:
            known.append((say("frames-part", shown=max(room, 0), all=len(body)), "label"))
        first = self.first_shown(value, room)
        title = title_rule(self.title(value), known, cells, glyphs)
        return [title, *why, self.headings(value, cells), *body[first:]]

    def reasons(self, value: FramesValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """What is wrong, above the rows of the last good answer."""
        return warned(value.why, cells, glyphs) if value.old else []

    def title(self, value: FramesValue) -> str:
        """What the rows are."""
        raise NotImplementedError

    def columns(self, value: FramesValue, cells: int) -> list[tuple[Column, int]]:
        """Columns on show with their widths."""
        raise NotImplementedError

    def body(self, value: FramesValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """All rows, also those that are not on show."""
        raise NotImplementedError

    def first_shown(self, value: FramesValue, room: int) -> int:
        """Which row is the first on show, so that the selected one is among them."""
        raise NotImplementedError

    def headings(self, value: FramesValue, cells: int) -> Row:
        """The names of the columns."""
        return heading_row(self.columns(value, cells))

    @property
    def room(self) -> int:
        """Rows that fit now."""
        value = self.value or FramesValue()
        return max(1, self.size.height - len(self.reasons(value, self.size.width, self.glyphs)) - 2)

    def on_click(self, event: events.Click) -> None:
        """A tap on a row chooses it."""
        value = self.value
        if value is None or value.view is None:
            return
        at = event.y - (self.size.height - self.room)
        if at >= 0:
            self.post_message(RowChosen(at + self.first_shown(value, self.room), self.LISTED))


class FrameTable(RowList):
    """One row per identifier and direction, in the order of the identifiers: rows keep their place."""

    def title(self, value: FramesValue) -> str:
        """Row per identifier, or per command."""
        return say("frames-per-id" if value.view is None or value.view.is_bus else "frames-per-command")

    def columns(self, value: FramesValue, cells: int) -> list[tuple[Column, int]]:
        """For this content and width."""
        return table_columns(value.view is not None and value.view.is_bus, value.content, cells)

    def body(self, value: FramesValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """Every kind of frame."""
        if value.view is None:
            return []
        columns, at_us = self.columns(value, cells), value.view.at_us
        names = {column.name for column, _ in columns}
        marks = {} if "word" in names else {"warn": glyphs.stale, "alarm": glyphs.alarm}
        lines = []
        for kind in kinds_in_order(value.view):
            overdue = marks.get(rhythm(kind, at_us - kind.last_us)[1], " ")
            mark = ">" if kind_key(kind) == value.selected else overdue
            lines.append(laid_out(columns, kind_cells(kind, at_us, bool(value.old), "bytes" in names), mark))
        return lines

    def first_shown(self, value: FramesValue, room: int) -> int:
        """By place."""
        keys = [kind_key(kind) for kind in kinds_in_order(value.view)] if value.view else []
        at = keys.index(str(value.selected)) if value.selected in keys else None
        return kept_in_sight(len(keys), value.top, at, room)


def table_columns(is_bus: bool, content: Content, cells: int) -> list[tuple[Column, int]]:
    """The columns of the table in their order."""
    wanted = (
        Column("id", BUS_ID if is_bus else STREAM_ID, 0),
        Column("dir", 2, 5),
        Column("name", 12, 6),
        *content_columns(is_bus, content, cells),
        Column("count", 7, 7, right=True),
        Column("period", 6, 8, right=True),
        Column("jitter", 6, 9, right=True),
        Column("last", 6, 10, right=True),
        Column("age", 5, 2, right=True),
        Column("word", 6, 3),
    )
    return with_content(wanted, content, cells)


def content_columns(is_bus: bool, content: Content, cells: int) -> tuple[Column, Column]:
    """Bytes and meaning. Raw without bytes would be nothing, so then they go last."""
    least = 17 if cells < NARROW else 28 if cells < WIDE else 34
    return (
        Column("bytes", 8 * BYTE, 1 if content is Content.RAW else 4, not is_bus),
        Column("text", least, 1, True),
    )


def with_content(wanted: Sequence[Column], content: Content, cells: int) -> list[tuple[Column, int]]:
    """Raw, decoded or both; where both do not fit, decoded."""
    left_out = {Content.RAW: "text", Content.DECODED: "bytes", Content.BOTH: ""}[content]
    planned = plan([column for column in wanted if column.name != left_out], cells - 1)
    names = {column.name for column, _ in planned}
    if content is Content.BOTH and not {"bytes", "text"} <= names:
        return with_content(wanted, Content.DECODED, cells)
    return planned


def plan(wanted: Sequence[Column], cells: int) -> list[tuple[Column, int]]:
    """Columns that fit with a space between them; those that stretch share what is left."""
    kept: set[str] = set()
    left = cells + 1
    for column in sorted(wanted, key=lambda c: c.rank):
        if column.cells + 1 > left:
            break
        left -= column.cells + 1
        kept.add(column.name)
    shown = [column for column in wanted if column.name in kept]
    stretching = sum(column.stretches for column in shown)
    planned = []
    for column in shown:
        share = left // stretching if column.stretches else 0
        left, stretching = left - share, stretching - column.stretches
        planned.append((column, column.cells + share))
    return planned


Cell = Callable[[int], Row]  # the row of spans for a width


def laid_out(columns: Sequence[tuple[Column, int]], cells: dict[str, Cell], mark: str = " ") -> Row:
    """One row behind its mark; a chosen one has a colour as well."""
    spans: list[Span] = [(mark, "alarm")]
    for i, (column, wide) in enumerate(columns):
        cell = cells[column.name](wide)
        blank = (" " * (wide - width(cell)), "text")
        gap = ((" ", "text"),) if i else ()
        spans += (*gap, blank, *cell) if column.right else (*gap, *fit(cell, wide))
    return joined((text, "selection" if mark == ">" else role) for text, role in spans if text)


def heading_row(columns: Sequence[tuple[Column, int]]) -> Row:
    """The names of the columns in the language of the moment."""
    words = {c.name: say(f"frames-col-{c.name}") if c.name in HEADED else "" for c, _ in columns}
    cells = {name: plain_cell(word, "label") for name, word in words.items()}
    return laid_out(columns, cells)


HEADED = {"time", "delta", "id", "name", "size", "bytes", "text", "count", "period", "jitter", "last", "age"}


def plain_cell(text: str, role: str) -> Cell:
    """A cell of whole words."""
    return lambda wide: row((clipped(text, wide), role))


def clipped(text: str, cells: int) -> str:
    """As many whole fields as fit, or whole words; a first word that is too long is cut."""
    kept = text
    while len(kept) > cells and FIELD_GAP in kept:
        kept = kept.rpartition(FIELD_GAP)[0]
    return kept if len(kept) <= cells else next(iter(wrap(kept, cells)), "")


def kinds_in_order(view: FrameView) -> list[FrameKind]:
    """11-bit identifiers before 29-bit ones, then by number."""
    return sorted(view.kinds, key=lambda kind: (len(kind.key), kind.key, kind.direction))


def kind_key(kind: FrameKind) -> str:
    """What names a row of the table."""
    return f"{kind.direction} {kind.key}"


def kind_cells(kind: FrameKind, at_us: int, old: bool, beside_bytes: bool) -> dict[str, Cell]:
    """Every cell of one row of the table."""
    age_us = at_us - kind.last_us
    word, word_role = rhythm(kind, age_us)
    role = "stale" if old or word_role == "alarm" else "text"
    key_role = role if role == "stale" else "number"
    fresh = () if old else tuple(at_us - c if c else FADES_US for c in kind.changed_us)
    return {
        "id": plain_cell(kind.key, key_role),
        "dir": plain_cell(kind.direction, role),
        "name": plain_cell(kind.name, role),
        "bytes": lambda wide: hex_row(kind.data, wide, role, fresh),
        "text": lambda wide: text_row(kind.text, b"" if beside_bytes else kind.data, kind.trust, wide, role),
        "count": _whole(kind.count, role),
        "period": _whole(kind.period_ms, role),
        "jitter": _whole(kind.jitter_ms, role, "±"),
        "last": _whole(kind.last_period_ms, role),
        "age": plain_cell(age_short(age_us), word_role or role),
        "word": plain_cell(word, word_role),
    }


def _whole(value: float | None, role: str, sign: str = "") -> Cell:
    return plain_cell(UNKNOWN if value is None else f"{sign}{value:.0f}", role)


def rhythm(kind: FrameKind, age_us: int) -> tuple[str, str]:
    """A word and its role when a frame is overdue, else nothing."""
    if kind.period_ms is None:
        return "", ""
    periods = age_us / max(kind.period_ms * 1000, LEAST_PERIOD_US)
    if periods > SILENT:
        return say("frames-silent"), "alarm"
    return (say("frames-late"), "warn") if periods > LATE else ("", "")


def hex_row(data: bytes, cells: int, role: str, fresh_us: Sequence[int] = ()) -> Row:
    """`0A 1F*00`: whole bytes, changed ones marked while that is new; then how many more there are."""
    most = cells // BYTE
    shown = data if len(data) <= most else data[: max(0, (cells - 5) // BYTE)]
    spans: list[Span] = []
    for i, byte in enumerate(shown):
        age_us = fresh_us[i] if i < len(fresh_us) else FADES_US
        new = age_us < FADES_US
        mark = " " if not new else "*" if age_us < FADES_US // 2 else "'"
        spans.append((f"{byte:02X}{mark}", "info" if new else role))
    if len(shown) < len(data):
        spans.append((f"+{len(data) - len(shown)}", "label"))
    return joined(spans)


def text_row(text: str, data: bytes, trust: Trust, cells: int, role: str) -> Row:
    """The decoded line; what is bad or not understood says so, with the bytes if they stand nowhere else."""
    if text and trust is not Trust.BAD:
        return row((clipped(text, cells), role))
    word, word_role = ("frames-bad", "alarm") if trust is Trust.BAD else ("frames-unknown", "label")
    known = text or data.hex().upper()
    words = clipped(f"{say(word)} {known}".rstrip(), cells)
    return row((words, word_role))


def age_short(age_us: float) -> str:
    """At most five cells: `0.4 s`, `119 s`, `45 m`, `17 h`."""
    age_s = max(0.0, age_us / 1e6)
    if age_s < 9.95:
        return f"{fixed(age_s, 1)} s"
    if age_s < 999:
        return f"{age_s:.0f} s"
    minutes = round(age_s / 60)
    return (
        say("span-minutes", minutes=minutes)
        if minutes < 100
        else say("span-hours", hours=min(999, minutes // 60))
    )


def clock(time_us: int, digits: int) -> str:
    """Local `12:07:31.123`."""
    whole = time.strftime("%H:%M:%S", time.localtime(time_us // 1_000_000))
    return f"{whole}.{time_us % 1_000_000:06d}"[: 8 + (digits and digits + 1)]


def kept_in_sight(count: int, first: int, at: int | None, room: int) -> int:
    """The first row to show: as it was, unless the selected row or the end demands another one."""
    first = max(0, min(first, count - room))
    if at is None:
        return first
    return min(first, at) if at < first + room else at - room + 1


def facts(value: FramesValue) -> list[Span]:
    """What a person must know of the picture, the most important one first."""
    known: list[Span] = [(value.old, "warn")] if value.old else []
    if value.only:
        known.append((say("frames-filter-is", only=value.only), "number"))
    known.append((say("frames-following"), "label") if value.following else (say("frames-held"), "number"))
    return known


def nothing(value: FramesValue, cells: int) -> list[Row]:
    """A sentence instead of rows."""
    if value.view is None:
        words, why = say("frames-waiting"), value.why
    else:
        words = say("frames-none-match", only=value.only) if value.only else say("frames-none")
        why = ()
    lines = [row((f" {line}", "title")) for line in wrap(words, cells - 2)]
    reasons = [row((f" {line}", "text")) for reason in why for line in wrap(reason, cells - 2)]
    return [BLANK, *lines, *([BLANK, *reasons] if reasons else [])]
