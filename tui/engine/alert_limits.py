"""The limits that hold for one track: the defaults, what a person set, and what the battery itself says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tui.engine.alert_order import has_defaults, misplaced
from tui.engine.alert_rules import FACTS, LOW, PACK_RULES, RULES, Level, Rule
from tui.model.alert import Severity, Threshold
from tui.model.link import Cause
from tui.model.sample import Pack
from tui.model.settings import ALERT_SETTINGS, ALERTS, AlertSettings, Kind
from tui.model.track import Setup

_SETTINGS = {s.key.removeprefix(f"{ALERTS}."): s for s in ALERT_SETTINGS}
_DEFAULTS = {key: int(s.default or 0) for key, s in _SETTINGS.items()}
_LEVELS = {level.key: (rule, level) for rule in RULES for level in rule.levels}
_SWITCHES = {rule.switch: rule for rule in RULES}
_ASKED = Pack(discharge_voltage_limit_v=1.0, charge_current_limit_a=1.0, discharge_current_limit_a=1.0)
_WITH_DEVICE = tuple(rule for rule in PACK_RULES if rule.device(_ASKED) is not None)


@dataclass(frozen=True, slots=True)
class Limit:
    """One level of a rule with its limit in the rule's unit."""

    value: float
    level: Level
    is_device: bool = False


@dataclass(frozen=True, slots=True)
class TrackLimits:
    """All limits of a track, worst first; a rule that is switched off has none. The rest: plain settings."""

    of: Mapping[str, tuple[Limit, ...]]
    is_on: bool = True
    debounce_s: float = 60.0
    latches: bool = False
    unit_events: bool = True
    states: bool = True


class Limits:
    """What is set, for every track. A change makes new values, so any thread may read while another sets.

    `setups` tell the chemistry of each track: of another one than LiFePO4 the defaults of cells mean nothing.
    """

    def __init__(
        self,
        settings: AlertSettings = AlertSettings(),  # noqa: B008 - frozen
        setups: Sequence[Setup] = (),
    ) -> None:
        self._setups = tuple(setup for setup in setups if setup.name) or (Setup(""),)
        self._all = dict(settings.values)
        self._own = {name: dict(values) for name, values in settings.tracks}
        self.version = 0

    def of(self, setup: Setup, device: Mapping[str, float]) -> TrackLimits:
        """What holds for a track now. `device`: limits by the key of a rule, in its unit."""
        said = {**self._all, **self._own.get(setup.name, {})}
        value = {**_DEFAULTS, **said}
        return TrackLimits(
            {rule.key: _levels(rule, value, said, setup, device.get(rule.key)) for rule in RULES},
            bool(value["enabled"]),
            float(value["debounce_sec"]),
            bool(value["latch_critical"]),
            bool(value["monitor_tinybms_events"]),
            bool(value["monitor_status_changes"]),
        )

    def thresholds(self, track: str, device: Mapping[str, float]) -> tuple[Threshold, ...]:
        """All of them: for every track, or as they hold for one; `track` is set on those that are its own."""
        own = self._own.get(track, {})
        found = []
        for key in _SETTINGS:
            value = own.get(key, self._all.get(key, _DEFAULTS[key]))
            one = replace(_threshold(key), value=value, track=track if key in own else "")
            rule, level = _LEVELS.get(key, (None, None))
            if rule is not None and level is rule.levels[0] and rule.key in device:
                one = replace(one, device_value=round(device[rule.key] / rule.scale, 3), track=track)
            found.append(one)
        return tuple(found)

    def is_on(self, track: str) -> bool:
        """False when somebody switched the alerts of this track off, or all of them."""
        said = {**self._all, **self._own.get(track, {})}
        return bool(said.get("enabled", _DEFAULTS["enabled"]))

    def said(self, key: str, track: str = "") -> int | None:
        """What a person set; `None`: nothing."""
        return (self._own.get(track, {}) if track else self._all).get(key)

    def set(self, key: str, value: int | None, track: str = "") -> Cause | None:
        """Change one; the cause why not, and then the old value stays (`None` takes a change back)."""
        if key not in _SETTINGS:
            return Cause("alert-threshold-unknown", (("key", key),))
        one = _threshold(key)
        if value is not None and not one.low <= value <= one.high:
            unit = f" {one.unit}" if one.unit else ""
            args = (("key", key), ("found", f"{value}{unit}"), ("low", str(one.low)))
            return Cause("alert-threshold-range", (*args, ("high", f"{one.high}{unit}")))
        said = self._with(key, value, track)
        if cause := self._misplaced(key, said, track):
            return cause
        self._use(said, track)
        return None

    def restore(self, key: str, value: int | None, track: str = "") -> None:
        """Take a change back that could not be kept: what stood there is never refused."""
        self._use(self._with(key, value, track), track)

    def _with(self, key: str, value: int | None, track: str) -> dict[str, int]:
        said = dict(self._own.get(track, {}) if track else self._all)
        said.pop(key, None)
        return said if value is None else {**said, key: value}

    def _use(self, said: dict[str, int], track: str) -> None:
        if track:
            self._own = {**self._own, track: said}
        else:
            self._all = said
        self.version += 1

    def _misplaced(self, key: str, said: Mapping[str, int], track: str) -> Cause | None:
        """Why this change would make no sense beside the other limits of a track that it holds for."""
        for setup in self._setups:
            if track and setup.name not in (track, ""):
                continue
            own = said if track else self._own.get(setup.name, {})
            if not track and key in own:
                continue  # this track has its own
            mine = {**(self._all if track else said), **own}
            if cause := misplaced(key, {**_DEFAULTS, **mine}, mine, setup):
                return cause
        return None


def device_limits(pack: Pack) -> dict[str, float]:
    """What a battery on CAN asks of its chargers and loads, by the key of the rule, in its unit."""
    found = {rule.key: rule.device(pack) for rule in _WITH_DEVICE}
    return {key: value for key, value in found.items() if value is not None}


def severity_of(key: str) -> Severity:
    """How bad a condition without a value is; a warning when it is not one of ours."""
    return FACTS[key].severity if key in FACTS else Severity.WARNING


def place_of(key: str, track: str = "") -> tuple[str, ...]:
    """Where a setting stands in `config.toml`."""
    return ("tracks", track, ALERTS, key) if track else (ALERTS, key)


def typed(key: str, value: int) -> int | bool:
    """The value as it stands there: a switch is true or false."""
    return bool(value) if _SETTINGS[key].kind is Kind.BOOL else value


def _threshold(key: str) -> Threshold:
    setting = _SETTINGS[key]
    is_switch = setting.kind is Kind.BOOL
    rule, level = _LEVELS.get(key, (_SWITCHES.get(key), None))
    return Threshold(
        key,
        setting.unit,
        0 if setting.low is None else setting.low,
        1 if setting.high is None else setting.high,
        _DEFAULTS[key],
        _DEFAULTS[key],
        is_switch,
        rule=rule.key if rule else "",
        severity=level.severity if level else None,
    )


def _levels(
    rule: Rule, value: Mapping[str, int], said: Mapping[str, int], setup: Setup, device: float | None
) -> tuple[Limit, ...]:
    """Worst first. A limit of the battery takes the place of every default; what a person set stays."""
    is_on = value[rule.switch] if device is None or rule.switch in said else 1
    if not is_on:
        return ()
    only_said = device is not None or not has_defaults(rule, setup)
    found = [Limit(round(value[level.key] * rule.scale, 6), level) for level in rule.levels
             if not only_said or level.key in said]  # fmt: skip
    if device is not None:
        found.append(Limit(device, rule.levels[0], is_device=True))
    # A file may have a warning beyond the critical limit: what is farther out is worse, whatever its name.
    return tuple(sorted(found, key=lambda one: one.value, reverse=rule.side != LOW))
