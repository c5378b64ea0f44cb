"""One CAN frame in words, for the Frames place: who speaks this language, and what the frame says."""

from typing import Any

from tui.model.can import ERROR, EXTENDED, NUMBER, REMOTE, CanFrame, id_words
from tui.model.frame import Trust
from tui.protocols import battery_can_decode as ids
from tui.protocols.battery_can import is_plausible
from tui.protocols.battery_can_decode import CONDITIONS, DALY, JK, TABLES, decode_frame
from tui.protocols.protocol import Explained
from tui.protocols.tinybms_can import explain_tinybms
from tui.protocols.user_dbc import UserDbc

NAMES = {
    ids.KEEPALIVE: "keepalive",
    ids.INVERTER_STATUS: "inverter-status",
    ids.INVERTER_NAME: "inverter",
    ids.LIMITS: "limits",
    ids.CAPACITY: "capacity",
    ids.STATE: "soc",
    ids.MEASUREMENTS: "measurements",
    ids.PYLON_ALARMS: "alarms",
    ids.PAIRS: "alarms",
    ids.EVENTS: "events",
    ids.REQUESTS: "requests",
    ids.MAKER: "manufacturer",
    ids.INFO: "info",
    ids.FORCE: "force-charge",
    ids.DEYE_EXTREMES: "extremes",
    ids.NAME_1: "name-1",
    ids.NAME_2: "name-2",
    ids.MODULES: "modules",
    ids.EXTREMES: "extremes",
    ids.LOWEST_ID: "lowest-cell",
    ids.HIGHEST_ID: "highest-cell",
    0x376: "coldest-cell",
    0x377: "warmest-cell",
    ids.ENERGY: "energy",
    ids.INSTALLED: "installed",
    ids.SERIAL_1: "serial-1",
    ids.SERIAL_2: "serial-2",
    ids.FAMILY: "family",
}
OTHER_NAMES = {JK: "jk", DALY: "daly"}
UNITS = {"V": "V", "A": "A", "C": "°C", "K": "K", "pct": "%", "Ah": "Ah", "kWh": "kWh"}
ERROR_CLASSES = (  # linux/can/error.h
    "transmit timeout", "lost arbitration", "controller", "protocol", "transceiver", "no acknowledge",
    "bus off", "bus error", "restarted",
)  # fmt: skip
STATES = ((2, "inactive"), (0, "not_reported"), (3, "ignored"))


def explain_can(frame: CanFrame, dbc: UserDbc | None = None, profile: str = "") -> Explained:
    """What a frame means: of the battery family, of a TinyBMS behind its converter, or of the user's DBC.

    `profile` as in `decode_frame`. Never raises; what nobody knows is of unknown trust and has no fields.
    """
    key = id_words(frame.can_id)
    if frame.can_id & ERROR:
        return Explained(key, "error", (("error", _error_words(frame.can_id)),), Trust.BAD)
    if frame.can_id & REMOTE:
        return Explained(key, "remote")
    explained = _of_family(frame, key, profile) or explain_tinybms(frame)
    if explained is None and dbc is not None:
        explained = dbc.explain(frame)
    return explained or Explained(key)


def _of_family(frame: CanFrame, key: str, profile: str) -> Explained | None:
    if frame.can_id not in TABLES.get(profile, TABLES[""]):
        return None
    fields = decode_frame(frame.can_id, frame.data, profile)
    name = NAMES.get(frame.can_id, OTHER_NAMES.get(profile, ""))
    if not fields or (frame.can_id in NAMES and not is_plausible(frame.can_id, frame.data, fields)):
        return Explained(key, name, _fields(fields), Trust.BAD)
    if frame.can_id == ids.PAIRS:
        return Explained(key, name, _pair_fields(fields), Trust.GOOD)
    return Explained(key, name, _fields(fields), Trust.GOOD)


def _fields(fields: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(_field(name, value) for name, value in fields.items() if name != "pairs")


def _field(name: str, value: Any) -> tuple[str, str]:
    """`cvl_V` 58.4 becomes `cvl` "58.4 V"."""
    stem, _, unit = name.rpartition("_")
    if not stem or unit not in UNITS:
        return name, _words(value)
    return stem, _words(value) if value is None else f"{_words(value)} {UNITS[unit]}"


def _words(value: Any) -> str:
    if value is None:
        return "--"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(str(part) for part in value) or "-"
    return str(value)


def _pair_fields(fields: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """What is active, then who told that nothing is, and who told nothing."""
    pairs: list[int] = fields["pairs"]
    out = [("alarms", _words(fields["alarms"])), ("warnings", _words(fields["warnings"]))]
    for half, name in ((pairs[:16], "alarms"), (pairs[16:], "warnings")):
        known = list(zip(CONDITIONS, half, strict=False))
        for state, word in STATES:
            those = [condition for condition, pair in known if pair == state]
            if those:
                out.append((f"{name}_{word}", "all" if len(those) == len(known) else _words(those)))
    return tuple(out)


def _error_words(can_id: int) -> str:
    number = can_id & NUMBER & ~EXTENDED
    return ", ".join(word for bit, word in enumerate(ERROR_CLASSES) if number >> bit & 1) or "unknown"
