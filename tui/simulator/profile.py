"""Battery profiles: everything about a kind of battery, from a TOML file.

Built in are those in `profiles/`; a person's own stand in the folder `profiles` of the configuration, or
anywhere. A person's file may say as little as row S1-75 does, in those words too: what it leaves out comes
from the built-in profile of the same chemistry.
"""

import difflib
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tui.model.link import Cause
from tui.transports.transport import WireError

FOLDER = Path(__file__).parent / "profiles"
OTHER_WORDS = {
    "nominalVoltage": "nominal_cell_v", "maxVoltage": "max_cell_v", "minVoltage": "min_cell_v",
    "capacity": "capacity_ah", "maxChargeCurrent": "limits.max_charge_a",
    "maxDischargeCurrent": "limits.max_discharge_a",
}  # fmt: skip
CELLS_MOST, CELL_V_MOST, CAPACITY_MOST_AH = 48, 6.0, 60_000.0
SHARES_SLACK = 1e-6


class ProfileError(WireError):
    """A profile cannot be used. Carries the cause in words."""


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What the electronics allow: amperes, volts per cell, °C from and to."""

    max_charge_a: float
    max_discharge_a: float
    cell_high_release_v: float
    cell_low_release_v: float
    charge_c: tuple[float, float]
    discharge_c: tuple[float, float]


class Charger(Struct, frozen=True, forbid_unknown_fields=True):
    """Constant current, then constant voltage, until the current falls to the cut-off."""

    current_a: float
    cell_v: float
    cutoff_a: float


class Load(Struct, frozen=True, forbid_unknown_fields=True):
    """A load that varies between two currents, with spikes. All positive."""

    low_a: float
    high_a: float
    spike_a: float


class Balance(Struct, frozen=True, forbid_unknown_fields=True):
    """Active balancing: it moves charge from high cells to low ones."""

    from_v: float
    delta_mv: float
    current_a: float


class Ocv(Struct, frozen=True, forbid_unknown_fields=True):
    """Rest voltage by state of charge, and half the width of the loop of charging and discharging."""

    soc_pct: tuple[float, ...]
    cell_v: tuple[float, ...]
    hysteresis_mv: float


class Resistance(Struct, frozen=True, forbid_unknown_fields=True):
    """Range of the whole resistance of a 100 Ah cell, how it is shared out, and what changes it."""

    mohm: tuple[float, float]
    shares: tuple[float, float, float]
    tau_s: tuple[float, float]
    temperature_c: tuple[float, ...]
    temperature_factor: tuple[float, ...]
    soc_pct: tuple[float, ...]
    soc_factor: tuple[float, ...]


class Spread(Struct, frozen=True, forbid_unknown_fields=True):
    """How cells of one batch differ: ± percent, and the range of their own small loads."""

    capacity_pct: float
    soc_pct: float
    leak_ma: tuple[float, float]


class Ageing(Struct, frozen=True, forbid_unknown_fields=True):
    """Loss of capacity and growth of resistance. `worst_pct`: health falls no further."""

    fade_pct_per_cycle: float
    fade_pct_per_year: float
    growth_pct_per_cycle: float
    worst_pct: float


class Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of battery."""

    name: str
    chemistry: str
    cells: int
    capacity_ah: float
    nominal_cell_v: float
    max_cell_v: float
    min_cell_v: float
    limits: Limits
    charger: Charger
    load: Load
    balance: Balance
    ocv: Ocv
    resistance: Resistance
    spread: Spread
    ageing: Ageing


_BUILT_IN: dict[str, Profile] = {}


def names(folder: Path | None = None) -> tuple[str, ...]:
    """What may be chosen by name: built-in profiles, then those of a folder."""
    own = sorted(path.stem for path in folder.glob("*.toml")) if folder and folder.is_dir() else []
    built_in = sorted(path.stem for path in FOLDER.glob("*.toml"))
    return (*built_in, *(name for name in own if name not in built_in))


def load(name: str, folder: Path | None = None) -> Profile:
    """The profile of that name, or of that file. ProfileError when it cannot be used."""
    if name.casefold() in names():
        return _built_in(name.casefold())
    path = Path(name).expanduser()
    if not name.endswith(".toml"):
        if name not in names(folder) or folder is None:
            near = "".join(difflib.get_close_matches(name, names(folder), 1, 0.4))
            all_names = ", ".join(names(folder))
            raise ProfileError(
                Cause("profile-unknown", (("name", name), ("near", near), ("names", all_names)))
            )
        path = folder / f"{name}.toml"
    try:
        return read(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ProfileError(Cause("profile-unreadable", (("path", str(path)), ("error", why)))) from None


def read(text: str, file: str = "") -> Profile:
    """The profile in a text. ProfileError says what is wrong with it, and where."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(Cause("profile-syntax", (("file", file), ("error", str(error))))) from None
    whole = _completed({key: said[key] for key in said}, file)
    _refuse_unknown(whole, file)
    try:
        profile = msgspec.convert(whole, Profile)
    except msgspec.ValidationError as error:
        raise ProfileError(Cause("profile-value", (("file", file), ("error", str(error))))) from None
    _check(profile, file)
    return profile


def _built_in(name: str) -> Profile:
    if name not in _BUILT_IN:
        path = FOLDER / f"{name}.toml"
        _BUILT_IN[name] = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Profile)
    return _BUILT_IN[name]


def _completed(said: dict[str, Any], file: str) -> dict[str, Any]:
    """A person's words in ours, and what is missing from the built-in profile of that chemistry."""
    chemistry = str(said.get("chemistry", "")).casefold()
    base_name = {"lifepo4": "lfp"}.get(chemistry, chemistry)
    if base_name not in names():
        args = (("file", file), ("said", str(said.get("chemistry", ""))), ("names", ", ".join(names())))
        raise ProfileError(Cause("profile-chemistry", args))
    whole: dict[str, Any] = msgspec.to_builtins(_built_in(base_name))
    whole["name"] = Path(file).stem or chemistry.upper()
    for key, value in said.items():
        table, _, leaf = OTHER_WORDS.get(key, key).rpartition(".")
        if isinstance(value, dict) and isinstance(whole.get(leaf), dict):
            whole[leaf] = whole[leaf] | value
        elif table:
            whole[table][leaf] = value
        else:
            whole[leaf] = value
    return whole


def _refuse_unknown(whole: dict[str, Any], file: str) -> None:
    """Say which key, and what was probably meant."""
    model: dict[str, Any] = msgspec.to_builtins(_built_in("lfp"))
    for key, value in whole.items():
        if key not in model:
            raise ProfileError(_unknown(key, (*model, *OTHER_WORDS), file))
        if isinstance(value, dict) and isinstance(model[key], dict):
            for leaf in value:
                if leaf not in model[key]:
                    raise ProfileError(
                        _unknown(f"{key}.{leaf}", tuple(f"{key}.{k}" for k in model[key]), file)
                    )


def _unknown(key: str, known: tuple[str, ...], file: str) -> Cause:
    near = difflib.get_close_matches(key, known, 1, 0.5)
    args = (("file", file), ("key", key), ("near", "".join(near)), ("keys", ", ".join(known)))
    return Cause("profile-key", args)


def _check(profile: Profile, file: str) -> None:
    """Everything that no battery can be."""
    ohms, ocv, limits = profile.resistance, profile.ocv, profile.limits
    rules: tuple[tuple[bool, str, str], ...] = (
        (1 <= profile.cells <= CELLS_MOST, "cells", f"1…{CELLS_MOST}"),
        (0 < profile.capacity_ah <= CAPACITY_MOST_AH, "capacity_ah", f"0…{CAPACITY_MOST_AH:.0f} Ah"),
        (0 < profile.min_cell_v < profile.max_cell_v, "min_cell_v", f"0…{profile.max_cell_v} V"),
        (profile.max_cell_v <= CELL_V_MOST, "max_cell_v", f"0…{CELL_V_MOST} V"),
        (
            profile.min_cell_v < profile.nominal_cell_v < profile.max_cell_v,
            "nominal_cell_v",
            f"{profile.min_cell_v}…{profile.max_cell_v} V",
        ),
        (
            profile.min_cell_v < limits.cell_low_release_v < limits.cell_high_release_v < profile.max_cell_v,
            "limits.cell_low_release_v",
            f"{profile.min_cell_v}…{limits.cell_high_release_v} V",
        ),
        (limits.max_charge_a > 0, "limits.max_charge_a", "> 0 A"),
        (limits.max_discharge_a > 0, "limits.max_discharge_a", "> 0 A"),
        (limits.charge_c[0] < limits.charge_c[1], "limits.charge_c", "low < high"),
        (limits.discharge_c[0] < limits.discharge_c[1], "limits.discharge_c", "low < high"),
        (0 < profile.charger.cutoff_a < profile.charger.current_a, "charger.cutoff_a", "0…current_a"),
        (
            profile.min_cell_v < profile.charger.cell_v <= profile.max_cell_v,
            "charger.cell_v",
            f"{profile.min_cell_v}…{profile.max_cell_v} V",
        ),
        (0 < profile.load.low_a <= profile.load.high_a <= profile.load.spike_a, "load", "low ≤ high ≤ spike"),
        (profile.balance.delta_mv > 0 <= profile.balance.current_a, "balance", "> 0"),
        (_rises(ocv.soc_pct, 0.0, 100.0), "ocv.soc_pct", "0…100 %, rising"),
        (len(ocv.cell_v) == len(ocv.soc_pct) and _rises(ocv.cell_v), "ocv.cell_v", "rising, one per SOC"),
        (0 <= ocv.hysteresis_mv < 100, "ocv.hysteresis_mv", "0…100 mV"),
        (0 < ohms.mohm[0] <= ohms.mohm[1], "resistance.mohm", "0 < low ≤ high"),
        (
            all(0 <= s <= 1 for s in ohms.shares) and abs(sum(ohms.shares) - 1) < SHARES_SLACK,
            "resistance.shares",
            "sum 1",
        ),
        (ohms.shares[0] > 0, "resistance.shares", "first > 0"),
        (all(tau > 0 for tau in ohms.tau_s), "resistance.tau_s", "> 0 s"),
        (
            _fits(ohms.temperature_c, ohms.temperature_factor),
            "resistance.temperature_factor",
            "> 0, one per temperature",
        ),
        (_fits(ohms.soc_pct, ohms.soc_factor), "resistance.soc_factor", "> 0, one per SOC"),
        (0 <= profile.spread.capacity_pct <= 50, "spread.capacity_pct", "0…50 %"),
        (0 <= profile.spread.soc_pct <= 50, "spread.soc_pct", "0…50 %"),
        (0 <= profile.spread.leak_ma[0] <= profile.spread.leak_ma[1], "spread.leak_ma", "0 ≤ low ≤ high"),
        (
            all(v >= 0 for v in msgspec.structs.astuple(profile.ageing)),
            "ageing",
            "≥ 0",
        ),
    )
    for holds, key, allowed in rules:
        if not holds:
            found = _found(profile, key)
            args = (("file", file), ("key", key), ("found", found), ("allowed", allowed))
            raise ProfileError(Cause("profile-impossible", args))


def _found(profile: Profile, key: str) -> str:
    value: Any = msgspec.to_builtins(profile)
    for part in key.split("."):
        value = value[part]
    if isinstance(value, dict):
        return ", ".join(f"{k} = {v}" for k, v in value.items())
    return str(value)


def _rises(values: tuple[float, ...], first: float | None = None, last: float | None = None) -> bool:
    if len(values) < 2 or not all(a < b for a, b in pairwise(values)):
        return False
    return (first is None or values[0] == first) and (last is None or values[-1] == last)


def _fits(at: tuple[float, ...], factors: tuple[float, ...]) -> bool:
    return len(at) == len(factors) and _rises(at) and all(f > 0 for f in factors)
