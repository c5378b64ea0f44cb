"""What every protocol counts that asks and waits for answers."""


class Asking:
    """The counters of the face `BatteryProtocol`; the protocol itself moves them."""

    def __init__(self) -> None:
        self._sent = self._unanswered = self._silent = 0

    @property
    def silent_cycles(self) -> int:
        """Poll cycles in a row without any valid answer."""
        return self._silent

    @property
    def requests_sent(self) -> int:
        """Requests handed out since the start."""
        return self._sent

    @property
    def requests_unanswered(self) -> int:
        """Requests whose time ran out, retries included."""
        return self._unanswered
