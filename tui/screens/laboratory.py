"""The laboratory in Cells (l): asks what was worked out about the tracks, and shows it; it scrolls."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from tui.model.requests import Answer, LookAtLaboratory
from tui.screens.asking import ask, why_not
from tui.widgets.laboratory_table import (
    LaboratoriesValue,
    LaboratoryTable,
    LaboratoryView,
    fitting,
    shown_of,
)

if TYPE_CHECKING:
    from tui.app import PackdeckApp
    from tui.screens.screen import Look

ASK_EVERY_S = 2.0


class Laboratory(VerticalScroll, can_focus=False):
    """One drawing for all tracks on show, as high as it needs to be."""

    DEFAULT_CSS = "Laboratory { height: 1fr; scrollbar-size-vertical: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._views: Mapping[str, LaboratoryView] = {}
        self._asking = False

    def compose(self) -> ComposeResult:
        """Nothing is known yet."""
        yield LaboratoryTable()

    def on_mount(self) -> None:
        """Ask now and then, while on show."""
        self.set_interval(ASK_EVERY_S, self.ask)

    @property
    def packdeck(self) -> "PackdeckApp":
        """The app, typed."""
        return cast("PackdeckApp", self.app)

    def fitting(self, tracks: int) -> int:
        """How many tracks are on show."""
        return fitting(tracks, self.size.width)

    def draw(self, look: "Look") -> None:
        """The newest answers, as seen now; a track that was never asked about is asked about."""
        value = self._value(look)
        self.query_one(LaboratoryTable).show(value)
        shown = shown_of(value, self.size.width)
        if any(one.laboratory is None and not one.why for one in shown):
            self.ask()

    def ask(self) -> None:
        """About every track on show."""
        if self._asking or not self.display or self.packdeck.place is not self.screen:
            return
        look = self.packdeck.take_look()
        names = [one.view.track.name for one in shown_of(self._value(look), self.size.width)]
        if look.paused and all(name in self._views for name in names):
            return
        self._asking = bool(names)
        if names:
            ask(self, self.packdeck.feed, [LookAtLaboratory(name) for name in names],
                lambda answers: self._answered(names, answers))  # fmt: skip

    def _answered(self, names: list[str], answers: list[Answer]) -> None:
        """A refusal keeps what is known; it grows old, and says so."""
        self._asking = False
        look = self.packdeck.take_look()
        views = {view.track.name: view for view in look.views}
        for name, answer in zip(names, answers, strict=True):
            if name not in views:
                continue
            before = self._views.get(name)
            known = answer.laboratory or (before.laboratory if before else None)
            why = () if answer.laboratory is not None else why_not(answer)
            self._views = {**self._views, name: LaboratoryView(views[name], known, why)}
        if self.display and self.is_attached:
            self.draw(look)

    def _value(self, look: "Look") -> LaboratoriesValue:
        views = []
        for view in look.views:
            known = self._views.get(view.track.name)
            views.append(
                LaboratoryView(view, known.laboratory if known else None, known.why if known else ())
            )
        return LaboratoriesValue(tuple(views), look.selected_index)
