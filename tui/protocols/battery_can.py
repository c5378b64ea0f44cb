"""A battery that tells an inverter about itself on a CAN bus. We only listen.

Source: the 0x305 to 0x382 family as Victron, Pylontech, SMA and BYD use it (see `battery_can_decode`). Whole
records of `tui.model.can` in, readings out. Current is positive when charging.
"""

from collections.abc import Iterable
from typing import Any

from tui.model.can import ERROR, unpack
from tui.model.sample import Doubt, Identity, Pack, Protection
from tui.model.track import SIMULATED_NAME
from tui.protocols import battery_can_decode as ids
from tui.protocols.battery_can_decode import Decoder, Fields, text_of, true_voltage_v
from tui.protocols.protocol import Bad, Outcome, Rejected

FORGET_S = 5.0  # an identifier not heard for so long says nothing any more (dbus-serialbattery)
FORGET_SLOW_S = 15.0  # what hardly changes is sent every 5 s by some
QUIET_S = 2.0  # without any frame: one silent cycle
LOOK_S = 0.25  # how often the clock is wanted
SETTLED_S = 2.5  # after the first frame; by then every sender has told its name
SIMULATED_SIGN = "PDSIM"
KELVIN = 273  # most senders add this, not 273.15
MOST_V, MOST_A, MOST_SOC_PCT, MOST_SOH_PCT = 1000.0, 3000.0, 200, 200
COLD_C, HOT_C = -40.0, 120.0  # beyond these a sensor is open or shorted
HIGHEST_CELL_V = 5.0
FINE_SOC_PCT = 1.01  # farther from the whole percent it is something else (Luxpower: cell millivolts)

FROM_PAIRS = {
    "general": Protection.GENERAL,
    "high_voltage": Protection.PACK_OVERVOLTAGE,
    "low_voltage": Protection.PACK_UNDERVOLTAGE,
    "high_temp": Protection.OVERTEMPERATURE,
    "low_temp": Protection.UNDERTEMPERATURE,
    "high_temp_charge": Protection.CHARGE_OVERTEMPERATURE,
    "low_temp_charge": Protection.CHARGE_UNDERTEMPERATURE,
    "high_discharge_current": Protection.DISCHARGE_OVERCURRENT,
    "high_charge_current": Protection.CHARGE_OVERCURRENT,
    "contactor": Protection.CONTACTOR,
    "short_circuit": Protection.SHORT_CIRCUIT,
    "bms_internal": Protection.INTERNAL,
    "cell_imbalance": Protection.CELL_IMBALANCE,
}
FROM_PYLON = {
    "over_voltage": Protection.CELL_OVERVOLTAGE,
    "under_voltage": Protection.CELL_UNDERVOLTAGE,
    "over_temp": Protection.OVERTEMPERATURE,
    "under_temp": Protection.UNDERTEMPERATURE,
    "discharge_over_current": Protection.DISCHARGE_OVERCURRENT,
    "charge_over_current": Protection.CHARGE_OVERCURRENT,
    "system_error": Protection.INTERNAL,
    "high_voltage": Protection.CELL_OVERVOLTAGE,
    "low_voltage": Protection.CELL_UNDERVOLTAGE,
    "high_temp": Protection.OVERTEMPERATURE,
    "low_temp": Protection.UNDERTEMPERATURE,
    "discharge_high_current": Protection.DISCHARGE_OVERCURRENT,
    "charge_high_current": Protection.CHARGE_OVERCURRENT,
    "internal_comm": Protection.INTERNAL,
}
WORDS = (
    ("force_charge_1", "force_charge"),
    ("force_charge_2", "force_charge"),
    ("full_charge", "full_charge"),
)
IDENTITY_IDS = {ids.MAKER, ids.NAME_1, ids.NAME_2, ids.INFO, ids.SERIAL_1, ids.SERIAL_2, ids.FAMILY}
SLOW_IDS = IDENTITY_IDS | {ids.INSTALLED}
WORD_IDS = (ids.LIMITS, ids.CAPACITY, ids.STATE, ids.MEASUREMENTS, ids.INFO, ids.DEYE_EXTREMES, ids.MODULES)
SHORTEST = dict.fromkeys((*WORD_IDS, ids.EXTREMES, ids.INSTALLED), 2) | {ids.ENERGY: 4}  # bytes
BATTERY_IDS = {key for key in ids.TABLES[""] if key >= ids.LIMITS}  # below, inverters speak


class BatteryCanProtocol:
    """One battery on a bus. Sends nothing; a reading comes with each 0x356.

    `profile`: its dialect, empty to find it out. Senders without 0x356 give a reading at most every second,
    or every `poll_s` when that is longer.
    """

    def __init__(self, profile: str = "", poll_s: float = 1.0) -> None:
        self._chosen = profile
        self._every_s = max(1.0, poll_s)
        self._now_s = 0.0
        self._silent = 0
        self.reset()

    @property
    def profile(self) -> str:
        """The dialect in use: what was chosen, else what was found; empty while that is open."""
        return self._chosen or self._found

    @property
    def silent_cycles(self) -> int:
        """Two-second cycles in a row without any frame of a battery. A reading sets it back to zero."""
        return self._silent

    @property
    def requests_sent(self) -> int:
        """Always 0: we only listen."""
        return 0

    @property
    def requests_unanswered(self) -> int:
        """Always 0: we only listen."""
        return 0

    def reset(self) -> None:
        """The bus was opened anew: it may be another battery."""
        self._found = ""
        self._table = ids.TABLES.get(self._chosen, ids.TABLES[""])
        self._raw: dict[int, bytes] = {}
        self._fields: dict[int, Fields] = {}
        self._at_s: dict[int, float] = {}
        self._first_at_s: float | None = None
        self._quiet_from_s: float | None = None
        self._told_at_s = float("-inf")
        self._said = Identity()

    def requests_due(self, now_s: float) -> list[bytes]:
        """Nothing, ever. The clock is noted: `feed` has none."""
        self._now_s = now_s
        if self._quiet_from_s is None:
            self._quiet_from_s = now_s
        while now_s - self._quiet_from_s >= QUIET_S:
            self._silent += 1
            self._quiet_from_s += QUIET_S
        for key in [key for key, at_s in self._at_s.items() if now_s - at_s > _forget_s(key)]:
            for kept in (self._raw, self._fields, self._at_s):
                kept.pop(key, None)
        return []

    def next_due_s(self) -> float:
        """When the clock should be told again."""
        return self._now_s + LOOK_S

    def line_went_quiet(self) -> list[Outcome]:
        """Frames are whole: nothing waits for more."""
        return []

    def feed(self, data: bytes) -> list[Outcome]:
        """Take whole records; give the readings they complete. Frames of others give nothing."""
        try:
            frames = list(unpack(data))
        except ValueError:
            return [Rejected(Bad.GARBAGE, len(data))]
        outcomes: list[Outcome] = []
        for frame in frames:
            decoder = None if frame.can_id & ERROR else self._table.get(frame.can_id)
            if decoder is not None and frame.can_id in BATTERY_IDS:
                outcomes += self._heard(frame.can_id, frame.data, decoder)
        return outcomes

    # hearing

    def _heard(self, key: int, data: bytes, decoder: Decoder) -> list[Outcome]:
        self._quiet_from_s = self._now_s
        fields = decoder(data)
        if key == ids.MEASUREMENTS:
            fields["voltage_V"] = true_voltage_v(fields["voltage_V"], self._value(ids.LIMITS, "cvl_V"))
        if not is_plausible(key, data, fields):
            return [Rejected(Bad.IMPLAUSIBLE)]
        is_new = self._raw.get(key) != data
        self._raw[key], self._fields[key], self._at_s[key] = data, fields, self._now_s
        if self._first_at_s is None:
            self._first_at_s = self._told_at_s = self._now_s  # 0x356 has its time to come
        if is_new:
            self._recognise()
        outcomes: list[Outcome] = self._identity() if key in IDENTITY_IDS else []
        if key == ids.MEASUREMENTS or (
            key in (ids.LIMITS, ids.STATE) and self._may_tell_without_measurements()
        ):
            outcomes.append(self._pack())
            self._silent = 0
            self._told_at_s = self._now_s
        return outcomes

    def _may_tell_without_measurements(self) -> bool:
        return ids.MEASUREMENTS not in self._fields and self._now_s - self._told_at_s >= self._every_s

    def _recognise(self) -> None:
        """Find the dialect; what was read with another one is read again."""
        if self._chosen:
            return
        found = recognise(self._raw)
        if found == self._found:
            return
        self._found, self._table = found, ids.TABLES.get(found, ids.TABLES[""])
        self._fields = {key: self._table[key](data) for key, data in self._raw.items() if key in self._table}
        measured = self._fields.get(ids.MEASUREMENTS)
        if measured is not None:
            measured["voltage_V"] = true_voltage_v(measured["voltage_V"], self._value(ids.LIMITS, "cvl_V"))

    @property
    def _is_settled(self) -> bool:
        """Whether the meaning of 0x35A is certain: a name was told, or enough time passed to tell one."""
        return (
            bool(self._chosen) or ids.MAKER in self._raw or ids.LOWEST_ID in self._raw or self._has_said_all
        )

    @property
    def _has_said_all(self) -> bool:
        """Whether whoever sends a frame seldom had the time to."""
        return self._first_at_s is not None and self._now_s - self._first_at_s >= SETTLED_S

    # telling

    def _value(self, key: int, name: str) -> Any:
        fields = self._fields.get(key)
        return None if fields is None else fields.get(name)

    def _pack(self) -> Pack:
        value, soc = self._value, self._soc_pct()
        temperatures = self._temperatures_c()
        low_v, high_v = self._extremes_v()
        protections, warnings = self._alarms()
        nominal_ah, remaining_ah = self._capacity_ah()
        return Pack(
            pack_v=value(ids.MEASUREMENTS, "voltage_V"),
            current_a=value(ids.MEASUREMENTS, "current_A"),
            soc_pct=soc,
            soh_pct=_float(value(ids.STATE, "soh_pct")),
            remaining_ah=remaining_ah,
            nominal_ah=nominal_ah,
            temperatures_c=temperatures,
            protections=protections,
            warnings=warnings,
            charge_on=value(ids.REQUESTS, "charge_enable"),
            discharge_on=value(ids.REQUESTS, "discharge_enable"),
            status=self._status(),
            charge_voltage_limit_v=value(ids.LIMITS, "cvl_V"),
            charge_current_limit_a=_size(value(ids.LIMITS, "ccl_A")),
            discharge_current_limit_a=_size(value(ids.LIMITS, "dcl_A")),
            discharge_voltage_limit_v=value(ids.LIMITS, "dvl_V") or None,  # 0: not given
            lowest_cell_mv=_mv(low_v),
            highest_cell_mv=_mv(high_v),
            lowest_cell=self._name_of(ids.LOWEST_ID),
            highest_cell=self._name_of(ids.HIGHEST_ID),
            modules_online=self._modules(),
            charged_kwh=value(ids.ENERGY, "charged_kWh"),
            discharged_kwh=value(ids.ENERGY, "discharged_kWh"),
            doubts=_doubts(soc, temperatures, low_v, high_v),
        )

    def _soc_pct(self) -> float | None:
        """The fine value when it is one: most senders leave it at zero, some put other things there."""
        soc, fine = self._value(ids.STATE, "soc_pct"), self._value(ids.STATE, "soc_hires_pct")
        if fine and soc is not None and abs(fine - soc) < FINE_SOC_PCT:
            return float(fine)
        return None if soc is None else float(soc)

    def _extremes_v(self) -> tuple[float | None, float | None]:
        """Lowest and highest cell in V; two zeros are a frame that was never filled."""
        for key in (ids.EXTREMES, ids.DEYE_EXTREMES):
            low_v, high_v = self._value(key, "min_cell_V"), self._value(key, "max_cell_V")
            if low_v or high_v:
                return low_v, high_v
        return None, None

    def _temperatures_c(self) -> tuple[float, ...]:
        """That of 0x356, then coldest and warmest cell."""
        kelvin = [self._value(ids.EXTREMES, f"{end}_cell_temp_K") for end in ("min", "max")]
        deye = [self._value(ids.DEYE_EXTREMES, f"{end}_cell_temp_C") for end in ("min", "max")]
        cells = [float(k - KELVIN) for k in kelvin if k] or deye
        first = self._value(ids.MEASUREMENTS, "temperature_C")
        return tuple(t for t in (first, *cells) if t is not None)

    def _alarms(self) -> tuple[tuple[Protection, ...], tuple[Protection, ...]]:
        """What acts, and what only warns. From 0x359 and 0x35A, whichever is sent."""
        pylon = self._fields.get(ids.PYLON_ALARMS, {})
        acting = [FROM_PYLON[name] for name in pylon.get("protections", ())]
        warning = [FROM_PYLON[name] for name in pylon.get("alarms", ())]
        pairs = self._fields.get(ids.PAIRS, {}) if self._is_settled else {}
        acting += [FROM_PAIRS[name] for name in pairs.get("alarms", ())]
        warning += [FROM_PAIRS[name] for name in pairs.get("warnings", ())]
        return tuple(dict.fromkeys(acting)), tuple(dict.fromkeys(warning))

    def _capacity_ah(self) -> tuple[float | None, float | None]:
        """Nominal and remaining. Byte 4 of 0x35F is what is left, but all there is for ids.SMA."""
        nominal = self._value(ids.INSTALLED, "installed_Ah") or self._value(ids.CAPACITY, "nominal_Ah")
        remaining = self._value(ids.CAPACITY, "remaining_Ah")
        told = self._value(ids.INFO, "capacity_Ah") or None
        if self.profile == ids.SMA:
            nominal = nominal or told
        elif remaining is None:
            remaining = told
        return _float(nominal), _float(remaining)

    def _name_of(self, key: int) -> str:
        """What the sender calls a cell; the TinyBMS gateway writes its voltage there, which is no name."""
        return "" if self.profile == ids.TINYBMS_GW else str(self._value(key, "text") or "")

    def _modules(self) -> int | None:
        online = self._value(ids.MODULES, "modules_online")
        modules = self._value(ids.PYLON_ALARMS, "modules") if online is None else online
        return None if modules is None else int(modules)

    def _status(self) -> str:
        """What the battery asks for; it does not say what it does."""
        requests = self._fields.get(ids.REQUESTS, {})
        if self._value(ids.FORCE, "force_charge"):
            return "force_charge"
        return next((word for name, word in WORDS if requests.get(name)), "")

    def _identity(self) -> list[Outcome]:
        model = self._joined(ids.NAME_1, ids.NAME_2)
        serial = self._joined(ids.SERIAL_1, ids.SERIAL_2)
        maker, family = self._value(ids.MAKER, "text"), self._value(ids.FAMILY, "text")
        is_simulated = any((text or "").startswith(SIMULATED_SIGN) for text in (model, serial, maker))
        said = Identity(
            hardware=f"{SIMULATED_NAME} {model or maker or serial}" if is_simulated else family or None,
            firmware=self._firmware(),
            manufacturer=maker or None,
            model=model or family or None,
            serial=serial or None,
            chemistry=self._chemistry(),
        )
        if said == self._said:
            return []
        self._said = said
        return [said]

    def _joined(self, first: int, second: int) -> str:
        """Two frames, one text. Some makers use these identifiers for numbers: then there is no text."""
        halves = [self._raw.get(key, b"") for key in (first, second)]
        if any(b and not 0x20 <= b < 0x7F for half in halves for b in half):
            return ""
        if second not in self._raw and halves[0].rstrip(b"\0 ")[7:] and not self._has_said_all:
            return ""  # full to its end: the other half is on its way
        return text_of(b"".join(half.rstrip(b"\0") for half in halves))

    def _firmware(self) -> str | None:
        version = self._value(ids.INFO, "version_bytes")
        if not version or not any(version):
            return None
        major, minor = version
        return f"{major:x}.{minor:02x}" if self.profile == ids.BYD else f"{major}.{minor:02d}"

    def _chemistry(self) -> str | None:
        """`Li`, when the first word of 0x35F holds these letters."""
        letters = self._raw.get(ids.INFO, b"")[:2]
        return "Li" if letters.upper() == b"LI" else None


def recognise(raw: dict[int, bytes]) -> str:
    """The dialect of a sender by the frames it was heard to send; empty when they do not tell yet."""
    maker = text_of(raw.get(ids.MAKER, b"")).upper()
    if raw.get(ids.LOWEST_ID, b"").startswith(b"MINV") or maker.startswith("TINYBMS"):
        return ids.TINYBMS_GW
    for start, profile in (
        ("PYLON", ids.PYLONTECH),
        ("BYD", ids.BYD),
        ("DISCOVER", ids.DISCOVER),
        ("SMA", ids.SMA),
    ):
        if maker.startswith(start):
            return profile
    if raw.keys() & {ids.PYLON_ALARMS, ids.REQUESTS} and ids.PAIRS not in raw:
        return ids.PYLONTECH
    if ids.PAIRS not in raw:
        return ""
    has_victron_ids = raw.keys() & {
        ids.MODULES,
        ids.EXTREMES,
        ids.ENERGY,
        ids.INSTALLED,
        ids.FORCE,
        ids.NAME_1,
        ids.LOWEST_ID,
    }
    return ids.SMA if ids.EVENTS in raw and not has_victron_ids else ids.VICTRON


def is_plausible(key: int, data: bytes, fields: Fields) -> bool:
    """Whether a battery can mean this. A frame too short for even its first value means nothing."""
    if len(data) < SHORTEST.get(key, 1):
        return False
    if key == ids.MEASUREMENTS:
        volts, amperes = fields["voltage_V"], fields["current_A"]
        return (volts is None or 0 <= volts <= MOST_V) and (amperes is None or abs(amperes) <= MOST_A)
    if key == ids.STATE:
        return (fields["soc_pct"] or 0) <= MOST_SOC_PCT and (fields["soh_pct"] or 0) <= MOST_SOH_PCT
    return key != ids.LIMITS or (fields["cvl_V"] or 0.0) <= MOST_V


def _forget_s(key: int) -> float:
    return FORGET_SLOW_S if key in SLOW_IDS else FORGET_S


def _doubts(
    soc_pct: float | None, temperatures_c: Iterable[float], low_v: float | None, high_v: float | None
) -> tuple[Doubt, ...]:
    doubts = [Doubt.SOC_RANGE] if soc_pct is not None and soc_pct > 100 else []
    if any(not COLD_C < t < HOT_C for t in temperatures_c):
        doubts.append(Doubt.TEMPERATURE)
    if any(v is not None and not 0 < v <= HIGHEST_CELL_V for v in (low_v, high_v)):
        doubts.append(Doubt.CELL_RANGE)
    return tuple(doubts)


def _size(amperes: float | None) -> float | None:
    """A limit without its sign: makers differ in it."""
    return None if amperes is None else abs(amperes)


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _mv(volts: float | None) -> int | None:
    return None if volts is None else round(volts * 1000)
