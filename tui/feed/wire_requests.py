"""The questions and answers inside the messages of the wire: who asks nothing yet loads none of them."""

from typing import Any, get_args

import msgspec

from tui.feed.wire import Answered, Ask, WireBroken
from tui.model.history import HistoryRequest
from tui.model.register_requests import REGISTER_REQUESTS
from tui.model.requests import (
    AcknowledgeAlert,
    AlertHistory,
    Answer,
    ClearAlerts,
    CountAlerts,
    ExplainFrame,
    Lend,
    LookAtFrames,
    LookAtLaboratory,
    Pair,
    Play,
    Probe,
    Reconnect,
    ReconnectDevice,
    Record,
    Request,
    ResetAdapter,
    Scan,
    SetThreshold,
    SilenceAlerts,
    SwitchPolling,
    TestNotify,
    Thresholds,
    Unpair,
)
from tui.model.simulation import SIMULATION_REQUESTS
from tui.model.system import LookAtLog, LookAtSystem, SwitchDebug

REQUESTS = (
    *(Reconnect, SwitchPolling, LookAtFrames, ExplainFrame, LookAtLaboratory, Record, Play),
    *(Scan, Pair, Unpair, ReconnectDevice, Lend, Probe, ResetAdapter),
    *get_args(HistoryRequest),
    *(AlertHistory, CountAlerts, Thresholds, AcknowledgeAlert, ClearAlerts),
    *(SetThreshold, SilenceAlerts, TestNotify),
    *REGISTER_REQUESTS,
    *SIMULATION_REQUESTS,
    *(LookAtSystem, LookAtLog, SwitchDebug),
)
_REQUESTS: dict[str, msgspec.json.Decoder[Any]] = {
    kind.__name__: msgspec.json.Decoder(kind) for kind in REQUESTS
}
_ANSWER: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)
_ENCODER = msgspec.json.Encoder()


def asked(request: Request, number: int) -> Ask:
    """The message of a request."""
    return Ask(number, type(request).__name__, msgspec.Raw(_ENCODER.encode(request)))


def request_of(message: Ask) -> Request:
    """The request in a message. WireBroken when it cannot be read."""
    try:
        request: Request = _REQUESTS[message.kind].decode(message.request)
    except (KeyError, msgspec.DecodeError) as error:
        raise WireBroken(f"request {message.kind}: {error}") from error
    return request


def answered(answer: Answer, number: int) -> Answered:
    """The message of the answer to request `number`."""
    return Answered(number, msgspec.Raw(_ENCODER.encode(answer)))


def answer_of(message: Answered) -> Answer:
    """The answer in a message. WireBroken when it cannot be read."""
    try:
        return _ANSWER.decode(message.answer)
    except msgspec.DecodeError as error:
        raise WireBroken(f"answer: {error}") from error
