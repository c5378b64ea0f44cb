"""Where values stand on their wires: the tables against the languages themselves."""

import struct

import pytest

from tests.laboratories import BASIC, CAN_FRAMES, CELLS
from tui.model.can import CanFrame
from tui.model.source import CAN, JBD, NAMES, TABLES, TINYBMS, Origin, origin
from tui.protocols import jbd_explain, tinybms_explain
from tui.protocols.can_explain import explain_can
from tui.protocols.modbus import with_crc
from tui.protocols.tinybms_plan import LIVE

LIVE_VALUES = {
    36: struct.pack("<f", 53.12),
    38: struct.pack("<f", -8.25),
    46: (72_500_000).to_bytes(4, "little"),
}


def tinybms_answer() -> bytes:
    """Registers 0 to 55, high byte first; two registers of one number low word first."""
    words = [0] * LIVE.words
    for register, number in LIVE_VALUES.items():
        words[register], words[register + 1] = struct.unpack("<2H", number)
    words[0:2], words[45], words[48], words[52] = [33_180, 33_220], 49_500, 231, 0b10
    return with_crc(bytes((0xAA, 0x03, 112)) + struct.pack(f">{len(words)}H", *words))


def raw(data: bytes, where: Origin) -> bytes:
    assert where.at is not None and data.startswith(where.head)
    return data[where.at : where.at + where.size]


@pytest.mark.parametrize("name", JBD)
def test_every_jbd_field_is_in_its_frame_and_its_bytes_are_there(name: str) -> None:
    where = JBD[name]
    data = {"03": BASIC, "04": CELLS}[where.key]
    said = jbd_explain.explain(data, bytes((0xDD, 0xA5, int(where.key, 16))))
    assert said.key == where.key
    assert where.field in dict(said.fields)
    assert len(raw(data, where)) == where.size


@pytest.mark.parametrize(
    ("name", "value"),
    [("pack-v", 5312), ("current", 1240), ("soc", 72), ("remaining", 20160), ("nominal", 28000),
     ("cycles", 127), ("balancing", 0x10080000), ("temperatures", 2946), ("cells", 3318), ("protections", 0),
     ("charge", 3)],
)  # fmt: skip
def test_the_bytes_of_jbd_hold_the_value(name: str, value: int) -> None:
    where = JBD[name]
    data = CELLS if where.key == "04" else BASIC
    assert int.from_bytes(raw(data, where), "big") == value


@pytest.mark.parametrize("name", [name for name, where in TINYBMS.items() if where.at is not None])
def test_every_tinybms_field_is_in_its_frame(name: str) -> None:
    data, where = tinybms_answer(), TINYBMS[name]
    said = tinybms_explain.explain(data, LIVE.request)
    assert said.key == where.key
    assert where.field in dict(said.fields), dict(said.fields).keys()
    assert len(raw(data, where)) == where.size


@pytest.mark.parametrize(
    ("name", "words"),
    [("pack-v", LIVE_VALUES[36]), ("current", LIVE_VALUES[38]), ("soc", LIVE_VALUES[46])],
)
def test_the_bytes_of_tinybms_hold_the_value(name: str, words: bytes) -> None:
    low, high = struct.unpack("<2H", words)
    assert raw(tinybms_answer(), TINYBMS[name]) == struct.pack(">2H", low, high)


def test_the_single_registers_of_tinybms() -> None:
    found = {
        n: int.from_bytes(raw(tinybms_answer(), TINYBMS[n]), "big")
        for n in ("soh", "temperatures", "balancing")
    }
    assert found == {"soh": 49_500, "temperatures": 231, "balancing": 2}


@pytest.mark.parametrize("name", CAN)
def test_every_field_of_a_bus_is_in_its_frame(name: str) -> None:
    where, frames = CAN[name], {**{f"{i:X}": d for i, d in CAN_FRAMES}, "35A": "AA" * 8, "379": "1801"}
    data = bytes.fromhex(frames[where.key])
    said = explain_can(CanFrame(0, int(where.key, 16), data))
    assert where.field in dict(said.fields)
    assert len(raw(data, where)) == where.size


def test_a_language_without_a_table_has_none_and_every_value_has_names() -> None:
    assert origin("something", "pack-v") is None
    assert origin("jbd", "pack-v") is JBD["pack-v"]
    assert {"pack-v", "current", "soc", "cells"} <= NAMES.keys()
    assert all(key for table in TABLES.values() for key in table)
