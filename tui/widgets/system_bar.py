"""The head of the System place: its views as tabs, and what a person must know of all of them."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row
from tui.widgets.system_value import VIEWS

Piece = tuple[str, str, str]  # text, role, action


class BarTapped(Message):
    """A part was tapped; `action` is what its key does."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action


@dataclass(frozen=True, slots=True)
class SystemBarValue:
    """The view on show; `debug`: whether everything is logged, if that is known; `old`: an age."""

    view: str = VIEWS[0]
    debug: bool | None = None
    testing: bool = False
    old: str = ""


class SystemBar(Drawing[SystemBarValue]):
    """One row where everything fits beside each other; on a phone the state has a row of its own."""

    DEFAULT_CSS = "SystemBar { height: 1; width: 1fr; }"

    def draw(self, value: SystemBarValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """` [ Diagnostics ]  Events  Log            debug on`."""
        return [row(*((text, role) for text, role, _ in line)) for line in placed(value, cells, glyphs)]

    def on_click(self, event: events.Click) -> None:
        """Whatever is under the finger."""
        lines = placed(self.value, self.size.width, self.glyphs) if self.value else []
        if action := action_at(lines, event.x, event.y):
            self.post_message(BarTapped(action))


def action_at(lines: list[list[Piece]], x: int, y: int) -> str:
    """What the piece at that place does; empty: nothing."""
    at = 0
    for text, _, action in lines[y] if y < len(lines) else ():
        if at <= x < at + len(text):
            return action
        at += len(text)
    return ""


def placed(value: SystemBarValue, cells: int, glyphs: GlyphSet) -> list[list[Piece]]:
    """The pieces of each row."""
    tabs, right = _tabs(value), _right(value, glyphs)
    gap = cells - cells_of(tabs) - cells_of(right)
    if gap >= 0:
        return [[*tabs, (" " * gap, "text", ""), *right]]
    return [tabs, right]


def cells_of(pieces: list[Piece]) -> int:
    """How wide they are."""
    return sum(len(text) for text, _, _ in pieces)


def _tabs(value: SystemBarValue) -> list[Piece]:
    tabs: list[Piece] = []
    for view in VIEWS:
        word, is_shown = say(f"system-view-{view}"), view == value.view
        text = f" [ {word} ]" if is_shown else f"  {word} "
        tabs.append((text, "selection" if is_shown else "text", f"view('{view}')"))
    return tabs


def _right(value: SystemBarValue, glyphs: GlyphSet) -> list[Piece]:
    """The worst first; all of it fits in a row of a phone."""
    if value.old:
        return [(f" {glyphs.stale} {value.old} ", "warn", "")]
    if value.testing:
        return [(f" {glyphs.dot} {say('system-testing-short')} ", "info", "")]
    return [(f" {glyphs.warn} {say('system-debug-word')} ", "warn", "debug")] if value.debug else []
