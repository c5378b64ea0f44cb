"""Settings (F2): what belongs to this screen: theme, glyphs, language, bell."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.locale import say
from tui.model.settings import ScreenSettings
from tui.style.glyphs import GLYPHS, GlyphSet
from tui.style.themes import THEME_NAMES
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row

if TYPE_CHECKING:
    from tui.app import PackdeckApp

CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("auto", *THEME_NAMES),
    "glyphs": ("auto", *GLYPHS),
    "language": ("auto", "en", "fr"),
    "bell": ("on", "off"),
    "flash": ("on", "off"),
}


class TestCard(Drawing[bool]):
    """What this terminal can show: eight rising bars, braille, lines and marks."""

    DEFAULT_CSS = "TestCard { height: 4; }"

    def draw(self, value: bool, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Only what the chosen set claims to have."""
        rising = glyphs.spark([float(i) for i in range(8)], 0.0, 7.0)
        marks = " ".join((glyphs.ok, glyphs.warn, glyphs.alarm, glyphs.stale, glyphs.up, glyphs.down))
        return [
            row((say("settings-card"), "label")),
            row((f" {rising}  ", "charge"), (f"{glyphs.hbar(0.55, 12)}  ", "ok"), (marks, "number")),
            row((f" {glyphs.box_top(16)}", "rule")),
            row((f" {glyphs.box_bottom(16)}", "rule")),
        ]


class Settings(ModalScreen[None]):
    """Every row is one setting; Enter or a tap takes the next value, and it acts at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f2,comma,q", "dismiss", show=False, id="settings.close"),
        Binding("right,l", "change(1)", show=False, id="settings.next"),
        Binding("left,h", "change(-1)", show=False, id="settings.previous"),
    ]

    @property
    def packdeck(self) -> "PackdeckApp":
        """The app, typed."""
        return cast("PackdeckApp", self.app)

    def compose(self) -> ComposeResult:
        """Title, rows, test card."""
        with Vertical(classes="sheet"):
            yield SheetTitle("settings-title", classes="sheet-title")
            yield OptionList(*self._options())
            yield TestCard(True)

    def _options(self) -> list[Option]:
        return [
            Option(
                f"{say(f'settings-{key}'):<14}< {choice_words(key, value_of(self.packdeck.settings, key))} >",
                id=key,
            )
            for key in CHOICES
        ]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a tap: the next value."""
        self._change(event.option_index, 1)

    def action_change(self, step: int) -> None:
        """Left and right on the highlighted row."""
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is not None:
            self._change(highlighted, step)

    def _change(self, index: int, step: int) -> None:
        key = list(CHOICES)[index]
        choices = CHOICES[key]
        now = value_of(self.packdeck.settings, key)
        at = choices.index(now) if now in choices else 0
        self.packdeck.apply_settings(
            with_value(self.packdeck.settings, key, choices[(at + step) % len(choices)])
        )
        self.refill()

    def refill(self) -> None:
        """Write the rows anew, in the language of the moment."""
        rows = self.query_one(OptionList)
        highlighted = rows.highlighted
        rows.clear_options()
        rows.add_options(self._options())
        rows.highlighted = highlighted
        for drawing in self.query(Drawing):
            drawing.redraw()


class SheetTitle(Drawing[str]):
    """The title of a sheet in the language of the moment."""

    DEFAULT_CSS = "SheetTitle { height: 1; }"

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """One row."""
        return [row((say(value), "title"))]


def value_of(settings: ScreenSettings, key: str) -> str:
    """The value of a setting as a choice."""
    value = getattr(settings, key)
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def with_value(settings: ScreenSettings, key: str, choice: str) -> ScreenSettings:
    """The settings with one choice taken."""
    if key == "bell":
        return replace(settings, bell=choice == "on")
    if key == "flash":
        return replace(settings, flash=choice == "on")
    if key == "theme":
        return replace(settings, theme=choice)
    return replace(settings, glyphs=choice) if key == "glyphs" else replace(settings, language=choice)


def choice_words(key: str, choice: str) -> str:
    """The name of a choice; names of themes and glyph sets are not translated."""
    if choice in ("auto", "on", "off"):
        return say(f"choice-{choice}")
    return say(f"language-{choice}") if key == "language" else choice
