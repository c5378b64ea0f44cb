"""Every configuration key, described once."""

from dataclasses import dataclass, field
from enum import StrEnum

from tui.model.alert import Severity
from tui.model.track import Setup


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """What belongs to one viewer, kept in `screen.toml`. `auto` lets the program look at the terminal."""

    theme: str = "auto"
    glyphs: str = "auto"
    language: str = "auto"
    fps: int = 0  # looks a second; 0 chooses
    bell: bool = True
    flash: bool = True  # of the band while an alarm is new


class Kind(StrEnum):
    """What a value must be. Each names the sentence `kind-<kind>`."""

    TEXT = "text"
    WHOLE = "whole"  # a whole number
    MAC = "mac"  # a Bluetooth address
    BOOL = "bool"  # true or false
    NUMBER = "number"  # whole or with a point


Value = str | int | bool | float


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
PROTOCOLS = ("auto", "jbd", "tinybms", "can", "tinybms_can", "aiobmsble")
CAN_DIALECTS = ("auto", "victron", "pylontech", "sma", "byd", "tinybms")
LOG_LEVELS = ("debug", "info", "warning", "error")
LEFT_MAC, RIGHT_MAC = "A4:C1:38:7C:2D:F0", "E0:9F:2A:E4:94:1D"  # row S0-3

SEVERITIES = tuple(severity.name.lower() for severity in Severity)
ALERTS = "alerts"  # all of it but `notify` may also stand in [tracks.<name>.alerts]
_C, _MV, _PACK_MV, _A = ("°C", -60, 150), ("mV", 500, 5000), ("mV", 1000, 1_000_000), ("A", 1, 2000)
SIM_SETTINGS: tuple[Setting, ...] = (
    Setting("sim.mode", Kind.TEXT, "realistic", choices=("realistic", "test", "demo")),  # rows S1-25 to S1-28
    Setting("sim.speed", Kind.NUMBER, 1.0, "x", 0, 1000),  # row S1-29
    Setting("sim.profile", Kind.TEXT, "lfp"),  # row S1-75
    Setting("sim.packs", Kind.WHOLE, 1, "packs", 1, 256),  # row S1-81
    Setting("sim.connection", Kind.TEXT, "separate", choices=("separate", "parallel", "series")),
    Setting("sim.seed", Kind.WHOLE, 1, low=0, high=1_000_000),
    Setting("sim.telemetry_hz", Kind.WHOLE, 1, "Hz", 1, 50),  # row S1-9
    Setting("sim.uart_hz", Kind.WHOLE, 2, "Hz", 1, 5),  # row S1-10
    Setting("sim.can_hz", Kind.WHOLE, 10, "Hz", 1, 50),  # row S1-11
    Setting("sim.corrupt_pct", Kind.NUMBER, 2.0, "%", 0, 100),  # row CL-30
    Setting("sim.test.soc_pct", Kind.NUMBER, 64.0, "%", 0, 100),  # row S1-26, and the next ones
    Setting("sim.test.current_a", Kind.NUMBER, -8.0, "A", -1000, 1000),
    Setting("sim.test.temperature_c", Kind.NUMBER, 25.0, "°C", -40, 60),
    Setting("sim.test.spread_mv", Kind.NUMBER, 12.0, "mV", 0, 1000),
)
ALERT_SETTINGS: tuple[Setting, ...] = (
    Setting("alerts.enabled", Kind.BOOL, True),  # row S4-41
    Setting("alerts.debounce_sec", Kind.WHOLE, 60, "s", 0, 3600),
    Setting("alerts.latch_critical", Kind.BOOL, False),
    Setting("alerts.temp_high_enabled", Kind.BOOL, True),  # row S4-42
    Setting("alerts.temperature_max_c", Kind.WHOLE, 45, *_C),
    Setting("alerts.temperature_critical_c", Kind.WHOLE, 55, *_C),  # row CL-21
    Setting("alerts.temp_low_enabled", Kind.BOOL, False),  # row S4-43
    Setting("alerts.temperature_min_c", Kind.WHOLE, 0, *_C),
    Setting("alerts.cell_volt_high_enabled", Kind.BOOL, True),  # row S4-44
    Setting("alerts.cell_voltage_high_warning_mv", Kind.WHOLE, 3550, *_MV),  # row CL-21
    Setting("alerts.cell_voltage_max_mv", Kind.WHOLE, 3650, *_MV),
    Setting("alerts.cell_volt_low_enabled", Kind.BOOL, True),  # row S4-45
    Setting("alerts.cell_voltage_low_early_mv", Kind.WHOLE, 3100, *_MV),  # row CL-1
    Setting("alerts.cell_voltage_low_warning_mv", Kind.WHOLE, 2900, *_MV),  # row CL-21
    Setting("alerts.cell_voltage_min_mv", Kind.WHOLE, 2800, *_MV),
    Setting("alerts.cell_voltage_low_critical_mv", Kind.WHOLE, 2500, *_MV),  # row CL-21
    Setting("alerts.pack_high_enabled", Kind.BOOL, False),  # row CL-42, and the next ones
    Setting("alerts.pack_voltage_max_mv", Kind.WHOLE, 58_400, *_PACK_MV),
    Setting("alerts.pack_low_enabled", Kind.BOOL, False),
    Setting("alerts.pack_voltage_min_mv", Kind.WHOLE, 40_000, *_PACK_MV),
    Setting("alerts.discharge_enabled", Kind.BOOL, True),
    Setting("alerts.discharge_warning_a", Kind.WHOLE, 40, *_A),  # row CL-21
    Setting("alerts.discharge_max_a", Kind.WHOLE, 100, *_A),
    Setting("alerts.charge_enabled", Kind.BOOL, True),
    Setting("alerts.charge_warning_a", Kind.WHOLE, 40, *_A),  # row CL-21
    Setting("alerts.charge_max_a", Kind.WHOLE, 50, *_A),
    Setting("alerts.soc_low_enabled", Kind.BOOL, True),
    Setting("alerts.soc_warning_pct", Kind.WHOLE, 20, "%", 0, 100),  # row CL-21
    Setting("alerts.soc_min_pct", Kind.WHOLE, 10, "%", 0, 100),
    Setting("alerts.soc_high_enabled", Kind.BOOL, False),
    Setting("alerts.soc_max_pct", Kind.WHOLE, 95, "%", 0, 100),
    Setting("alerts.imbalance_enabled", Kind.BOOL, True),
    Setting("alerts.imbalance_warning_mv", Kind.WHOLE, 50, "mV", 1, 2000),  # row CL-21
    Setting("alerts.imbalance_max_mv", Kind.WHOLE, 100, "mV", 1, 2000),
    Setting("alerts.trip_enabled", Kind.BOOL, True),
    Setting("alerts.trip_warning_min", Kind.WHOLE, 5, "min", 1, 60),
    Setting("alerts.soc_drift_enabled", Kind.BOOL, True),
    Setting("alerts.soc_drift_pct", Kind.WHOLE, 10, "%", 3, 50),  # points beyond the band
    Setting("alerts.monitor_tinybms_events", Kind.BOOL, True),  # row S4-46
    Setting("alerts.monitor_status_changes", Kind.BOOL, True),
)

HISTORY_SETTINGS: tuple[Setting, ...] = (
    Setting("history.enabled", Kind.BOOL, True),
    Setting("history.interval_s", Kind.WHOLE, 60, "s", 1, 3600),  # rows S1-13, CL-23
    Setting("history.live_interval_ms", Kind.WHOLE, 1000, "ms", 100, 60_000),
    Setting("history.live_entries", Kind.WHOLE, 512, low=512, high=100_000),  # row CL-23
    Setting("history.commit_s", Kind.WHOLE, 10, "s", 1, 600),
    Setting("history.keep_days", Kind.WHOLE, 400, "d", 30, 36_500),  # row CL-23: at least 30
    Setting("history.size_mb", Kind.WHOLE, 1024, "MB", 16, 1_000_000),
    Setting("history.archives", Kind.BOOL, True),
    Setting("history.archive_keep_days", Kind.WHOLE, 365, "d", 30, 36_500),
    Setting("history.archive_size_mb", Kind.WHOLE, 512, "MB", 1, 1_000_000),
)

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
    *HISTORY_SETTINGS,
    Setting("ble.poll_interval_ms", Kind.WHOLE, 2000, "ms", POLL_LOW_MS, POLL_HIGH_MS),
    Setting("ble.connection_timeout_ms", Kind.WHOLE, 15_000, "ms", 1000, 120_000),
    Setting("ble.adapter", Kind.TEXT),
    Setting("ble.auto_reconnect_window_min", Kind.WHOLE, 30, "min", 1, 1440),  # row S2-22
    Setting("ble.scan_timeout_ms", Kind.WHOLE, 30_000, "ms", 1000, 300_000),
    Setting("ble.max_reconnect_attempts", Kind.WHOLE, 5, low=1, high=100),
    Setting("presence.name", Kind.TEXT, "SoundGuys Beacon"),  # row S2-34
    Setting("presence.near_dbm", Kind.WHOLE, -70, "dBm", -110, -20),
    Setting("log.level", Kind.TEXT, "info", choices=LOG_LEVELS),
    *ALERT_SETTINGS,
    *SIM_SETTINGS,
    Setting("alerts.notify.at_least", Kind.TEXT, "warning", choices=SEVERITIES),
    Setting("alerts.notify.command", Kind.TEXT),
    Setting("alerts.notify.url", Kind.TEXT),
    Setting("alerts.notify.token", Kind.TEXT),
    Setting("alerts.notify.desktop", Kind.BOOL, False),
    Setting("alerts.notify.timeout_s", Kind.WHOLE, 10, "s", 1, 15),
)
_BY_KEY = {setting.key: setting for setting in SETTINGS}


def find(path: tuple[str, ...]) -> Setting | None:
    """The setting at this place in the file; `None` when there is none."""
    if len(path) == 3 and path[0] == "tracks":
        return _BY_KEY.get(f"tracks.{ANY_TRACK}.{path[2]}")
    if len(path) == 4 and (path[0], path[2]) == ("tracks", ALERTS):
        return _BY_KEY.get(f"{ALERTS}.{path[3]}")
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
class NotifySettings:
    """Who is told away from the screen, and how. Address and token are secret: never shown, never logged."""

    at_least: Severity = Severity.WARNING
    command: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    desktop: bool = False
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """What differs from the defaults: pairs of a key without `alerts.` and its value; switches are 0 or 1.

    `tracks` are pairs of a track's name and its own pairs.
    """

    values: tuple[tuple[str, int], ...] = ()
    tracks: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    notify: NotifySettings = NotifySettings()


@dataclass(frozen=True, slots=True)
class SimSettings:
    """How a simulation begins. The four last are what mode test says for ever."""

    mode: str = "realistic"
    speed: float = 1.0
    profile: str = "lfp"
    packs: int = 1
    connection: str = "separate"
    seed: int = 1
    telemetry_hz: int = 1
    uart_hz: int = 2
    can_hz: int = 10
    corrupt_pct: float = 2.0
    test_soc_pct: float = 64.0
    test_current_a: float = -8.0
    test_temperature_c: float = 25.0
    test_spread_mv: float = 12.0


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """What is kept of what was measured, how often, and for how long."""

    interval_s: int = 60  # between two stored samples
    live_interval_s: float = 1.0  # between two readings that count for lowest, highest and energy
    live_entries: int = 512  # newest stored samples that count as live
    commit_s: int = 10  # so much is lost at most when the power fails
    keep_days: int = 400
    size_mb: int = 1024
    archives: bool = True
    archive_keep_days: int = 365
    archive_size_mb: int = 512


@dataclass(frozen=True, slots=True)
class Config:
    """What `config.toml` says: the engine's settings."""

    setups: tuple[Setup, ...] = ()
    radio: RadioSettings = RadioSettings()
    log_level: str = "info"
    black_box_mb: int = 64  # 0: none
    alerts: AlertSettings = AlertSettings()
    sim: SimSettings = SimSettings()
    history: HistorySettings | None = HistorySettings()  # `None`: nothing is kept
