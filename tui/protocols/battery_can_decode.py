"""What one CAN frame between battery and inverter says.

Identifiers 0x305 to 0x382, as Victron, Pylontech, SMA and BYD use them, and two neighbours (JK, Daly) that
are read only when asked for by their profile. Sources: Pylontech low voltage CAN 1.2, SMA FSS-ConnectingBat
10, MG and Sol-Ark papers, captures of BYD, Pytes and Pylontech packs. Little-endian. Frames may be shorter
than their layout: what is missing is `None`, and so is a value that holds its invalid marker (0x8000 signed,
0xFFFF unsigned).
"""

from collections.abc import Callable
from struct import Struct
from typing import Any

from tui.model.can import EXTENDED

Fields = dict[str, Any]
Decoder = Callable[[bytes], Fields]

LIMITS, STATE, MEASUREMENTS, PYLON_ALARMS, PAIRS = 0x351, 0x355, 0x356, 0x359, 0x35A
EVENTS, REQUESTS, MAKER, INFO, FORCE = 0x35B, 0x35C, 0x35E, 0x35F, 0x360
NAME_1, NAME_2, MODULES, EXTREMES, LOWEST_ID, HIGHEST_ID = 0x370, 0x371, 0x372, 0x373, 0x374, 0x375
ENERGY, INSTALLED, SERIAL_1, SERIAL_2, FAMILY, CAPACITY = 0x378, 0x379, 0x380, 0x381, 0x382, 0x354
DEYE_EXTREMES, DEYE_MODULES = 0x361, 0x364
KEEPALIVE, INVERTER_STATUS, INVERTER_NAME = 0x305, 0x306, 0x307
TEXTS = (MAKER, NAME_1, NAME_2, LOWEST_ID, HIGHEST_ID, 0x376, 0x377, SERIAL_1, SERIAL_2, FAMILY)

VICTRON, PYLONTECH, SMA, BYD, TINYBMS_GW = "victron", "pylontech", "sma", "byd", "tinybms-gw"
DISCOVER, JK, DALY = "discover", "jk", "daly"

CONDITIONS = (  # order of the pairs in 0x35A
    "general", "high_voltage", "low_voltage", "high_temp", "low_temp", "high_temp_charge", "low_temp_charge",
    "high_discharge_current", "high_charge_current", "contactor", "short_circuit", "bms_internal",
    "cell_imbalance",
)  # fmt: skip
RAISED = 1  # of a pair: its low bit "arrives", its high bit "leaves"
GATEWAY_WARNING, GATEWAY_ALARM = 1, 2  # the TinyBMS gateway puts levels into a pair instead
PROTECTION_BITS = (
    (1, "over_voltage"), (2, "under_voltage"), (3, "over_temp"), (4, "under_temp"),
    (7, "discharge_over_current"), (8, "charge_over_current"), (11, "system_error"),
)  # fmt: skip
ALARM_BITS = (
    (17, "high_voltage"), (18, "low_voltage"), (19, "high_temp"), (20, "low_temp"),
    (23, "discharge_high_current"), (24, "charge_high_current"), (27, "internal_comm"),
)  # fmt: skip
EVENT_NAMES = (
    "soc_recalibration_start", "soc_recalibration_stop", "power_limitation_start", "power_limitation_stop",
    "preventive_shutdown",
)  # fmt: skip

NO_U16, NO_S16, NO_U32, NO_U8 = 0xFFFF, -0x8000, 0xFFFFFFFF, 0xFF
TENTH_BELOW_V, TENTH_CVL_V = 8.0, 40.0


def decode_frame(can_id: int, data: bytes, profile: str = "", cvl_v: float | None = None) -> Fields:
    """Names and values of one frame; empty when the identifier is not of the family.

    `can_id` has the flags of `tui.model.can`: a 29-bit 0x351 is another frame. `profile` is one of the
    dialects above; empty or unknown means what most senders mean. `cvl_v`: charge voltage limit (0x351) of
    the same sender, by which a 0x356 in steps of 0.1 V is recognised. Volts, amperes, °C, percent, Ah, kWh.
    """
    decoder = (TABLES.get(profile, _COMMON) if profile else _COMMON).get(can_id)
    if decoder is None:
        return {}
    fields = decoder(data)
    if cvl_v is not None and can_id == MEASUREMENTS:
        fields["voltage_V"] = true_voltage_v(fields["voltage_V"], cvl_v)
    return fields


def true_voltage_v(voltage_v: float | None, cvl_v: float | None) -> float | None:
    """Volts of a sender that may count in 0.1 V (Sol-Ark 1.3, Discover, Sofar) instead of 0.01 V."""
    if voltage_v is None or cvl_v is None or not (0 < voltage_v < TENTH_BELOW_V and cvl_v > TENTH_CVL_V):
        return voltage_v
    return round(voltage_v * 10, 1)


def text_of(data: bytes) -> str:
    """ASCII without its padding. What cannot be printed becomes `?`: a name must not steer a terminal."""
    return data.translate(_PRINTABLE).decode("ascii").strip(" \0").replace("\0", "?")


_PRINTABLE = bytes(b if b == 0 or 0x20 <= b < 0x7F else ord("?") for b in range(256))


def _padded(data: bytes, size: int, step: int, missing: bytes) -> bytes:
    """Whole fields of `step` bytes, and invalid markers for those that were not sent."""
    return data[: len(data) // step * step] + missing[len(data) // step * step : size]


def _over(value: int, none: int, divisor: int) -> float | None:
    return None if value == none else value / divisor


def _or_none(value: int, none: int = NO_U16) -> int | None:
    return None if value == none else value


# One call of `unpack_from` and no other on the way of a whole frame: this runs for every frame of a bus.
_unpack_limits, _unpack_state = Struct("<HhhH").unpack_from, Struct("<3H").unpack_from
_unpack_measurements, _unpack_4_words = Struct("<3h").unpack_from, Struct("<4H").unpack_from
_unpack_info, _unpack_energy = Struct("<HBBHH").unpack_from, Struct("<2I").unpack_from
_unpack_deye, _unpack_2_words = Struct("<HHhh").unpack_from, Struct("<2H").unpack_from
_LIMITS_MISSING, _DEYE_MISSING = bytes.fromhex("FFFF00800080FFFF"), bytes.fromhex("FFFFFFFF00800080")
_SIGNED_MISSING, _UNSIGNED_MISSING = bytes.fromhex("008000800080"), b"\xff" * 8


def _limits(data: bytes) -> Fields:
    if len(data) < 8:
        data = _padded(data, 8, 2, _LIMITS_MISSING)
    cvl, ccl, dcl, dvl = _unpack_limits(data)
    return {
        "cvl_V": None if cvl == NO_U16 else cvl / 10,  # a division by ten shows no binary noise
        "ccl_A": None if ccl == NO_S16 else ccl / 10,
        "dcl_A": None if dcl == NO_S16 else dcl / 10,
        "dvl_V": None if dvl == NO_U16 else dvl / 10,
    }


def _state(data: bytes) -> Fields:
    if len(data) == 4:  # Pylontech and Pytes always send it so
        soc, soh = _unpack_2_words(data)
        fine = NO_U16
    else:
        if len(data) < 6:
            data = _padded(data, 6, 2, _UNSIGNED_MISSING)
        soc, soh, fine = _unpack_state(data)
    return {
        "soc_pct": None if soc == NO_U16 else soc,
        "soh_pct": None if soh == NO_U16 else soh,
        "soc_hires_pct": None if fine == NO_U16 else fine / 100,
    }


def _measurements(data: bytes, volts_divisor: int = 100) -> Fields:
    if len(data) < 6:
        data = _padded(data, 6, 2, _SIGNED_MISSING)
    volts, amperes, celsius = _unpack_measurements(data)
    return {
        "voltage_V": None if volts == NO_S16 else volts / volts_divisor,
        "current_A": None if amperes == NO_S16 else amperes / 10,
        "temperature_C": None if celsius == NO_S16 else celsius / 10,
    }


def _bits(word: int, names: tuple[tuple[int, str], ...]) -> list[str]:
    return [name for bit, name in names if word >> bit & 1]


def _pylon_alarms(data: bytes) -> Fields:
    word = int.from_bytes(data[:4], "little")
    return {
        "protections": _bits(word, PROTECTION_BITS) if word else [],
        "alarms": _bits(word, ALARM_BITS) if word else [],
        "modules": data[4] if len(data) > 4 else None,
    }


_FOUR_PAIRS = tuple((b & 3, b >> 2 & 3, b >> 4 & 3, b >> 6) for b in range(256))
_HALF = 16  # pairs of alarms, then as many of warnings


def _raised(pairs: list[int], levels: tuple[int, ...]) -> list[str]:
    return [name for name, pair in zip(CONDITIONS, pairs, strict=False) if pair in levels]


def _pairs(data: bytes) -> Fields:
    """0x35A as SMA and Victron read it: 1 raised; 0, 2 and 3 are not."""
    pairs = [pair for byte in data for pair in _FOUR_PAIRS[byte]]
    is_any = int.from_bytes(data, "little") & 0x5555555555555555
    return {
        "alarms": _raised(pairs[:_HALF], (RAISED,)) if is_any else [],
        "warnings": _raised(pairs[_HALF:], (RAISED,)) if is_any else [],
        "pairs": pairs,
    }


def _gateway_pairs(data: bytes) -> Fields:
    """0x35A of the TinyBMS gateway: the first half has levels, the second warnings of its own."""
    pairs = [pair for byte in data for pair in _FOUR_PAIRS[byte]]
    first, second = pairs[:_HALF], pairs[_HALF:]
    warned = {*_raised(first, (GATEWAY_WARNING,)), *_raised(second, (GATEWAY_WARNING, GATEWAY_ALARM))}
    return {
        "alarms": _raised(first, (GATEWAY_ALARM,)),
        "warnings": [name for name in CONDITIONS if name in warned],
        "pairs": pairs,
    }


def _events(data: bytes) -> Fields:
    byte = data[0] if data else 0
    return {"events": [name for bit, name in enumerate(EVENT_NAMES) if byte >> bit & 1]}


def _requests(data: bytes) -> Fields:
    """0x35C. Forced charges have Pylontech's numbers; Sol-Ark and Luxpower count them the other way."""
    if not data:
        return {}
    byte = data[0]
    return {
        "charge_enable": bool(byte & 0x80),
        "discharge_enable": bool(byte & 0x40),
        "force_charge_1": bool(byte & 0x20),
        "force_charge_2": bool(byte & 0x10),
        "full_charge": bool(byte & 0x08),
    }


def _force(data: bytes) -> Fields:
    return {"force_charge": {0x00: False, 0xFF: True}.get(data[0]) if data else None}


def _info(data: bytes, ah_divisor: int = 1) -> Fields:
    if len(data) < 8:
        data = _padded(data, 8, 2, _UNSIGNED_MISSING)
    word0, major, minor, ah, word3 = _unpack_info(data)
    return {
        "word0": _or_none(word0),
        "version_bytes": None if major == minor == NO_U8 else [major, minor],
        "capacity_Ah": None if ah == NO_U16 else ah if ah_divisor == 1 else ah / ah_divisor,
        "word3": _or_none(word3),
    }


def _words(*names: str) -> Decoder:
    """A layout of unsigned 16-bit numbers; fewer names than words leave the others unread."""
    size = 2 * len(names)
    layout = Struct(f"<{len(names)}H")

    def decode(data: bytes) -> Fields:
        if len(data) < size:
            data = _padded(data, size, 2, _UNSIGNED_MISSING)
        return {name: _or_none(v) for name, v in zip(names, layout.unpack_from(data), strict=True)}

    return decode


def _extremes(data: bytes) -> Fields:
    if len(data) < 8:
        data = _padded(data, 8, 2, _UNSIGNED_MISSING)
    low_mv, high_mv, cold_k, warm_k = _unpack_4_words(data)
    return {
        "min_cell_V": None if low_mv == NO_U16 else low_mv / 1000,
        "max_cell_V": None if high_mv == NO_U16 else high_mv / 1000,
        "min_cell_temp_K": None if cold_k == NO_U16 else cold_k,
        "max_cell_temp_K": None if warm_k == NO_U16 else warm_k,
    }


def _deye_extremes(data: bytes) -> Fields:
    if len(data) < 8:
        data = _padded(data, 8, 2, _DEYE_MISSING)
    high_mv, low_mv, warm, cold = _unpack_deye(data)
    return {
        "max_cell_V": _over(high_mv, NO_U16, 1000),
        "min_cell_V": _over(low_mv, NO_U16, 1000),
        "max_cell_temp_C": _over(warm, NO_S16, 10),
        "min_cell_temp_C": _over(cold, NO_S16, 10),
    }


def _energy(data: bytes) -> Fields:
    if len(data) < 8:
        data = _padded(data, 8, 4, _UNSIGNED_MISSING)
    charged, discharged = _unpack_energy(data)
    return {
        "charged_kWh": None if charged == NO_U32 else charged / 10,
        "discharged_kWh": None if discharged == NO_U32 else discharged / 10,
    }


def _text(data: bytes) -> Fields:
    return {"text": text_of(data)}


def _keepalive(data: bytes) -> Fields:
    return {"all_zero": not any(data)}


_SMA_VALUES, _SMA_STATUS = Struct("<Hhhh"), Struct("<HBBHH")


def _sma_keepalive(data: bytes) -> Fields:
    """What a Sunny Island measures at its battery terminals. Its current is negative while charging."""
    if len(data) < 8 or not any(data):
        return _keepalive(data)
    volts, amperes, celsius, soc = _SMA_VALUES.unpack_from(data)
    return {
        "voltage_V": _over(volts, NO_U16, 10),
        "current_A": _over(amperes, NO_S16, 10),
        "temperature_C": _over(celsius, NO_S16, 10),
        "soc_pct": _over(soc, NO_S16, 10),
    }


def _sma_status(data: bytes) -> Fields:
    if len(data) < 8 or not any(data):
        return _keepalive(data)
    soh, procedure, state, error, volts = _SMA_STATUS.unpack_from(data)
    return {
        "soh_pct": _or_none(soh),
        "charge_procedure": procedure,
        "state": {0: "none", 1: "operating", 3: "warning", 4: "failure"}.get(state, str(state)),
        "error_number": error,
        "set_point_V": _over(volts, NO_U16, 10),
    }


def _inverter_name(data: bytes) -> Fields:
    if len(data) < 4:
        return {}
    return {"fixed_id": int.from_bytes(data[:4], "big"), "ascii": text_of(data[4:7])}


def _jk_basic(data: bytes) -> Fields:
    if len(data) < 5:
        return {}
    volts, amperes = _unpack_2_words(data)
    return {"voltage_V": volts / 10, "current_A": (amperes - 4000) / 10, "soc_pct": data[4]}


def _daly_basic(data: bytes) -> Fields:
    if len(data) < 8:
        return {}
    volts, _, amperes, soc = (int.from_bytes(data[at : at + 2], "big") for at in (0, 2, 4, 6))
    return {"voltage_V": volts / 10, "current_A": (amperes - 30000) / 10, "soc_pct": soc / 10}


def _daly_extremes(data: bytes) -> Fields:
    if len(data) < 6:
        return {}
    return {
        "max_cell_V": int.from_bytes(data[0:2], "big") / 1000,
        "max_cell_no": data[2],
        "min_cell_V": int.from_bytes(data[3:5], "big") / 1000,
        "min_cell_no": data[5],
    }


_COMMON: dict[int, Decoder] = {
    KEEPALIVE: _keepalive,
    INVERTER_STATUS: _keepalive,
    INVERTER_NAME: _inverter_name,
    LIMITS: _limits,
    CAPACITY: _words("nominal_Ah", "remaining_Ah"),
    STATE: _state,
    MEASUREMENTS: _measurements,
    PYLON_ALARMS: _pylon_alarms,
    PAIRS: _pairs,
    EVENTS: _events,
    REQUESTS: _requests,
    INFO: _info,
    FORCE: _force,
    DEYE_EXTREMES: _deye_extremes,
    MODULES: _words(
        "modules_online", "modules_blocking_charge", "modules_blocking_discharge", "modules_offline"
    ),
    EXTREMES: _extremes,
    ENERGY: _energy,
    INSTALLED: _words("installed_Ah"),
    **dict.fromkeys(TEXTS, _text),
}
_DISCOVER = {key: decoder for key, decoder in _COMMON.items() if key not in (MODULES, EXTREMES)}
TABLES: dict[str, dict[int, Decoder]] = {
    "": _COMMON,
    SMA: _COMMON
    | {
        KEEPALIVE: _sma_keepalive,
        INVERTER_STATUS: _sma_status,
        INVERTER_NAME: lambda data: {"relays": int.from_bytes(data[:2], "little")},
    },
    TINYBMS_GW: _COMMON | {PAIRS: _gateway_pairs, INFO: lambda data: _info(data, 100)},
    DISCOVER: _DISCOVER | {MEASUREMENTS: lambda data: _measurements(data, 10)},
    JK: _COMMON | {0x2F4: _jk_basic},
    DALY: _COMMON | {EXTENDED | 0x18904001: _daly_basic, EXTENDED | 0x18914001: _daly_extremes},
}
"""Per profile what reads which identifier. Other protocols reuse these numbers, so nothing is read twice."""
