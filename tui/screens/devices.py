"""Devices (8): everything on Bluetooth, and what can be done with it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from tui.locale import say
from tui.model.device import LEND_S, Device, ProbeReport
from tui.model.fleet import Fleet
from tui.model.requests import (
    Answer,
    Lend,
    Pair,
    Probe,
    ReconnectDevice,
    Request,
    ResetAdapter,
    Scan,
    Unpair,
)
from tui.model.track import Track
from tui.screens.asking import ask_one, tell_refusal
from tui.screens.screen import Look
from tui.screens.stands_alone import StandsAlone
from tui.widgets.adapter_bar import SCAN_S, AdapterBar, AdapterValue, adapter_rows
from tui.widgets.confirm import Buttons, ButtonsValue, Confirm, Question
from tui.widgets.device_detail import DetailValue, DeviceDetail
from tui.widgets.device_sheet import DeviceSheet, PairSheet
from tui.widgets.device_table import HEAD_ROWS, DeviceChosen, DevicesValue, DeviceTable, DeviceView

LEAST_DETAIL = 7  # rows kept for the panel below a long table
ADAPTER = ""  # key of what is asked of the adapter itself
TAP, TAPPED = ("device-do-reconnect",), ("device-busy-reconnect",)


class Devices(StandsAlone):
    """A line for the adapter, a table, and everything about the chosen device below or beside it."""

    NAME: ClassVar[str] = "devices"
    AUTO_FOCUS = ""
    SCOPED_CSS = False
    DEFAULT_CSS = """
    Devices #devices-area { height: 1fr; layout: vertical; }
    Devices > #body > Buttons { display: none; height: 3; }
    Devices.-tap > #body > Buttons { display: block; }
    .-kiosk Devices.-h-m > #body > Buttons, .-kiosk Devices.-h-l > #body > Buttons { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j,right,tab", "move(1)", show=False, id="devices.down"),
        Binding("up,k,left,h,shift+tab", "move(-1)", show=False, id="devices.up"),
        Binding("pagedown", "page(1)", show=False, id="devices.page-down"),
        Binding("pageup", "page(-1)", show=False, id="devices.page-up"),
        Binding("enter", "open_device", show=False, id="devices.open"),
        Binding("S", "scan", show=False, id="devices.scan"),
        Binding("a", "act('assign')", show=False, id="devices.assign"),
        Binding("r", "act('reconnect')", show=False, id="devices.reconnect"),
        Binding("l", "act('lend')", show=False, id="devices.lend"),
        Binding("p", "act('probe')", show=False, id="devices.probe"),
        Binding("u", "act('unpair')", show=False, id="devices.unpair"),
        Binding("A", "act('reset')", show=False, id="devices.reset"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._selected = ""
        self._top = 0
        self._order: list[str] = []  # others in the order in which they appeared: rows keep their place
        self._busy: dict[str, str] = {}  # address to what is being asked of it
        self._probes: dict[str, ProbeReport] = {}

    # --- the picture ---

    def body(self, look: Look) -> Iterable[Widget]:
        """Adapter, table, panel; the style sheet places them."""
        value, adapter, bar = self._value(look), self._adapter(look), AdapterBar()
        bar.value = adapter
        bar.styles.height = len(adapter_rows(adapter, self.app.size.width, bar.glyphs))
        yield bar
        with Container(id="devices-area"):
            table = DeviceTable(value)
            table.styles.height = max(1, len(value.views) + HEAD_ROWS)
            yield table
            yield DeviceDetail(self._detail(look))
        yield Buttons(self._buttons(look))

    def cards_fit(self, look: Look) -> bool:
        """Devices are not tracks: no tabs."""
        return True

    def draw(self, look: Look) -> None:
        """Everything anew; widgets repaint the lines that changed."""
        value, bar = self._value(look), self.query_one(AdapterBar)
        adapter = self._adapter(look)
        bar.styles.height = len(adapter_rows(adapter, self.size.width, bar.glyphs))
        bar.show(adapter)
        table = self.query_one(DeviceTable)
        table.styles.height = self._table_height(len(value.views))
        table.show(value)
        self.query_one(DeviceDetail).show(self._detail(look))
        buttons = self._buttons(look)
        self.set_class(buttons.words[:1] in (TAP, TAPPED), "-tap")
        self.query_one("#body > Buttons", Buttons).show(buttons)

    def _buttons(self, look: Look) -> ButtonsValue:
        """What fingers press. Reconnect is there for everybody while a person must press it (row S2-10)."""
        view = self._detail(look).view
        tap: tuple[str, ...] = ()
        if view is not None and view.needs_tap and not view.lost and view.lent_s is None:
            tap = TAPPED if view.busy == "reconnect" else TAP
        if not self.app.has_class("-kiosk"):
            return ButtonsValue(tap, at=-1)
        scan = "device-button-stop" if self._adapter(look).scan_s else "device-button-scan"
        return ButtonsValue((*tap, scan, "device-button-open", "device-button-reset"), at=-1)

    def _table_height(self, count: int) -> int:
        """As many rows as there are devices, as long as the panel below keeps some."""
        room = self.query_one("#devices-area").size.height - LEAST_DETAIL
        return max(1 if not count else HEAD_ROWS + 1, min(count + HEAD_ROWS if count else 1, room))

    def hint(self, look: Look) -> str:
        """The keys of this place; what fits."""
        scan = say("devices-hint-stop" if self._adapter(look).scan_s else "devices-hint-scan")
        words = [
            say(f"devices-hint-{name}") for name in ("open", "reconnect", "assign", "lend", "probe", "reset")
        ]
        return " · ".join([scan, *words])

    def _adapter(self, look: Look) -> AdapterValue:
        fleet = look.fleet
        return AdapterValue(fleet.radio, look.now_s, not fleet.engine.attached, ADAPTER in self._busy)

    def _value(self, look: Look) -> DevicesValue:
        views = self.views(look)
        addresses = [view.device.address for view in views]
        if self._selected not in addresses:
            self._selected = addresses[0] if addresses else ""
        return DevicesValue(views, self._selected, self._top)

    def views(self, look: Look) -> tuple[DeviceView, ...]:
        """All devices in the order of the rows: ours by track, then the others as they came."""
        fleet, lost = look.fleet, not look.fleet.engine.attached
        places = {track.name: i for i, track in enumerate(fleet.tracks)}
        found = [with_track(fleet, d) for d in (*fleet.radio.devices, *unseen(fleet))]
        ours = [one for one in found if one[0].paired]
        ours.sort(key=lambda one: (places.get(one[0].track, len(places)), one[0].address))
        others = {one[0].address: one for one in found if not one[0].paired}
        self._order = [a for a in self._order if a in others] + [a for a in others if a not in self._order]
        rows = [*ours, *(others[address] for address in self._order)]
        return tuple(
            DeviceView(device, look.now_s, look.wall_s, track, self._busy.get(device.address, ""), lost)
            for device, track in rows
        )

    def _detail(self, look: Look, in_sheet: bool = False, address: str = "") -> DetailValue:
        address = address or self._selected
        view = next((v for v in self.views(look) if v.device.address == address), None)
        reason = "" if look.fleet.radio.devices else say("device-none-found")
        return DetailValue(view, self._probes.get(address), reason, in_sheet)

    @property
    def chosen(self) -> DeviceView | None:
        """The device under the cursor."""
        return self._detail(self.packdeck.take_look()).view

    # --- the cursor ---

    def action_move(self, step: int) -> None:
        """Another row."""
        value = self._value(self.packdeck.take_look())
        addresses = [view.device.address for view in value.views]
        if addresses:
            at = addresses.index(self._selected) + step
            self._choose(value, max(0, min(at, len(addresses) - 1)))

    def action_page(self, step: int) -> None:
        """A screenful further."""
        self.action_move(step * max(1, self.query_one(DeviceTable).size.height - HEAD_ROWS - 1))

    def _choose(self, value: DevicesValue, at: int) -> None:
        table = self.query_one(DeviceTable)
        self._selected = value.views[at].device.address
        self._top = table.first_shown(replace(value, selected=self._selected), table.size.height - HEAD_ROWS)
        self.look_again()

    def on_device_chosen(self, message: DeviceChosen) -> None:
        """A tap selects, a second one opens."""
        value = self._value(self.packdeck.take_look())
        if message.index < len(value.views):
            if value.views[message.index].device.address == self._selected:
                self.action_open_device()
            else:
                self._choose(value, message.index)

    def action_open_device(self) -> None:
        """The sheet of the chosen device."""
        address = self._selected
        if address and not isinstance(self.app.screen, DeviceSheet):
            self.app.push_screen(
                DeviceSheet(
                    lambda: self._detail(self.packdeck.take_look(), True, address),
                    lambda name: self.act(name, address),
                )
            )

    # --- doing ---

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """The large buttons of the kiosk."""
        words = self._buttons(self.packdeck.take_look()).words
        actions: dict[str, Callable[[], None]] = {
            "device-do-reconnect": lambda: self.act("reconnect", self._selected),
            "device-button-open": self.action_open_device,
            "device-button-reset": self.ask_reset,
            "device-button-scan": self.action_scan,
            "device-button-stop": self.action_scan,
        }
        if message.index < len(words) and words[message.index] in actions:
            actions[words[message.index]]()

    def on_adapter_bar_tapped(self) -> None:
        """The line of the adapter."""
        self.action_scan()

    def action_scan(self) -> None:
        """Look for devices, or stop looking."""
        scanning = self._adapter(self.packdeck.take_look()).scan_s > 0
        if not scanning:
            self._order.clear()  # nearest first again
        self.ask(Scan(0.0 if scanning else SCAN_S))

    def action_act(self, name: str) -> None:
        """An action on the chosen device."""
        if name == "probe":
            self.action_open_device()
        self.act(name, self._selected)

    def act(self, name: str, address: str) -> None:
        """An action on a device, unless something is being asked of it already."""
        view = self._detail(self.packdeck.take_look(), address=address).view if address else None
        if name == "reset":
            self.ask_reset()
        elif view is not None and not view.busy:
            {
                "assign": self._assign,
                "reconnect": self._reconnect,
                "lend": self._lend,
                "probe": self._probe,
                "unpair": self._unpair,
            }[name](view)

    def _assign(self, view: DeviceView) -> None:
        """Ask for the track and the secret, then make it ours."""
        fleet = self.packdeck.take_look().fleet
        tracks = [(track.name, holder(fleet, track, view.device.address)) for track in fleet.tracks]

        def pair(request: Pair | None) -> None:
            if request is not None:
                self.ask(request, "pair", request.address, say("device-done-pair", name=view.name))

        self.app.push_screen(PairSheet(view, tracks), pair)

    def _reconnect(self, view: DeviceView) -> None:
        if not view.device.paired:
            self.app.notify(say("device-not-ours-do"), markup=False)
        elif not view.device.connected:
            self.ask(ReconnectDevice(view.device.address), "reconnect", view.device.address)

    def _lend(self, view: DeviceView) -> None:
        address = view.device.address
        if not view.device.paired:
            self.app.notify(say("device-not-ours-do"), markup=False)
        elif view.lent_s is not None:
            self.ask(Lend(address, 0.0), "take-back", address)
        else:
            self.ask(
                Lend(address, LEND_S), "lend", address, say("device-done-lend", minutes=int(LEND_S / 60))
            )

    def _probe(self, view: DeviceView) -> None:
        self._probes.pop(view.device.address, None)
        self.ask(Probe(view.device.address), "probe", view.device.address)

    def _unpair(self, view: DeviceView) -> None:
        if not view.device.paired:
            return
        question = Question(say("device-ask-unpair", name=view.name), say("device-ask-unpair-text"))
        address, done = view.device.address, say("device-done-unpair", name=view.name)
        self._confirmed(question, lambda: self.ask(Unpair(address), "unpair", address, done))

    def ask_reset(self) -> None:
        """Switch the adapter off and on, if a person says yes to losing its links."""
        links = [v.name for v in self.views(self.packdeck.take_look()) if v.device.connected]
        names = ", ".join(links) if links else say("device-none")
        question = Question(say("device-ask-reset"), say("device-ask-reset-text", names=names))
        self._confirmed(
            question, lambda: self.ask(ResetAdapter(), "reset", ADAPTER, say("device-done-reset"))
        )

    def _confirmed(self, question: Question, then: Callable[[], None]) -> None:
        self.app.push_screen(Confirm(question), lambda yes: then() if yes else None)

    def ask(self, request: Request, busy: str = "", address: str = ADAPTER, done: str = "") -> None:
        """Ask in a thread; until the answer comes the row says what is going on."""
        if busy:
            self._busy[address] = busy
        ask_one(self, self.packdeck.feed, request, partial(self._answered, busy, address, done))
        self._news()

    def _answered(self, busy: str, address: str, done: str, answer: Answer) -> None:
        if busy:
            self._busy.pop(address, None)
        if answer.probe is not None:
            self._probes[address] = answer.probe
        if answer.ok and done:
            self.app.notify(done, markup=False)
        elif not answer.ok:
            tell_refusal(self, answer)
        self._news()

    def _news(self) -> None:
        """Show it here and in the sheet."""
        self.look_again()
        for screen in self.app.screen_stack:
            if isinstance(screen, DeviceSheet):
                screen.look_again()


def unseen(fleet: Fleet) -> list[Device]:
    """Batteries of the configuration of which the radio knows nothing."""
    taken = {device.track for device in fleet.radio.devices}
    return [
        Device(track.setup.mac, paired=True, track=track.name)
        for track in fleet.tracks
        if track.setup.mac and track.name not in taken and fleet.radio.device(track.setup.mac) is None
    ]


def with_track(fleet: Fleet, device: Device) -> tuple[Device, Track | None]:
    """A device and the track whose battery it is: as assigned, else by the configuration."""
    taken = {one.track for one in fleet.radio.devices}
    configured = (t for t in fleet.tracks if t.name not in taken and t.setup.mac == device.address)
    track = fleet.track(device.track) if device.track else next(configured, None)
    return (replace(device, track=track.name) if track is not None else device), track


def holder(fleet: Fleet, track: Track, but: str) -> str:
    """What is this track's battery now, if it is another device."""
    held = next((d for d in fleet.radio.devices if d.track == track.name), None)
    address = held.address if held is not None else track.setup.mac
    if not address or address == but:
        return ""
    return held.name if held is not None and held.name else address
