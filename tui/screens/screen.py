"""The base of every place: header, band, tabs, body, hint, keys; it looks at the fleet and draws it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget

from tui.feed.feed import Player
from tui.locale import say
from tui.model.fleet import Fleet
from tui.style.numbers import clock_words
from tui.widgets.drawing import Drawing
from tui.widgets.hint_bar import HintBar
from tui.widgets.key_bar import KeyBar, KeyHint
from tui.widgets.lamps import Header, HeaderValue
from tui.widgets.no_tracks import NoTracks
from tui.widgets.replay_bar import ReplayBar, ReplayValue
from tui.widgets.status_band import BandValue, StatusBand, track_words
from tui.widgets.tiny_view import TinyView
from tui.widgets.track_card import TrackCard
from tui.widgets.track_tabs import TabsValue, TrackTabs
from tui.widgets.view import TrackView

if TYPE_CHECKING:
    from tui.app import PackdeckApp


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the fleet: everything a place draws from."""

    fleet: Fleet
    now_s: float  # engine's steady clock
    local_s: float  # this process's steady clock
    wall_s: float
    selected: str
    paused: bool

    @property
    def views(self) -> tuple[TrackView, ...]:
        """All tracks as seen now."""
        fleet, several = self.fleet, len(self.fleet.tracks) > 1
        return tuple(
            TrackView(
                t, fleet.state(t, self.now_s), self.now_s, fleet.polling, several and t.name == self.selected
            )
            for t in fleet.tracks
        )

    @property
    def selected_index(self) -> int:
        """Where the selected track is in the fleet; the first when there is none."""
        names = [t.name for t in self.fleet.tracks]
        return names.index(self.selected) if self.selected in names else 0


class Place(Screen[None]):
    """A screen with a number key. Subclasses give a name, a body, and draw a look."""

    NAME: ClassVar[str] = ""
    LOOKS_ALWAYS: ClassVar[bool] = False  # True: has news of its own, not only when the fleet has
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [
        (0, "-w-tiny"),
        (38, "-w-phone"),
        (60, "-w-s"),
        (100, "-w-m"),
        (120, "-w-l"),
        (150, "-w-xl"),
    ]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [
        (0, "-h-tiny"),
        (18, "-h-s"),
        (29, "-h-m"),
        (38, "-h-l"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.next_track(1)", show=False, id="track.next"),
        Binding("shift+tab", "app.next_track(-1)", show=False, id="track.previous"),
        Binding("right,l,down,j", "app.next_track(1)", show=False, id="track.right"),
        Binding("left,h,up,k", "app.next_track(-1)", show=False, id="track.left"),
        Binding("enter", "app.open_track", show=False, id="track.open"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._wants_look = False

    @property
    def packdeck(self) -> "PackdeckApp":
        """The app, typed."""
        return cast("PackdeckApp", self.app)

    def compose(self) -> ComposeResult:
        """Frame around the body, everything with its first value: the first picture is a whole one."""
        look = self.packdeck.take_look()
        yield Header(self._header(look))
        yield StatusBand(BandValue(look.fleet, look.now_s, look.local_s))
        tabs = TrackTabs()
        tabs.display = False
        yield tabs
        self.set_class(not look.fleet.tracks, "-no-tracks")
        yield NoTracks(look.fleet.engine)
        with Vertical(id="body"):
            yield from self.body(look)
        yield HintBar(self.hint(look))
        if self.packdeck.replay is not None:
            yield ReplayBar(_replay_value(self.packdeck.replay.player))
        yield KeyBar(self.all_keys())
        yield TinyView(look.views)

    def body(self, look: Look) -> Iterable[Widget]:
        """What is between the tabs and the hint."""
        raise NotImplementedError

    def cards_fit(self, look: Look) -> bool:
        """False when tabs are needed to reach every track."""
        raise NotImplementedError

    def draw(self, look: Look) -> None:
        """Give every widget of the body its value."""
        raise NotImplementedError

    def on_screen_resume(self) -> None:
        """Back on show: draw what happened meanwhile."""
        self._look_soon()

    def on_resize(self) -> None:
        """Another size has another layout."""
        self._look_soon()

    def _look_soon(self) -> None:
        """Once after the next layout, however often it is wanted."""
        if not self._wants_look:
            self._wants_look = True
            self.call_after_refresh(self.look_again)

    def look_again(self) -> None:
        """Draw the newest look, whether it is new or not."""
        self._wants_look = False
        if self.is_attached and self.size.width:
            self.look(self.packdeck.take_look())

    def look(self, look: Look) -> None:
        """Draw one look. A place still being made has taken its own; one being taken apart needs none."""
        if not (self.app.is_running and self.is_mounted and self.is_attached):
            return
        is_empty = not look.fleet.tracks
        if is_empty is not self.has_class("-no-tracks"):
            self.set_class(is_empty, "-no-tracks")
            self._look_soon()  # the body has a size only after the next layout
        with self.app.batch_update():
            self._frame(look)
            if is_empty:
                self.query_one(NoTracks).show(look.fleet.engine)
            elif self.query_one(TinyView).display:
                self.query_one(TinyView).show(look.views)
            else:
                self.draw(look)

    def redraw(self) -> None:
        """Glyphs, theme or language changed."""
        for drawing in self.query(Drawing):
            drawing.redraw()
        self.look_again()

    def _frame(self, look: Look) -> None:
        fleet = look.fleet
        self.query_one(Header).show(self._header(look))
        self.query_one(StatusBand).show(BandValue(fleet, look.now_s, look.local_s))
        tabs = self.query_one(TrackTabs)
        tabs.display = not (self.query_one(TinyView).display or self.cards_fit(look))
        tabs.show(TabsValue(self.tab_names(fleet), self.shown))
        self.query_one(HintBar).show(self.hint(look))
        if self.packdeck.replay is not None:
            self.query_one(ReplayBar).show(_replay_value(self.packdeck.replay.player))
        self.query_one(KeyBar).show(self.all_keys())

    def _header(self, look: Look) -> HeaderValue:
        fleet = look.fleet
        lamps = tuple((name, fleet.lamp(transport, look.now_s)) for name, transport in LAMPS)
        simulated = any(t.simulated for t in fleet.tracks)
        recording = bool(fleet.recording) and self.packdeck.replay is None
        return HeaderValue(self.NAME, lamps, clock_words(look.wall_s), look.paused, simulated, recording)

    def all_keys(self) -> tuple[KeyHint, ...]:
        """What can be pressed here: the places, what this one alone knows, then the rest."""
        hints = self.packdeck.key_hints()
        places = [hint for hint in hints if not hint.rank]
        return (*places, *self.own_keys(), *(hint for hint in hints if hint.rank))

    def own_keys(self) -> tuple[KeyHint, ...]:
        """Keys that this place has beside those of all."""
        return ()

    def why_key(self) -> KeyHint:
        """For places that show a state of charge."""
        return KeyHint("w", say("key-why"), say("key-why-short"), "app.why", 5)

    def hint(self, look: Look) -> str:
        """What to do here, in one line."""
        tracks = look.fleet.tracks
        if len(tracks) < 2:
            return say("hint-one")
        here = tracks[look.selected_index]
        there = tracks[(look.selected_index + 1) % len(tracks)]
        return say("hint-two", here=track_words(here.name), there=track_words(there.name))

    def on_replay_bar_sought(self, message: ReplayBar.Sought) -> None:
        """The slider was tapped."""
        if self.packdeck.replay is not None:
            self.packdeck.replay.seek(message.at_s)

    @property
    def shown(self) -> str:
        """The tab on show."""
        return self.packdeck.selected

    def tab_names(self, fleet: Fleet) -> tuple[str, ...]:
        """What has a tab here: the tracks."""
        return tuple(t.name for t in fleet.tracks)

    def choose_tab(self, name: str) -> None:
        """Show that tab."""
        self.packdeck.select_track(name)

    def on_track_tabs_selected(self, message: TrackTabs.Selected) -> None:
        """A tab was tapped."""
        self.choose_tab(message.track)

    def on_track_card_chosen(self, message: TrackCard.Chosen) -> None:
        """A card was tapped: select it, or open it when it is the selected one."""
        if message.track == self.packdeck.selected:
            self.packdeck.action_open_track()
        else:
            self.packdeck.select_track(message.track)


def _replay_value(player: Player) -> ReplayValue:
    return ReplayValue(player.position_s, player.length_s, player.speed, player.paused)


LAMPS = (("ble", "ble"), ("uart", "uart"), ("can", "can"), ("mqtt", "mqtt"), ("disk", "disk"), ("api", "api"))
