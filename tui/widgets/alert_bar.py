"""The head of the Alerts place: its views as tabs, and whether it is silent."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.style.numbers import minutes_words
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row

VIEWS = ("active", "history", "statistics", "limits", "notify")
Piece = tuple[str, str, str]  # text, role, action


@dataclass(frozen=True, slots=True)
class AlertBarValue:
    """The view on show, how many alerts are active, and the seconds of silence left."""

    view: str = VIEWS[0]
    active: int = 0
    silent_s: float = 0.0
    bell: bool = True
    old: str = ""


class AlertBar(Drawing[AlertBarValue]):
    """One row where everything fits beside each other; on a phone the silence has a row of its own."""

    DEFAULT_CSS = "AlertBar { height: 1; width: 1fr; }"

    class Tapped(Message):
        """A part was tapped; `action` is what its key does."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def draw(self, value: AlertBarValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """` [ Active 2 ]  History  Statistics  Limits  Notify      silent 59:12`."""
        return [row(*((text, role) for text, role, _ in line)) for line in placed(value, cells, glyphs)]

    def on_click(self, event: events.Click) -> None:
        """Whatever is under the finger."""
        lines = placed(self.value, self.size.width, self.glyphs) if self.value else []
        x = 0
        for text, _, action in lines[event.y] if event.y < len(lines) else ():
            if x <= event.x < x + len(text) and action:
                self.post_message(self.Tapped(action))
            x += len(text)


def placed(value: AlertBarValue, cells: int, glyphs: GlyphSet) -> list[list[Piece]]:
    """The pieces of each row: long names, else short ones, else two rows."""
    right = _right(value, glyphs)
    for short in (False, True):
        tabs = _tabs(value, short)
        gap = cells - _cells(tabs) - _cells(right)
        if gap > 0:
            return [[*tabs, (" " * gap, "text", ""), *right]]
    return [_tabs(value, True), right] if right else [_tabs(value, True)]


def _cells(pieces: list[Piece]) -> int:
    return sum(len(text) for text, _, _ in pieces)


def _tabs(value: AlertBarValue, short: bool) -> list[Piece]:
    tabs: list[Piece] = []
    for view in VIEWS:
        word = say(f"alerts-view-{view}-short") if short else say(f"alerts-view-{view}")
        if view == VIEWS[0] and value.active and not short:
            word = f"{word} {value.active}"
        is_shown = view == value.view
        pad = "" if short else " "
        text = f"{pad}[{pad}{word}{pad}]" if is_shown else f"{pad or ' '}{word} "
        tabs.append((text, "selection" if is_shown else "text", f"view('{view}')"))
    return tabs


def _right(value: AlertBarValue, glyphs: GlyphSet) -> list[Piece]:
    if value.old:
        return [(f"{glyphs.stale} {value.old} ", "warn", "")]
    if value.silent_s > 0:
        words = say("alerts-silent", time=minutes_words(value.silent_s))
        return [(f"{glyphs.warn} {words} ", "warn", "silence")]
    return [] if value.bell else [(f"{say('alerts-bell-off')} ", "label", "")]
