"""The limits of the configuration: which contradict each other, and what of them an engine is to use."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tui.cli.refusal import tell, words
from tui.host import paths
from tui.model.link import Cause
from tui.model.settings import AlertSettings, Config, NotifySettings
from tui.model.track import Setup


def contradictions(config: Config, setups: Sequence[Setup] | None = None) -> list[Cause]:
    """A cause for each, by line. `setups`: tracks they are to hold for; without: those of the file."""
    from tui.engine.alert_limits import place_of
    from tui.engine.alert_order import contradictions as compared
    from tui.store.toml_lines import line_of

    file = paths.config_file()
    text = _text(file)
    found: list[tuple[int, Cause]] = []
    for one in compared(config.alerts, config.setups if setups is None else setups):
        said = one.cause.values()
        place, other = place_of(said["key"], one.track), place_of(said["other"], one.other_track)
        line = line_of(text, place)
        said |= {"key": ".".join(place), "other": ".".join(other), "file": str(file), "line": str(line)}
        found.append((line, Cause("config-alert-order", tuple(said.items()))))
    return [cause for _line, cause in sorted(found, key=lambda one: one[0])]


def tell_contradictions(config: Config, setups: Sequence[Setup]) -> None:
    """For an engine that starts all the same: the limit farther out is the worse one, whatever its name."""
    for cause in contradictions(config, setups):
        tell(words(cause))


def quiet(alerts: AlertSettings) -> AlertSettings:
    """The same limits, and nobody away from the screen is told: no command, no address, no desktop."""
    return replace(alerts, notify=NotifySettings())


def fit(config: Config, setups: Sequence[Setup]) -> Config:
    """For these tracks: of packs that are only simulated or replayed nobody away from the screen is told."""
    is_real = any(not setup.simulated and setup.transport != "replay" for setup in setups)
    return config if is_real else replace(config, alerts=quiet(config.alerts))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):  # removed since it was read: then there are no lines to name
        return ""
