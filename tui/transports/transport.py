"""The face every wire has, and the errors that say why it failed."""

from typing import Protocol, runtime_checkable

from tui.model.link import Cause


class WireError(Exception):
    """A wire could not be opened or broke. Carries the cause in words for every language."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.key} {dict(cause.args)}")
        self.cause = cause


class HeldError(WireError):
    """It must not even be tried now. `until_s` on the engine's clock; `None`: until a person says so."""

    def __init__(self, cause: Cause, until_s: float | None = None) -> None:
        super().__init__(cause)
        self.until_s = until_s


class Transport(Protocol):
    """A wire. Blocking; used by one thread, except `close`, which any thread may call."""

    def open(self) -> None:
        """Open the wire. Raises WireError."""
        ...

    def read(self, timeout_s: float) -> bytes:
        """Bytes as they come; empty when none came in time. Raises WireError when the wire is gone."""
        ...

    def write(self, data: bytes) -> None:
        """Send all of it. Raises WireError."""
        ...

    def close(self) -> None:
        """Let go and unblock a waiting `read`. Safe to call twice."""
        ...


@runtime_checkable
class Visible(Protocol):
    """A wire that can tell without being opened whether its device is there."""

    def presence(self) -> str | None:
        """Something that changes when the device is changed or plugged in again; `None`: not there."""
        ...
