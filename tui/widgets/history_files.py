"""The daily archives, and how the store is doing."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.locale import say
from tui.model.history import HistoryFile, StorageFigures
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, fixed
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import kept_in_sight
from tui.widgets.history_chart import sentences
from tui.widgets.rows import Row, row, title_rule, wrap
from tui.widgets.sample_table import moment
from tui.widgets.status_band import track_words

HEAD_ROWS = 2
DAY_CELLS, TRACK_CELLS, SIZE_CELLS = 11, 8, 8
UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class FilesValue:
    """Archives, newest first, with the chosen one."""

    files: tuple[HistoryFile, ...] | None = None
    at: int = 0
    top: int = 0
    why: tuple[str, ...] = ()


class FileRows(Drawing[FilesValue]):
    """A row a file."""

    @property
    def room(self) -> int:
        """Rows for files."""
        return max(1, self.size.height - HEAD_ROWS)

    def first_shown(self, value: FilesValue) -> int:
        """So that the cursor is seen."""
        return kept_in_sight(len(value.files or ()), value.top, value.at, self.room)

    def draw(self, value: FilesValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Rule, heading, files."""
        if value.files is None or value.why:
            return sentences(value.why, cells)
        known = [(say("history-files-count", count=len(value.files)), "label")]
        title = title_rule(say("history-archives"), known, cells, glyphs)
        if not value.files:
            return [title, *sentences((say("history-empty-files"),), cells)]
        heads = (("history-day", DAY_CELLS), ("history-track", TRACK_CELLS))
        words = "".join(f"{say(key).upper():<{wide}}" for key, wide in heads)
        size_words = say("history-size").upper()
        heading = row((f" {words}{size_words:>{SIZE_CELLS}} {say('history-file').upper()}", "label"))
        first = kept_in_sight(len(value.files), value.top, value.at, height - HEAD_ROWS)
        lines = [title, heading]
        for n, one in enumerate(value.files[first : first + height - HEAD_ROWS], first):
            chosen = n == value.at
            track = track_words(one.track)[: TRACK_CELLS - 1]
            left = f"{'>' if chosen else ' '}{one.day:<{DAY_CELLS}}{track:<{TRACK_CELLS}}"
            right = f"{size(one.size_bytes):>{SIZE_CELLS}} {one.name}"
            lines.append(row((left + right, "selection" if chosen else "text")))
        return lines


class StorageFacts(Drawing[StorageFigures]):
    """Names and values, one below the other."""

    def draw(self, value: StorageFigures, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """A rule, why it pauses if it does, then the figures."""
        lines = [title_rule(say("history-storage"), (), cells, glyphs)]
        if value.cause is not None:
            for key in (f"cause-{value.cause.key}", f"cause-{value.cause.key}-do"):
                lines += [
                    row((f" {line}", "warn")) for line in wrap(say(key, **value.cause.values()), cells - 2)
                ]
        known = storage_facts(value)
        wide = max(len(name) for name, _, _ in known) + 2
        for name, text, role in known:
            parts = wrap(text, max(8, cells - wide - 1)) or [UNKNOWN]
            lines += [
                row((f" {name if not i else '':<{wide}}", "label"), (part, role))
                for i, part in enumerate(parts)
            ]
        return lines


def storage_facts(value: StorageFigures) -> list[tuple[str, str, str]]:
    """Name, value, role; what is bad has a role of its own, and never zero as a value."""
    first = moment(value.first_ms, short=False) if value.first_ms is not None else UNKNOWN
    last = moment(value.last_ms, short=False) if value.last_ms is not None else UNKNOWN
    rows = (
        ("samples", str(value.samples), "number"),
        ("first", first, "text"),
        ("last", last, "text"),
        ("database", size(value.size_bytes), "number"),
        (
            "per-sample",
            UNKNOWN if value.bytes_per_sample is None else f"{fixed(value.bytes_per_sample, 1)} B",
            "text",
        ),
        ("free", UNKNOWN if value.free_bytes is None else size(value.free_bytes), "text"),
        ("archives", f"{value.archives} · {size(value.archives_bytes)}", "text"),
        ("interval", f"{value.interval_s:g} s", "text"),
        ("waiting", str(value.waiting), "text"),
        ("lost", str(value.lost), "alarm" if value.lost else "text"),
        ("implausible", str(value.implausible), "warn" if value.implausible else "text"),
        ("clock-jumps", str(value.clock_jumps), "warn" if value.clock_jumps else "text"),
        ("path", value.path, "text"),
    )
    return [(say(f"history-storage-{name}"), text, role) for name, text, role in rows]


def size(count: int) -> str:
    """`471 kB`: bytes by thousands."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{fixed(value, 0 if unit == 0 or value >= 100 else 1)} {UNITS[unit]}"


def newest_first(files: Sequence[HistoryFile]) -> tuple[HistoryFile, ...]:
    """By day, then by name."""
    return tuple(sorted(files, key=lambda one: (one.day, one.name), reverse=True))
