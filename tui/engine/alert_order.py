"""Limits that make no sense beside each other: a warning beyond what is critical, a low one above a high one.

Only what is in use is compared: the limits of a rule that is switched on, and defaults only where they mean
something. So a pack of 24 V can be set in any order before its rule is switched on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tui.engine.alert_rules import (
    CELL_HIGH,
    CELL_LOW,
    LFP,
    LOW,
    PACK_HIGH,
    PACK_LOW,
    RULES,
    Rule,
)
from tui.model.link import Cause
from tui.model.settings import ALERT_SETTINGS, ALERTS, AlertSettings
from tui.model.track import Setup

_BY_KEY = {rule.key: rule for rule in RULES}
_OPPOSITE = (  # of the same value: one side must stay below the other
    (CELL_LOW, CELL_HIGH),
    (PACK_LOW, PACK_HIGH),
    (_BY_KEY["temperature-low"], _BY_KEY["temperature-high"]),
    (_BY_KEY["soc-low"], _BY_KEY["soc-high"]),
)
_UNITS = {setting.key.removeprefix(f"{ALERTS}."): setting.unit for setting in ALERT_SETTINGS}
_DEFAULTS = {setting.key.removeprefix(f"{ALERTS}."): int(setting.default or 0) for setting in ALERT_SETTINGS}

Pair = tuple[str, str, bool]  # keys of two settings: the first not above the second; True: nor equal to it


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Two limits that contradict each other, and where each stands: a track, or empty for all of them.

    `cause` names the one that a person set, and `other`, which may be a default.
    """

    track: str
    cause: Cause
    other_track: str = ""


def contradictions(settings: AlertSettings, setups: Sequence[Setup]) -> tuple[Misplaced, ...]:
    """Every limit that was set and makes no sense beside the others of a track, each pair once.

    Of a limit for all and one for a track, that of the track is named. Without tracks: as for LiFePO4.
    """
    every, own_of = dict(settings.values), dict(settings.tracks)
    found: dict[frozenset[tuple[str, str]], Misplaced] = {}
    for setup in setups or (Setup(""),):
        own = dict(own_of.get(setup.name, ()))
        said = {**every, **own}
        for key in (*own, *(key for key in every if key not in own)):
            cause = misplaced(key, {**_DEFAULTS, **said}, said, setup)
            if cause is None or cause.values()["key"] != key:  # a switch: its limits are looked at themselves
                continue
            mine, other = (setup.name if one in own else "" for one in (key, cause.values()["other"]))
            pair = frozenset(((mine, key), (other, cause.values()["other"])))
            found.setdefault(pair, Misplaced(mine, cause, other))
    return tuple(found.values())


def has_defaults(rule: Rule, setup: Setup) -> bool:
    """False when the defaults of this rule are those of another chemistry."""
    return not rule.is_chemistry or setup.chemistry.casefold() in LFP


def misplaced(key: str, value: Mapping[str, int], said: Mapping[str, int], setup: Setup) -> Cause | None:
    """The cause why `key` cannot have its `value` beside the others; `None` when it can.

    `value` has every setting as it would be, `said` those that a person set.
    """
    rule = _rule_of(key)
    if rule is None or not value[rule.switch]:
        return None
    for low, high, is_strict in _pairs(rule):
        is_asked = key in (low, high) or key == rule.switch
        if not is_asked or not all(_counts(one, value, said, setup) for one in (low, high)):
            continue
        if value[low] > value[high] or (is_strict and value[low] == value[high]):
            mine, other = (low, high) if key != high else (high, low)
            return _cause(mine, other, value, "below" if mine == low else "above")
    return None


def _rule_of(key: str) -> Rule | None:
    return next((r for r in RULES if key == r.switch or any(key == one.key for one in r.levels)), None)


def _pairs(rule: Rule) -> Iterator[Pair]:
    """Everything that a limit of this rule is compared with, nearest first."""
    keys = [level.key for level in rule.levels]  # worst first
    for i, worse in enumerate(keys):
        for milder in keys[i + 1 :]:
            yield (worse, milder, False) if rule.side == LOW else (milder, worse, False)
    for low, high in _OPPOSITE:
        if rule in (low, high):
            yield from ((a.key, b.key, True) for a in reversed(low.levels) for b in reversed(high.levels))


def _counts(key: str, value: Mapping[str, int], said: Mapping[str, int], setup: Setup) -> bool:
    """True for a limit that something is judged by."""
    rule = _rule_of(key)
    return rule is not None and bool(value[rule.switch]) and (key in said or has_defaults(rule, setup))


def _cause(key: str, other: str, value: Mapping[str, int], side: str) -> Cause:
    unit = f" {_UNITS[key]}" if _UNITS[key] else ""
    args = (("key", key), ("found", f"{value[key]}{unit}"), ("other", other))
    return Cause("alert-threshold-order", (*args, ("limit", f"{value[other]}{unit}"), ("side", side)))
