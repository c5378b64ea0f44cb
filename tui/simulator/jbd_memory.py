"""The parameters of a simulated JBD board: working values, what it kept, and the ways it can disobey.

Source: JBD register map and protocol document (V11). A written value works at once; only leaving factory mode
with 28 28 keeps it over a restart.
"""

from dataclasses import dataclass, field

from tui.model.register import Access, Coding, Image
from tui.protocols.jbd_parameters import CELL_COUNT, CHIP, NEW_POINTS, TABLE
from tui.protocols.presets import find, image_of
from tui.simulator.write_faults import WriteFaults

OK, DENIED, INVALID = 0x00, 0x80, 0x81
CAPACITY, CYCLE_CAPACITY, DATE = 0x10, 0x11, 0x15
MANUFACTURER, MODEL, BARCODE = 0xA0, 0xA1, 0xA2
PACK_VOLTAGES = range(0x20, 0x24)
POINTS_MV = {0x42: 3390, 0x43: 3310, 0x44: 3200, 0x45: 3120, 0x46: 3050, 0x47: 3400}
OLD_FIRMWARE = 0x19
TEXT_MOST = 31


@dataclass(slots=True)
class JbdMemory:
    """All parameters of one board."""

    cells: int
    capacity_ah: float
    model: str
    barcode: str
    date: int = 0
    old_firmware: bool = False  # acknowledges 42 to 47 and does not have them
    working: Image = field(default_factory=dict)
    kept: Image = field(default_factory=dict)
    faults: WriteFaults = field(default_factory=WriteFaults)

    def __post_init__(self) -> None:
        preset = find("SP04S020", "jbd")
        assert preset is not None
        image = image_of(preset, TABLE, {})
        for number in PACK_VOLTAGES:
            image[number] = _u16(int.from_bytes(image[number], "big") * self.cells // 4)
        image[CELL_COUNT] = _u16(self.cells)
        image[CAPACITY] = _u16(min(0xFFFF, round(self.capacity_ah * 100)))
        image[CYCLE_CAPACITY] = _u16(min(0xFFFF, round(self.capacity_ah * 80)))
        image |= {DATE: _u16(self.date), 0x16: _u16(1), 0x17: _u16(12)}
        image |= {number: _u16(mv) for number, mv in POINTS_MV.items()}
        texts = {MANUFACTURER: "packdeck", MODEL: self.model, BARCODE: self.barcode}
        image |= {number: bytes((len(text),)) + text.encode() for number, text in texts.items()}
        self.working, self.kept = image, dict(image)

    def read(self, number: int) -> bytes | None:
        """The working value; None where this board has no such register."""
        if number == CHIP:
            return b"\0\0"
        if self.old_firmware and number in NEW_POINTS:
            return None
        return self.working.get(number)

    def write(self, number: int, data: bytes) -> int:
        """Take a value; the status of the answer."""
        if (status := self.faults.refuse.get(number)) is not None:
            return status
        rows = TABLE.at(number)
        if number not in self.working or not rows or rows[0].access is Access.COMMAND:
            return DENIED
        if rows[0].coding is Coding.TEXT:
            if not data or data[0] != len(data) - 1 or data[0] > TEXT_MOST:
                return DENIED
        elif len(data) != 2:
            return DENIED
        if self.old_firmware and number in NEW_POINTS:
            return OK
        if number not in self.faults.ignore:
            self.working[number] = self.faults.clamp.pop(number, data)
        return OK

    def is_mute(self, number: int) -> bool:
        """True when a write of this register gets no answer."""
        return number in self.faults.lose_ack or number in self.faults.ignore

    def save(self) -> None:
        """Keep the working values over a restart; what it forgets is at once as it was."""
        self.working |= {n: self.kept[n] for n in self.faults.forget}
        self.kept = dict(self.working)

    def restart(self) -> None:
        """What was not kept is gone."""
        self.working = dict(self.kept)


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "big")
