"""The Textual app: places, global keys, theme and glyphs, a clean exit. It knows only the feed."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import ANSIToTruecolor, LineFilter, Monochrome, NoColor
from textual.screen import Screen

from tui.feed.feed import Feed, Player
from tui.locale import say, use
from tui.model.fleet import Fleet
from tui.model.settings import ScreenSettings
from tui.screens.attention import FLASH_S, TEST_S, flashes, is_silent, loud
from tui.screens.screen import Look, Place
from tui.style.glyphs import GLYPHS, GlyphFilter, GlyphSet
from tui.style.themes import OWN_VARIABLES, THEME_NAMES, THEMES
from tui.widgets.key_bar import KeyHint
from tui.widgets.status_band import StatusBand

if TYPE_CHECKING:
    from tui.screens.replay_orders import ReplayOrders

PLACES: dict[str, str] = {
    "overview": "1",
    "tracks": "2",
    "cells": "3",
    "history": "4",
    "alerts": "5",
    "registers": "6",
    "frames": "7",
    "devices": "8",
    "system": "9",
    "simulator": "f3",
}
REPLAY_KEYS = {
    "less_than_sign": "skip(-10)",
    "greater_than_sign": "skip(10)",
    "left_square_bracket": "faster(-1)",
    "right_square_bracket": "faster(1)",
    "n": "step(1)",
    "N": "step(-1)",
}
INTERRUPT_WITHIN_S = 2.0
INTERRUPTED = 130


def _place(name: str) -> Place:
    """A place, loaded when it is first gone to: the first picture waits only for its own."""
    place: Place = getattr(import_module(f"tui.screens.{name}"), name.capitalize())()
    return place


class PackdeckApp(App[None]):
    """Screens around a feed. It looks at the feed a few times a second and draws what changed."""

    CSS_PATH = "app.tcss"
    TITLE = "packdeck"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    MODES: ClassVar = {name: partial(_place, name) for name in PLACES}
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"place('{name}')", show=False, id=f"place.{name}") for name, key in PLACES.items()),
        Binding("question_mark,f1", "help", show=False, id="help"),
        Binding("colon", "command_palette", show=False, id="palette"),
        Binding("space", "pause", show=False, id="pause"),
        Binding("R", "reconnect", show=False, id="reconnect"),
        Binding("P", "switch_polling", show=False, id="polling"),
        Binding("t", "next_theme", show=False, id="theme"),
        Binding("i", "details", show=False, id="details"),
        Binding("w", "why", show=False, id="why"),
        Binding("f2,comma", "settings", show=False, id="settings"),
        Binding("ctrl+l", "repaint", show=False, id="repaint"),
        *(Binding(key, action, show=False, id=f"replay.{key}") for key, action in REPLAY_KEYS.items()),
        Binding("b", "show_bytes", show=False, id="bytes"),
        Binding("q", "leave", show=False, id="quit"),
        Binding("ctrl+c", "interrupt", show=False, priority=True, id="interrupt"),
    ]

    def __init__(
        self,
        feed: Feed,
        *,
        settings: ScreenSettings | None = None,
        save: Callable[[ScreenSettings], None] | None = None,
        theme: str = "packdeck",
        glyphs: str = "full",
        kiosk: bool = False,
        start: str = "",
        can_quit: bool = True,
        on_shown: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        # Textual reads this while it starts; assigning it here avoids an empty screen before the first place.
        self.DEFAULT_MODE = start or ("tracks" if kiosk else "overview")  # type: ignore[misc]
        super().__init__()
        self.feed = feed
        self.settings = settings or ScreenSettings()
        self.selected = ""
        self._save = save
        self._auto = {"theme": theme, "glyphs": glyphs}
        self._can_quit = can_quit
        self._on_shown = on_shown
        self._clock, self._wall = (feed.clock, feed.wall) if isinstance(feed, Player) else (clock, wall)
        self.replay = self._orders(feed) if isinstance(feed, Player) else None
        self._frozen: tuple[Fleet, float, float] | None = None
        self._seen: tuple[int, int] | None = None
        self._drawn: tuple[Fleet, float, float] | None = None
        self._interrupted_at = -INTERRUPT_WITHIN_S
        self._beacon_near = False
        self._rung: set[tuple[str, str, int | None]] = set()
        self.band_dark = self.band_test = False
        self._band_test_until_s = float("-inf")
        self.glyph_set: GlyphSet = GLYPHS["full"]
        self._glyph_filter = GlyphFilter(self.glyph_set)
        for own in THEMES:
            self.register_theme(own)
        self.set_class(kiosk, "-kiosk")
        self.theme = self._take_words_and_glyphs()

    def _orders(self, player: Player) -> "ReplayOrders":
        from tui.screens.replay_orders import ReplayOrders

        return ReplayOrders(self, player)

    # --- starting and leaving ---

    def on_mount(self) -> None:
        """Take the settings, show the first place, start looking."""
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGHUP", "SIGINT"):
            if number := getattr(signal, name, None):
                with contextlib.suppress(NotImplementedError, RuntimeError):  # Windows; not the main thread
                    loop.add_signal_handler(number, self.exit)
        self.call_after_refresh(self._shown)

    def _shown(self) -> None:
        """The first picture is out: now the rest may start."""
        if self._on_shown is not None:
            self._on_shown()
        self.set_interval(1 / self._looks_per_s(), self._look)
        self.set_interval(FLASH_S, self._flash)
        self._watch_phases()

    def _watch_phases(self) -> None:
        from tui.screens.phase_toasts import ASK_EVERY_S, PhaseToasts

        self.phase_toasts = PhaseToasts(self)
        self.set_interval(ASK_EVERY_S, self.phase_toasts.ask)

    def _looks_per_s(self) -> int:
        return self.settings.fps or 8

    def action_leave(self) -> None:
        """Quit, where the kiosk allows it."""
        if self._can_quit:
            self.exit()

    def action_interrupt(self) -> None:
        """Ctrl+C twice quits, whatever is on the screen."""
        now = self._clock()
        if now - self._interrupted_at < INTERRUPT_WITHIN_S:
            self.exit(return_code=INTERRUPTED)
            return
        self._interrupted_at = now
        self.notify(say("interrupt-again"), timeout=INTERRUPT_WITHIN_S)

    # --- looking ---

    def take_look(self) -> Look:
        """The newest fleet, or the frozen one while paused."""
        fleet, local_s, wall_s = self._frozen or (self.feed.fleet(), self._clock(), self._wall())
        if not any(t.name == self.selected for t in fleet.tracks):
            self.selected = fleet.tracks[0].name if fleet.tracks else ""
        now_s = local_s + fleet.engine.offset_s
        return Look(fleet, now_s, local_s, wall_s, self.selected, self._frozen is not None)

    def clock_s(self) -> float:
        """The clock of every look; that of a paused one stands still."""
        return self._clock()

    def _look(self) -> None:
        """Draw when there is news, or when a second has passed and ages have moved on."""
        place = self.place
        if place is None or self._frozen is not None:
            return
        seen = self.feed.fleet().version, int(self._clock())
        if seen == self._seen and not place.LOOKS_ALWAYS:
            return
        self._seen = seen
        look = self.take_look()
        self._drawn = look.fleet, look.local_s, look.wall_s
        self._ring(look.fleet)
        self._welcome(look.fleet)
        place.look(look)

    @property
    def place(self) -> Place | None:
        """The place on show, also under a sheet."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, Place)), None)

    def _welcome(self, fleet: Fleet) -> None:
        """Somebody comes near with a beacon: the kiosk shows what it is for (row S2-34)."""
        near, was_near = fleet.radio.beacon_near, self._beacon_near
        self._beacon_near = near
        if near and not was_near and self.has_class("-kiosk"):
            self.call_later(self.action_place, self.DEFAULT_MODE)

    def _ring(self, fleet: Fleet) -> None:
        """The bell, once for each new alert that is critical or tells of a near limit."""
        wanted = loud(fleet)
        if wanted - self._rung and self.settings.bell and not is_silent(fleet, self._wall()):
            self.bell()
        self._rung = wanted

    def _flash(self) -> None:
        """Twice a second: ring also while this screen is paused, and turn the band over while it flashes."""
        fleet, now_s = self.feed.fleet(), self._clock()
        self._ring(fleet)
        test = now_s < self._band_test_until_s
        on = self.settings.flash and (test or flashes(fleet, self._wall()))
        wanted = on and int(now_s / FLASH_S) % 2 == 1, test
        if wanted == (self.band_dark, self.band_test) or self.place is None:
            return
        self.band_dark, self.band_test = wanted
        for band in self.place.query(StatusBand):
            if band.value is not None:
                band.show(band.value)

    def show_test_band(self) -> None:
        """The band as in an alarm, for some seconds."""
        self._band_test_until_s = self._clock() + TEST_S
        self._flash()

    # --- places and tracks ---

    def action_place(self, name: str) -> None:
        """Go to a place."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.switch_mode(name)

    def action_next_track(self, step: int) -> None:
        """Select the next or previous tab of the place on show."""
        place = self.place
        if place is not None and (names := place.tab_names(self.take_look().fleet)):
            at = names.index(place.shown) if place.shown in names else 0
            place.choose_tab(names[(at + step) % len(names)])

    def select_track(self, name: str) -> None:
        """Select a track on every place."""
        self.selected = name
        if self.place is not None:
            self.place.look_again()

    def action_open_track(self) -> None:
        """From a card to its cells, and back."""
        self.action_place("tracks" if self.current_mode == "cells" else "cells")

    # --- pausing and asking ---

    def action_pause(self) -> None:
        """Freeze this screen as it is, the engine goes on; a recording stands still."""
        if self.replay is not None:
            self.replay.pause()
            return
        if self._frozen is None:
            self._frozen = self._drawn or (self.feed.fleet(), self._clock(), self._wall())
        else:
            self._frozen = None
        if self.place is not None:
            self.place.look_again()

    def look_anew(self) -> None:
        """Something else is on show now, whatever the fleet's version says."""
        self._seen = None
        if self.place is not None:
            self.place.look_again()

    def action_skip(self, seconds: float) -> None:
        """So many seconds on or back in the recording."""
        if self.replay is not None:
            self.replay.skip(seconds)

    def action_step(self, events: int) -> None:
        """One event on or back in the recording."""
        if self.replay is not None:
            self.replay.step(events)

    def action_faster(self, by: int) -> None:
        """The next or previous speed of the recording."""
        if self.replay is not None:
            self.replay.faster(by)

    async def action_show_bytes(self) -> None:
        """Go to the frame in which the values on show came."""
        from tui.screens.frames import Frames

        track = self.feed.fleet().track(self.selected)
        if track is None:
            return
        number = track.cells_frame if self.current_mode == "cells" and track.cells_frame else track.pack_frame
        if not number:
            self.notify(say("bytes-none"))
            return
        self.action_place("frames")
        if isinstance(self.place, Frames):
            self.place.show_source(track.name, number)

    def show_moment(self, track: str, time_ms: int, quantity: str = "") -> None:
        """Go to the history with the cursor on a moment, and one quantity among those on show."""
        from tui.screens.history import History

        self.action_place("history")

        def show() -> None:
            if isinstance(self.place, History):
                self.place.show_moment(track, time_ms, quantity)

        self.call_after_refresh(show)

    def action_reconnect(self) -> None:
        """Try the selected track's link now."""
        from tui.screens.track_orders import reconnect

        reconnect(self)

    def action_switch_polling(self) -> None:
        """Pause or resume asking the batteries, for every screen."""
        from tui.screens.track_orders import switch_polling

        switch_polling(self)

    # --- looks ---

    def action_help(self) -> None:
        """Show the keys."""
        from tui.screens.help import Help

        if not isinstance(self.screen, Help):
            self.push_screen(Help())

    def action_details(self) -> None:
        """Show everything the selected track's unit says."""
        from tui.screens.details import Details

        if self.selected and not isinstance(self.screen, Details):
            self.push_screen(Details())

    def action_why(self) -> None:
        """Show why the selected track's state of charge is what it is."""
        from tui.screens.details import WHY, Details

        if self.selected and not isinstance(self.screen, Details):
            self.push_screen(Details(WHY))

    def action_settings(self) -> None:
        """Show what belongs to this screen."""
        from tui.screens.settings import Settings

        if not isinstance(self.screen, Settings):
            self.push_screen(Settings())

    def action_command_palette(self) -> None:
        """Every command by name, in the language of the moment."""
        from textual.command import CommandPalette

        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=say("palette-search"), id="--command-palette"))

    def action_next_theme(self) -> None:
        """The next theme."""
        names = list(THEME_NAMES)
        at = names.index(self.theme) if self.theme in names else -1
        self.choose("theme", names[(at + 1) % len(names)])

    def choose(self, key: str, value: str) -> None:
        """Change one setting of this screen."""
        from tui.screens.settings import with_value

        self.apply_settings(with_value(self.settings, key, value))

    def apply_settings(self, settings: ScreenSettings) -> None:
        """Act on settings at once and keep them."""
        self.settings = settings
        self.theme = self._take_words_and_glyphs()
        if self._save is not None:
            self._save(settings)
        for screen in self.screen_stack:
            if isinstance(screen, Place):
                screen.redraw()

    def _take_words_and_glyphs(self) -> str:
        """Take language and glyphs from the settings; the name of their theme."""
        settings = self.settings
        use(settings.language)
        glyphs = self._auto["glyphs"] if settings.glyphs == "auto" else settings.glyphs
        self.glyph_set = GLYPHS.get(glyphs, GLYPHS["common"])
        self._glyph_filter = GlyphFilter(self.glyph_set)
        for name in GLYPHS:
            self.set_class(name == self.glyph_set.name, f"-glyph-{name}")
        theme = self._auto["theme"] if settings.theme == "auto" else settings.theme
        return theme if theme in self.available_themes else self._auto["theme"]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for themes that are not ours."""
        return OWN_VARIABLES

    def action_repaint(self) -> None:
        """Paint everything anew, after something else wrote on the terminal."""
        self.screen.refresh(layout=True)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Last of all, nothing leaves that the terminal cannot show.

        Our themes name either true colours or the sixteen, never both, so nothing has to be translated from
        one to the other, which would cost a fifth of each paint. Without colours the sixteen become none:
        as greys they would all be black on black.
        """
        kept = [one for one in super().get_line_filters() if not isinstance(one, ANSIToTruecolor)]
        if self.native_ansi_color:
            kept = [NoColor() if isinstance(one, Monochrome) else one for one in kept]
        return [*kept, self._glyph_filter] if self._glyph_filter.has_work else kept

    # --- what can be pressed ---

    def key_hints(self) -> tuple[KeyHint, ...]:
        """The last line, in the language of the moment."""
        places = [
            KeyHint(key, say(f"place-{name}"), say(f"place-{name}-short"), f"app.place('{name}')")
            for name, key in PLACES.items()
            if name != "simulator"
        ]
        simulates = any(track.simulated for track in self.feed.fleet().tracks)
        others = [
            ("?", "help", "app.help", 1),
            (":", "palette", "app.command_palette", 3),
            ("Space", "resume" if self._frozen else "pause", "app.pause", 4),
            ("F2", "settings", "app.settings", 6),
            *([("q", "quit", "app.leave", 2)] if self._can_quit else []),
            *([("F3", "simulator", "app.place('simulator')", 7)] if simulates else []),
        ]
        return (*places, *(KeyHint(k, say(f"key-{w}"), say(f"key-{w}-short"), a, r) for k, w, a, r in others))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action, by name, in the palette."""
        for name, key in PLACES.items():
            yield SystemCommand(
                say(f"place-{name}"), say("command-place", key=key), lambda n=name: self.action_place(n)
            )
        plain = (
            ("pause", self.action_pause),
            ("next-track", lambda: self.action_next_track(1)),
            ("reconnect", self.action_reconnect),
            ("polling", self.action_switch_polling),
            ("details", self.action_details),
            ("bytes", self.action_show_bytes),
            ("why", self.action_why),
            ("settings", self.action_settings),
            ("help", self.action_help),
            ("repaint", self.action_repaint),
        )
        for word, action in plain:
            yield SystemCommand(say(f"command-{word}"), say(f"command-{word}-help"), action)
        for key, values in (("theme", THEME_NAMES), ("glyphs", tuple(GLYPHS)), ("language", ("en", "fr"))):
            for value in values:
                title = say(f"command-{key}", value=value)
                yield SystemCommand(
                    title, say(f"command-{key}-help"), lambda k=key, v=value: self.choose(k, v)
                )
        if self._can_quit:
            yield SystemCommand(say("key-quit"), say("command-quit-help"), self.exit)
