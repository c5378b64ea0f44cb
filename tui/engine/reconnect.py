"""What to try next when a wire failed: 2-4-8-16-30 s, then when the device is seen, then a person. Pure."""

from dataclasses import dataclass

from tui.model.device import WINDOW_S

DELAYS_S = (2.0, 4.0, 8.0, 16.0, 30.0)


@dataclass(slots=True)
class Ladder:
    """The attempts of one link (rows S0-14, X-8, X-9). Every time is seconds on one steady clock.

    `retry_at_s` is the next planned attempt; `None` while the wire works, while the ladder is used up and
    waits for the device to be seen, and after `tap`.
    """

    attempts_max: int = 5
    window_s: float = WINDOW_S
    attempt: int = 0  # failures since the last data
    retry_at_s: float | None = None
    last_seen_s: float | None = None
    tap: bool = False
    working: bool = True

    @property
    def used_up(self) -> bool:
        """True when no planned attempt is left and only a sight of the device brings another."""
        return not self.tap and not self.working and self.attempt > self.attempts_max

    def start(self, now_s: float) -> None:
        """The engine begins: the window counts from here until the device is seen."""
        self.last_seen_s = now_s

    def failed(self, now_s: float) -> None:
        """The wire broke or would not open."""
        if self.last_seen_s is None:
            self.last_seen_s = now_s
        self.working = False
        self.attempt = min(self.attempt, self.attempts_max) + 1
        self.retry_at_s = None
        if self.attempt <= self.attempts_max:
            self.retry_at_s = now_s + DELAYS_S[min(self.attempt, len(DELAYS_S)) - 1]
        self.time_passed(now_s)

    def hold(self, until_s: float | None) -> None:
        """The wire must not be tried: nothing counts as a failure. `None`: until a person says so."""
        self.working = False
        self.attempt = 0
        self.tap = until_s is None
        self.retry_at_s = until_s

    def opened(self, now_s: float) -> None:
        """The wire is open. That alone proves nothing: the count stays until data comes."""
        self.working = True
        self.retry_at_s = None

    def data(self, now_s: float) -> None:
        """A reading came: the next failure starts from the first step."""
        self.attempt = 0
        self.last_seen_s = now_s

    def seen(self, now_s: float, anew: bool = False) -> None:
        """The device was seen without being connected. After the window this no longer helps (row X-9).

        `anew`: it was away or has changed since the last attempt, so the next step need not be waited for.
        """
        self.time_passed(now_s)
        if self.tap or self.working:
            return
        self.last_seen_s = now_s
        if anew or self.used_up:
            self.retry_at_s = now_s

    def time_passed(self, now_s: float) -> None:
        """Close the window when it is over; measured from the old sight, before a new one counts."""
        if self.used_up and self.last_seen_s is not None and now_s - self.last_seen_s > self.window_s:
            self.tap = True
            self.retry_at_s = None

    def ask(self) -> None:
        """A person pressed reconnect: everything starts again, at once."""
        self.tap = False
        self.attempt = 0
        self.working = False
        self.retry_at_s = float("-inf")

    def is_due(self, now_s: float) -> bool:
        """True when the next attempt should be made now."""
        return not self.tap and self.retry_at_s is not None and now_s >= self.retry_at_s
