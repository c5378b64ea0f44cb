"""Why is it 72 %? The estimates of the state of charge, drawn on one axis, and why they differ."""

from tui.locale import say
from tui.model.estimate import Estimate, Laboratory, SocEstimates
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, fixed, percent
from tui.widgets.band_scale import axis_rows, band
from tui.widgets.estimate_words import banded, behind, fact, long_age, method_words, reason_words
from tui.widgets.laboratory_table import LaboratoryView
from tui.widgets.rows import BLANK, Row, row, wrap
from tui.widgets.status_band import track_words
from tui.widgets.tall_drawing import TallDrawing

PERCENT = (0.0, 100.0)
AXIS_MOST = 82
ROLES = (("reported", "number"), ("counted", "series-a"), ("rest", "series-b"))


class WhyText(TallDrawing[LaboratoryView]):
    """Everything about the state of charge of one track."""

    def rows(self, value: LaboratoryView, cells: int, glyphs: GlyphSet) -> list[Row]:
        """From the question to the reason."""
        return why_rows(value, cells, glyphs)


def why_rows(value: LaboratoryView, cells: int, glyphs: GlyphSet) -> list[Row]:
    """The question, three answers as a picture, why they differ, and how each came about."""
    track, lab = value.view.track, value.laboratory
    soc = percent(track.soc_pct)
    question = say("why-title", soc=soc, track=track_words(track.name))
    lines = [row((f" {part}", "title")) for part in wrap(question, cells - 2)]
    if track.soc_is_estimated:
        lines += [row((f" {part}", "warn")) for part in wrap(say("why-from-cells"), cells - 2)]
    if lab is None:
        words = value.why or (say("lab-waiting"),)
        role = "warn" if value.why else "label"
        return [*lines, BLANK, *(row((f" {p}", role)) for why in words for p in wrap(why, cells - 2))]
    return [
        *lines,
        BLANK,
        *_scale(value, lab.soc, cells, glyphs),
        BLANK,
        *fact("why-because", say(f"estimate-why-{lab.soc.why}"), "", cells - 1, "title"),
        *_difference(value, lab, cells, glyphs),
        BLANK,
        *_estimates(value, lab.soc, cells, glyphs),
    ]


def _found(soc: SocEstimates) -> tuple[tuple[str, str, Estimate], ...]:
    return tuple((name, role, getattr(soc, name)) for name, role in ROLES)


def _estimates(value: LaboratoryView, soc: SocEstimates, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Each with its band, how it came about, from how many observations of what age, and what is missing."""
    lines: list[Row] = []
    for name, role, estimate in _found(soc):
        words = [method_words(estimate)]
        if name == "counted" and estimate.value is not None and soc.anchor is not None:
            words[0] = f"{words[0]} {_anchor(value, soc)}".strip()
        words += [behind(estimate, value.view.now_s), reason_words(estimate)]
        main = UNKNOWN if estimate.value is None else f"{banded(estimate, 1, glyphs)} %"
        shown = value.role(role) if estimate.value is not None else "label"
        lines += fact(f"lab-soc-{name}", main, " · ".join(w for w in words if w), cells - 1, shown)
    return lines


def _anchor(value: LaboratoryView, soc: SocEstimates) -> str:
    since = UNKNOWN if soc.anchor_at_s is None else long_age(max(0.0, value.view.now_s - soc.anchor_at_s))
    return say("why-anchor", anchor=say(f"estimate-anchor-{soc.anchor}"), since=since)


def _scale(value: LaboratoryView, soc: SocEstimates, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Three rows over one axis, as wide as there is room."""
    names = {name: say(f"lab-soc-{name}") for name, _ in ROLES}
    wide = max(len(word) for word in names.values()) + 2
    room = min(AXIS_MOST, cells - wide - 4)  # and the unit behind it
    lines = []
    for name, role, e in _found(soc):
        text = "" if e.value is None else band(e.low, e.value, e.high, PERCENT, room, glyphs)
        drawn = (text, value.role(role)) if text else (UNKNOWN, "label")
        lines.append(row((f" {names[name]:<{wide}}", "label"), drawn))
    marks, ticks = axis_rows(room, glyphs)
    return [
        *lines,
        row(" " * (wide + 1), (ticks, "rule")),
        row(" " * (wide + 1), (marks, "label"), (" %", "label")),
    ]


def _difference(value: LaboratoryView, lab: Laboratory, cells: int, glyphs: GlyphSet) -> list[Row]:
    soc, drift = lab.soc, lab.soc.drift_pct
    inside = cells - 1
    if drift.value is None:
        lines = fact("why-difference", UNKNOWN, reason_words(drift), inside)
    else:
        text = f"{banded(drift, 1, glyphs, signed=True)} {say('why-points')}"
        lines = fact("why-difference", text, say("why-minus"), inside, value.role("number"))
    sure = soc.drift_sure_pct
    if sure is None:
        lines += fact("why-sure", UNKNOWN, reason_words(drift), inside)
    elif not sure:
        lines += fact("why-sure", f"0 {say('why-points')}", say("why-inside"), inside, value.role("ok"))
    else:
        word = say("why-too-much" if sure > 0 else "why-too-little")
        text = f"{fixed(sure, 1, signed=True)} {say('why-points')}"
        lines += fact("why-sure", text, f"{word} · {say('why-alert')}", inside, value.role("warn"))
    capacity = lab.capacity_ah
    told = "" if lab.nominal_ah is None else say("lab-of-told", share="", ah=fixed(lab.nominal_ah, 0)).strip()
    if capacity.value is not None:
        told = ", ".join(part for part in (method_words(capacity), told) if part)
        lines += fact("lab-capacity", f"{banded(capacity, 1, glyphs)} Ah", told, inside, value.role("number"))
    else:
        told = ", ".join(part for part in (reason_words(capacity), told) if part)
        lines += fact("lab-capacity", UNKNOWN, told, inside)
    return lines
