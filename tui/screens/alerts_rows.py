"""What the Alerts place says around its rows: how many, what is left out, and why there are none."""

from tui.locale import say
from tui.model.alert import Alert, AlertPage, Severity
from tui.screens.alerts_asking import PAGE, Wish
from tui.style.glyphs import GlyphSet
from tui.widgets.alert_list import (
    ROLES,
    AlertView,
    lasted_words,
    none_rows,
    seen_words,
    sentence_of,
    severity_words,
    when_words,
)
from tui.widgets.rows import Row, Span


def active_facts(alerts: tuple[Alert, ...]) -> tuple[Span, ...]:
    """`critical 2 · warning 4`."""
    counts = [(one, sum(a.severity is one for a in alerts)) for one in reversed(Severity)]
    return tuple((f"{severity_words(one)} {count}", ROLES[one]) for one, count in counts if count)


def past_facts(page: AlertPage | None, wish: Wish) -> tuple[Span, ...]:
    """What is left out, and which part of the rest is on show."""
    known: list[Span] = []
    if wish.severity is not None:
        known.append((say("alerts-only", what=severity_words(wish.severity)), "number"))
    if wish.range_s:
        known.append((say(f"alerts-range-{wish.range_s // 86_400}"), "number"))
    if wish.key:
        known.append((say("alerts-only-kind"), "number"))
    if page is not None and page.total > PAGE:
        first = wish.page * PAGE + 1
        last = min(page.total, first + len(page.records) - 1)
        known.append((say("alerts-part", first=first, last=last, total=page.total), "label"))
    return tuple(known)


def all_clear(
    page: AlertPage | None, now_s: float, wall_s: float, cells: int, glyphs: GlyphSet
) -> tuple[Row, ...]:
    """Nothing is active; what was the last thing that was?"""
    over = [r for r in page.records if r.cleared_ms is not None] if page is not None else []
    record = next((r for r in over if r.alert.severity is not Severity.INFO), None)
    more: tuple[str, ...] = ()
    if record is not None:
        view = AlertView(record, now_s, wall_s)
        moment, words = when_words(view.alert.since_ms, wall_s), sentence_of(view)
        lasted = say("alerts-last", moment=moment, what=words, span=lasted_words(view))
        more = (lasted, seen_words(view)[0])
    return none_rows(say("alerts-all-clear"), more, cells, (f" {glyphs.ok} ", "ok"))


def none_past(page: AlertPage | None, wish: Wish, why: str, cells: int) -> tuple[Row, ...]:
    """No answer yet, nothing kept, or nothing that matches."""
    if page is None:
        return none_rows(why or say("alerts-reading"), (), cells, (" ", "label"))
    if wish.is_filtered:
        return none_rows(say("alerts-none-match"), (say("alerts-none-match-do"),), cells, (" ", "title"))
    return none_rows(say("alerts-none-kept"), (say("alerts-none-kept-do"),), cells, (" ", "title"))
