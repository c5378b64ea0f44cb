"""Boards by name: what a person need not type."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """One model of board: cells in series, rated current, nominal voltage."""

    name: str
    cells: int
    current_a: float
    nominal_v: float


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("SP04S020", cells=4, current_a=120.0, nominal_v=12.0),
        Preset("SP10S009", cells=8, current_a=100.0, nominal_v=24.0),
        Preset("SP25S003", cells=16, current_a=100.0, nominal_v=48.0),
    )
}
