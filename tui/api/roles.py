"""Who may do what at a door: a viewer looks and asks, an operator also commands."""

from tui.feed.wire import OPERATOR
from tui.model.link import Cause
from tui.model.requests import QUESTIONS, Request

VIEWER = "viewer"


def role_of(said: str | None) -> str:
    """The role of whoever came in: may be given away by asking for less, never gained by asking for more."""
    return VIEWER if said == VIEWER else OPERATOR


def refusal_of(role: str, request: Request) -> Cause | None:
    """Why this is not done for that role; None when it is. What is no known question is a command."""
    if role == OPERATOR:
        return None
    if not isinstance(request, QUESTIONS):
        return Cause("viewer-only")
    return None
