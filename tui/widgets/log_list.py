"""System, third view: the log of the engine, an entry a row, newest last; and one entry in full."""

from textual import events

from tui.locale import say
from tui.model.system import LogEntry
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import Cell, Column, clipped, kept_in_sight, laid_out, plain_cell, plan
from tui.widgets.rows import BLANK, Row, Span, ends, row, title_rule, warned, wrap
from tui.widgets.sim_list import RowTapped
from tui.widgets.system_value import LogValue
from tui.widgets.tall_drawing import TallDrawing

KIND_ROLES = {
    "err": "alarm", "error": "alarm", "warn": "warn", "warning": "warn", "ok": "ok",
    "ble": "info", "conn": "charge", "uart": "series-b", "can": "series-b",
}  # fmt: skip
MORE = " +"
TIME, DATED = 8, 19  # 12:07:31; 2026-11-21 12:07:31


class LogList(Drawing[LogValue]):
    """As the list of frames: it follows the newest, and stands still while an entry is chosen."""

    def draw(self, value: LogValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Title, sentences if any, rows; never empty."""
        title = title_rule(say("system-view-log"), _known(value), cells, glyphs)
        why = warned(value.why, cells, glyphs)
        if not value.entries:
            return [title, *why, *_nothing(value, cells)]
        room = max(1, height - 1 - len(why))
        first, columns = first_of(value, room), plan(log_columns(cells), cells - 1)
        rows = [
            laid_out(columns, entry_cells(one, value), ">" if i == value.at else " ")
            for i, one in enumerate(value.entries[first : first + room], first)
        ]
        return [title, *why, *rows]

    @property
    def room(self) -> int:
        """Rows that fit now."""
        value = self.value or LogValue()
        return max(1, self.size.height - 1 - len(warned(value.why, self.size.width, self.glyphs)))

    def on_click(self, event: events.Click) -> None:
        """A tap chooses a row."""
        at = event.y - (self.size.height - self.room)
        if self.value is not None and at >= 0:
            at += first_of(self.value, self.room)
            if at < len(self.value.entries):
                self.post_message(RowTapped(at))


def first_of(value: LogValue, room: int) -> int:
    """The first entry on show: the end of the log, or where the chosen one is in sight."""
    count = len(value.entries)
    return max(0, count - room) if value.at is None else kept_in_sight(count, value.top, value.at, room)


def log_columns(cells: int) -> tuple[Column, ...]:
    """When, which kind, what; with room also who."""
    return (
        Column("when", DATED if cells >= 140 else TIME, 1),
        Column("kind", 5, 2),
        Column("text", 24, 0, stretches=True),
        *((Column("source", 34, 3),) if cells >= 110 else ()),
    )


def entry_cells(one: LogEntry, value: LogValue) -> dict[str, Cell]:
    """Every cell of a row; what stands only in the sheet leaves a `+`."""
    kind_role = KIND_ROLES.get(one.kind, "label")
    text_role = kind_role if kind_role in ("alarm", "warn") else "text"
    roles = {"kind": kind_role, "text": text_role, "label": "label"}
    if value.old:
        roles = dict.fromkeys(roles, "stale")
    return {
        "when": lambda wide: row((one.when[:wide] if wide >= DATED else clock_of(one.when), roles["label"])),
        "kind": plain_cell(one.kind, roles["kind"]),
        "text": lambda wide: row((_one_line(one, wide), roles["text"])),
        "source": plain_cell(one.source, roles["label"]),
    }


def clock_of(when: str) -> str:
    """`12:07:31` of `2026-11-21 12:07:31,004`."""
    return when.partition(" ")[2][:TIME] or when[:TIME]


def _one_line(one: LogEntry, cells: int) -> str:
    if len(one.text) <= cells and not one.more:
        return one.text
    return clipped(one.text, cells - len(MORE)) + MORE


def _known(value: LogValue) -> list[Span]:
    """What a person must know of the picture, the most important first."""
    known: list[Span] = [(value.old, "warn")] if value.old else []
    known.append((say("frames-following"), "label") if value.following else (say("frames-held"), "number"))
    if value.only:
        known.append((say("frames-filter-is", only=value.only), "number"))
    if value.kinds:
        known.append((" ".join(value.kinds), "number"))
    return known


def _nothing(value: LogValue, cells: int) -> list[Row]:
    """No answer yet, nothing written, or nothing that matches."""
    if value.why and not value.known:
        return []
    key = "system-waiting"
    if value.known:
        key = "system-log-none" if value.only or value.kinds else "system-log-empty"
    return [BLANK, *(row((f" {line}", "label")) for line in wrap(say(key), cells - 2))]


class EntryText(TallDrawing[LogEntry]):
    """Everything of one entry, no letter cut off."""

    def rows(self, value: LogEntry, cells: int, glyphs: GlyphSet) -> list[Row]:
        """When, kind and source; the text; the lines that belong to it."""
        head = ends(row((value.when, "title")), row((say("frames-close"), "label")), cells)
        kind = row((f"{value.kind} " if value.kind else "", KIND_ROLES.get(value.kind, "label")))
        sources = wrap(value.source, max(1, cells - len(value.kind) - 1)) or [""]
        more = [line[i : i + cells] for line in value.more for i in range(0, max(1, len(line)), cells)]
        return [
            head,
            (*kind, (sources[0], "label")),
            *(row((line, "label")) for line in sources[1:]),
            BLANK,
            *(row((line, "number")) for line in wrap(value.text, cells)),
            *((BLANK,) if more else ()),
            *(row((line, "text")) for line in more),
        ]
