"""Help (?): the keys, and what the marks mean."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import BLANK, Row, row

KEYS = (
    ("1 2 3 7", "help-places"),
    ("Tab", "help-next"),
    ("Enter", "help-open"),
    ("i", "help-details"),
    ("b", "help-bytes"),
    ("v d", "help-frames-view"),
    ("/ w f", "help-frames-filter"),
    ("Space", "help-pause"),
    ("R", "help-reconnect"),
    ("P", "help-polling"),
    ("t", "help-next-theme"),
    ("F2 ,", "help-settings"),
    (": ^P", "help-palette"),
    ("? F1", "help-help"),
    ("Esc", "help-back"),
    ("q", "help-quit"),
)


class HelpText(Drawing[bool]):
    """All of it as rows."""

    def draw(self, value: bool, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Keys first, then the legend."""
        return help_rows(glyphs)


def help_rows(glyphs: GlyphSet) -> list[Row]:
    """Keys with their meaning, then every mark with its word."""
    keys = [row((f" {key:<8}", "key"), say(text)) for key, text in KEYS]
    marks = (
        (glyphs.ok, "ok", "legend-ok"),
        (glyphs.warn, "warn", "legend-warn"),
        (glyphs.alarm, "alarm", "legend-alarm"),
        (glyphs.stale, "stale", "legend-stale"),
        ("^ v", "number", "legend-extremes"),
        ("B", "balancing", "legend-balancing"),
        ("--", "label", "legend-unknown"),
    )
    legend = [row((f" {mark:<8}", role), say(text)) for mark, role, text in marks]
    safety = row((f" {say('not-for-safety')}", "label"))
    return [
        row((say("help-title"), "title")),
        *keys,
        BLANK,
        row((say("legend-title"), "title")),
        *legend,
        BLANK,
        safety,
    ]


class Help(ModalScreen[None]):
    """A sheet over the place; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q,enter,space", "dismiss", show=False, id="help.close")
    ]

    def compose(self) -> ComposeResult:
        """One scrolling sheet."""
        with VerticalScroll(classes="sheet"):
            text = HelpText(True)
            text.styles.height = len(KEYS) + 13
            yield text

    def on_click(self) -> None:
        """A tap anywhere closes it."""
        self.dismiss()
