"""Details (i): everything one unit says beyond volts and amps, over the place."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.facts import fact_rows
from tui.widgets.link_badge import state_row, wire_row
from tui.widgets.rows import BLANK, Row, ends, row
from tui.widgets.side_panel import traffic_words
from tui.widgets.status_band import track_words
from tui.widgets.view import TrackView

if TYPE_CHECKING:
    from tui.app import PackdeckApp

LOOK_S = 0.5


class Facts(Drawing[TrackView]):
    """All groups of one track, as tall as they are."""

    DEFAULT_CSS = "Facts { height: auto; }"

    def draw(self, value: TrackView, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Title, link, groups, log."""
        return details_rows(value, cells, glyphs)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many rows as there are to draw."""
        return len(details_rows(self.value, width, self.glyphs)) if self.value is not None else 1


def details_rows(view: TrackView, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Everything, from the title down."""
    inside = cells - 1
    title = row((f" {say('facts-title', track=track_words(view.track.name))}", "title"))
    link = ends(row(" ", *state_row(view, glyphs, inside - 1)), wire_row(view), inside)
    return [title, link, row((f" {traffic_words(view)}", "label")), BLANK, *fact_rows(view, inside, glyphs)]


class Details(ModalScreen[None]):
    """A sheet over the place; it keeps looking at its track."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,i,q,enter,space", "dismiss", show=False, id="details.close")
    ]

    def compose(self) -> ComposeResult:
        """One scrolling sheet."""
        with VerticalScroll(classes="sheet -wide"):
            yield Facts(self._view())

    def on_mount(self) -> None:
        """Look now and then: ages move on."""
        self.set_interval(LOOK_S, self._look)

    def _look(self) -> None:
        if (view := self._view()) is not None:
            facts = self.query_one(Facts)
            before = len(facts._rows)
            facts.show(view)
            if len(details_rows(view, facts.size.width, facts.glyphs)) != before:
                facts.refresh(layout=True)

    def _view(self) -> TrackView | None:
        look = cast("PackdeckApp", self.app).take_look()
        return look.views[look.selected_index] if look.views else None

    def on_click(self) -> None:
        """A tap anywhere closes it."""
        self.dismiss()
