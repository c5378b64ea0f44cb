"""The second line: is everything all right? One sentence, or a band that cannot be overlooked."""

from dataclasses import dataclass

from tui.locale import say
from tui.model.alert import Alert, Severity
from tui.model.fleet import Fleet, Note
from tui.style.glyphs import GlyphSet
from tui.style.numbers import age_old, decimal_mark, span, time_of_day
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, ends, fit, row
from tui.widgets.trip_line import soonest, trip_span

WAIT_CELLS = 20  # kept for the time of the next try
NOTE_CELLS = 30  # kept for the newest note


@dataclass(frozen=True, slots=True)
class BandValue:
    """What the band looks at. `local_s` is this process's steady clock, `now_s` the engine's."""

    fleet: Fleet
    now_s: float
    local_s: float


class StatusBand(Drawing[BandValue]):
    """One row; its whole background changes with an alarm."""

    DEFAULT_CSS = "StatusBand { height: 1; width: 1fr; }"

    def draw(self, value: BandValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """A lost engine comes first, then the worst alert, then the all-clear with the newest note."""
        is_dark, is_test = getattr(self.app, "band_dark", False), getattr(self.app, "band_test", False)
        return [test_band(cells, glyphs, is_dark) if is_test else band(value, cells, glyphs, is_dark)]


def test_band(cells: int, glyphs: GlyphSet, is_dark: bool = False) -> Row:
    """What an alarm looks like, said to be a test."""
    words = f" {glyphs.alarm} {say('band-alarm')}  {say('band-test')}: {say('band-test-words')}"
    return turned(fit(row((words, "band-alarm")), cells), is_dark)


def turned(line: Row, is_dark: bool) -> Row:
    """The dark half of a second: red on the ground instead of white on red. Every word stays readable."""
    role = "alarm" if is_dark else "band-alarm"
    return tuple((text, role) for text, _ in line)


def band(value: BandValue, cells: int, glyphs: GlyphSet, is_dark: bool = False) -> Row:
    """The row in exactly so many cells."""
    fleet = value.fleet
    if not fleet.engine.attached:
        return _lost(value, cells, glyphs)
    serious = [a for a in fleet.alerts if a.severity is not Severity.INFO]
    if serious:
        line = _alarm(value, serious, cells, glyphs)
        return turned(line, True) if is_dark and serious[0].severity is Severity.CRITICAL else line
    left = _calm(value, cells, glyphs)
    if (first := soonest(fleet, value.now_s)) is not None:
        words, role = trip_span(first[1], value.now_s, glyphs)
        mark, _, rest = words.partition(" ")
        return ends(left, row((f"{mark} {track_words(first[0])} {rest} ", role)), cells)
    right = row((f"{note_words(fleet.notes[0])} ", "label")) if fleet.notes else ()
    return ends(left, right, cells)


def _calm(value: BandValue, cells: int, glyphs: GlyphSet) -> Row:
    """Nothing is wrong, as far as anything is judged: alerts that are off are never an all-clear."""
    fleet = value.fleet
    live, total = fleet.live_count(value.now_s), len(fleet.tracks)
    parts = [say("band-partly", live=live, total=total)] if live < total else []
    if fleet.alerts_off:
        short = "   ".join((*parts, alerts_off_words(fleet, short=True)))
        long = "   ".join((*parts, alerts_off_words(fleet)))
        parts = [long if len(long) + NOTE_CELLS <= cells else short]
    if parts:
        return row((f" {glyphs.warn} ", "warn"), ("   ".join(parts), "warn"))
    return row((f" {glyphs.ok} {say('band-ok')}", "ok"), f"   {say('band-no-alarms')}")


def alerts_off_words(fleet: Fleet, short: bool = False) -> str:
    """`alerts are switched off for left`; empty while every track is judged."""
    if not fleet.alerts_off:
        return ""
    if fleet.are_alerts_off:
        return say("band-alerts-off-short") if short else say("band-alerts-off")
    tracks = ", ".join(track_words(name) for name in fleet.alerts_off)
    return say("band-alerts-off-some-short" if short else "band-alerts-off-some", tracks=tracks)


def _lost(value: BandValue, cells: int, glyphs: GlyphSet) -> Row:
    engine = value.fleet.engine
    age_s = value.local_s - (engine.lost_at_s or value.local_s)
    wait_s = max(0, round((engine.retry_at_s or value.local_s) - value.local_s))
    left = f" {glyphs.alarm} {say('band-engine-lost')}   {say('band-engine-age', age=age_old(age_s))}"
    if engine.cause is not None:
        why = f"   {say('cause-' + engine.cause.key, **engine.cause.values())}"
        left += why if len(left) + len(why) + WAIT_CELLS <= cells else ""
    line = ends(row((left, "band-alarm")), row((f"{say('link-next', seconds=wait_s)} ", "band-alarm")), cells)
    return tuple((text, "band-alarm") for text, _ in fit(line, cells))


def _alarm(value: BandValue, alerts: list[Alert], cells: int, glyphs: GlyphSet) -> Row:
    worst = alerts[0]
    if worst.severity is Severity.CRITICAL:
        role, mark, word = "band-alarm", glyphs.alarm, say("band-alarm")
    else:
        role, mark, word = "band-warn", glyphs.warn, say("band-warning")
    left = f" {mark} {word}  {alert_words(worst)}   {_since(worst, value.now_s)}"
    more = f"+{len(alerts) - 1} {say('band-more')} " if len(alerts) > 1 else ""
    return tuple((text, role) for text, _ in ends(row((left, role)), row((more, role)), cells))


def _since(alert: Alert, now_s: float) -> str:
    """How long it holds; one that is over and only waits says so."""
    if alert.ended_ms is None:
        return say("band-for", time=span(now_s - alert.since_s))
    return say("alerts-over") if alert.acknowledged_ms is None else say("alerts-state-cleared")


def track_words(track: str) -> str:
    """The name of a track in the language of the screen."""
    return say(f"track-{track}") if track in ("left", "right") else track


def alert_words(alert: Alert) -> str:
    """What, where, value, limit (row S4-38)."""
    words = say(f"alert-{alert.key}", **alert.args(decimal_mark()))
    return f"{track_words(alert.track)} {words}" if alert.track else words


def note_words(note: Note) -> str:
    """`12:05 left charging`."""
    parts = time_of_day(note.time_ms), track_words(note.track), note_sentence(note)
    return " ".join(part for part in parts if part)


def note_sentence(note: Note) -> str:
    """What happened, without when and where."""
    args = dict(note.args)
    if alert := args.pop("alert", ""):
        what = say(f"alert-{alert}-short", cell=args.get("where", ""))
        return say(f"note-{note.key}", **{**args, "alert": what})
    return say(f"note-{note.key}", **args)
