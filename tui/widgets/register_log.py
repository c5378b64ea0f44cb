"""Who changed what, when, from where, and what came of it: newest first."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.locale import language, messages, say
from tui.model.register import Kind, Register
from tui.model.register_archive import ChangeLogEntry
from tui.style.glyphs import GlyphSet
from tui.widgets.register_review import NARROW
from tui.widgets.register_scroll import Scrolled
from tui.widgets.register_words import cause_words, lines, marked, name_words, unit_words
from tui.widgets.rows import BLANK, Row, Span, ends, row, width

FLAGS = {"on": "choice-on", "off": "choice-off", "1": "choice-on", "0": "choice-off"}
RESULT_ROLES = {"written": "ok", "obeyed": "ok", "undone": "warn", "waiting": "label"}


@dataclass(frozen=True, slots=True)
class LogValue:
    """The entries; `None` while they are being asked for. `registers`: parameters by key, as far as known."""

    entries: tuple[ChangeLogEntry, ...] | None = None
    why: tuple[str, ...] = ()
    registers: Mapping[str, Register] = field(default_factory=dict)


class RegisterLog(Scrolled[LogValue]):
    """An entry a row, or two where it is narrow; its reason below it."""

    def title(self, value: LogValue) -> str:
        """What it is."""
        return say("regs-log")

    def known(self, value: LogValue) -> list[Span]:
        """How many."""
        return [(say("regs-log-count", count=len(value.entries)), "label")] if value.entries else []

    def lines(self, value: LogValue, cells: int, glyphs: GlyphSet) -> list[Row]:
        """Sentences when there is nothing."""
        if not value.entries:
            nothing = say("regs-asking") if value.entries is None else say("regs-log-empty")
            words = value.why or (nothing,)
            return [BLANK, *(one for text in words for one in lines(text, "title", cells))]
        rows: list[Row] = []
        day = ""
        for entry in value.entries:
            if (today := day_words(entry.at_ms)) != day:
                day = today
                rows.append(row((f" {day}", "title")))
            rows += entry_rows(entry, value.registers.get(entry.key), cells, glyphs)
        return rows


def day_words(time_ms: int) -> str:
    """`2025-10-18`."""
    return time.strftime("%Y-%m-%d", time.localtime(time_ms / 1000))


def logged_words(register: Register | None, text: str) -> str:
    """What the log says of a value, in the language of the moment: choices and flags by their words."""
    if register is None:
        return text
    if register.kind is Kind.FLAG and text in FLAGS:
        return say(FLAGS[text])
    found = next((one for one in register.choices if one.key and text == one.text), None)
    return say(f"choice-{found.key}") if found is not None else text


def change_words(entry: ChangeLogEntry, register: Register | None, glyphs: GlyphSet) -> str:
    """`3650 -> 3600 mV`; of a command what it was given."""
    if entry.number is None:
        return entry.new
    old, new = (logged_words(register, text) for text in (entry.old, entry.new))
    unit = unit_words(register, glyphs) if register is not None else ""
    return f"{old} -> {new} {unit}".rstrip()


def entry_rows(entry: ChangeLogEntry, register: Register | None, cells: int, glyphs: GlyphSet) -> list[Row]:
    """`12:06:58  Cell over-voltage  3650 -> 3600   anna kiosk   ● written`."""
    clock = time.strftime("%H:%M:%S", time.localtime(entry.at_ms / 1000))
    role = RESULT_ROLES.get(entry.result, "alarm")
    mark = {"ok": glyphs.ok, "warn": glyphs.warn, "label": "-"}.get(role, glyphs.alarm)
    who = "  ".join(one for one in (entry.who, entry.screen) if one)
    change = change_words(entry, register, glyphs)
    result = row((f"{mark} {result_words(entry.result)} ", role))
    head = row((f" {clock}  ", "label"), (name_words(entry.key), "text"), (f"  {change}", "number"))
    whole = (*row((f"{who}  ", "label")), *result)
    if cells >= NARROW and width(head) + width(whole) + 2 <= cells:
        rows = [ends(head, whole, cells)]
    else:
        first = row((f" {clock}  ", "label"), (name_words(entry.key), "text"))
        second = row((f"           {change}", "number"))
        rows = [first, ends(second, result, cells)]
        if width(second) + width(result) >= cells:
            rows = [first, second, (("           ", "text"), *result)]
        rows += lines(who, "label", cells, 11)
    if entry.cause is not None:
        rows += marked(glyphs.warn, cause_words(entry.cause)[0], "warn", cells, 11)
    return rows


def result_words(result: str) -> str:
    """In words; one that has none yet as it is."""
    return say(f"regs-result-{result}") if f"regs-result-{result}" in messages(language()) else result
