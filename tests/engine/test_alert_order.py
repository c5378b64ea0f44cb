"""Limits beside each other: what makes no sense is refused with both names, and the old value stays."""

import pytest

from tui.engine.alert_limits import Limits
from tui.model.settings import AlertSettings
from tui.model.track import Setup

LFP = (Setup("left", chemistry="LFP"), Setup("right"))


def value_of(limits: Limits, key: str, track: str = "") -> int:
    """What is set now."""
    return next(one.value for one in limits.thresholds(track, {}) if one.key == key)


@pytest.mark.parametrize(
    ("key", "value", "other", "limit", "side"),
    [
        ("temperature_max_c", 56, "temperature_critical_c", "55 °C", "below"),
        ("temperature_critical_c", 44, "temperature_max_c", "45 °C", "above"),
        ("cell_voltage_high_warning_mv", 3651, "cell_voltage_max_mv", "3650 mV", "below"),
        ("cell_voltage_max_mv", 3549, "cell_voltage_high_warning_mv", "3550 mV", "above"),
        ("cell_voltage_low_warning_mv", 2799, "cell_voltage_min_mv", "2800 mV", "above"),
        ("cell_voltage_min_mv", 2901, "cell_voltage_low_warning_mv", "2900 mV", "below"),
        ("cell_voltage_low_early_mv", 3600, "cell_voltage_high_warning_mv", "3550 mV", "below"),
        ("discharge_warning_a", 101, "discharge_max_a", "100 A", "below"),
        ("charge_max_a", 39, "charge_warning_a", "40 A", "above"),
        ("soc_warning_pct", 9, "soc_min_pct", "10 %", "above"),
        ("imbalance_warning_mv", 101, "imbalance_max_mv", "100 mV", "below"),
    ],
)
def test_a_limit_on_the_wrong_side_is_refused_with_both_names(
    key: str, value: int, other: str, limit: str, side: str
) -> None:
    """CL-21, CL-42: a warning beyond what is critical, or a low limit above a high one."""
    limits = Limits(setups=LFP)
    before, version = value_of(limits, key), limits.version
    cause = limits.set(key, value)
    assert cause is not None and cause.key == "alert-threshold-order"
    said = cause.values()
    assert (said["key"], said["other"], said["limit"], said["side"]) == (key, other, limit, side)
    assert said["found"].startswith(str(value))
    assert (value_of(limits, key), limits.version) == (before, version)


def test_a_warning_at_the_critical_limit_is_allowed() -> None:
    """Whoever wants no warning at all sets both alike."""
    limits = Limits(setups=LFP)
    assert limits.set("temperature_max_c", 55) is None
    assert limits.set("temperature_critical_c", 55) is None


def test_low_and_high_may_not_meet() -> None:
    limits = Limits(AlertSettings((("soc_high_enabled", 1),)), LFP)
    cause = limits.set("soc_warning_pct", 95)
    assert cause is not None and cause.values()["other"] == "soc_max_pct"
    assert limits.set("soc_warning_pct", 94) is None


def test_a_rule_that_is_off_is_compared_when_it_is_switched_on() -> None:
    """CL-42: a pack of 24 V, in any order."""
    limits = Limits(setups=LFP)
    assert limits.set("pack_voltage_max_mv", 29_200) is None, "below the low limit of 48 V, which is off"
    assert limits.set("pack_high_enabled", 1) is None
    cause = limits.set("pack_low_enabled", 1)
    assert cause is not None
    assert (cause.values()["key"], cause.values()["other"]) == ("pack_voltage_min_mv", "pack_voltage_max_mv")
    assert value_of(limits, "pack_low_enabled") == 0
    assert limits.set("pack_voltage_min_mv", 20_000) is None
    assert limits.set("pack_low_enabled", 1) is None


def test_the_limits_of_a_track_are_compared_as_they_hold_for_it() -> None:
    own = (("left", (("temperature_critical_c", 70),)),)
    limits = Limits(AlertSettings(tracks=own), LFP)
    assert limits.set("temperature_max_c", 60, "left") is None
    cause = limits.set("temperature_max_c", 60, "right")
    assert cause is not None and cause.values()["limit"] == "55 °C"


def test_a_limit_for_all_may_not_spoil_the_own_ones_of_a_track() -> None:
    limits = Limits(AlertSettings(tracks=(("left", (("temperature_max_c", 50),)),)), LFP)
    cause = limits.set("temperature_critical_c", 48)
    assert cause is not None
    assert (cause.values()["other"], cause.values()["limit"]) == ("temperature_max_c", "50 °C")
    assert limits.set("temperature_max_c", None, "left") is None
    assert limits.set("temperature_critical_c", 48) is None


def test_taking_a_change_back_is_compared_too() -> None:
    limits = Limits(AlertSettings((("temperature_max_c", 80), ("temperature_critical_c", 90))), LFP)
    cause = limits.set("temperature_critical_c", None)
    assert cause is not None and cause.values()["found"] == "55 °C"
    assert value_of(limits, "temperature_critical_c") == 90
    limits.restore("temperature_critical_c", None)
    assert value_of(limits, "temperature_critical_c") == 55, "what could not be kept is never refused"


def test_defaults_of_lifepo4_do_not_hold_up_another_chemistry() -> None:
    limits = Limits(setups=(Setup("left", chemistry="NMC"),))
    assert limits.set("cell_voltage_high_warning_mv", 4100) is None, "the 3650 mV mean nothing here"
    cause = limits.set("cell_voltage_max_mv", 4000)
    assert cause is not None and cause.values()["other"] == "cell_voltage_high_warning_mv"


def test_a_file_that_is_already_wrong_does_not_block_other_limits() -> None:
    limits = Limits(AlertSettings((("temperature_max_c", 80),)), LFP)
    assert limits.set("soc_warning_pct", 30) is None
    assert limits.set("temperature_max_c", 79) is not None
    assert limits.set("temperature_max_c", 50) is None
