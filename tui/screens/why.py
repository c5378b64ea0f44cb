"""Why is it 72 %? A page of the Details sheet (w): the state of charge three ways."""

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical

from tui.model.requests import Answer, LookAtLaboratory
from tui.screens.asking import ask, why_not
from tui.widgets.laboratory_table import LaboratoryView
from tui.widgets.soc_scale import WhyText
from tui.widgets.view import TrackView

if TYPE_CHECKING:
    from tui.app import PackdeckApp

ASK_EVERY_S = 2.0


class Why(Vertical):
    """Asks about the selected track while it is on show."""

    DEFAULT_CSS = "Why { height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._known: LaboratoryView | None = None
        self._asking = False

    def compose(self) -> ComposeResult:
        """Nothing is known yet."""
        yield WhyText()

    def on_mount(self) -> None:
        """Ask now and then."""
        self.set_interval(ASK_EVERY_S, self.ask)

    def look(self, view: TrackView) -> None:
        """The track as seen now, beside the newest answer."""
        known = self._known
        if known is None or known.view.track.name != view.track.name:
            known = None
        self._known = LaboratoryView(view, known.laboratory if known else None, known.why if known else ())
        self.query_one(WhyText).show(self._known)
        if known is None:
            self.ask()

    def ask(self) -> None:
        """About the track on show."""
        if self._asking or not self.display or self._known is None:
            return
        self._asking = True
        feed = cast("PackdeckApp", self.app).feed
        ask(self, feed, [LookAtLaboratory(self._known.view.track.name)], self._answered)

    def _answered(self, answers: list[Answer]) -> None:
        self._asking = False
        known, answer = self._known, answers[0]
        if known is None or not self.is_attached:
            return
        found = answer.laboratory
        if found is not None and found.track != known.view.track.name:
            return
        why = () if found is not None else why_not(answer)
        self._known = LaboratoryView(known.view, found or known.laboratory, why)
        self.query_one(WhyText).show(self._known)
