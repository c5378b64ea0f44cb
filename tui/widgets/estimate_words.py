"""How estimates read: value and band, method, why there is none."""

from collections.abc import Sequence

from tui.locale import say
from tui.model.estimate import Estimate, Span
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, age_words, fixed, long_span
from tui.widgets.rows import Row, row, wrap

LABEL = 12  # cells before a fact
BESIDE_LEAST = 24  # cells beside it that are worth using


def plus_minus(glyphs: GlyphSet) -> str:
    """The sign before the width of a band."""
    return "±" if glyphs.has("latin1") else "+-"


def milliohm(glyphs: GlyphSet) -> str:
    """The unit, also where there is no omega."""
    return "mΩ" if glyphs.has("marks") else "mohm"


def banded(estimate: Estimate, digits: int, glyphs: GlyphSet, signed: bool = False) -> str:
    """`0.92 ±0.05`: no more decimals than the band bears; `--` when there is no value."""
    if estimate.value is None:
        return UNKNOWN
    digits = decimals(estimate.error, digits)
    text = fixed(estimate.value, digits, signed)
    return text if estimate.error is None else f"{text} {plus_minus(glyphs)}{fixed(estimate.error, digits)}"


def decimals(error: float | None, most: int) -> int:
    """Decimals that a band of this half width bears."""
    if error is None:
        return most
    return min(most, 0 if error >= 10 else 1 if error >= 1 else 2)


def method_words(estimate: Estimate | Span) -> str:
    """The method in words; empty when there is none."""
    return say(f"estimate-method-{estimate.method}") if estimate.method else ""


def reason_words(estimate: Estimate | Span) -> str:
    """Why there is no value or no band; empty when there is no reason."""
    return say(f"estimate-reason-{estimate.reason}") if estimate.reason else ""


def behind(estimate: Estimate, now_s: float) -> str:
    """`n 214, newest 12s ago`: how many observations and how old the newest is."""
    parts = [f"n {estimate.n}"] if estimate.n else []
    if (age_s := estimate.age_s(now_s)) is not None:
        parts.append(say("lab-newest", age=long_age(age_s)))
    return ", ".join(parts)


def long_age(age_s: float) -> str:
    """An age, in days when it is old."""
    return age_words(age_s, live=False) if age_s < 86_400 else say("lab-ago", span=long_span(age_s))


def span_words(span: Span) -> str:
    """`5 h 20 (4 h 10 - 7 h 00)`; without an upper end `(> 4 h 10)`."""
    if span.mean_s is None:
        return UNKNOWN
    text = long_span(span.mean_s)
    if span.low_s is not None and span.high_s is not None:
        return f"{text}  ({long_span(span.low_s)} - {long_span(span.high_s)})"
    return text if span.low_s is None else f"{text}  (> {long_span(span.low_s)})"


def fact(key: str, main: str, detail: str, cells: int, role: str = "number") -> list[Row]:
    """A label, what it is about, and words beside it that go on below where they have no room."""
    if len(main) > cells - LABEL:
        head, *more = wrap(main, max(8, cells - LABEL))
        lines = [row((" " * LABEL + part, role)) for part in more]
        return [row((f" {say(key):<{LABEL - 1}}", "label"), (head, role)), *lines, *_below(detail, cells)]
    room = cells - LABEL - len(main) - 2
    beside = (
        detail if len(detail) <= room else next(iter(wrap(detail, room)), "") if room >= BESIDE_LEAST else ""
    )
    label = f" {say(key):<{LABEL - 1}}"
    first = row((label, "label"), (main, role), (f"  {beside}" if beside else "", "label"))
    return [first, *_below(detail[len(beside) :], cells)]


def _below(detail: str, cells: int) -> list[Row]:
    return [row((" " * LABEL + part, "label")) for part in wrap(detail, max(8, cells - LABEL))]


def numbers_words(numbers: Sequence[int]) -> str:
    """`03 07 12-16`: numbers of cells, runs of three and more as a range."""
    parts: list[str] = []
    run: list[int] = []
    for number in [*numbers, -1]:
        if run and number != run[-1] + 1:
            parts += [f"{run[0]:02d}-{run[-1]:02d}"] if len(run) > 2 else [f"{n:02d}" for n in run]
            run = []
        run.append(number)
    return " ".join(parts)
