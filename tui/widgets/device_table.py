"""Bluetooth devices, one row each: signal, last sight, track, what packdeck does with it, and how well."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil

from textual import events
from textual.message import Message

from tui.locale import language, messages, say
from tui.model.device import Device
from tui.model.link import Phase, Traffic
from tui.model.track import Track
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, minutes_words
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import Cell, Column, kept_in_sight, laid_out, plain_cell, plan
from tui.widgets.rows import Row, Span, row, title_rule
from tui.widgets.status_band import track_words

SIGHT_S = 60.0  # not heard of for so long: out of sight
NEAR_DBM, IN_RANGE_DBM, BARS_DBM = -60, -80, (-90, -80, -70, -60)
NO_RSSI_DBM = -127  # what radios report instead of nothing
GOOD_PCT, FAIR_PCT = 95, 80
HEAD_ROWS = 2  # title rule and headings
ADDRESS = 17
ROOMY = 120  # from so many cells on states get a share of what is left
WIDE = 76  # from so many cells on states are said in full
NARROW_MARKS = 2  # a state begins with its mark and a space


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One device as seen at `now_s` on the engine's steady clock."""

    device: Device
    now_s: float
    wall_s: float = 0.0
    track: Track | None = None
    busy: str = ""  # what is being asked of it: "reconnect", "pair", …
    lost: bool = False  # the engine is gone: everything is as it was

    @property
    def age_s(self) -> float | None:
        """Seconds since it was seen; `None` if never."""
        if self.device.seen_at_s is not None:
            return max(0.0, self.now_s - self.device.seen_at_s)
        return None if self.device.seen_ms is None else max(0.0, self.wall_s - self.device.seen_ms / 1000)

    @property
    def in_sight(self) -> bool:
        """Heard of a moment ago, or connected."""
        return self.device.connected or (self.age_s is not None and self.age_s <= SIGHT_S)

    @property
    def rssi_dbm(self) -> int | None:
        """The strength of the signal, while it means something."""
        rssi = self.device.rssi_dbm
        return None if rssi is None or rssi <= NO_RSSI_DBM or not self.in_sight else rssi

    @property
    def lent_s(self) -> float | None:
        """Seconds until a lent device comes back."""
        until_s = self.device.lent_until_s
        return None if until_s is None or until_s <= self.now_s else until_s - self.now_s

    @property
    def needs_tap(self) -> bool:
        """A person must press reconnect: the engine said so, or its window is over (row S2-23)."""
        return self.device.requires_tap or self.device.window_left_s(self.now_s) == 0

    @property
    def name(self) -> str:
        """What to call it; a configured battery that nobody has seen has the name of its track."""
        device = self.device
        return device.name or (track_words(device.track) if device.track else say("device-nameless"))

    @property
    def traffic(self) -> Traffic | None:
        """The figures of its link, while it is connected."""
        return self.track.link.traffic if self.track is not None and self.device.connected else None


@dataclass(frozen=True, slots=True)
class DevicesValue:
    """All devices in the order of the rows."""

    views: tuple[DeviceView, ...] = ()
    selected: str = ""
    top: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What packdeck does with a device: a mark, and words from long to short."""

    mark: str
    role: str
    words: tuple[str, ...]

    def fitting(self, cells: int) -> str:
        """The longest words that fit."""
        return next((words for words in self.words if len(words) <= cells), self.words[-1])


class DeviceChosen(Message):
    """A row was tapped."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


class DeviceTable(Drawing[DevicesValue]):
    """Title rule, headings, rows."""

    def draw(self, value: DevicesValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """As many rows as fit around the selected one."""
        columns, room = device_columns(value.views, cells), max(0, height - HEAD_ROWS)
        known = counts(value.views)
        if len(value.views) > room:
            known.append((say("frames-part", shown=room, all=len(value.views)), "label"))
        title = title_rule(say("device-title"), known, cells, glyphs)
        heads = {c.name: plain_cell(_heading(c.name), "label") for c, _ in columns}
        first = self.first_shown(value, room)
        lines = [
            laid_out(
                columns, device_cells(view, glyphs), ">" if view.device.address == value.selected else " "
            )
            for view in value.views[first : first + room]
        ]
        return [title, laid_out(columns, heads), *lines]

    def first_shown(self, value: DevicesValue, room: int) -> int:
        """Which row is the first, so that the selected one is in sight."""
        addresses = [view.device.address for view in value.views]
        at = addresses.index(value.selected) if value.selected in addresses else None
        return kept_in_sight(len(addresses), value.top, at, max(1, room))

    def on_click(self, event: events.Click) -> None:
        """A tap on a row chooses it."""
        at = event.y - HEAD_ROWS
        if self.value is not None and at >= 0:
            self.post_message(DeviceChosen(at + self.first_shown(self.value, self.size.height - HEAD_ROWS)))


def counts(views: Sequence[DeviceView]) -> list[Span]:
    """How many there are, how many are connected, how many are ours."""
    connected = sum(view.device.connected and not view.lost for view in views)
    ours = sum(view.device.paired for view in views)
    return [
        (say("device-count-connected", count=connected), "ok" if connected else "label"),
        (say("device-count-ours", count=ours), "text"),
        (say("device-count-all", count=len(views)), "label"),
    ]


def device_columns(views: Sequence[DeviceView], cells: int) -> list[tuple[Column, int]]:
    """What fits, in the order of reading; the width depends on the size, so nothing jumps."""
    wide = cells >= WIDE
    address = max([ADDRESS, *(len(view.device.address) for view in views)])
    track = min(12, max([6, *(len(track_words(view.device.track)) for view in views if view.device.track)]))
    wanted = (
        Column("name", 14 if wide else 13, 0, stretches=True),
        Column("state", 28 if wide else 20, 1, stretches=cells >= ROOMY),
        Column("bars", 4, 2),
        Column("dbm", 4, 5, right=True),
        Column("range", 12, 4),
        Column("seen", 6, 3, right=True),
        Column("track", track, 6),
        Column("address", address, 7),
        Column("kind", 9, 10),
        Column("quality", 11, 8),
        Column("errors", 7, 9, right=True),
    )
    return plan(wanted, cells - 2 if wide else cells - 1)


def _heading(name: str) -> str:
    return "" if name == "bars" else "dBm" if name == "dbm" else say(f"device-col-{name}")


def device_cells(view: DeviceView, glyphs: GlyphSet) -> dict[str, Cell]:
    """Every cell of one row."""
    device = view.device
    old = view.lost or not (view.in_sight or view.needs_tap)
    role = "stale" if old else "text"
    rssi, traffic = view.rssi_dbm, view.traffic
    return {
        "name": lambda wide: row(
            (view.name[:wide], "stale" if old else "title" if device.paired else "text")
        ),
        "address": plain_cell(device.address, role),
        "kind": plain_cell(kind_words(view), role),
        "bars": lambda wide: row((bars(rssi, glyphs), "stale" if view.lost else signal_role(rssi))),
        "dbm": plain_cell(UNKNOWN if rssi is None else str(rssi), role),
        "range": plain_cell(range_words(view), role),
        "seen": plain_cell(seen_short(view.age_s), role),
        "track": plain_cell(track_words(device.track) if device.track else "", role),
        "state": partial(state_cell, view, glyphs),
        "quality": lambda wide: quality_row(traffic, view.lost),
        "errors": plain_cell(UNKNOWN if traffic is None else str(error_count(traffic)), role),
    }


def state_cell(view: DeviceView, glyphs: GlyphSet, cells: int) -> Row:
    """`● connected`: mark and as many words as fit."""
    standing = standing_of(view, glyphs)
    words = standing.fitting(cells - NARROW_MARKS)
    return row((f"{standing.mark} {words}", "stale" if view.lost else standing.role))


def standing_of(view: DeviceView, glyphs: GlyphSet) -> Standing:
    """What packdeck does with it now; what needs a person comes before what goes by itself."""
    device = view.device
    if view.lost:
        before = standing_of(replace(view, lost=False), glyphs).words
        return Standing(glyphs.stale, "stale", (say("device-was", state=before[-1]), before[-1]))
    if view.busy:
        return Standing(glyphs.dot, "info", (say(f"device-busy-{view.busy}"),))
    if device.connected:
        return Standing(glyphs.ok, "ok", (say("device-connected"),))
    if view.lent_s is not None:
        return Standing(glyphs.dot, "info", (say("device-lent", time=minutes_words(view.lent_s)),))
    if view.needs_tap:
        return Standing(glyphs.warn, "warn", (say("device-tap"),))
    if note := note_words(device.note):
        return Standing(glyphs.warn, "warn", (note,))
    return _waiting(view, glyphs)


def _waiting(view: DeviceView, glyphs: GlyphSet) -> Standing:
    """Ours and reconnected by itself, never seen, or somebody else's."""
    device = view.device
    if not device.paired:
        return Standing("-", "label", (say("device-not-ours"),))
    if view.age_s is None:
        return Standing(glyphs.stale, "warn", (say("device-unseen"),))
    left_s = device.window_left_s(view.now_s)
    if left_s is None:  # a beacon: nobody connects to it
        return Standing(glyphs.dot, "info", (say("device-paired"),))
    minutes = ceil(left_s / 60)
    words: tuple[str, ...] = (
        say("device-window", minutes=minutes),
        say("device-window-short", minutes=minutes),
    )
    link = view.track.link if view.track is not None else None
    if link is not None and link.phase is Phase.LOST and 0 < link.attempt <= link.attempts_max:
        attempt = say("device-try", attempt=link.attempt, max=link.attempts_max)
        words = (f"{words[0]}, {attempt}", *words)
    return Standing(glyphs.dot, "info", words)


def note_words(note: str) -> str:
    """What only a person can change, in words; of the rest the window, the link or the adapter tells."""
    return say(f"device-note-{note}") if note and f"device-note-{note}" in messages(language()) else ""


def kind_words(view: DeviceView) -> str:
    """What it seems to be."""
    return say(f"device-kind-{view.device.kind}")


def bars(rssi_dbm: int | None, glyphs: GlyphSet) -> str:
    """Four rising bars, or strokes where a cell has no eighths: blocks of many rows would become one."""
    lit = 0 if rssi_dbm is None else max(1, sum(rssi_dbm >= limit for limit in BARS_DBM))
    if not glyphs.has("eighths"):
        return "|" * lit + "." * (len(BARS_DBM) - lit)
    steps = len(glyphs.levels_up) - 1
    return "".join(
        glyphs.levels_up[(i + 1) * steps // len(BARS_DBM)] if i < lit else "_" for i in range(len(BARS_DBM))
    )


def signal_role(rssi_dbm: int | None) -> str:
    """Green, plain or amber; the word beside it says the same."""
    if rssi_dbm is None:
        return "label"
    return "ok" if rssi_dbm >= NEAR_DBM else "text" if rssi_dbm >= IN_RANGE_DBM else "warn"


def range_words(view: DeviceView) -> str:
    """Row S0-7: how far away it seems to be."""
    rssi = view.rssi_dbm
    if rssi is None:
        return say("device-range-in" if view.in_sight else "device-range-out")
    if rssi >= NEAR_DBM:
        return say("device-range-near")
    return say("device-range-in" if rssi >= IN_RANGE_DBM else "device-range-weak")


def quality_row(traffic: Traffic | None, lost: bool = False) -> Row:
    """`99 % good`: answered requests of the last hundred, and what that means."""
    percent = traffic.quality_pct if traffic is not None else None
    if percent is None:
        return row((UNKNOWN, "label"))
    word, role = (
        ("good", "ok")
        if percent >= GOOD_PCT
        else ("fair", "text")
        if percent >= FAIR_PCT
        else ("poor", "warn")
    )
    return row((f"{percent} % {say(f'device-quality-{word}')}", "stale" if lost else role))


def error_count(traffic: Traffic) -> int:
    """What came and was no good; silence counts in the quality."""
    return traffic.bad_checksum + traffic.implausible + traffic.late


def seen_short(age_s: float | None) -> str:
    """`12 s`, `24 min`, `17 h` in at most six cells; `--` when never seen."""
    if age_s is None:
        return UNKNOWN
    if age_s < 100:
        return f"{int(age_s)} s"
    return f"{int(age_s / 60)} min" if age_s < 6000 else f"{min(9999, int(age_s / 3600))} h"
