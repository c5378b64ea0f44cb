"""Who is ours: devices seen and paired, the window of thirty minutes, lending, beacons. Pure.

The radio tells what it sees and what is connected; a link asks `may_connect` before it tries. The clock comes
from outside: `now_s` are seconds on one steady clock, `now_ms` is Unix time, which alone survives a restart.
"""

import logging
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from tui.model.device import WINDOW_S, Device, DeviceKind
from tui.model.link import Cause
from tui.transports.ble_kinds import kind_of

if TYPE_CHECKING:  # SQLite is loaded by whoever opens the database
    from tui.store.database import Database

log = logging.getLogger(__name__)

STALE_CHECK_S = 60.0  # row S2-24
ATTEMPT_S = 60.0  # no attempt to connect lasts longer
IN_SIGHT_S = 60.0  # row S2-18: not seen for so long is out of range
RECENT_S = 300.0  # row CL-32
LEND_MAX_S = 24 * 3600.0
DEVICES_MAX = 500  # phones change their address all day: the oldest strangers make room
NAME_CHARS = 40
COLUMNS = "address, name, kind, track, adapter, paired_ms, seen_ms, requires_tap, lent_until_ms, secret"
# A row that could not be read at the start is not known here: its passkey must outlive being written over.
KEEP_SECRET = "coalesce(nullif(?, ''), (SELECT secret FROM pairings WHERE address = ?), '')"
SAVE_SEEN_MS = 60_000  # a sight that moved by less is not worth a write to a memory card
_KINDS = {kind.value: kind for kind in DeviceKind}


class Seen(Protocol):
    """What one advertisement says. `at_s` is on the steady clock, `rssi` in dBm."""

    @property
    def address(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def rssi(self) -> int | None: ...
    @property
    def services(self) -> Collection[str]: ...
    @property
    def at_s(self) -> float: ...


class Happened(StrEnum):
    """What became of time or of a sight."""

    RETURNED = "returned"  # a paired device came back in range within its window: connect it
    TAP = "tap"  # the window of a paired device is over
    LEND_OVER = "lend-over"  # the time of a lent device is over: connect it
    PRESENCE_BEGAN = "presence-began"
    PRESENCE_ENDED = "presence-ended"


@dataclass(frozen=True, slots=True)
class News:
    """Something happened to a device."""

    what: Happened
    address: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """One paired device as it is stored. Times are Unix milliseconds."""

    address: str
    name: str = ""
    kind: DeviceKind = DeviceKind.UNKNOWN
    track: str = ""
    adapter: str = ""
    paired_ms: int = 0
    seen_ms: int | None = None
    requires_tap: bool = False
    lent_until_ms: int | None = None
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PairingCounts:
    """Figures for the status of pairing (rows S2-15, CL-32)."""

    discovered: int = 0
    connected: int = 0
    paired: int = 0
    requires_tap: int = 0
    active_recent: int = 0  # paired ones seen in the last five minutes


@dataclass(frozen=True, slots=True)
class PresenceRules:
    """When a beacon is near (row S2-34). An empty name: there is none."""

    name: str = "SoundGuys Beacon"
    near_dbm: int = -70
    hysteresis_db: int = 8  # once near, it may be weaker by so much
    away_s: float = 30.0  # not near for so long is away


class Presence:
    """One beacon, or several of the same name: is one near?"""

    def __init__(self, rules: PresenceRules) -> None:
        self._rules = rules
        self._near_at_s = float("-inf")
        self.address = ""  # of the one that was near last
        self.is_near = False

    def is_beacon(self, name: str) -> bool:
        """True when a device of this name is the beacon."""
        wanted = self._rules.name.strip().casefold()
        return bool(wanted) and name.strip().casefold() == wanted

    def seen(self, address: str, rssi: int | None, at_s: float) -> tuple[News, ...]:
        """A sight of the beacon; presence may begin, or end when it has long been weak."""
        limit = self._rules.near_dbm - (self._rules.hysteresis_db if self.is_near else 0)
        if rssi is None or rssi < limit:
            return self.time_passed(at_s)
        self._near_at_s, self.address = max(at_s, self._near_at_s), address
        began, self.is_near = not self.is_near, True
        return (News(Happened.PRESENCE_BEGAN, address),) if began else ()

    def time_passed(self, now_s: float) -> tuple[News, ...]:
        """Presence may end."""
        if not self.is_near or now_s - self._near_at_s <= self._rules.away_s:
            return ()
        self.is_near = False
        return (News(Happened.PRESENCE_ENDED, self.address),)


@dataclass(slots=True)
class _Entry:
    """Everything known about one device. `from_s`: the window counts from here or from a later sight."""

    device: Device
    pairing: Pairing | None = None
    from_s: float = float("-inf")
    allowed_at_s: float = float("-inf")  # the newest attempt to connect that was allowed
    lent: bool = False
    lent_until_s: float | None = None
    window_s: float = WINDOW_S

    def is_lent(self, now_s: float) -> bool:
        return self.lent_until_s is not None and self.lent_until_s > now_s

    def update_window(self, now_s: float) -> bool:
        """True when the window is over just now. Beacons have none: nobody connects to them."""
        until_s = self.window_until_s
        if until_s is None or now_s <= until_s:
            return False
        self.device = replace(self.device, requires_tap=True)
        return True

    @property
    def window_until_s(self) -> float | None:
        """When the window ends, after a loan's end; `None` when none is open: not ours, connected, over."""
        device = self.device
        if self.pairing is None or device.requires_tap or device.connected:
            return None
        if device.kind is DeviceKind.BEACON:
            return None
        since_s = max(t for t in (self.from_s, device.seen_at_s, self.lent_until_s) if t is not None)
        return since_s + self.window_s

    def stored(self) -> Pairing | None:
        device = self.device
        return self.pairing and replace(
            self.pairing,
            name=device.name,
            kind=device.kind,
            track=device.track,
            seen_ms=device.seen_ms,
            requires_tap=device.requires_tap,
        )


class Pairings:
    """All devices (rows S2-18 to S2-25, X-9). Belongs to one thread.

    Addresses may come in any spelling. What a person asks for gives `None`, or the cause why not.
    """

    def __init__(self, window_s: float = WINDOW_S, rules: PresenceRules | None = None) -> None:
        self.presence = Presence(rules or PresenceRules())
        self._window_s = window_s
        self._entries: dict[str, _Entry] = {}
        self._checked_at_s = float("-inf")

    def load(self, stored: Iterable[Pairing], now_s: float, now_ms: int) -> None:
        """Take what was kept over a restart: windows and loans go on as if nothing had been."""
        for pairing in stored:
            entry = self._entry(pairing.address)
            entry.pairing = pairing
            entry.from_s = _steady(pairing.paired_ms, now_s, now_ms)
            seen_ms, lent_ms = pairing.seen_ms, pairing.lent_until_ms
            if lent_ms is not None and lent_ms - now_ms <= LEND_MAX_S * 1000:  # else the clock was set back
                entry.lent_until_s = now_s + (lent_ms - now_ms) / 1000
                entry.lent = entry.is_lent(now_s)
            entry.device = replace(
                entry.device,
                name=pairing.name,
                kind=pairing.kind,
                track=pairing.track,
                paired=True,
                requires_tap=pairing.requires_tap,
                seen_ms=seen_ms,
                seen_at_s=None if seen_ms is None else _steady(seen_ms, now_s, now_ms),
                has_secret=bool(pairing.secret),
            )
            entry.update_window(now_s)

    def seen(self, sight: Seen, now_ms: int) -> tuple[News, ...]:
        """An advertisement came. The window is tested with the old sight before this one counts (row X-9)."""
        entry = self._entry(sight.address)
        was = entry.device
        news = self._window_news(entry, sight.at_s)
        name = "".join(c for c in sight.name if c.isprintable())[:NAME_CHARS].strip() or was.name
        kind = kind_of(name, sight.services, was.address)
        if self.presence.is_beacon(name):
            kind = DeviceKind.BEACON
        entry.device = replace(
            entry.device,
            name=name,
            kind=was.kind if kind is DeviceKind.UNKNOWN else kind,
            rssi_dbm=was.rssi_dbm if sight.rssi is None else sight.rssi,
            seen_at_s=max(sight.at_s, was.seen_at_s or sight.at_s),
            seen_ms=now_ms,
        )
        self._forget_strangers(sight.at_s)
        if self._is_our_beacon(entry):
            return news + self.presence.seen(was.address, sight.rssi, sight.at_s)
        away = was.seen_at_s is None or sight.at_s - was.seen_at_s > IN_SIGHT_S
        waits = entry.pairing is not None and not was.connected and not entry.is_lent(sight.at_s)
        if away and waits and not entry.device.requires_tap and entry.device.kind is not DeviceKind.BEACON:
            news += (News(Happened.RETURNED, was.address),)
        return news

    def connected(self, address: str, now_s: float, now_ms: int) -> None:
        """A link to it is open: as good as a sight, for as long as it lasts.

        When `may_connect` let that attempt begin, a window that ended meanwhile needs no tap.
        """
        self._met(address, now_s, now_ms, connected=True)
        entry = self._entry(address)
        if now_s - entry.allowed_at_s <= ATTEMPT_S:
            entry.device = replace(entry.device, requires_tap=False)

    def disconnected(self, address: str, now_s: float, now_ms: int) -> None:
        """The link is closed; the window begins."""
        self._met(address, now_s, now_ms, connected=False)

    def note(self, address: str, note: str) -> None:
        """A word of the radio about a device: names `device-note-<note>`; empty: none."""
        entry = self._entry(address)
        entry.device = replace(entry.device, note=note)

    def pair(
        self, address: str, now_s: float, now_ms: int, *, track: str = "", secret: str = "", adapter: str = ""
    ) -> bool:
        """Make it ours; what is not given stays. True when it is in sight, so connect it (row S2-20)."""
        entry = self._entry(address)
        before = entry.pairing or Pairing(entry.device.address)
        entry.pairing = replace(
            before,
            paired_ms=now_ms,
            secret=secret or before.secret,
            adapter=adapter or before.adapter,
            lent_until_ms=None,
        )
        entry.device = replace(entry.device, paired=True, has_secret=bool(entry.pairing.secret))
        self._begin_anew(entry, now_s)
        if track:
            self.assign(address, track)
        return self._in_sight(entry, now_s)

    def unpair(self, address: str) -> Cause | None:
        """Forget that it is ours, with its secret; it stays among the devices seen."""
        entry = self._ours(address)
        if entry is None:
            return _not_paired(address)
        entry.pairing, entry.lent, entry.lent_until_s = None, False, None
        entry.device = replace(entry.device, paired=False, track="", requires_tap=False, has_secret=False)
        return None

    def assign(self, address: str, track: str) -> Cause | None:
        """Make it the battery of a track, which then has no other; an empty track: of none."""
        entry = self._ours(address)
        if entry is None:
            return _not_paired(address)
        for other in self._entries.values():
            if track and other.device.track == track:
                other.device = replace(other.device, track="")
        entry.device = replace(entry.device, track=track)
        return None

    def reconnect(self, address: str, now_s: float) -> Cause | None:
        """A person pressed reconnect: the tap is made, a loan is over, the window begins anew."""
        entry = self._ours(address)
        if entry is None:
            return _not_paired(address)
        self._begin_anew(entry, now_s)
        return None

    def lend(self, address: str, seconds: float, now_s: float, now_ms: int) -> None:
        """Leave it to a phone for so many seconds, a day at most; 0 takes it back."""
        entry = self._entry(address)
        seconds = min(seconds, LEND_MAX_S) if seconds > 0 else 0.0
        if seconds or entry.lent:
            entry.lent, entry.lent_until_s = seconds > 0, now_s + seconds
            if entry.pairing is not None:
                until_ms = now_ms + round(seconds * 1000)
                entry.pairing = replace(entry.pairing, lent_until_ms=until_ms)

    def may_connect(self, address: str, now_s: float) -> Cause | None:
        """`None` when a link may try; else why not. A device that is not paired is left to its link."""
        entry = self._entries.get(_spelled(address))
        if entry is None:
            return None
        who = ("address", entry.device.address), ("name", entry.device.name or entry.device.address)
        if entry.lent_until_s is not None and entry.is_lent(now_s):
            left_s = math.ceil(entry.lent_until_s - now_s)
            return Cause("ble-lent", (*who, ("seconds", str(left_s))))
        if entry.device.requires_tap or entry.update_window(now_s):
            return Cause("ble-tap", (*who, ("minutes", f"{self._window_s / 60:g}")))
        entry.allowed_at_s = now_s
        return None

    def lent_until_s(self, address: str) -> float | None:
        """When a loan ends; `None` when it is not lent."""
        entry = self._entries.get(_spelled(address))
        return entry.lent_until_s if entry is not None and entry.lent else None

    def time_passed(self, now_s: float, now_ms: int) -> tuple[News, ...]:
        """Call it every few seconds: loans end on time, windows are looked at each minute (row S2-24)."""
        news = self.presence.time_passed(now_s)
        for entry in self._entries.values():
            if entry.lent and not entry.is_lent(now_s):
                entry.lent = False
                news += (News(Happened.LEND_OVER, entry.device.address),)
        if now_s - self._checked_at_s < STALE_CHECK_S:
            return news
        self._checked_at_s = now_s
        for entry in self._entries.values():
            if entry.device.connected:
                entry.device = replace(entry.device, seen_at_s=now_s, seen_ms=now_ms)
            news += self._window_news(entry, now_s)
        return news

    def radio_devices(self, now_s: float) -> tuple[Device, ...]:
        """All devices: paired ones first, then the nearest. None is taken off the list (row S2-18)."""
        shown = [
            replace(
                entry.device,
                seen_at_s=now_s if entry.device.connected else entry.device.seen_at_s,
                lent_until_s=entry.lent_until_s if entry.is_lent(now_s) else None,
                window_until_s=entry.window_until_s,
            )
            for entry in self._entries.values()
        ]
        return tuple(sorted(shown, key=lambda d: (not d.paired, d.rssi_dbm is None, -(d.rssi_dbm or 0))))

    def paired(self) -> tuple[Pairing, ...]:
        """All paired devices as they are to be stored, secrets included."""
        return tuple(stored for entry in self._entries.values() if (stored := entry.stored()))

    def secret(self, address: str) -> str:
        """The passkey of a device, for its link alone; empty: none."""
        entry = self._ours(address)
        return entry.pairing.secret if entry is not None and entry.pairing is not None else ""

    def address_of(self, track: str) -> str:
        """The paired device of a track; empty: none."""
        found = (e.device.address for e in self._entries.values() if track and e.device.track == track)
        return next(found, "")

    def counts(self, now_s: float) -> PairingCounts:
        """How many there are of each."""
        entries = list(self._entries.values())
        ours = [entry for entry in entries if entry.pairing is not None]
        return PairingCounts(
            discovered=sum(entry.device.seen_at_s is not None for entry in entries),
            connected=sum(entry.device.connected for entry in entries),
            paired=len(ours),
            requires_tap=sum(entry.device.requires_tap for entry in ours),
            active_recent=sum(self._in_sight(entry, now_s, RECENT_S) for entry in ours),
        )

    def _entry(self, address: str) -> _Entry:
        address = _spelled(address)
        if address not in self._entries:
            self._entries[address] = _Entry(Device(address), window_s=self._window_s)
        return self._entries[address]

    def _ours(self, address: str) -> _Entry | None:
        entry = self._entries.get(_spelled(address))
        return entry if entry is not None and entry.pairing is not None else None

    def _met(self, address: str, now_s: float, now_ms: int, *, connected: bool) -> None:
        entry = self._entry(address)
        entry.device = replace(entry.device, connected=connected, seen_at_s=now_s, seen_ms=now_ms)

    def _begin_anew(self, entry: _Entry, now_s: float) -> None:
        entry.device = replace(entry.device, requires_tap=False)
        entry.from_s, entry.lent, entry.lent_until_s = now_s, False, None
        if entry.pairing is not None:
            entry.pairing = replace(entry.pairing, lent_until_ms=None)

    def _window_news(self, entry: _Entry, now_s: float) -> tuple[News, ...]:
        return (News(Happened.TAP, entry.device.address),) if entry.update_window(now_s) else ()

    def _in_sight(self, entry: _Entry, now_s: float, for_s: float = IN_SIGHT_S) -> bool:
        seen_at_s = entry.device.seen_at_s
        return entry.device.connected or (seen_at_s is not None and now_s - seen_at_s <= for_s)

    def _is_our_beacon(self, entry: _Entry) -> bool:
        """A beacon by its name; once one is paired, a stranger's of the same name no longer counts."""
        is_beacon = self.presence.is_beacon
        if not is_beacon(entry.device.name) or entry.pairing is not None:
            return is_beacon(entry.device.name)
        return not any(is_beacon(e.device.name) for e in self._entries.values() if e.pairing is not None)

    def _forget_strangers(self, now_s: float) -> None:
        if len(self._entries) <= DEVICES_MAX:
            return
        strangers = [
            e for e in self._entries.values()
            if e.pairing is None and not e.device.connected and not e.is_lent(now_s)
        ]  # fmt: skip
        oldest = sorted(strangers, key=lambda e: e.device.seen_at_s or 0.0)
        for entry in oldest[: len(self._entries) - DEVICES_MAX]:
            del self._entries[entry.device.address]


class PairingStore:
    """Paired devices in the database. Nothing is deleted that this process has not known itself."""

    def __init__(self, database: "Database") -> None:
        self._database = database
        self._begun = database.begun
        self._saved: dict[str, Pairing] = {}

    def load(self) -> tuple[Pairing, ...]:
        """All that are stored; DatabaseError when the file cannot be read."""
        rows = self._database.read(f"SELECT {COLUMNS} FROM pairings ORDER BY paired_ms, address")
        found = [pairing for row in rows if (pairing := _pairing(row)) is not None]
        self._saved = {pairing.address: pairing for pairing in found}
        return tuple(found)

    def save(self, pairings: Iterable[Pairing], *, is_last: bool = False) -> None:
        """Queue what has changed. A sight alone is written once a minute, or when this `is_last`."""
        if self._begun != self._database.begun:  # the old file was damaged: the new one has nothing yet
            self._begun, self._saved = self._database.begun, {}
        now = {pairing.address: pairing for pairing in pairings}
        for address in self._saved.keys() - now.keys():
            if self._database.execute("DELETE FROM pairings WHERE address = ?", (address,)):
                del self._saved[address]
        for address, pairing in now.items():
            old = self._saved.get(address)
            if old is None or _is_worth_it(old, pairing, 0 if is_last else SAVE_SEEN_MS):
                self._put(pairing, is_known=old is not None)

    def _put(self, pairing: Pairing, *, is_known: bool) -> None:
        secret = "?" if is_known else KEEP_SECRET
        done = self._database.execute(
            f"INSERT OR REPLACE INTO pairings ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {secret})",
            (
                pairing.address,
                pairing.name,
                pairing.kind.value,
                pairing.track,
                pairing.adapter,
                pairing.paired_ms,
                pairing.seen_ms,
                int(pairing.requires_tap),
                pairing.lent_until_ms,
                pairing.secret,
                *(() if is_known else (pairing.address,)),
            ),
        )
        if done:
            self._saved[pairing.address] = pairing


def _is_worth_it(old: Pairing, new: Pairing, seen_ms: int) -> bool:
    if replace(old, seen_ms=None) != replace(new, seen_ms=None) or (old.seen_ms is None) != (
        new.seen_ms is None
    ):
        return True
    return abs((old.seen_ms or 0) - (new.seen_ms or 0)) > seen_ms


def _pairing(row: tuple[object, ...]) -> Pairing | None:
    """A row as a pairing; `None` for one that somebody has spoilt by hand."""
    address, name, kind, track, adapter, paired_ms, seen_ms, requires_tap, lent_ms, secret = row
    if not isinstance(address, str) or not isinstance(paired_ms, int):
        log.warning("a stored pairing without address or time is left out")
        return None
    return Pairing(
        _spelled(address),
        str(name or ""),
        _KINDS.get(str(kind), DeviceKind.UNKNOWN),
        str(track or ""),
        str(adapter or ""),
        paired_ms,
        seen_ms if isinstance(seen_ms, int) else None,
        bool(requires_tap),
        lent_ms if isinstance(lent_ms, int) else None,
        str(secret or ""),
    )


def _spelled(address: str) -> str:
    """Capital letters; `-` in a six-byte address becomes `:`. Longer ones are identifiers of macOS."""
    address = address.strip().upper()
    return address.replace("-", ":") if len(address) == 17 else address


def _steady(time_ms: int, now_s: float, now_ms: int) -> float:
    """A moment of Unix time on the steady clock; never later than now, even if the clock was set back."""
    return now_s - max(0, now_ms - time_ms) / 1000


def _not_paired(address: str) -> Cause:
    return Cause("ble-not-paired", (("address", _spelled(address)),))
