"""Questions about the history, and their answers, survive the wire."""

from dataclasses import fields
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doors import over_the_wire
from tui.feed import wire, wire_requests
from tui.model import history
from tui.model.requests import Answer

finite = st.floats(allow_nan=False, allow_infinity=False)
st.register_type_strategy(float, finite)
st.register_type_strategy(int, st.integers(-(2**53), 2**53))
PARTS = ("chart", "samples", "energy", "heat", "files", "export", "storage")


@pytest.mark.parametrize("kind", get_args(history.HistoryRequest), ids=lambda kind: kind.__name__)
def test_every_question_arrives_as_it_was(kind: type) -> None:
    @settings(max_examples=30)
    @given(st.from_type(kind))
    def arrives(request: history.HistoryRequest) -> None:
        message = wire.read_from_screen(wire.encode(wire_requests.asked(request, 3)))
        assert isinstance(message, wire.Ask)
        assert wire_requests.request_of(message) == request

    arrives()


@pytest.mark.parametrize("part", PARTS)
def test_every_answer_arrives_as_it_was(part: str) -> None:
    (field,) = (one for one in fields(Answer) if one.name == part)

    @settings(max_examples=30)
    @given(st.from_type(field.type))
    def arrives(value: object) -> None:
        answer = Answer(True, **{part: value})  # type: ignore[arg-type]
        assert over_the_wire(answer) == answer

    arrives()
