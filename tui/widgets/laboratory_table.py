"""The cell laboratory: what was worked out about a battery and each of its cells, with bands and reasons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui.locale import say
from tui.model.estimate import CellFigures, Estimate, Laboratory, Reason
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, age_old, celsius, fixed, long_span, percent
from tui.widgets.band_scale import band
from tui.widgets.columns import Column, grouped, table
from tui.widgets.estimate_words import (
    LABEL,
    banded,
    fact,
    method_words,
    milliohm,
    numbers_words,
    reason_words,
    span_words,
)
from tui.widgets.rows import BLANK, Row, beside, flow, row, wrap
from tui.widgets.tall_drawing import TallDrawing
from tui.widgets.track_card import title_row
from tui.widgets.view import TrackView

LEAST_CELLS = 70  # narrower than this, one track at a time
BAND_LEAST, BAND_MOST = 14, 30  # cells for the drawing of the bands
ROUGH = 0.5  # a band wider than this part of a time: it is only about so long
OLD_S = 15.0  # an answer older than this says so


@dataclass(frozen=True, slots=True)
class LaboratoryView:
    """A track, and the newest answer about it; `why`: there is none, and this is the reason."""

    view: TrackView
    laboratory: Laboratory | None = None
    why: tuple[str, ...] = ()

    @property
    def age_s(self) -> float:
        """How old the answer is."""
        return max(0.0, self.view.now_s - self.laboratory.at_s) if self.laboratory else 0.0

    def role(self, fresh: str) -> str:
        """What nobody asked for long is grey."""
        return "stale" if self.age_s > OLD_S else fresh


@dataclass(frozen=True, slots=True)
class LaboratoriesValue:
    """All tracks, and the one that has to be among those on show."""

    views: tuple[LaboratoryView, ...]
    selected: int = 0


class LaboratoryTable(TallDrawing[LaboratoriesValue]):
    """As many tracks side by side as fit."""

    def rows(self, value: LaboratoriesValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """The columns, with a line between them."""
        shown = shown_of(value, cells)
        if not shown:
            return []
        wide = (cells + 1) // len(shown) - 1
        columns = [laboratory_rows(one, wide, glyphs) for one in shown]
        lines = columns[0]
        for column in columns[1:]:
            height = max(len(lines), len(column))
            edge = [row((glyphs.tee if y == 0 else glyphs.pipe, "rule")) for y in range(height)]
            done = wide if lines is columns[0] else cells - wide - 1
            lines = beside([(lines, done), (edge, 1), (column, wide)])
        return lines


def fitting(count: int, cells: int) -> int:
    """Tracks side by side."""
    return max(1, min(count, (cells + 1) // (LEAST_CELLS + 1)))


def shown_of(value: LaboratoriesValue, cells: int) -> tuple[LaboratoryView, ...]:
    """The tracks on show, the selected one among them."""
    count = fitting(len(value.views), cells)
    first = min(max(0, value.selected - count + 1), len(value.views) - count)
    return value.views[max(0, first) : max(0, first) + count]


def laboratory_rows(value: LaboratoryView, cells: int, glyphs: GlyphSet) -> list[Row]:
    """One track from the title down."""
    lab, inside = value.laboratory, cells - 1
    title = title_row(value.view, cells, glyphs)
    if lab is None:
        words = value.why or (say("lab-waiting"),)
        role = "warn" if value.why else "label"
        return [title, BLANK, *(row((f" {line}", role)) for why in words for line in wrap(why, inside - 1))]
    old = [row((f" {age_old(value.age_s)}", "stale"))] if value.age_s > OLD_S else []
    return [
        title,
        *old,
        *_facts(value, lab, inside, glyphs),
        BLANK,
        *_table(value, lab, inside, glyphs),
        BLANK,
        *(days := _days(value, lab, inside, glyphs)),
        *([BLANK] if days else []),
        *_notes(lab, inside, glyphs),
    ]


# --- the battery ---


def _facts(value: LaboratoryView, lab: Laboratory, cells: int, glyphs: GlyphSet) -> list[Row]:
    return [
        *_soc(value, lab, cells, glyphs),
        *_capacity(value, lab, cells, glyphs),
        *_cycle(value, lab, cells),
        *_forecast(value, lab, cells, glyphs),
        *_weakest(value, lab, cells),
    ]


def _soc(value: LaboratoryView, lab: Laboratory, cells: int, glyphs: GlyphSet) -> list[Row]:
    parts = [
        (f"{banded(e, 1, glyphs)} %" if e.value is not None else UNKNOWN, say(f"lab-soc-{name}"))
        for name, e in (("reported", lab.soc.reported), ("counted", lab.soc.counted), ("rest", lab.soc.rest))
    ]
    groups = [row((text, value.role("number")), (f" {word}", "label")) for text, word in parts]
    sure = lab.soc.drift_sure_pct
    if sure:
        groups.append(row((say("lab-drift", points=fixed(sure, 1, signed=True)), value.role("warn"))))
    lines = flow(groups, cells - LABEL + 1)
    head = [(f" {say('lab-soc'):<{LABEL - 1}}", "label"), *[(" " * LABEL, "label")] * (len(lines) - 1)]
    return [(label, *line[1:]) for label, line in zip(head, lines, strict=True)]


def _capacity(value: LaboratoryView, lab: Laboratory, cells: int, glyphs: GlyphSet) -> list[Row]:
    found = lab.capacity_ah
    main = UNKNOWN if found.value is None else f"{banded(found, 1, glyphs)} Ah"
    parts = [method_words(found) if found.value is not None else reason_words(found)]
    if found.n:
        parts.append(f"n {found.n}")
    if lab.nominal_ah:
        told = fixed(lab.nominal_ah, 0)
        share = "" if found.value is None else percent(100 * found.value / lab.nominal_ah)
        parts.append(say("lab-of-told", share=share, ah=told).strip())
    return fact("lab-capacity", main, ", ".join(part for part in parts if part), cells, value.role("number"))


def _cycle(value: LaboratoryView, lab: Laboratory, cells: int) -> list[Row]:
    detail = ""
    if lab.cycle_out_ah is not None and lab.cycle_in_ah is not None:
        out, back = fixed(lab.cycle_out_ah, 1), fixed(lab.cycle_in_ah, 1)
        detail = say("lab-cycle", out=out, back=back)
    elif not lab.full_charges:
        detail = say(f"estimate-reason-{Reason.NO_FULL_CHARGE}")
    return fact("lab-full-charges", str(lab.full_charges), detail, cells, value.role("number"))


def _forecast(value: LaboratoryView, lab: Laboratory, cells: int, glyphs: GlyphSet) -> list[Row]:
    lines: list[Row] = []
    mean = lab.forecast.mean_current_a
    amps = "" if mean.value is None else f"{banded(mean, 1, glyphs, signed=True)} A"
    for key, span in (("lab-empty", lab.forecast.empty), ("lab-full", lab.forecast.full)):
        detail = reason_words(span)
        if span.mean_s is not None:
            detail = ", ".join(part for part in (method_words(span), amps) if part)
        lines += fact(key, span_words(span), detail, cells, value.role("number"))
    return lines


def _weakest(value: LaboratoryView, lab: Laboratory, cells: int) -> list[Row]:
    """The cell that stands out, and the one that ends the discharge when that is another one."""
    first, by = lab.forecast.weakest_cell, lab.forecast.weakest_by
    found = next((c for c in lab.cells if c.number == lab.weakest), None)
    words = [say(f"estimate-method-{found.weak_by}")] if found is not None and found.weak_by else []
    lines: list[Row] = []
    if first is not None and first == lab.weakest:
        words.append(say("lab-is-first"))
    elif first is not None:
        detail = say(f"estimate-method-{by}") if by else ""
        lines = fact("lab-first-empty", _named(first), detail, cells, value.role("warn"))
    if found is None:
        return [*fact("lab-weakest", UNKNOWN, say("lab-none-weak"), cells), *lines]
    return [*fact("lab-weakest", _named(found.number), ", ".join(words), cells, value.role("warn")), *lines]


def _named(number: int) -> str:
    return say("lab-cell", cell=f"{number:02d}")


def _days(value: LaboratoryView, lab: Laboratory, cells: int, glyphs: GlyphSet) -> list[Row]:
    """How resistance and capacity went, one step for a day and for a measurement, when there are several."""
    lines: list[Row] = []
    means = [sum(known) / len(known) for day in lab.days if (known := [r for r in day.mohm if r is not None])]
    series = (
        ("lab-days", means, 2, milliohm(glyphs)),
        ("lab-capacities", [point.ah for point in lab.capacities], 1, "Ah"),
    )
    for key, points, digits, unit in series:
        if len(points) < 2:
            continue
        ends = f"{fixed(points[0], digits)} > {fixed(points[-1], digits)} {unit}"
        shown = points[-max(2, cells - LABEL - len(ends) - 3) :]
        drawn = glyphs.spark(shown, min(shown), max(shown))
        lines.append(
            row(
                (f" {say(key):<{LABEL - 1}}", "label"),
                (drawn, "series-a"),
                (f"  {ends}", value.role("number")),
            )
        )
    return lines


# --- the cells ---


@dataclass(frozen=True, slots=True)
class Figure:
    """One kind of figure of a cell: its heading, how to read it, how to write it."""

    key: str
    of: Callable[[CellFigures], Estimate]
    digits: int = 1
    unit: str = ""
    signed: bool = False
    is_span: bool = False


EXCESS = Figure("lab-excess", lambda c: c.excess_ah, 2, "Ah", signed=True)
FIGURES = (
    Figure("lab-resistance", lambda c: c.resistance_mohm, 2, "mΩ"),
    Figure("lab-load", lambda c: c.under_load_mv, 1, "mV", signed=True),
    Figure("lab-cell-capacity", lambda c: c.capacity_ah, 1, "Ah"),
    Figure("lab-balance", lambda c: c.balance_s, is_span=True),
    EXCESS,
    Figure("lab-trend", lambda c: c.resistance_pct_month, 1, "%", signed=True),
)


def _table(value: LaboratoryView, lab: Laboratory, cells: int, glyphs: GlyphSet) -> list[Row]:
    """A row per cell. A figure that no cell has gets no column: why is said below."""
    if not lab.cells:
        return [row((f" {say('lab-no-cells')}", "label"))]
    role = value.role("number")
    columns = [Column(say("lab-number"), tuple(row((f"{c.number:02d}", "label")) for c in lab.cells))]
    if any(c.rank is not None for c in lab.cells):
        columns.append(Column(say("lab-rank"), tuple(_rank(value, lab, c) for c in lab.cells)))
    known = [f for f in FIGURES if any(f.of(c).value is not None for c in lab.cells)]
    for figure in known:
        texts = tuple(row((_text(figure, c, glyphs), role)) for c in lab.cells)
        columns.append(Column(_title(figure, glyphs), texts, right=True))
        if figure.key == "lab-resistance":
            columns += _of_resistance(value, lab)
    least = [column for column in columns if column.title != _title(EXCESS, glyphs)]
    if len(grouped(columns, cells - 1)) > 1:
        columns = least  # the balance time says the same in another unit
    room = cells - 3 - sum(column.wide + 2 for column in least)
    if known and known[0].key == "lab-resistance" and room >= BAND_LEAST:
        at = [column.title for column in least].index(_title(known[0], glyphs)) + 1
        columns = [*least[:at], _bands(value, lab, min(room, BAND_MOST), glyphs), *least[at:]]
    if len(columns) == 1:
        return [
            row((f" {say('lab-nothing-yet', cells=numbers_words([c.number for c in lab.cells]))}", "label"))
        ]
    return table(columns, cells)


def _of_resistance(value: LaboratoryView, lab: Laboratory) -> list[Column]:
    """Temperature and count of the load steps."""
    temperatures = tuple(row((celsius(c.temperature_c) if c.temperature_c is not None else UNKNOWN,
                              value.role("text"))) for c in lab.cells)  # fmt: skip
    counts = tuple(row((str(c.resistance_mohm.n), value.role("text"))) for c in lab.cells)
    return [Column("°C", temperatures, right=True), Column("n", counts, right=True)]


def _rank(value: LaboratoryView, lab: Laboratory, cell: CellFigures) -> Row:
    """The weakest one in a word, not only by colour."""
    if cell.rank is None:
        return row((UNKNOWN, "label"))
    if cell.number == lab.weakest:
        return row((f"{cell.rank} {say('lab-weakest-word')}", value.role("warn")))
    return row((str(cell.rank), value.role("text")))


def _text(figure: Figure, cell: CellFigures, glyphs: GlyphSet) -> str:
    estimate = figure.of(cell)
    if not figure.is_span:
        return banded(estimate, figure.digits, glyphs, figure.signed)
    if estimate.value is None:
        return UNKNOWN
    text = long_span(estimate.value)
    if estimate.value < 1:
        return say("lab-level")
    is_rough = estimate.error is not None and estimate.error > ROUGH * estimate.value
    return f"~{text}" if is_rough else text


def _title(figure: Figure, glyphs: GlyphSet) -> str:
    unit = milliohm(glyphs) if figure.unit == "mΩ" else figure.unit
    return f"{say(figure.key)} {unit}".rstrip()


def _bands(value: LaboratoryView, lab: Laboratory, cells: int, glyphs: GlyphSet) -> Column:
    """The resistances with their bands on one axis, its ends in the heading."""
    ends = [end for c in lab.cells for e in (c.resistance_mohm,) for end in (e.low, e.value, e.high)
            if end is not None]  # fmt: skip
    axis = min(ends), max(ends)
    low, high = fixed(axis[0], 2), fixed(axis[1], 2)
    title = f"{low}{high:>{cells - len(low)}}"
    drawn = []
    for c in lab.cells:
        e = c.resistance_mohm
        role = "warn" if c.number == lab.weakest else "series-a"
        text = " " * cells if e.value is None else band(e.low, e.value, e.high, axis, cells, glyphs)
        drawn.append(row((text, value.role(role))))
    return Column(title, tuple(drawn))


# --- how each figure came about, and why others are missing ---


def _notes(lab: Laboratory, cells: int, glyphs: GlyphSet) -> list[Row]:
    """A line for each figure: its method; the cells that lack it, and why."""
    lines: list[Row] = []
    wide = max(len(_title(figure, glyphs)) for figure in FIGURES) + 2
    for figure in FIGURES:
        found = [figure.of(c) for c in lab.cells]
        told = next((e for e in found if e.value is not None), None)
        words = " · ".join(part for part in (method_words(told) if told else "", *_missing(found)) if part)
        if not words:
            continue
        role = "label" if told is not None else "text"
        for i, part in enumerate(wrap(words, max(10, cells - wide - 1))):
            name = _title(figure, glyphs) if i == 0 else ""
            lines.append(row((f" {name:<{wide}}", "label"), (part, role)))
    if lines:
        lines += [row((f" {part}", "label")) for part in wrap(say("lab-bands"), cells - 1)]
    return lines


def _missing(found: Sequence[Estimate]) -> list[str]:
    """`-- too few load steps yet`, with the numbers of the cells where others have a value."""
    reasons: dict[Reason, list[int]] = {}
    for number, estimate in enumerate(found, 1):
        if estimate.value is None and estimate.reason is not None:
            reasons.setdefault(estimate.reason, []).append(number)
    parts = []
    for reason, numbers in reasons.items():
        where = "" if len(numbers) == len(found) else f"{numbers_words(numbers)} "
        parts.append(f"{where}{UNKNOWN} {say(f'estimate-reason-{reason}')}")
    return parts
