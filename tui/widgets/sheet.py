"""The parts of every sheet over a place: a head that closes it, a list of choices, a way out beside it."""

from typing import Generic, TypeVar

from textual import events
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import BLANK, Row, ends, row

Result = TypeVar("Result")


class Sheet(ModalScreen[Result | None], Generic[Result]):
    """Gives a result, or nothing when it is left."""

    def on_click(self, event: events.Click) -> None:
        """A tap beside the sheet leaves it."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.dismiss(None)


class SheetHead(Drawing[str]):
    """Title and the way out; a tap on it closes the sheet."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    SheetHead { height: 1; }
    .-kiosk .-broad SheetHead { height: 3; }
    """

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """One row."""
        out = row((say("frames-close"), "label"))
        line = ends(row((value, "title")), out, cells)
        return [*[BLANK] * (height // 2), line]

    def on_click(self, event: events.Click) -> None:
        """Away."""
        event.stop()
        self.screen.dismiss()


class ActionList(OptionList):
    """Rows of which the chosen one has a mark as well as a colour."""

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Move the mark."""
        super().watch_highlighted(highlighted)
        for i, one in enumerate(self.options):
            body = str(one.prompt).strip("\n")
            marked = (">" if i == highlighted else " ") + body[1:]
            if marked != body:
                tall = str(one.prompt).startswith("\n")
                self.replace_option_prompt_at_index(i, Content(f"\n{marked}\n" if tall else marked))


def option(key: str, words: str, name: str, enabled: bool, tall: bool) -> Option:
    """A row of a list; three rows where fingers press it. Names of devices are not markup."""
    line = f" {key:<2} {words}" if key else f" {words}"
    return Option(Content(f"\n{line}\n" if tall else line), id=name, disabled=not enabled)
