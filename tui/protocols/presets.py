"""Sets of parameter values by name: boards as their maker delivers them, and common kinds of cells.

Boards: parameter files of the maker's desktop tools. Cells: for LFP the same files; for NMC and LTO usual
values, which the data sheet of a cell overrules.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.model.register import Image, Register, Value
from tui.model.register_archive import PresetInfo
from tui.protocols.parameters import BadValueError, Table, checked, patched, value_of


@dataclass(frozen=True, slots=True)
class Preset:
    """`words` are whole registers, `values` single parameters by key. `cells` 0: as many as there are."""

    name: str
    family: str
    cells: int = 0
    current_a: float = 0.0
    words: Mapping[int, int] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def info(self) -> PresetInfo:
        """What a list shows."""
        return PresetInfo(
            self.name, self.family, self.cells, self.current_a, len(self.words) + len(self.values)
        )


def image_of(preset: Preset, table: Table, image: Image) -> Image:
    """The registers of a preset for a device with that image, which fills packed ones and the cell count."""
    target = {number: word.to_bytes(2, "big") for number, word in preset.words.items()}
    values = dict(preset.values)
    count = table.find("cell_count")
    cells = value_of(count, image.get(count.number, b"")) if count is not None else None
    for key, per_cell_mv in tuple(values.items()):
        if key.startswith("pack_"):
            del values[key]
            if isinstance(cells, int) and isinstance(per_cell_mv, int):
                values[key] = round(cells * per_cell_mv / 1000, 2)
    for key, value in values.items():
        register = table.find(key)
        assert register is not None
        number = register.number
        before = target.get(number, image.get(number))
        if before is not None and not _is_absent(register, image):
            try:
                target[number] = patched(register, before, checked(register, value))
            except BadValueError:
                continue
    return target | _points_between(target, image)


def _points_between(target: Image, image: Image) -> Image:
    """The finer points of newer boards, which no preset tells: half way between their neighbours."""
    found: Image = {}
    for number, (above, below) in BETWEEN.items():
        if number in image and number not in target and above in target and below in target:
            middle = (int.from_bytes(target[above], "big") + int.from_bytes(target[below], "big")) // 2
            found[number] = middle.to_bytes(2, "big")
    return found


def _is_absent(register: Register, image: Image) -> bool:
    return register.number not in image


# Voltage at so many per cent of charge: 100, 90, 70, 50, 30 and 10, and the registers around each.
BETWEEN = {
    0x47: (0x12, 0x12), 0x42: (0x12, 0x32), 0x43: (0x32, 0x33), 0x44: (0x33, 0x34), 0x45: (0x34, 0x35),
    0x46: (0x35, 0x13),
}  # fmt: skip
_SAME = {
    0x10: 10000, 0x11: 8000, 0x14: 2, 0x18: 3381, 0x19: 3281, 0x1A: 2741, 0x1C: 3481, 0x1D: 3381, 0x1E: 2631,
    0x1F: 2731, 0x24: 3650, 0x25: 3500, 0x26: 2500, 0x27: 3000, 0x2A: 3400, 0x2B: 15, 0x2C: 1, 0x2D: 15,
    0x36: 3900, 0x37: 2000, 0x39: 176 << 8 | 5, 0x3A: 0x0202, 0x3B: 0x0202, 0x3C: 0x0202, 0x3D: 0x0202,
    0x3E: 10 << 8 | 32, 0x3F: 10 << 8 | 32,
}  # fmt: skip
_SP04 = {
    0x12: 3400, 0x13: 3000, 0x32: 3350, 0x33: 3300, 0x34: 3150, 0x35: 3100, 0x1B: 2831, 0x20: 1460,
    0x21: 1400, 0x22: 1000, 0x23: 1200, 0x28: 13000, 0x29: 52536, 0x2E: 3, 0x2F: 4, 0x30: 30, 0x31: 10,
    0x38: 158 << 8 | 85, 0x40: 2200, 0x41: 10,
}  # fmt: skip
_SP10 = {
    0x12: 3400, 0x13: 3000, 0x32: 3400, 0x33: 3300, 0x34: 3200, 0x35: 3100, 0x1B: 2831, 0x20: 2900,
    0x21: 2800, 0x22: 2000, 0x23: 2400, 0x28: 11000, 0x29: 54536, 0x2E: 3, 0x2F: 8, 0x30: 0, 0x31: 30,
    0x38: 158 << 8 | 85, 0x40: 0, 0x41: 0,
}  # fmt: skip
_SP25 = {
    0x12: 3500, 0x13: 2800, 0x32: 3329, 0x33: 3322, 0x34: 3291, 0x35: 3266, 0x1B: 2781, 0x1C: 3581,
    0x1D: 3481, 0x18: 3431, 0x19: 3331, 0x20: 5840, 0x21: 5600, 0x22: 4000, 0x23: 4800, 0x28: 11000,
    0x29: 54536, 0x2E: 25, 0x2F: 16, 0x30: 0, 0x31: 30, 0x38: 157 << 8 | 84, 0x40: 2300, 0x41: 20,
}  # fmt: skip

PRESETS: tuple[Preset, ...] = (
    Preset("SP04S020", "jbd", 4, 120.0, _SAME | _SP04),
    Preset("SP10S009", "jbd", 8, 100.0, _SAME | _SP10),
    Preset("SP25S003", "jbd", 16, 100.0, _SAME | _SP25),
    Preset("LFP", "jbd", values={
        "cell_overvoltage": 3650, "cell_overvoltage_release": 3500, "cell_undervoltage": 2500,
        "cell_undervoltage_release": 3000, "second_overvoltage": 3900, "second_undervoltage": 2000,
        "pack_overvoltage": 3650, "pack_overvoltage_release": 3500, "pack_undervoltage": 2500,
        "pack_undervoltage_release": 3000, "cell_full_voltage": 3500, "cell_empty_voltage": 2800,
        "soc80_voltage": 3329, "soc60_voltage": 3322, "soc40_voltage": 3291, "soc20_voltage": 3266,
        "balance_start_voltage": 3400, "balance_window": 15, "charge_undertemperature": 1.0,
    }),
    Preset("NMC", "jbd", values={
        "cell_overvoltage": 4200, "cell_overvoltage_release": 4100, "cell_undervoltage": 2800,
        "cell_undervoltage_release": 3200, "second_overvoltage": 4300, "second_undervoltage": 2500,
        "pack_overvoltage": 4200, "pack_overvoltage_release": 4100, "pack_undervoltage": 2800,
        "pack_undervoltage_release": 3200, "cell_full_voltage": 4150, "cell_empty_voltage": 3000,
        "soc80_voltage": 3980, "soc60_voltage": 3810, "soc40_voltage": 3680, "soc20_voltage": 3570,
        "balance_start_voltage": 3900, "balance_window": 15, "charge_undertemperature": 1.0,
    }),
    Preset("LTO", "jbd", values={
        "cell_overvoltage": 2800, "cell_overvoltage_release": 2700, "cell_undervoltage": 1800,
        "cell_undervoltage_release": 2000, "second_overvoltage": 3110, "second_undervoltage": 1600,
        "pack_overvoltage": 2800, "pack_overvoltage_release": 2700, "pack_undervoltage": 1800,
        "pack_undervoltage_release": 2000, "cell_full_voltage": 2700, "cell_empty_voltage": 1900,
        "soc80_voltage": 2450, "soc60_voltage": 2330, "soc40_voltage": 2250, "soc20_voltage": 2180,
        "balance_start_voltage": 2400, "balance_window": 15,
    }),
    Preset("LFP", "tinybms", values={
        "fully_charged_voltage": 3650, "fully_discharged_voltage": 2900, "early_balancing_threshold": 3400,
        "over_voltage_cutoff": 3800, "under_voltage_cutoff": 2800,
    }),
    Preset("NMC", "tinybms", values={
        "fully_charged_voltage": 4150, "fully_discharged_voltage": 3000, "early_balancing_threshold": 3900,
        "over_voltage_cutoff": 4200, "under_voltage_cutoff": 2900,
    }),
    Preset("LTO", "tinybms", values={
        "fully_charged_voltage": 2700, "fully_discharged_voltage": 1900, "early_balancing_threshold": 2400,
        "over_voltage_cutoff": 2800, "under_voltage_cutoff": 1800,
    }),
)  # fmt: skip


def find(name: str, family: str) -> Preset | None:
    """The preset of that name, in any spelling of the letters."""
    return next((p for p in PRESETS if p.family == family and p.name.casefold() == name.casefold()), None)
