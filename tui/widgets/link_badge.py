"""What the link is doing, in words: state, age, cause, attempt and the time of the next one."""

from tui.locale import say
from tui.model.link import Cause, Phase, State
from tui.style.glyphs import GlyphSet
from tui.style.numbers import age_words, minutes_words
from tui.widgets.rows import Row, row, width, wrap
from tui.widgets.view import TrackView

_ROLES = {
    State.LIVE: "ok",
    State.STALE: "stale",
    State.ASLEEP: "warn",
    State.CONNECTING: "info",
    State.LOST: "alarm",
}


def mark(state: State, glyphs: GlyphSet) -> str:
    """The shape of a state; never the only sign, the word stands beside it."""
    return {
        State.LIVE: glyphs.ok,
        State.STALE: glyphs.stale,
        State.ASLEEP: glyphs.warn,
        State.CONNECTING: glyphs.dot,
        State.LOST: glyphs.alarm,
    }[state]


def state_row(view: TrackView, glyphs: GlyphSet, cells: int) -> Row:
    """`• live  0 s` or `! lost  12s ago  try 3/5 in 4 s`; too narrow: without the age."""
    if view.track.link.phase is Phase.LENT:
        return _lent_row(view, glyphs, cells)
    role = _ROLES[view.state]
    state = row((mark(view.state, glyphs), role), (" " + say(f"state-{view.state}"), role))
    age = row(("  " + age_words(view.pack_age_s, view.state is State.LIVE), view.role("text")))
    next_step = _next_step(view)
    whole = (*state, *age, *next_step)
    return whole if width(whole) <= cells else (*state, *next_step)


def _lent_row(view: TrackView, glyphs: GlyphSet, cells: int) -> Row:
    """`• lent, back in 9:40`: let go of on purpose, which is no alarm."""
    left_s = max(0.0, (view.track.link.retry_at_s or view.now_s) - view.now_s)
    words = row((f"{glyphs.dot} " + say("device-lent", time=minutes_words(left_s)), "info"))
    whole = (*words, *row(("  " + age_words(view.pack_age_s, False), view.role("text"))))
    return whole if width(whole) <= cells else words


def _next_step(view: TrackView) -> Row:
    """What happens next with a link that is not live."""
    link = view.track.link
    if link.phase is Phase.CONNECTING and link.attempt:
        return row("  " + say("link-attempting", attempt=link.attempt, max=link.attempts_max))
    if link.phase is Phase.TAP:
        return row(("  " + say("link-tap"), "warn"))
    if view.state is State.LIVE or link.retry_at_s is None:
        return ()
    wait_s = max(0, round(link.retry_at_s - view.now_s))
    if link.attempt <= link.attempts_max:
        return row("  " + say("link-attempt", attempt=link.attempt, max=link.attempts_max, seconds=wait_s))
    return row("  " + say("link-next", seconds=wait_s))


def wire_row(view: TrackView) -> Row:
    """Which wire it is: `uart ttyUSB0`."""
    setup = view.track.setup
    return row((f"{setup.transport} {setup.address.rsplit('/', 1)[-1]}", "label"))


def cause_rows(cause: Cause | None, cells: int) -> list[Row]:
    """Why, and one thing to do, in lines of at most so many cells."""
    if cause is None:
        return []
    why = wrap(say(f"cause-{cause.key}", **cause.values()), cells)
    what = wrap(say(f"cause-{cause.key}-do", **cause.values()), cells)
    return [row((line, "warn")) for line in why] + [row((line, "text")) for line in what]
