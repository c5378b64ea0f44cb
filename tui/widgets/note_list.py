"""System, second view: what happened, newest first, every word of it."""

from dataclasses import dataclass

from tui.locale import say
from tui.model.fleet import NOTES_KEPT, Note
from tui.style.glyphs import GlyphSet
from tui.style.numbers import age_old
from tui.widgets.alert_list import when_words
from tui.widgets.rows import Row, Span, row, title_rule, wrap
from tui.widgets.status_band import note_sentence, track_words
from tui.widgets.tall_drawing import TallDrawing

NARROW = 56
BAD = ("alert-raised", "link-lost", "battery-fault", "notify-fails", "history-damaged")
GOOD = ("alert-cleared", "link-up", "notify-works")


@dataclass(frozen=True, slots=True)
class NotesValue:
    """The notes of a fleet, the minute of the wall clock, and for how long nobody has told of new ones."""

    notes: tuple[Note, ...] = ()
    minute: int = 0
    old_s: int | None = None


class NoteList(TallDrawing[NotesValue]):
    """Rows CL-27, S1-5: as many as the fleet keeps."""

    def rows(self, value: NotesValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """Title, then a row an event, more where its words need them."""
        return note_rows(value, cells, glyphs)

    def show(self, value: NotesValue) -> None:
        """Two hundred sentences are not made anew for nothing."""
        if value != self.value:
            super().show(value)


def note_rows(value: NotesValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """When, which battery, what."""
    known: list[Span] = [] if value.old_s is None else [(age_old(value.old_s), "warn")]
    known.append((say("system-events-count", count=len(value.notes), most=NOTES_KEPT), "label"))
    lines = [title_rule(say("system-view-events"), known, cells, glyphs)]
    if not value.notes:
        return [*lines, row((f" {say('events-none')}", "label"))]
    moments = [when_words(note.time_ms, value.minute * 60) for note in value.notes]
    tracks = [track_words(note.track) if note.track else "" for note in value.notes]
    wide = max(map(len, moments)) + 1
    track = max(map(len, tracks)) + 1 if cells >= NARROW else 0
    for note, moment, name in zip(value.notes, moments, tracks, strict=True):
        words = note_sentence(note) if track or not name else f"{name} {note_sentence(note)}"
        role = "alarm" if note.key in BAD else "ok" if note.key in GOOD else "text"
        said = wrap(words, cells - wide - track - 2)
        head = f" {moment:<{wide}}{name if track else '':<{track}}"
        for i, line in enumerate(said or [""]):
            before = head if i == 0 else " " * len(head)
            lines.append(row((before, "label"), (line, role if value.old_s is None else "stale")))
    return lines
