"""What a screen may ask of an engine. Commands change something; questions do not."""

from dataclasses import dataclass

from tui.model.link import Cause


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Try this track's link now, whatever the plan says; clears `tap`."""

    track: str


@dataclass(frozen=True, slots=True)
class SwitchPolling:
    """Pause or resume asking the batteries, for every screen."""

    on: bool


Request = Reconnect | SwitchPolling


@dataclass(frozen=True, slots=True)
class Answer:
    """How it went. `cause` says why not."""

    ok: bool
    cause: Cause | None = None
