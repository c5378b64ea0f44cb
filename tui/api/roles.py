"""Who may do what at a door: a viewer looks and asks, an operator also commands."""

from typing import get_args

from tui.feed.wire import OPERATOR
from tui.model.history import HistoryQuestion
from tui.model.link import Cause
from tui.model.register import CHANGING_REQUESTS, REGISTER_QUESTIONS
from tui.model.requests import (
    AlertHistory,
    CountAlerts,
    ExplainFrame,
    LookAtFrames,
    LookAtLaboratory,
    Request,
    Thresholds,
)
from tui.model.simulation import LookAtSimulation

VIEWER = "viewer"
QUESTIONS = (
    *(LookAtFrames, ExplainFrame, LookAtLaboratory, AlertHistory, CountAlerts, Thresholds),
    *(LookAtSimulation, *get_args(HistoryQuestion), *REGISTER_QUESTIONS),
)


def role_of(said: str | None) -> str:
    """The role of whoever came in: may be given away by asking for less, never gained by asking for more."""
    return VIEWER if said == VIEWER else OPERATOR


def refusal_of(role: str, request: Request) -> Cause | None:
    """Why this is not done for that role; None when it is. What is no known question is a command."""
    if role == OPERATOR:
        return None
    if isinstance(request, CHANGING_REQUESTS) or not isinstance(request, QUESTIONS):
        return Cause("viewer-only")
    return None
