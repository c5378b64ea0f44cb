"""Profiles: built in, a person's own, and every mistake a person can make in one."""

from pathlib import Path

import pytest

from tui.locale import say
from tui.simulator.profile import ProfileError, load, names, read

# Row S1-75, in its own words.
LTO = """
chemistry = "LTO"
cells = 10
nominalVoltage = 2.3
maxVoltage = 2.8
minVoltage = 1.5
capacity = 50
maxChargeCurrent = 200
maxDischargeCurrent = 400
"""


@pytest.mark.parametrize(
    ("name", "chemistry", "cells", "capacity_ah"),
    [("lfp", "LFP", 16, 100.0), ("nmc", "NMC", 14, 60.0), ("lto", "LTO", 10, 50.0)],
)
def test_built_in(name: str, chemistry: str, cells: int, capacity_ah: float) -> None:
    """S1-75: three are built in, and pass the checks that a person's own must pass."""
    profile = load(name)
    assert (profile.chemistry, profile.cells, profile.capacity_ah) == (chemistry, cells, capacity_ah)
    path = Path(__file__).parents[2] / "tui" / "simulator" / "profiles" / f"{name}.toml"
    assert read(path.read_text(), "x.toml") == profile


def test_battery_defaults() -> None:
    """CL-25: LiFePO4, 16 in series, 100 Ah, 3.65 / 2.5 V, 50 and 100 A, 0…45 °C and -10…55 °C."""
    lfp = load("lfp")
    assert (lfp.max_cell_v, lfp.min_cell_v, lfp.cells * lfp.nominal_cell_v) == (3.65, 2.5, 51.2)
    assert (lfp.limits.max_charge_a, lfp.limits.max_discharge_a) == (50.0, 100.0)
    assert (lfp.limits.charge_c, lfp.limits.discharge_c) == ((0.0, 45.0), (-10.0, 55.0))
    assert (lfp.balance.delta_mv, lfp.charger.cutoff_a) == (20.0, 2.0)


def test_the_example_of_the_document(tmp_path: Path) -> None:
    """S1-75: its words as a user's file; what it leaves out comes from the chemistry."""
    (tmp_path / "mine.toml").write_text(LTO)
    mine = load("mine", tmp_path)
    assert (mine.name, mine.cells, mine.nominal_cell_v, mine.max_cell_v) == ("mine", 10, 2.3, 2.8)
    assert (mine.limits.max_charge_a, mine.limits.max_discharge_a) == (200.0, 400.0)
    assert mine.ocv == load("lto").ocv
    assert names(tmp_path) == ("lfp", "lto", "nmc", "mine")
    assert load(str(tmp_path / "mine.toml")) == mine


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ('chemistry = "LFP"\ncels = 4', "profile-key", "cels"),
        ('chemistry = "LFP"\n[limits]\nmax_charge = 3', "profile-key", "limits.max_charge"),
        ('chemistry = "LFP"\nmaxVoltage = 2.0', "profile-impossible", "min_cell_v"),
        ('chemistry = "LFP"\ncells = 0', "profile-impossible", "cells = 0"),
        ('chemistry = "LFP"\ncapacity = -3', "profile-impossible", "capacity_ah"),
        ('chemistry = "LFP"\n[resistance]\nmohm = [-2, 3]', "profile-impossible", "resistance.mohm"),
        ('chemistry = "LFP"\n[resistance]\nshares = [1, 1, 1]', "profile-impossible", "shares"),
        ('chemistry = "LFP"\n[ocv]\nsoc_pct = [0, 100]', "profile-impossible", "ocv.cell_v"),
        ('chemistry = "LFP"\n[limits]\ncharge_c = [50, 0]', "profile-impossible", "charge_c"),
        ('chemistry = "LFP"\n[load]\nlow_a = 99', "profile-impossible", "load"),
        ('chemistry = "LFP"\ncells = "four"', "profile-value", "cells"),
        ('chemistry = "LFP"\nlimits = 3', "profile-value", "limits"),
        ("cells = 4", "profile-chemistry", "lfp"),
        ('chemistry = "PbO"', "profile-chemistry", "PbO"),
        ("cells = = 4", "profile-syntax", "TOML"),
    ],
)
def test_bad_profiles_are_a_sentence(text: str, key: str, words: str) -> None:
    """Unknown keys and impossible values: what, where, and what would do."""
    with pytest.raises(ProfileError) as caught:
        read(text, "bad.toml")
    cause = caught.value.cause
    assert cause.key == key
    said = say(f"cause-{key}", **cause.values()) + say(f"cause-{key}-do", **cause.values())
    assert words in said and "{" not in said


def test_profiles_that_are_not_there(tmp_path: Path) -> None:
    for name, key in (("lfq", "profile-unknown"), (str(tmp_path / "no.toml"), "profile-unreadable")):
        with pytest.raises(ProfileError) as caught:
            load(name, tmp_path)
        assert caught.value.cause.key == key
