"""CAN frames in words: the battery family, a TinyBMS, a user's DBC, and what nobody knows."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.can import ERROR, EXTENDED, REMOTE, CanFrame
from tui.model.frame import Trust
from tui.protocols.battery_can_decode import TABLES
from tui.protocols.can_explain import explain_can
from tui.protocols.protocol import Explained
from tui.protocols.user_dbc import UserDbc

RECORDINGS = Path(__file__).parents[1] / "recordings"
VECTORS = json.loads((RECORDINGS / "can.json").read_text(encoding="utf-8"))
DBC = UserDbc(
    'VERSION ""\n\nBO_ 291 Motor: 1 A\n SG_ Heat : 0|8@1+ (1,-40) [0|0] "degC" A\n\nBO_ 849 Mine: 1 A\n'
)


def frame(can_id: int, data_hex: str) -> CanFrame:
    return CanFrame(0, can_id, bytes.fromhex(data_hex))


@pytest.mark.parametrize(
    ("can_id", "data", "name", "text"),
    [
        (0x351, "480200050005AE01", "limits", "cvl 58.4 V  ccl 128.0 A  dcl 128.0 A  dvl 43.0 V"),
        (0x355, "43006400", "soc", "soc 67 %  soh 100 %  soc_hires --"),
        (0x356, "BE14F9FF0080", "measurements", "voltage 53.1 V  current -0.7 A  temperature --"),
        (0x359, "0200100001504E", "alarms", "protections over_voltage  alarms low_temp  modules 1"),
        (0x35E, "42594400", "manufacturer", "text BYD"),
        (0x360, "FF", "force-charge", "force_charge yes"),
        (0x373, "EA0C010D1F012201", "extremes",
         "min_cell 3.306 V  max_cell 3.329 V  min_cell_temp 287 K  max_cell_temp 290 K"),
        (0x379, "9C00", "installed", "installed 156 Ah"),
        (0x378, "0A00000014000000", "energy", "charged 1.0 kWh  discharged 2.0 kWh"),
        (0x305, "0000000000000000", "keepalive", "all_zero yes"),
        (0x35B, "00", "events", "events -"),
    ],
)  # fmt: skip
def test_family(can_id: int, data: str, name: str, text: str) -> None:
    """S4-60: the word for a frame, and every field with its unit in one line."""
    shown = explain_can(frame(can_id, data))
    assert (shown.key, shown.name, shown.text) == (f"{can_id:03X}", name, text)
    assert shown.trust is Trust.GOOD


def test_alarm_pairs_as_words() -> None:
    """Active, inactive, not reported: three states, and none of them by colour alone."""
    mixed = explain_can(frame(0x35A, "56AAAAAA00000040"))
    fields = dict(mixed.fields)
    assert fields["alarms"] == "high_voltage low_voltage high_temp" and fields["warnings"] == "-"
    assert fields["alarms_inactive"].startswith("general low_temp")
    assert fields["warnings_not_reported"] == "all" and "alarms_not_reported" not in fields
    healthy = dict(explain_can(frame(0x35A, "AAAAAAAAAAAAAAAA")).fields)
    assert healthy["alarms_inactive"] == healthy["warnings_inactive"] == "all"
    short = dict(explain_can(frame(0x35A, "00000003")).fields)
    assert short["alarms_ignored"] == "cell_imbalance" and "warnings_inactive" not in short


@pytest.mark.parametrize("vector", VECTORS, ids=[v["id"] for v in VECTORS])
def test_every_recorded_frame_has_words(vector: dict[str, str]) -> None:
    """S4-60, CL-30: with its profile every recording is understood."""
    can_id = int(vector["can_id"], 16) | (EXTENDED if vector["extended"] else 0)
    shown = explain_can(frame(can_id, vector["data_hex"]), profile=vector["profile"])
    assert shown.trust is Trust.GOOD and shown.name and shown.fields


@pytest.mark.parametrize(
    ("can_id", "data", "name", "text", "trust"),
    [
        (0x201, "1400000000000000", "pack-voltage", "request 14", Trust.GOOD),
        (0x201, "0300240002000000", "registers", "request 36..37", Trust.GOOD),
        (0x201, "10013B0002106800", "write", "request 315..316", Trust.GOOD),
        (0x201, "1D02000300000000", "settings", "request max  count 3", Trust.GOOD),
        (0x241, "0114B81E5F42", "pack-voltage", "pack_voltage 55.78 V", Trust.GOOD),
        (0x241, "0103041EB800", "registers", "index 0  value 7864 (0x1EB8)", Trust.GOOD),
        (0x241, "011C08DE8002", "cells", "cell_3 3.299 V", Trust.GOOD),
        (0x241, "011B06008002", "temperatures", "external_temperature_2 --", Trust.GOOD),
        (0x241, "011B06160100", "temperatures", "internal_temperature 27.8 °C", Trust.GOOD),
        (0x241, "01110CCD93FE0000", "new-events", "clock 16683981 s", Trust.GOOD),
        (0x241, "01110C2B4EB96401", "new-events", "at 12144171 s  event 0x64  level info", Trust.GOOD),
        (0x241, "01189700", "status", "online_status 151  online_status_name Idle", Trust.GOOD),
        (0x241, "000300", "registers", "refused 0", Trust.BAD),
        (0x241, "0114", "pack-voltage", "", Trust.BAD),
        (0x241, "01200C2A00000001", "journey", "index 1  value 2A000000", Trust.GOOD),
    ],
)
def test_tinybms(can_id: int, data: str, name: str, text: str, trust: Trust) -> None:
    """S4-60: requests and single frames of answers."""
    shown = explain_can(frame(can_id, data))
    assert (shown.key, shown.name, shown.text, shown.trust) == (f"{can_id:03X}", name, text, trust)


def test_a_file_of_the_user() -> None:
    """For what this program does not know; what it knows it explains itself."""
    assert explain_can(frame(0x123, "41"), DBC) == Explained(
        "123", "Motor", (("Heat", "25 degC"),), Trust.GOOD
    )
    assert explain_can(frame(0x351, "48020005"), DBC).name == "limits"
    assert explain_can(frame(0x123, "41")) == Explained("123")


def test_what_nobody_knows() -> None:
    """X-14: the key is the identifier as text, in three or eight digits; unknown is not an error."""
    assert explain_can(frame(0x7FF, "00"), DBC) == Explained("7FF")
    assert explain_can(frame(0x351 | EXTENDED, "48020005"), DBC) == Explained("00000351")
    assert explain_can(frame(0x2F4, "34021B1063")).trust is Trust.UNKNOWN
    assert (
        explain_can(frame(0x2F4, "34021B1063"), profile="jk").text
        == "voltage 56.4 V  current 12.3 A  soc 99 %"
    )
    assert explain_can(frame(0x351 | REMOTE, "")) == Explained("351", "remote")
    assert explain_can(frame(0x201, "99")).trust is Trust.UNKNOWN


def test_bad_frames_and_errors() -> None:
    """Impossible content of a known frame is bad; error records say what the controller saw."""
    assert explain_can(frame(0x356, "01")).trust is Trust.BAD
    assert explain_can(frame(0x355, "5203")).trust is Trust.BAD
    shown = explain_can(CanFrame(0, ERROR | 0x60, bytes(8)))
    assert (
        shown.name == "error" and shown.text == "error no acknowledge, bus off" and shown.trust is Trust.BAD
    )
    assert explain_can(CanFrame(0, ERROR, b"")).text == "error unknown"


@given(st.integers(0, 2**32 - 1), st.binary(max_size=8), st.sampled_from(["", "nobody", *TABLES]))
def test_any_frame(can_id: int, data: bytes, profile: str) -> None:
    """No frame raises, and every one has a key."""
    assert explain_can(CanFrame(0, can_id, data), DBC, profile).key


@given(st.integers(0, 0x7FF), st.binary(max_size=8), st.sampled_from(sorted(TABLES)))
def test_any_short_identifier(can_id: int, data: bytes, profile: str) -> None:
    """The same where most are known."""
    shown = explain_can(CanFrame(0, can_id, data), DBC, profile)
    assert "\x1b" not in shown.text and "\n" not in shown.text


def test_cantools_is_loaded_only_for_a_file() -> None:
    """Who has no DBC does not wait for its reader."""
    code = "import sys, tui.protocols.can_explain; print('cantools' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
