"""A sheet over a place with one frame in full; its fields come when the engine has answered."""

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from tui.feed.feed import Feed
from tui.model.frame import FrameDetail, FrameRow
from tui.model.requests import Answer, ExplainFrame
from tui.screens.asking import ask_one, why_not
from tui.widgets.frame_detail import DetailText, DetailValue


class FrameSheet(ModalScreen[None]):
    """A sheet over the place; Esc and the usual keys close it, the arrows scroll it."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    FrameSheet { align: center middle; }
    .frame-sheet {
        width: 74; max-width: 100%; height: auto; max-height: 90%;
        background: $surface; border: solid $rule; padding: 0 1; scrollbar-size-vertical: 1;
    }
    .-glyph-ascii .frame-sheet { border: ascii $rule; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,space,7", "dismiss", show=False, id="frame.close")
    ]

    def __init__(self, frame: FrameRow, feed: Feed) -> None:
        super().__init__()
        self._feed = feed
        self._value = DetailValue(FrameDetail(frame))

    def compose(self) -> ComposeResult:
        """What is known already."""
        with VerticalScroll(classes="frame-sheet"):
            yield DetailText(self._value)

    def on_mount(self) -> None:
        """Ask for the rest; what is known already stands meanwhile."""
        ask_one(self, self._feed, ExplainFrame(self._value.detail.row.number), self._explained)

    def _explained(self, answer: Answer) -> None:
        value = replace(self._value, waiting=False)
        if answer.ok and answer.frame is not None:
            value = replace(value, detail=answer.frame)
        elif answer.cause is not None:
            value = replace(value, why=why_not(answer))
        self._value = value
        text = self.query_one(DetailText)
        text.value = value
        text.redraw()
        text.refresh(layout=True)

    def on_click(self) -> None:
        """A tap anywhere closes it."""
        self.dismiss()
