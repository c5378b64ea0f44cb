"""Where the values come from: a page of the Details sheet (i)."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical

from tui.model.requests import Answer, ExplainFrame, LookAtFrames, Request
from tui.screens.asking import ask, why_not
from tui.widgets.source_table import SourceText, SourceView
from tui.widgets.view import TrackView

if TYPE_CHECKING:
    from tui.app import PackdeckApp

ASK_EVERY_S = 2.0


class Sources(Vertical):
    """Asks for the newest frame of each kind, and for those of the newest readings, while it is on show."""

    DEFAULT_CSS = "Sources { height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._known: SourceView | None = None
        self._newest: TrackView | None = None
        self._asking = False

    def compose(self) -> ComposeResult:
        """Nothing is known yet."""
        yield SourceText()

    def on_mount(self) -> None:
        """Ask now and then."""
        self.set_interval(ASK_EVERY_S, self.ask)

    def look(self, view: TrackView) -> None:
        """Ages move on; values stay as they were when their frames were asked for: both belong together."""
        known = self._known
        is_other = known is None or known.view.track.name != view.track.name
        self._newest = view
        if known is None or is_other:
            self._known = SourceView(view)
        elif known.frames is None:
            self._known = replace(known, view=view)
        else:
            self._known = replace(known, view=replace(known.view, now_s=view.now_s, state=view.state))
        self.query_one(SourceText).show(self._known)
        if is_other:
            self.ask()

    def ask(self) -> None:
        """About the wire of the track on show, and two frames of it."""
        view = self._newest or (self._known.view if self._known else None)
        if self._asking or not self.display or view is None:
            return
        self._asking = True
        track = view.track
        requests: list[Request] = [LookAtFrames(track.name, rows=1)]
        requests += [ExplainFrame(number) for number in (track.pack_frame, track.cells_frame) if number]
        feed = cast("PackdeckApp", self.app).feed
        ask(self, feed, requests, lambda answers: self._answered(view, answers))

    def _answered(self, asked: TrackView, answers: list[Answer]) -> None:
        self._asking = False
        known, track = self._known, asked.track
        if known is None or known.view.track.name != track.name or not self.is_attached:
            return
        first, *explained = answers
        if first.frames is None:
            self._known = replace(known, why=why_not(first))
        else:
            details = {a.frame.row.number: a.frame for a in explained if a.frame is not None}
            view = replace(asked, now_s=known.view.now_s, state=known.view.state)
            self._known = SourceView(
                view, first.frames, details.get(track.pack_frame), details.get(track.cells_frame)
            )
        self.query_one(SourceText).show(self._known)
