"""config.toml: read, and every mistake in it said with its line and the nearest valid key."""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tui.model import settings
from tui.model.alert import Severity
from tui.model.link import Cause
from tui.model.presets import PRESETS
from tui.model.settings import (
    ALERT_SETTINGS,
    ALERTS,
    SETTINGS,
    SIM_SETTINGS,
    AlertSettings,
    Config,
    HistorySettings,
    Kind,
    NotifySettings,
    RadioSettings,
    Setting,
    SimSettings,
)
from tui.model.track import BUS_PROTOCOLS, Setup
from tui.store.toml_lines import line_of

TRACK_KEY_PARTS = 3
_MAC = re.compile(r"[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}")
_TRACK_NAME = re.compile(r"[A-Za-z0-9_-]{1,20}")
_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")

Path_ = tuple[str, ...]


class ConfigError(Exception):
    """The file has mistakes. One cause for each, in the order of the lines."""

    def __init__(self, causes: list[Cause]) -> None:
        super().__init__("; ".join(f"{cause.key} {dict(cause.args)}" for cause in causes))
        self.causes = tuple(causes)


def read_config(path: Path) -> Config:
    """What the file says; defaults when there is none. ConfigError names every mistake."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Config()
    except OSError as error:
        args = (("file", str(path)), ("reason", error.strerror or str(error)))
        raise ConfigError([Cause("config-unreadable", args)]) from error
    return parse_config(raw, str(path))


def parse_config(raw: bytes, file: str) -> Config:
    """What these bytes say. ConfigError names every mistake; `file` is the name it uses."""
    return _Reader(*_text_and_said(raw, file), file).config()


def _text_and_said(raw: bytes, file: str) -> tuple[str, dict[str, Any]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = str(raw[: error.start].count(b"\n") + 1)
        raise ConfigError([Cause("config-not-utf8", (("file", file), ("line", line)))]) from error
    try:
        return text, tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        match = _AT_LINE.search(str(error))
        line = (match and match[1]) or str(len(text.splitlines()) or 1)
        reason = _AT_LINE.sub("", str(error))
        args = (("file", file), ("line", line), ("reason", reason))
        raise ConfigError([Cause("config-syntax", args)]) from error


class _Reader:
    """One reading of one file."""

    def __init__(self, text: str, said: dict[str, Any], file: str) -> None:
        self._text, self._file = text, file
        self._said = said
        self._causes: list[tuple[int, Cause]] = []
        self._values: dict[str, settings.Value] = {}

    def config(self) -> Config:
        """Everything, or every mistake."""
        for path, value in _leaves(self._said):
            self._take(path, value)
        setups = [self._setup(name) for name in self._track_names() if not self._only_limits(name)]
        self._check_ports(setups)
        if self._causes:
            raise ConfigError([cause for _line, cause in sorted(self._causes, key=lambda c: c[0])])
        return Config(
            tuple(setups),
            self._radio(),
            self._word("log.level"),
            self._number("recorder.size_mb") if self._value("recorder.enabled") else 0,
            self._alerts(),
            sim=self._sim(),
            history=self._history(),
        )

    def _track_names(self) -> list[str]:
        tracks = self._said.get("tracks")
        names = (
            [name for name, table in tracks.items() if isinstance(table, dict)]
            if isinstance(tracks, dict)
            else []
        )
        for name in names:
            if not _TRACK_NAME.fullmatch(name):
                self._complain("config-track-name", ("tracks", name), found=name)
        return [name for name in names if _TRACK_NAME.fullmatch(name)]

    def _only_limits(self, name: str) -> bool:
        """True when the file says nothing of it but its limits: the track comes by --port or is simulated."""
        return set(self._said["tracks"][name]) == {ALERTS}

    def _take(self, path: Path_, value: object) -> None:
        if path == ("sim", "script"):  # the simulator checks it when it plays it
            return
        setting = settings.find(path)
        if setting is None and _is_table(path):
            self._complain("config-type-table", path, found=_shown(value))
        elif setting is None:
            self._unknown(path)
        elif _has_kind(setting, value):
            self._check_value(path, setting, value)
        else:
            self._complain("config-type-" + setting.kind, path, found=_shown(value))

    def _unknown(self, path: Path_) -> None:
        nearest = _nearest_key(path)
        key = "config-unknown-near" if nearest else "config-unknown"
        self._complain(key, path, nearest=nearest, all=" ".join(_keys_at(path)))

    def _check_value(self, path: Path_, setting: Setting, value: Any) -> None:
        low, high = setting.low, setting.high
        is_bounded = setting.kind in (Kind.WHOLE, Kind.NUMBER) and low is not None and high is not None
        if is_bounded and not low <= value <= high:
            unit = f" {setting.unit}" if setting.unit else ""
            self._complain("config-range", path, found=f"{value}{unit}", low=str(low), high=f"{high}{unit}")
            return
        if setting.choices:
            if value.casefold() not in setting.choices:
                self._choice(path, value, setting.choices)
                return
            value = value.casefold()
        if setting.key == "tracks.*.model" and _preset_name(value) is None:
            self._choice(path, value, tuple(PRESETS))
            return
        if setting.kind is Kind.MAC:
            value = value.upper().replace("-", ":")  # row S0-9: one spelling inside
        self._values[".".join(path)] = value

    def _choice(self, path: Path_, found: str, choices: tuple[str, ...]) -> None:
        near = difflib.get_close_matches(found.casefold(), [c.casefold() for c in choices], 1, 0.5)
        nearest = next((c for c in choices if near and c.casefold() == near[0]), "")
        key = "config-choice-near" if nearest else "config-choice"
        self._complain(key, path, found=found, nearest=nearest, choices=", ".join(choices))

    def _setup(self, name: str) -> Setup:
        transport = self._word(f"tracks.{name}.transport")
        address = self._word(f"tracks.{name}.port")
        if transport == "ble":
            return self._ble_setup(name)
        if transport == "can":
            return self._can_setup(name, address or self._word("can.interface"))
        if not address and not self._blamed(f"tracks.{name}.port"):
            self._complain("config-port-missing", ("tracks", name))
        poll_ms = self._values.get(f"tracks.{name}.poll_interval_ms")
        baudrate = self._values.get(f"tracks.{name}.baudrate")
        return Setup(
            name,
            transport,
            address,
            self._word(f"tracks.{name}.protocol"),
            title=self._word(f"tracks.{name}.name"),
            chemistry=self._word(f"tracks.{name}.chemistry"),
            cells=self._cells(name),
            baudrate=int(baudrate or self._number("uart.baudrate")),
            poll_s=int(poll_ms or self._number("uart.poll_interval_ms")) / 1000,
            attempts_max=self._number("uart.max_reconnect_attempts"),
        )

    def _sim(self) -> SimSettings:
        keys = [setting.key for setting in SIM_SETTINGS]
        values: dict[str, Any] = {
            key.removeprefix("sim.").replace(".", "_"): self._value(key) for key in keys
        }
        return SimSettings(**values)

    def _alerts(self) -> AlertSettings:
        names = self._track_names()
        own = [(name, self._alert_values(f"tracks.{name}.{ALERTS}")) for name in names]
        notify = NotifySettings(
            Severity[self._word("alerts.notify.at_least").upper()],
            self._word("alerts.notify.command"),
            self._word("alerts.notify.url"),
            self._word("alerts.notify.token"),
            bool(self._value("alerts.notify.desktop")),
            float(self._number("alerts.notify.timeout_s")),
        )
        return AlertSettings(self._alert_values(ALERTS), tuple((n, v) for n, v in own if v), notify)

    def _alert_values(self, place: str) -> tuple[tuple[str, int], ...]:
        """What the file says itself, for all tracks or for one."""
        keys = [setting.key.removeprefix(f"{ALERTS}.") for setting in ALERT_SETTINGS]
        return tuple((k, int(self._values[f"{place}.{k}"])) for k in keys if f"{place}.{k}" in self._values)

    def _history(self) -> HistorySettings | None:
        if not self._value("history.enabled"):
            return None
        return HistorySettings(
            self._number("history.interval_s"),
            self._number("history.live_interval_ms") / 1000,
            self._number("history.live_entries"),
            self._number("history.commit_s"),
            self._number("history.keep_days"),
            self._number("history.size_mb"),
            bool(self._value("history.archives")),
            self._number("history.archive_keep_days"),
            self._number("history.archive_size_mb"),
        )

    def _radio(self) -> RadioSettings:
        return RadioSettings(
            self._word("ble.adapter"),
            self._number("ble.auto_reconnect_window_min") * 60.0,
            self._number("ble.scan_timeout_ms") / 1000,
            self._word("presence.name"),
            self._number("presence.near_dbm"),
        )

    def _ble_setup(self, name: str) -> Setup:
        """A battery on Bluetooth, at its address."""
        mac = self._word(f"tracks.{name}.mac")
        if not mac and not self._blamed(f"tracks.{name}.mac"):
            self._complain("config-mac-missing", ("tracks", name))
        poll_ms = self._values.get(f"tracks.{name}.poll_interval_ms")
        return Setup(
            name,
            "ble",
            mac,
            self._word(f"tracks.{name}.protocol"),
            title=self._word(f"tracks.{name}.name"),
            chemistry=self._word(f"tracks.{name}.chemistry"),
            cells=self._cells(name),
            poll_s=int(poll_ms or self._number("ble.poll_interval_ms")) / 1000,
            attempts_max=self._number("ble.max_reconnect_attempts"),
            mac=mac,
            adapter=self._word("ble.adapter"),
            connect_timeout_s=self._number("ble.connection_timeout_ms") / 1000,
            window_s=self._number("ble.auto_reconnect_window_min") * 60.0,
        )

    def _can_setup(self, name: str, address: str) -> Setup:
        """A battery on a CAN bus. It sends by itself, so the pace is that of its core frames."""
        poll_ms = self._values.get(f"tracks.{name}.poll_interval_ms")
        dialect = self._word("can.protocol")
        protocol = self._word(f"tracks.{name}.protocol")
        if protocol not in BUS_PROTOCOLS:
            protocol = "tinybms_can" if dialect == "tinybms" else "can"
        return Setup(
            name,
            "can",
            address,
            protocol,
            title=self._word(f"tracks.{name}.name"),
            chemistry=self._word(f"tracks.{name}.chemistry"),
            cells=self._cells(name),
            poll_s=int(poll_ms or 1000) / 1000,
            bitrate=self._number("can.bitrate"),
            node=self._number(f"tracks.{name}.node"),
            profile="" if dialect in ("auto", "tinybms") else dialect,
            dbc=self._word(f"tracks.{name}.dbc") or self._word("can.dbc"),
            filters=self._word(f"tracks.{name}.filters"),
            may_send=bool(self._value(f"tracks.{name}.may_send")),
        )

    def _cells(self, name: str) -> int:
        """What the person said, else what the model has, else row S0-11."""
        if cells := self._values.get(f"tracks.{name}.cells"):
            return int(cells)
        preset = _preset_name(self._word(f"tracks.{name}.model"))
        if preset and f"tracks.{name}.battery_count" not in self._values:
            return PRESETS[preset].cells
        return self._number(f"tracks.{name}.battery_count")

    def _check_ports(self, setups: list[Setup]) -> None:
        seen: dict[str, str] = {}
        for setup in setups:
            if not setup.address or setup.transport == "can":  # a bus carries many
                continue
            first = seen.setdefault(_port_name(setup.address), setup.name)
            if first != setup.name:
                path = ("tracks", setup.name, "port")
                self._complain("config-port-twice", path, port=setup.address, other=first)

    def _value(self, key: str) -> settings.Value | None:
        parts = key.split(".")
        setting = settings.find(tuple(parts))
        return self._values.get(key, setting.default if setting else None)

    def _word(self, key: str) -> str:
        return str(self._value(key) or "")

    def _number(self, key: str) -> int:
        return int(self._value(key) or 0)

    def _blamed(self, key: str) -> bool:
        return any(cause.values().get("key") == key for _line, cause in self._causes)

    def _complain(self, cause: str, path: Path_, **args: str) -> None:
        line = line_of(self._text, path)
        where = (("file", self._file), ("line", str(line)), ("key", ".".join(path)))
        self._causes.append((line, Cause(cause, (*where, *args.items()))))


def _leaves(table: dict[str, Any], path: Path_ = ()) -> Iterator[tuple[Path_, object]]:
    """Every key with a value; also an empty table that has no place in the file."""
    for key, value in table.items():
        here = (*path, key)
        if isinstance(value, dict) and value and settings.find(here) is None:
            yield from _leaves(value, here)
        elif value != {} or settings.find(here) or not _is_table(here):
            yield here, value


def _is_table(path: Path_) -> bool:
    """True for tables that may be empty: [tracks], [tracks.left], [uart], …"""
    if path[0] == "tracks":
        return len(path) < TRACK_KEY_PARTS or path[2:] == (ALERTS,)
    if path == (ALERTS, "notify"):
        return True
    return len(path) == 1 and any(s.key.startswith(f"{path[0]}.") for s in SETTINGS)


def _has_kind(setting: Setting, value: object) -> bool:
    match setting.kind:
        case Kind.WHOLE:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Kind.BOOL:
            return isinstance(value, bool)
        case Kind.MAC:
            return isinstance(value, str) and _MAC.fullmatch(value) is not None
    return isinstance(value, str)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "[…]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _keys_at(path: Path_) -> list[str]:
    """All valid keys, with the track's name where the path has one."""
    if len(path) > TRACK_KEY_PARTS and (path[0], path[2]) == ("tracks", ALERTS):
        return [f"tracks.{path[1]}.{setting.key}" for setting in ALERT_SETTINGS]
    name = path[1] if len(path) == TRACK_KEY_PARTS and _TRACK_NAME.fullmatch(path[1]) else "left"
    return [setting.key_of(name) for setting in SETTINGS]


def _nearest_key(path: Path_) -> str:
    near = difflib.get_close_matches(".".join(path), _keys_at(path), 1, 0.6)
    return near[0] if near else ""


def _preset_name(said: str) -> str | None:
    """The preset meant: case, and the maker's `JBD-` in front, do not matter."""
    wanted = said.upper().removeprefix("JBD-")
    return next((name for name in PRESETS if name.upper() == wanted), None)


def _port_name(port: str) -> str:
    """The port behind links such as /dev/serial/by-id/…, in one spelling."""
    return port.casefold() if os.name == "nt" else os.path.realpath(port)
