"""Parameters as files: our JSON, and the file that the desktop tools of JBD boards read and write.

Source of the latter: files that these tools made: a key, blanks and a decimal raw value in each line, lines
that end in CR CR LF, packed registers split into their two bytes.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tui.model.link import Cause
from tui.model.register import Access, Coding, Device, Image, Kind
from tui.model.register_review import Change
from tui.protocols.parameters import Table, canonical, value_of

FORMAT, VERSION = "packdeck-registers", 1
FIG_HEAD, FIG_CODE = "FileCode", "3838"
FIG_END = "\r\r\n"
MOST_CHARACTERS = 1 << 20
# Whole registers and bytes of packed ones that the tools do not name like a parameter of ours.
WORDS = {"BatteryConfig": 0x2D, "NtcConfig": 0x2E}
BYTES = {
    "HardChgOverCurrent": (0x38, 8),
    "HardDsgOverCurrent": (0x38, 0),
    "HardTime": (0x39, 8),
    "SCReleaseTime": (0x39, 0),
}
_FIG_NAMES = """
    DesignCapacity CycleCapacity FullChargeVol ChargeEndVol DischargingRate ManufactureDate SerialNumber
    CycleCount ChgOverTemp ChgOTRelease ChgLowTemp ChgUTRelease DisOverTemp DsgOTRelease DisLowTemp
    DsgUTRelease PackOverVoltage PackOVRelease PackUnderVoltage PackUVRelease CellOverVoltage CellOVRelease
    CellUnderVoltage CellUVRelease OverChargeCurrent OverDisCurrent BalanceStartVoltage BalanceWindow
    SenseResistor BatteryConfig NtcConfig PackNum fet_ctrl_time_set led_disp_time_set VoltageCap80
    VoltageCap60 VoltageCap40 VoltageCap20 HardCellOverVoltage HardCellUnderVoltage HardChgOverCurrent
    HardDsgOverCurrent HardTime SCReleaseTime ChgUTDelay ChgOTDelay DsgUTDelay DsgOTDelay PackUVDelay
    PackOVDelay CellUVDelay CellOVDelay ChgOCDelay ChgOCRDelay DsgOCDelay DsgOCRDelay ManufacturerName
    DeviceName BarCode GPS_VOL GPS_TIME VoltageCap90 VoltageCap70 VoltageCap50 VoltageCap30 VoltageCap10
    VoltageCap100
"""
FIG_ORDER = tuple(_FIG_NAMES.split())


class RegisterFileError(ValueError):
    """A file is not what it should be. Carries the cause in words for every language."""

    def __init__(self, key: str, *args: tuple[str, str]) -> None:
        super().__init__(f"{key} {dict(args)}")
        self.cause = Cause(key, args)


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """What a file says. `changes` are values without raw data; `unknown` are names that this table lacks."""

    device: Device
    image: Image = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    unknown: tuple[str, ...] = ()


def family_of(text: str) -> str:
    """Whose file it is: of the desktop tools always "jbd". Raises RegisterFileError."""
    if _is_fig(text):
        return "jbd"
    return str(_head(text).get("family", ""))


def read(text: str, table: Table, image: Image) -> RegisterFile:
    """A file of either kind. `image` fills the other byte of a packed register. Raises RegisterFileError."""
    if len(text) > MOST_CHARACTERS:
        raise RegisterFileError("reg-file-large", ("characters", str(len(text))))
    return _read_fig(text, table, image) if _is_fig(text) else _read_json(text, table)


# our JSON


def write_json(device: Device, image: Image, table: Table, taken_ms: int | None, track: str) -> str:
    """All parameters with names, values and raw data. Raw data are what counts when it is read again."""
    rows = []
    for number in table.numbers:
        if (data := image.get(number)) is None:
            continue
        shared = table.at(number)
        values = {r.key: value_of(table.effective(r, image), data) for r in shared}
        rows.append(
            {"register": shared[0].address, "raw": data.hex().upper(), "values": values}
            | ({} if number in table.writable else {"read_only": True})
        )
    head = {
        "format": FORMAT,
        "version": VERSION,
        "family": device.family,
        "model": device.model,
        "firmware": device.firmware,
        "serial": device.serial,
        "track": track,
        "taken_ms": taken_ms,
    }
    return json.dumps(head | {"registers": rows}, indent=1, ensure_ascii=False) + "\n"


def _head(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        raise RegisterFileError("reg-file-unreadable", ("line", str(line))) from None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise RegisterFileError("reg-file-strange")
    if said.get("version") != VERSION:
        version = str(said.get("version"))
        raise RegisterFileError("reg-file-version", ("theirs", version), ("mine", str(VERSION)))
    return said


def _read_json(text: str, table: Table) -> RegisterFile:
    said = _head(text)
    device = Device(*(str(said.get(name, "") or "") for name in ("family", "model", "firmware", "serial")))
    rows = said.get("registers")
    if not isinstance(rows, list):
        raise RegisterFileError("reg-file-strange")
    if device.family != table.family:
        return RegisterFile(device)
    image: Image = {}
    changes: list[Change] = []
    unknown: list[str] = []
    for row in rows:
        _take_row(row if isinstance(row, dict) else {}, table, image, changes, unknown)
    return RegisterFile(device, image, tuple(changes), tuple(unknown))


def _take_row(
    row: Mapping[str, Any], table: Table, image: Image, changes: list[Change], unknown: list[str]
) -> None:
    address = str(row.get("register", "?")).upper()
    number = next((r.number for r in table.registers if r.address == address), None)
    if number is None:
        unknown.append(address)
        return
    register = table.at(number)[0]
    if "raw" in row:
        try:
            data = bytes.fromhex(str(row["raw"]))
        except ValueError:
            raise RegisterFileError("reg-file-raw", ("register", address)) from None
        if not data or (register.coding is not Coding.TEXT and len(data) != register.size):
            raise RegisterFileError("reg-file-raw", ("register", address))
        if len(data) > register.size:
            raise RegisterFileError("reg-file-raw", ("register", address))
        image[number] = canonical(register, data)
        return
    values = row.get("values")
    for key, value in (values if isinstance(values, dict) else {}).items():
        known = table.find(str(key))
        if known is None or known.number != number:
            unknown.append(str(key))
        elif known.access is Access.WRITE and isinstance(value, int | float | str):
            changes.append(Change(known.key, value))


# the file of the desktop tools


def _is_fig(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").startswith(FIG_HEAD)


def write_fig(image: Image, table: Table) -> str:
    """The file that the desktop tools read. Only registers that the board has."""
    named = {r.tool_key: r for r in table.registers if r.tool_key}
    lines = [f"  {FIG_HEAD}               {FIG_CODE}"]
    for key in FIG_ORDER:
        if (value := _fig_value(key, image, named)) is not None:
            lines.append(f"  {key}        {value}")
    return FIG_END.join(lines) + FIG_END


def _fig_value(key: str, image: Image, named: Mapping[str, Any]) -> str | None:
    if key in BYTES:
        number, shift = BYTES[key]
        data = image.get(number)
        return None if data is None else str(int.from_bytes(data, "big") >> shift & 0xFF)
    if key in WORDS:
        data = image.get(WORDS[key])
        return None if data is None else str(int.from_bytes(data, "big"))
    register = named[key]
    data = image.get(register.number)
    if data is None:
        return None
    if register.kind is Kind.TEXT:
        return str(value_of(register, data))
    bits = register.bits or 16
    return str(int.from_bytes(data, "big") >> register.shift & (1 << bits) - 1)


def _read_fig(text: str, table: Table, image: Image) -> RegisterFile:
    named = {r.tool_key: r for r in table.registers if r.tool_key}
    found: Image = {}
    unknown: list[str] = []
    for line in re.split(r"[\r\n]+", text.lstrip("\ufeff")):
        parts = line.strip().split(maxsplit=1)
        if not parts or parts[0] == FIG_HEAD:
            continue
        key, value = parts[0], parts[1].strip() if len(parts) > 1 else ""
        if key in BYTES:
            number, shift = BYTES[key]
            _put(found, image, number, _whole(key, value, 8), shift, 8)
        elif key in WORDS:
            _put(found, image, WORDS[key], _whole(key, value, 16), 0, 16)
        elif (register := named.get(key)) is None:
            unknown.append(key)
        elif register.kind is Kind.TEXT:
            if not value.isascii() or len(value) >= register.size:
                raise RegisterFileError("reg-file-value", ("key", key), ("value", value))
            found[register.number] = bytes((len(value),)) + value.encode()
        else:
            bits = register.bits or 16
            _put(found, image, register.number, _whole(key, value, bits), register.shift, bits)
    return RegisterFile(Device("jbd"), found, (), tuple(unknown))


def _put(found: Image, image: Image, number: int, part: int, shift: int, bits: int) -> None:
    data = found.get(number, image.get(number, b"\0\0"))
    whole = int.from_bytes(data, "big") & ~(((1 << bits) - 1) << shift) | part << shift
    found[number] = whole.to_bytes(2, "big")


def _whole(key: str, value: str, bits: int) -> int:
    number = int(value) if value.isascii() and value.isdecimal() else -1
    if not 0 <= number < 1 << bits:
        raise RegisterFileError("reg-file-value", ("key", key), ("value", value))
    return number
