"""Help (?): the keys of this place and of all, and what the marks mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.screen import ModalScreen

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.key_bar import KeyHint
from tui.widgets.rows import BLANK, Row, flow, row, wrap

if TYPE_CHECKING:
    from tui.app import PackdeckApp

MARK = 10  # cells before a meaning
KEYS = (
    ("Tab", "help-next"),
    ("Enter", "help-open"),
    ("i", "help-details"),
    ("b", "help-bytes"),
    ("w", "help-why"),
    ("Space", "help-pause"),
    ("R", "help-reconnect"),
    ("P", "help-polling"),
    ("t", "help-next-theme"),
    ("F2 ,", "help-settings"),
    ("F3", "help-simulator"),
    (": ^P", "help-palette"),
    ("? F1", "help-help"),
    ("Esc", "help-back"),
    ("q", "help-quit"),
)
KEYS_HERE = {  # of one place alone; there they go before those above
    "cells": (("l", "help-laboratory"),),
    "history": (
        ("[ ] + -", "help-history-time"),
        ("c f m", "help-history-cursor"),
        ("v s x", "help-history-view"),
    ),
    "alerts": (
        ("a A m", "help-alerts-seen"),
        ("h f", "help-alerts-moment"),
        ("s w o c", "help-alerts-filter"),
    ),
    "registers": (
        ("w u D", "help-registers-edit"),
        ("v o x e", "help-registers-view"),
        ("a c C L", "help-registers-other"),
    ),
    "frames": (("v d", "help-frames-view"), ("/ w f", "help-frames-filter")),
    "devices": (("S A", "help-devices-radio"), ("a u", "help-devices-ours"), ("r l p", "help-devices-link")),
    "system": (("t D", "help-system-do"), ("c x / f", "help-system-log")),
    "simulator": (
        ("- + m n p", "help-simulator-keys"),
        ("f d D", "help-simulator-faults"),
        ("[ ] c", "help-simulator-packs"),
    ),
}


@dataclass(frozen=True, slots=True)
class HelpValue:
    """The places with their keys, and the place that is open."""

    places: tuple[KeyHint, ...]
    here: str = ""


class HelpText(Drawing[HelpValue]):
    """All of it as rows, as high as they need."""

    DEFAULT_CSS = "HelpText { height: auto; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All of it."""
        return len(help_rows(self.value or HelpValue(()), width, self.glyphs))

    def draw(self, value: HelpValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Keys first, then the legend."""
        return help_rows(value, cells, glyphs)


def help_rows(value: HelpValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Places with their keys; the keys of this one, then those of all; then every mark with its word."""
    keys = _keys(KEYS, cells)
    if own := KEYS_HERE.get(value.here):
        title = row((say("help-here", place=say(f"place-{value.here}")), "title"))
        keys = [title, *_keys(own, cells), BLANK, row((say("help-everywhere"), "title")), *keys]
    marks = (
        (glyphs.ok, "ok", "legend-ok"),
        (glyphs.warn, "warn", "legend-warn"),
        (glyphs.alarm, "alarm", "legend-alarm"),
        (glyphs.stale, "stale", "legend-stale"),
        ("^ v", "number", "legend-extremes"),
        ("B", "balancing", "legend-balancing"),
        ("--", "label", "legend-unknown"),
    )
    legend = [line for mark, role, text in marks for line in explained(mark, role, say(text), cells)]
    safety = [row((f" {line}", "label")) for line in wrap(say("not-for-safety"), cells - 1)]
    return [
        row((say("help-title"), "title")),
        *flow([row((hint.key, "key"), f" {hint.long}") for hint in value.places], cells),
        *keys,
        BLANK,
        row((say("legend-title"), "title")),
        *legend,
        BLANK,
        *safety,
    ]


def _keys(keys: Sequence[tuple[str, str]], cells: int) -> list[Row]:
    return [line for key, text in keys for line in explained(key, "key", say(text), cells)]


def explained(mark: str, role: str, words: str, cells: int) -> list[Row]:
    """A mark, and beside it its meaning in as many rows as it needs."""
    lines = wrap(words, max(1, cells - MARK))
    return [row((f" {mark if i == 0 else '':<{MARK - 1}}", role), line) for i, line in enumerate(lines)]


class Help(ModalScreen[None]):
    """A sheet over the place; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q,enter,space", "dismiss", show=False, id="help.close")
    ]

    def compose(self) -> ComposeResult:
        """One scrolling sheet."""
        with VerticalScroll(classes="sheet"):
            app = cast("PackdeckApp", self.app)
            yield HelpText(HelpValue(tuple(h for h in app.key_hints() if not h.rank), app.current_mode))

    def on_click(self) -> None:
        """A tap anywhere closes it."""
        self.dismiss()
