"""Every configuration key, described once."""

from dataclasses import dataclass
from enum import StrEnum

from tui.model.track import Setup


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """What belongs to one viewer, kept in `screen.toml`. `auto` lets the program look at the terminal."""

    theme: str = "auto"
    glyphs: str = "auto"
    language: str = "auto"
    fps: int = 0  # looks a second; 0 chooses
    bell: bool = True


class Kind(StrEnum):
    """What a value must be. Each names the sentence `kind-<kind>`."""

    TEXT = "text"
    WHOLE = "whole"  # a whole number
    MAC = "mac"  # a Bluetooth address
    BOOL = "bool"  # true or false


Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of `config.toml`. `*` in it stands for the name of a track. `help` names its sentence.

    `low` and `high` are the bounds of a number, `choices` all values of a text (any spelling of the letters).
    """

    key: str
    kind: Kind
    default: Value | None = None
    unit: str = ""
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()

    @property
    def help(self) -> str:
        """The key of the sentence that explains it."""
        return "setting-" + self.key.replace("*.", "").replace(".", "-").replace("_", "-")

    def key_of(self, track: str) -> str:
        """The key as it stands in the file."""
        return self.key.replace("*", track)


ANY_TRACK = "*"
POLL_LOW_MS, POLL_HIGH_MS = 200, 3_600_000
BAUD_LOW, BAUD_HIGH = 300, 4_000_000
CELLS_MAX = 48
TRANSPORTS = ("uart", "can", "ble")
PROTOCOLS = ("auto", "jbd", "tinybms", "can", "tinybms_can")
CAN_DIALECTS = ("auto", "victron", "pylontech", "sma", "byd", "tinybms")
LOG_LEVELS = ("debug", "info", "warning", "error")
LEFT_MAC, RIGHT_MAC = "A4:C1:38:7C:2D:F0", "E0:9F:2A:E4:94:1D"  # row S0-3

SETTINGS: tuple[Setting, ...] = (
    Setting("tracks.*.transport", Kind.TEXT, "uart", choices=TRANSPORTS),
    Setting("tracks.*.port", Kind.TEXT),
    Setting("tracks.*.mac", Kind.MAC),
    Setting("tracks.*.protocol", Kind.TEXT, "auto", choices=PROTOCOLS),
    Setting("tracks.*.name", Kind.TEXT),
    Setting("tracks.*.model", Kind.TEXT),
    Setting("tracks.*.cells", Kind.WHOLE, unit="cells", low=1, high=CELLS_MAX),
    Setting("tracks.*.battery_count", Kind.WHOLE, 4, "cells", 1, CELLS_MAX),  # row S0-11
    Setting("tracks.*.chemistry", Kind.TEXT, ""),
    Setting("tracks.*.baudrate", Kind.WHOLE, unit="baud", low=BAUD_LOW, high=BAUD_HIGH),
    Setting("tracks.*.poll_interval_ms", Kind.WHOLE, unit="ms", low=POLL_LOW_MS, high=POLL_HIGH_MS),
    Setting("tracks.*.node", Kind.WHOLE, 1, low=1, high=63),
    Setting("tracks.*.dbc", Kind.TEXT),
    Setting("tracks.*.may_send", Kind.BOOL, False),
    Setting("tracks.*.filters", Kind.TEXT),
    Setting("uart.baudrate", Kind.WHOLE, unit="baud", low=BAUD_LOW, high=BAUD_HIGH),
    Setting("uart.poll_interval_ms", Kind.WHOLE, 2000, "ms", POLL_LOW_MS, POLL_HIGH_MS),
    Setting("uart.max_reconnect_attempts", Kind.WHOLE, 5, low=1, high=100),
    Setting("can.interface", Kind.TEXT, "can0"),  # row S3-9
    Setting("can.bitrate", Kind.WHOLE, 500_000, "bit/s", 10_000, 1_000_000),  # rows S3-9, S4-19
    Setting("can.protocol", Kind.TEXT, "auto", choices=CAN_DIALECTS),
    Setting("can.dbc", Kind.TEXT),
    Setting("recorder.enabled", Kind.BOOL, True),
    Setting("recorder.size_mb", Kind.WHOLE, 64, "MB", 1, 1_000_000),
    Setting("ble.poll_interval_ms", Kind.WHOLE, 2000, "ms", POLL_LOW_MS, POLL_HIGH_MS),
    Setting("ble.connection_timeout_ms", Kind.WHOLE, 15_000, "ms", 1000, 120_000),
    Setting("ble.adapter", Kind.TEXT),
    Setting("ble.auto_reconnect_window_min", Kind.WHOLE, 30, "min", 1, 1440),  # row S2-22
    Setting("ble.scan_timeout_ms", Kind.WHOLE, 30_000, "ms", 1000, 300_000),
    Setting("ble.max_reconnect_attempts", Kind.WHOLE, 5, low=1, high=100),
    Setting("presence.name", Kind.TEXT, "SoundGuys Beacon"),  # row S2-34
    Setting("presence.near_dbm", Kind.WHOLE, -70, "dBm", -110, -20),
    Setting("log.level", Kind.TEXT, "info", choices=LOG_LEVELS),
)
_BY_KEY = {setting.key: setting for setting in SETTINGS}


def find(path: tuple[str, ...]) -> Setting | None:
    """The setting at this place in the file; `None` when there is none."""
    if len(path) == 3 and path[0] == "tracks":
        return _BY_KEY.get(f"tracks.{ANY_TRACK}.{path[2]}")
    return _BY_KEY.get(".".join(path)) if ANY_TRACK not in path else None


def default(key: str) -> Value | None:
    """What a key means when it is not in the file. KeyError for an unknown key."""
    return _BY_KEY[key].default


@dataclass(frozen=True, slots=True)
class RadioSettings:
    """How Bluetooth is used. An empty adapter: the first that is on; an empty name: no beacon."""

    adapter: str = ""
    window_s: float = 1800.0
    scan_s: float = 30.0
    presence_name: str = "SoundGuys Beacon"
    presence_near_dbm: int = -70


@dataclass(frozen=True, slots=True)
class Config:
    """What `config.toml` says: the engine's settings."""

    setups: tuple[Setup, ...] = ()
    radio: RadioSettings = RadioSettings()
    log_level: str = "info"
    black_box_mb: int = 64  # 0: none
