"""Batteries on a CAN bus: every recorded frame by hand and by cantools, and what a track makes of them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import cantools
import pytest
from cantools.database.can import Database
from hypothesis import given
from hypothesis import strategies as st

from tui.model.can import ERROR, EXTENDED, REMOTE, CanFrame, pack
from tui.model.sample import Doubt, Identity, Pack, Protection
from tui.model.track import SIMULATED_NAME
from tui.protocols import battery_can_decode as ids
from tui.protocols.battery_can import BatteryCanProtocol, is_plausible
from tui.protocols.battery_can_decode import CONDITIONS, TABLES, decode_frame, text_of, true_voltage_v
from tui.protocols.protocol import Bad, BatteryProtocol, Outcome, Rejected

Vector = dict[str, Any]

RECORDINGS = Path(__file__).parents[1] / "recordings"
VECTORS: list[Vector] = json.loads((RECORDINGS / "can.json").read_text(encoding="utf-8"))
FAMILY = range(0x305, 0x383)


def key(vector: Vector) -> int:
    return int(vector["can_id"], 16) | (EXTENDED if vector["extended"] else 0)


def content(vector: Vector) -> bytes:
    return bytes.fromhex(vector["data_hex"])


def ids_of(vectors: list[Vector]) -> list[str]:
    return [v["id"] for v in vectors]


IN_FAMILY = [v for v in VECTORS if key(v) in FAMILY]


@cache
def database() -> Database:
    loaded = cantools.database.load_file(RECORDINGS / "can-battery.dbc")
    assert isinstance(loaded, Database)
    return loaded


def named_by_dbc(can_id: int, data: bytes) -> dict[str, Any]:
    decoded = database().decode_message(can_id, data, decode_choices=False, allow_truncated=True)
    assert isinstance(decoded, dict)
    return dict(decoded)


class Listener:
    """A protocol and a clock that only tests move."""

    def __init__(self, profile: str = "", poll_s: float = 1.0) -> None:
        self.protocol = BatteryCanProtocol(profile, poll_s)
        self.at(100.0)

    def at(self, now_s: float) -> "Listener":
        self.now_s = now_s
        assert self.protocol.requests_due(now_s) == []
        assert self.protocol.next_due_s() == now_s + 0.25
        return self

    def hears(self, can_id: int, data_hex: str) -> list[Outcome]:
        frame = CanFrame(round(self.now_s * 1e6), can_id, bytes.fromhex(data_hex))
        return self.protocol.feed(pack(frame))

    def packs(self, *frames: tuple[int, str]) -> list[Pack]:
        outcomes = [o for can_id, data_hex in frames for o in self.hears(can_id, data_hex)]
        return [o for o in outcomes if isinstance(o, Pack)]


# frames


def test_no_recording_is_missing() -> None:
    """S4-19, CL-30: recordings of real packs of every dialect that is claimed."""
    assert len(VECTORS) == 66 and len(IN_FAMILY) == 63
    assert {"victron", "pylontech", "sma", "byd", "tinybms-gw"} <= {v["profile"] for v in VECTORS}


@pytest.mark.parametrize("vector", VECTORS, ids=ids_of(VECTORS))
def test_recorded_frame(vector: Vector) -> None:
    """S4-19, CL-30: every published value, none missing and none invented."""
    assert decode_frame(key(vector), content(vector), vector["profile"]) == vector["expected"]


SAME_NAME = {
    "cvl_V": "ChargeVoltageLimit", "ccl_A": "ChargeCurrentLimit", "dcl_A": "DischargeCurrentLimit",
    "dvl_V": "DischargeVoltageLimit", "soc_pct": "Soc", "soh_pct": "Soh", "soc_hires_pct": "SocHiRes",
    "voltage_V": "PackVoltage", "current_A": "PackCurrent", "temperature_C": "PackTemperature",
    "modules": "ModuleCount", "charge_enable": "ChargeEnable", "discharge_enable": "DischargeEnable",
    "force_charge_1": "RequestForceCharge1", "force_charge_2": "RequestForceCharge2",
    "full_charge": "RequestFullCharge", "word0": "ProductOrChemistry", "capacity_Ah": "AvailableCapacity",
    "word3": "HwOrManufacturerId", "min_cell_V": "MinCellVoltage", "max_cell_V": "MaxCellVoltage",
    "modules_online": "ModulesOnline", "modules_blocking_charge": "ModulesBlockingCharge",
    "modules_blocking_discharge": "ModulesBlockingDischarge", "modules_offline": "ModulesOffline",
    "installed_Ah": "InstalledCapacity", "charged_kWh": "EnergyCharged", "nominal_Ah": "NominalCapacity",
    "discharged_kWh": "EnergyDischarged", "remaining_Ah": "RemainingCapacity",
}  # fmt: skip
INVALID = {0xFFFF, 655.35, -3276.8, -327.68}  # markers as the DBC scales them


@pytest.mark.parametrize("vector", IN_FAMILY, ids=ids_of(IN_FAMILY))
def test_dbc_agrees(vector: Vector) -> None:
    """S4-19: cantools with the DBC reads the same values from the same bytes, short frames included."""
    decoded = decode_frame(key(vector), content(vector))
    signals = named_by_dbc(key(vector), content(vector))
    for name, value in decoded.items():
        signal = signals.get(SAME_NAME.get(name, ""))
        if name in SAME_NAME and signal is None:
            assert value is None
        elif name in SAME_NAME:
            found = round(float(signal or 0), 3)
            assert value == found or (value is None and found in INVALID)
    if "text" in decoded:
        letters = bytes(v for k, v in signals.items() if "Char" in k)
        assert text_of(letters) == decoded["text"]
    if "pairs" in decoded:
        assert [v for k, v in signals.items()] == decoded["pairs"]
    if "min_cell_temp_K" in decoded:
        assert decoded["min_cell_temp_K"] - 273 == signals["MinCellTemp"]
        assert decoded["max_cell_temp_K"] - 273 == signals["MaxCellTemp"]
    if "protections" in decoded:
        bits = {k for k, v in signals.items() if v and k.startswith(("Prot", "Alarm"))}
        assert len(bits) == len(decoded["protections"]) + len(decoded["alarms"])


@given(st.sampled_from(sorted(TABLES[""])), st.binary(max_size=8), st.sampled_from(sorted(TABLES)))
def test_any_bytes_in_any_dialect(can_id: int, data: bytes, profile: str) -> None:
    """No content of one to eight bytes breaks a decoder; a dialect that nobody knows is the common one."""
    fields = decode_frame(can_id, data, profile)
    assert decode_frame(can_id, data, "no-such-dialect") == decode_frame(can_id, data)
    for value in fields.values():
        assert value is None or isinstance(value, bool | int | float | str | list)
    if fields:
        assert is_plausible(can_id, data, fields) in (True, False)


@given(st.sampled_from(sorted(TABLES[""])), st.binary(min_size=8, max_size=8), st.integers(1, 8))
def test_short_frames_lose_fields_and_change_none(can_id: int, data: bytes, size: int) -> None:
    """What is still there means the same; what is not is None, never zero."""
    whole, cut = decode_frame(can_id, data), decode_frame(can_id, data[:size])
    for name, value in cut.items():
        if isinstance(whole[name], int | float) and not isinstance(whole[name], bool):
            assert value in (None, whole[name])


def test_identifiers_of_29_bits_are_others() -> None:
    """Sofar's 29-bit 0x351 is another frame than the 11-bit one; so is a remote frame."""
    data = bytes.fromhex("480200050005AE01")
    assert decode_frame(0x351, data) and not decode_frame(0x351 | EXTENDED, data)
    assert not decode_frame(0x351 | REMOTE, data) and not decode_frame(0x350, data)


def test_pairs() -> None:
    """One is raised, two is cleared; the TinyBMS gateway counts levels instead."""
    assert decode_frame(0x35A, b"\xaa" * 8)["alarms"] == []
    everything = decode_frame(0x35A, b"\x55" * 8)
    assert everything["alarms"] == everything["warnings"] == list(CONDITIONS)
    assert len(decode_frame(0x35A, b"\x55" * 7)["pairs"]) == 28
    levels = decode_frame(0x35A, bytes.fromhex("1800000000000000"), ids.TINYBMS_GW)
    assert levels["alarms"] == ["high_voltage"] and levels["warnings"] == ["low_voltage"]


def test_pylontech_bits() -> None:
    """Every bit of the table, at its place; bits nobody explains are left alone."""
    for bits in (ids.PROTECTION_BITS, ids.ALARM_BITS):
        for bit, name in bits:
            decoded = decode_frame(0x359, (1 << bit).to_bytes(4, "little") + b"\x01PN")
            assert [*decoded["protections"], *decoded["alarms"]] == [name]
    unknown = decode_frame(0x359, (1 << 15 | 1 << 31).to_bytes(8, "little"))
    assert unknown["protections"] == unknown["alarms"] == []


def test_other_ends_of_the_wire() -> None:
    """What inverters say, and the dialects with their own meaning."""
    sunny = decode_frame(0x305, bytes.fromhex("10026CFFE600F401"), ids.SMA)
    assert sunny == {"voltage_V": 52.8, "current_A": -14.8, "temperature_C": 23.0, "soc_pct": 50.0}
    assert decode_frame(0x305, bytes(8), ids.SMA) == {"all_zero": True}
    status = decode_frame(0x306, bytes.fromhex("64000A0100001002"), ids.SMA)
    assert status["state"] == "operating" and status["charge_procedure"] == 10
    assert decode_frame(0x307, b"\x03\0", ids.SMA) == {"relays": 3}
    assert decode_frame(0x307, b"\x12\x34\x56") == {}
    assert decode_frame(0x35B, b"\x1f")["events"] == list(ids.EVENT_NAMES)
    assert decode_frame(0x360, b"\xff") == {"force_charge": True}
    assert decode_frame(0x360, b"\x07") == {"force_charge": None}
    gateway = decode_frame(0x35F, bytes.fromhex("0000010264640000"), ids.TINYBMS_GW)
    assert gateway["capacity_Ah"] == 257.0
    assert decode_frame(0x356, bytes.fromhex("0802C8FF"), ids.DISCOVER)["voltage_V"] == 52.0
    assert decode_frame(0x372, bytes(4), ids.DISCOVER) == {}
    deye = decode_frame(0x361, bytes.fromhex("050DEA0CFA00E600"))
    assert deye == {
        "max_cell_V": 3.333,
        "min_cell_V": 3.306,
        "max_cell_temp_C": 25.0,
        "min_cell_temp_C": 23.0,
    }


def test_senders_in_tenths_of_a_volt() -> None:
    """Below 8 V while more than 40 V are asked for: the sender counts in 0.1 V."""
    assert true_voltage_v(5.28, 56.0) == 52.8
    assert true_voltage_v(5.28, None) == 5.28 and true_voltage_v(None, 56.0) is None
    assert true_voltage_v(5.28, 14.6) == 5.28 and true_voltage_v(8.0, 56.0) == 8.0
    assert decode_frame(0x356, bytes.fromhex("100200000000"), cvl_v=56.0)["voltage_V"] == 52.8


def test_texts_cannot_steer_a_terminal() -> None:
    """Padding goes, what cannot be printed becomes a question mark."""
    assert text_of(b"PYLON   ") == "PYLON" and text_of(b" AES\0\0") == "AES"
    assert text_of(b"\x1b[2JX\xff\0Y") == "?[2JX??Y" and text_of(b"") == ""


# a whole battery

BYD = [
    (int(v["can_id"], 16), v["data_hex"]) for v in VECTORS if v["profile"] == "byd" and "alarm" not in v["id"]
]
PYLON = [
    (int(v["can_id"], 16), v["data_hex"]) for v in VECTORS if v["id"].startswith("pylon12-")
]  # 351, 355, 356, 359


def test_a_byd_pack() -> None:
    """CL-30, S4-19: the captured set, as one track shows it."""
    listener = Listener()
    listener.packs(*BYD, (0x35A, "AAAAAAAAAAAAAAAA"))
    (told,) = listener.packs((0x356, "BE14F9FF8C000000"))
    assert listener.protocol.profile == "byd"
    assert (told.pack_v, told.current_a, told.soc_pct, told.soh_pct) == (53.1, -0.7, 67.0, 100.0)
    assert (told.nominal_ah, told.remaining_ah, told.modules_online) == (156.0, 105.0, 2)
    assert told.temperatures_c == (14.0, 14.0, 17.0)
    assert (told.lowest_cell_mv, told.highest_cell_mv) == (3306, 3329)
    assert (told.charge_voltage_limit_v, told.discharge_voltage_limit_v) == (58.4, 43.0)
    assert (told.charge_current_limit_a, told.discharge_current_limit_a) == (128.0, 128.0)
    assert not told.protections and not told.warnings and not told.doubts
    assert told.charge_on is None and told.status == ""


def test_identity_of_a_byd_pack() -> None:
    """The version is in hexadecimal digits there: 1.17."""
    listener = Listener()
    said = [o for can_id, data in BYD for o in listener.hears(can_id, data) if isinstance(o, Identity)]
    assert said[-1] == Identity(
        hardware="PREMIUM", firmware="1.17", manufacturer="BYD", model="PREMIUM", chemistry="Li"
    )
    assert not [o for can_id, data in BYD for o in listener.hears(can_id, data) if isinstance(o, Identity)]


def test_a_pylontech_pack() -> None:
    """CL-30: short frames, switches from 0x35C, protections from 0x359."""
    listener = Listener()
    listener.packs(*PYLON, (0x35C, "C000"), (0x35E, b"PYLON   ".hex()))
    (told,) = listener.packs((0x356, "7A13F2FE6B01"))
    assert listener.protocol.profile == "pylontech"
    assert (told.pack_v, told.current_a, told.temperatures_c) == (49.86, -27.0, (36.3,))
    assert (told.soc_pct, told.soh_pct, told.modules_online) == (88.0, 94.0, 6)
    assert (told.charge_on, told.discharge_on, told.status) == (True, True, "")
    (told,) = listener.packs((0x35C, "2000"), (0x359, "0201020001504E"), (0x356, "7A13F2FE6B01"))
    assert (told.charge_on, told.discharge_on, told.status) == (False, False, "force_charge")
    assert told.protections == (Protection.CELL_OVERVOLTAGE, Protection.CHARGE_OVERCURRENT)
    assert told.warnings == (Protection.CELL_OVERVOLTAGE,)


@pytest.mark.parametrize(
    ("frames", "profile"),
    [
        ([(0x351, "480200050005AE01")], ""),
        ([(0x359, "0000000006504E")], "pylontech"),
        ([(0x35C, "C000")], "pylontech"),
        ([(0x35E, b"PYLON   ".hex()), (0x35A, "00" * 8)], "pylontech"),
        ([(0x35A, "AA" * 8)], "victron"),
        ([(0x35A, "AA" * 8), (0x35B, "00")], "sma"),
        ([(0x35A, "AA" * 8), (0x35B, "00"), (0x373, "EA0C010D1F012201")], "victron"),
        ([(0x35E, b"BYD".hex()), (0x35A, "AA" * 8), (0x35B, "00")], "byd"),
        ([(0x35E, b"PYTES".hex()), (0x35A, "00" * 8)], "victron"),
        ([(0x35E, b"DISCOVER".hex())], "discover"),
        ([(0x374, b"MINV3400".hex()), (0x35A, "00" * 8)], "tinybms-gw"),
    ],
)
def test_recognised_dialects(frames: list[tuple[int, str]], profile: str) -> None:
    """By the maker's name first, then by which identifiers are sent, in whatever order."""
    for order in (frames, frames[::-1]):
        listener = Listener()
        listener.packs(*order)
        assert listener.protocol.profile == profile
    chosen = Listener("sma")
    chosen.packs(*frames)
    assert chosen.protocol.profile == "sma"


def test_gateway_levels_are_read_again_once_it_is_known() -> None:
    """Frames that came before the dialect was found mean what they mean in it."""
    listener = Listener()
    (told,) = listener.packs((0x35A, "1800000000000000"), (0x356, "78140000FA00"))
    assert told.protections == told.warnings == ()  # nobody knows yet how to read this
    (told,) = listener.packs((0x374, b"MINV3400".hex()), (0x356, "78140000FA00"))
    assert told.protections == (Protection.PACK_OVERVOLTAGE,)
    assert told.warnings == (Protection.PACK_UNDERVOLTAGE,)
    assert told.lowest_cell == ""


def test_alarms_of_a_nameless_sender() -> None:
    """Who has told no name after some seconds is read as most senders are meant."""
    listener = Listener()
    listener.packs((0x35A, "1000000000000001"))
    assert listener.packs((0x356, "78140000FA00"))[0].protections == ()
    (told,) = listener.at(102.6).packs((0x356, "78140000FA00"))
    assert told.protections == (Protection.PACK_UNDERVOLTAGE,)
    assert told.warnings == (Protection.CELL_IMBALANCE,)


def test_old_values_are_dropped() -> None:
    """An identifier that is not heard for five seconds says nothing any more; names stay longer."""
    listener = Listener()
    listener.packs((0x355, "43006400"), (0x351, "480200050005AE01"), (0x379, "9C00"), (0x35E, "425944"))
    for second in (102.0, 104.0):
        listener.at(second).packs((0x351, "480200050005AE01"))
    (told,) = listener.at(105.0).packs((0x356, "BE14F9FF8C00"))
    assert told.soc_pct == 67.0
    (told,) = listener.at(105.1).packs((0x356, "BE14F9FF8C00"))
    assert told.soc_pct is None and told.charge_voltage_limit_v == 58.4 and told.nominal_ah == 156.0
    (told,) = listener.at(116.0).packs((0x356, "BE14F9FF8C00"))
    assert told.nominal_ah is None and told.charge_voltage_limit_v is None


def test_every_measurement_is_a_reading() -> None:
    """S1-11: ten times a second when the battery says so."""
    listener = Listener()
    count = sum(len(listener.at(100 + n / 10).packs((0x356, "BE14F9FF8C00"))) for n in range(100))
    assert count == 100


@pytest.mark.parametrize(("poll_s", "count"), [(1.0, 9), (0.2, 9), (2.0, 4)])
def test_senders_without_measurements(poll_s: float, count: int) -> None:
    """At most one reading a second from limits and charge, or one per poll when that is longer."""
    listener = Listener(poll_s=poll_s)
    packs = [
        p
        for n in range(40)
        for p in listener.at(100 + n / 4).packs((0x351, "480200050005AE01"), (0x355, "43006400"))
    ]
    assert len(packs) == count and packs[-1].soc_pct == 67.0 and packs[-1].pack_v is None


def test_fine_charge_only_when_it_is_one() -> None:
    """Zero means not provided; other makers put other things there."""
    listener = Listener("victron")
    for data, soc in [
        ("32005C00AB13", 50.35), ("430064000000", 67.0), ("43006400220D", 67.0), ("32006400FFFF", 50.0),
        ("00006400", 0.0), ("FFFF6400AB13", None),
    ]:  # fmt: skip
        (told,) = listener.packs((0x355, data), (0x356, "BE14F9FF8C00"))
        assert told.soc_pct == soc


def test_signs_and_zeros_of_limits() -> None:
    """Some send the discharge limit negative; a discharge voltage of zero is not given."""
    listener = Listener()
    (told,) = listener.packs((0x351, "37024C0424FA0000"), (0x356, "BE14F9FF8C00"))
    assert told.charge_current_limit_a == 110.0 and told.discharge_current_limit_a == 150.0
    assert told.discharge_voltage_limit_v is None


def test_tenths_of_a_volt_in_a_conversation() -> None:
    """The limit of the same sender tells its scale, whichever frame comes first."""
    (told,) = Listener().packs((0x351, "3002E803E803E001"), (0x356, "100200000000"))
    assert told.pack_v == 52.8


@pytest.mark.parametrize(
    ("can_id", "data"),
    [
        (0x356, ""), (0x356, "BE"), (0x351, "48"), (0x378, "010203"), (0x35E, ""), (0x35C, ""), (0x359, ""),
        (0x356, "FFFF0000"), (0x356, "BE14FF7F0000"), (0x355, "C9006400"), (0x355, "5203"),
    ],
)  # fmt: skip
def test_impossible_content(can_id: int, data: str) -> None:
    """Too short for its first value, or beyond what a battery can be: counted, not used."""
    assert Listener().hears(can_id, data) == [Rejected(Bad.IMPLAUSIBLE)]


def test_doubts() -> None:
    """Odd, but shown."""
    listener = Listener()
    (told,) = listener.packs((0x355, "69006400"), (0x373, "0000010D1F012201"), (0x356, "BE14F9FF2003"))
    assert told.doubts == (Doubt.SOC_RANGE, Doubt.CELL_RANGE)
    (told,) = listener.packs((0x373, "0000000000000000"), (0x356, "BE14F9FFB004"))
    assert told.lowest_cell_mv is None and told.doubts == (Doubt.SOC_RANGE, Doubt.TEMPERATURE)


def test_silence() -> None:
    """One cycle per two seconds without a frame of the family; a reading sets it back."""
    listener = Listener()
    protocol = listener.protocol
    for second, cycles in [(101.9, 0), (102.0, 1), (104.1, 2), (110.0, 5)]:
        listener.at(second)
        assert protocol.silent_cycles == cycles
    listener.hears(0x305, "00" * 8)  # an inverter is no battery
    listener.hears(0x123, "00")
    assert listener.at(112.0).protocol.silent_cycles == 6
    listener.hears(0x35E, "425944")  # a battery, but no reading yet
    assert listener.at(113.9).protocol.silent_cycles == 6
    listener.hears(0x356, "BE14F9FF8C00")
    assert protocol.silent_cycles == 0 and listener.at(115.8).protocol.silent_cycles == 0


def test_frames_of_others() -> None:
    """Other identifiers, formats, remote and error frames give nothing; a broken record is garbage."""
    listener = Listener()
    for can_id in (0x123, 0x305, 0x356 | EXTENDED, 0x356 | REMOTE, 0x356 | ERROR, 0x241):
        assert listener.hears(can_id, "BE14F9FF8C00") == []
    assert listener.protocol.feed(b"\0" * 25) == [Rejected(Bad.GARBAGE, 25)]
    assert listener.protocol.line_went_quiet() == [] and listener.protocol.feed(b"") == []


def test_several_records_at_once() -> None:
    """As one read may bring them; frames sent on this machine count as well (a simulator does)."""
    frames = [CanFrame(1, i, bytes.fromhex(data), sent=True) for i, data in PYLON * 2]
    outcomes = Listener().protocol.feed(b"".join(map(pack, frames)))
    assert [o.soc_pct for o in outcomes if isinstance(o, Pack)] == [88.0, 88.0] and len(outcomes) == 2


def test_opened_anew() -> None:
    """Another battery, perhaps: nothing of the old one stays."""
    listener = Listener()
    listener.packs(*BYD)
    listener.protocol.reset()
    assert listener.protocol.profile == ""
    (told,) = listener.packs((0x356, "BE14F9FF8C00"))
    assert told == Pack(pack_v=53.1, current_a=-0.7, temperatures_c=(14.0,))
    assert isinstance(listener.hears(0x35E, "425944")[0], Identity)


def test_names_in_two_halves() -> None:
    """Told once when both are there; numbers in these identifiers are no name (Seplos)."""
    listener = Listener()
    assert listener.hears(0x370, b"CAN-SMAR".hex()) == []
    assert listener.hears(0x371, b"TBMS-BAT".hex()) == [Identity(model="CAN-SMARTBMS-BAT")]
    assert Listener().hears(0x370, "F500DC00050DEA0C") == []
    assert Listener().hears(0x380, b"K123\0\0\0\0".hex()) == [Identity(serial="K123")]
    alone = Listener()
    assert alone.hears(0x380, b"12345678".hex()) == []
    assert alone.at(103.0).hears(0x380, b"12345678".hex()) == [Identity(serial="12345678")]


@pytest.mark.parametrize(("can_id", "text"), [(0x370, b"PDSIM 8S"), (0x380, b"PDSIM-1"), (0x35E, b"PDSIM")])
def test_simulated_packs_say_so(can_id: int, text: bytes) -> None:
    """Whoever looks at the track is told that nothing of it is real."""
    listener = Listener()
    said = listener.hears(can_id, text.hex()) + listener.at(103.0).hears(can_id, text.hex())
    assert isinstance(said[-1], Identity) and (said[-1].hardware or "").startswith(SIMULATED_NAME)


RECORDS = st.builds(
    CanFrame,
    st.integers(0, 2**64 - 1),
    st.one_of(st.sampled_from(sorted(TABLES[""])), st.integers(0, 2**32 - 1)),
    st.binary(max_size=8),
    st.booleans(),
)


@given(
    st.lists(RECORDS, max_size=30), st.lists(st.floats(0, 3), max_size=30), st.sampled_from(sorted(TABLES))
)
def test_random_traffic_never_raises(frames: list[CanFrame], pauses: list[float], profile: str) -> None:
    """Whatever a bus brings, in whatever dialect it is read."""
    protocol: BatteryProtocol = BatteryCanProtocol(profile)
    now_s = 0.0
    for n, frame in enumerate(frames):
        now_s += pauses[n] if n < len(pauses) else 0.1
        assert protocol.requests_due(now_s) == []
        for outcome in protocol.feed(pack(frame)):
            assert isinstance(outcome, Pack | Identity | Rejected)
    assert protocol.requests_sent == protocol.requests_unanswered == 0


@given(st.binary(max_size=100))
def test_random_bytes_never_raise(data: bytes) -> None:
    """Not even what is no record."""
    BatteryCanProtocol().feed(data)
