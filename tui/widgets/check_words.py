"""Self-tests in words, the same on the screen and in `packdeck doctor`. Without Textual."""

from collections.abc import Sequence

from tui.locale import language, messages, say
from tui.model.system import Check, CheckState

STATE_ROLES = {
    CheckState.OK: "ok",
    CheckState.WARN: "warn",
    CheckState.FAIL: "alarm",
    CheckState.SKIP: "label",
}


def state_words(state: CheckState) -> str:
    """The word for how it went."""
    return say(f"doctor-state-{state.value}")


def area_words(area: str) -> str:
    """What the checks of an area are about; one that we have no word for is called what it calls itself."""
    key = f"doctor-area-{area}"
    return say(key) if key in messages(language()) else area


def sentence(check: Check) -> str:
    """What was found."""
    return say(f"doctor-{check.key}", **check.values())


def cure(check: Check) -> str:
    """The one thing to do, perhaps in several lines; empty when there is nothing to do."""
    key = f"doctor-{check.key}-do"
    return say(key, **check.values()) if key in messages("en") else ""


def sum_words(checks: Sequence[Check]) -> str:
    """How many went which way."""
    count = {state.value: str(sum(check.state is state for check in checks)) for state in CheckState}
    return say("doctor-sum", **count)
