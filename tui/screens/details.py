"""Details (i): everything one unit says beyond volts and amps, where each value comes from, and why (w) its
state of charge is what it is. A sheet over the place with three pages."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from tui.locale import say
from tui.screens.sources import Sources
from tui.screens.why import Why
from tui.style.glyphs import GlyphSet
from tui.widgets.facts import fact_rows
from tui.widgets.link_badge import state_row, wire_row
from tui.widgets.rows import BLANK, Row, ends, row
from tui.widgets.sheet_tabs import SheetTabs, SheetTabsValue
from tui.widgets.side_panel import traffic_words
from tui.widgets.status_band import track_words
from tui.widgets.tall_drawing import TallDrawing
from tui.widgets.view import TrackView

if TYPE_CHECKING:
    from tui.app import PackdeckApp

LOOK_S = 0.5
SHEET_CELLS = 112  # a row of the sources fits
PAGES = UNIT, SOURCES, WHY = "details-unit", "details-sources", "details-why"


class Facts(TallDrawing[TrackView]):
    """All groups of one track, as tall as they are."""

    def rows(self, value: TrackView, cells: int, glyphs: GlyphSet) -> list[Row]:
        """Title, link, groups, log."""
        return details_rows(value, cells, glyphs)


def details_rows(view: TrackView, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Everything, from the title down."""
    inside = cells - 1
    title = row((f" {say('facts-title', track=track_words(view.track.name))}", "title"))
    link = ends(row(" ", *state_row(view, glyphs, inside - 1)), wire_row(view), inside)
    return [title, link, row((f" {traffic_words(view)}", "label")), BLANK, *fact_rows(view, inside, glyphs)]


class Details(ModalScreen[None]):
    """It keeps looking at the selected track."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    .details-page { height: 1fr; scrollbar-size-vertical: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,space", "dismiss", show=False, id="details.close"),
        Binding("i", "page('details-unit')", show=False, id="details.unit"),
        Binding("s", "page('details-sources')", show=False, id="details.sources"),
        Binding("w", "page('details-why')", show=False, id="details.why"),
        Binding("b", "bytes", show=False, id="details.bytes"),
        Binding("right,tab,l", "turn(1)", show=False, id="details.next"),
        Binding("left,shift+tab,h", "turn(-1)", show=False, id="details.previous"),
    ]

    def __init__(self, page: str = UNIT) -> None:
        super().__init__()
        self._page = page

    def compose(self) -> ComposeResult:
        """The names of the pages, and below them the one on show, scrolling."""
        with Vertical(classes="sheet -wide") as sheet:
            sheet.styles.width = SHEET_CELLS
            yield SheetTabs(SheetTabsValue(PAGES, self._page))
            with VerticalScroll(classes="details-page"):
                yield Facts(id=UNIT)
                yield Sources(id=SOURCES)
                yield Why(id=WHY)

    def on_mount(self) -> None:
        """Look now and then: ages move on."""
        self._show_page()
        self.set_interval(LOOK_S, self._look)

    def action_page(self, page: str) -> None:
        """Turn to a page; its key once more closes the sheet."""
        if page == self._page:
            self.dismiss()
            return
        self._page = page
        self._show_page()

    def action_bytes(self) -> None:
        """Go to the frame in which the values came."""
        self.dismiss()
        self.app.call_later(cast("PackdeckApp", self.app).action_show_bytes)

    def action_turn(self, step: int) -> None:
        """The next or the previous page."""
        self._page = PAGES[(PAGES.index(self._page) + step) % len(PAGES)]
        self._show_page()

    def on_sheet_tabs_chosen(self, message: SheetTabs.Chosen) -> None:
        """A page was tapped."""
        self._page = message.page
        self._show_page()

    def _show_page(self) -> None:
        for page in PAGES:
            self.query_one(f"#{page}").display = page == self._page
        self.query_one(SheetTabs).show(SheetTabsValue(PAGES, self._page))
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self._look()

    def _look(self) -> None:
        if (view := self._view()) is None:
            return
        if self._page == UNIT:
            self.query_one(Facts).show(view)
        elif self._page == SOURCES:
            self.query_one(Sources).look(view)
        else:
            self.query_one(Why).look(view)

    def _view(self) -> TrackView | None:
        look = cast("PackdeckApp", self.app).take_look()
        return look.views[look.selected_index] if look.views else None

    def on_click(self) -> None:
        """A tap anywhere but on the names of the pages closes it."""
        self.dismiss()
