"""Limits of a file beside each other: each contradiction once, where it stands."""

from tui.engine.alert_order import Misplaced, contradictions
from tui.model.settings import AlertSettings
from tui.model.track import Setup

LFP = (Setup("left", chemistry="LFP"), Setup("right"))


def found(settings: AlertSettings, setups: tuple[Setup, ...] = LFP) -> list[tuple[str, str, str, str]]:
    """Each as track, key, track of the other, other."""
    return [
        (one.track, one.cause.values()["key"], one.other_track, one.cause.values()["other"])
        for one in contradictions(settings, setups)
    ]


def test_defaults_do_not_contradict_each_other() -> None:
    """CL-21, CL-42: also with every rule switched on."""
    on = tuple((f"{rule}_enabled", 1) for rule in ("temp_low", "pack_high", "pack_low", "soc_high"))
    assert not found(AlertSettings()) and not found(AlertSettings(on))
    assert not found(AlertSettings(on), ())


def test_a_pair_is_told_once_for_all_tracks() -> None:
    settings = AlertSettings((("cell_voltage_high_warning_mv", 3700), ("cell_voltage_max_mv", 3600)))
    (one,) = contradictions(settings, LFP)
    assert (one.track, one.other_track) == ("", "") and isinstance(one, Misplaced)
    assert one.cause.values()["found"] == "3700 mV" and one.cause.values()["limit"] == "3600 mV"
    assert one.cause.values()["side"] == "below"


def test_a_default_counts_only_where_it_means_something() -> None:
    settings = AlertSettings((("cell_voltage_high_warning_mv", 4100),))
    assert found(settings) == [("", "cell_voltage_high_warning_mv", "", "cell_voltage_max_mv")]
    assert found(settings, ()), "without a track: LiFePO4"
    assert not found(settings, (Setup("left", chemistry="NMC"),))


def test_of_a_track_and_of_all_the_one_of_the_track_is_told() -> None:
    settings = AlertSettings((("temperature_max_c", 50),), (("left", (("temperature_critical_c", 48),)),))
    assert found(settings) == [("left", "temperature_critical_c", "", "temperature_max_c")]


def test_a_rule_that_is_off_is_not_compared() -> None:
    values = (("pack_voltage_max_mv", 29_200), ("pack_high_enabled", 1))
    assert not found(AlertSettings(values)), "the low limit of 40 V is off"
    assert found(AlertSettings((*values, ("pack_low_enabled", 1)))) == [
        ("", "pack_voltage_max_mv", "", "pack_voltage_min_mv")
    ]
