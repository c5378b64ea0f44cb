"""S1-6: published and real TinyBMS frames: every one decodes to what was published."""

import json
from pathlib import Path
from typing import Any

import pytest

from tui.protocols.framing import Found
from tui.protocols.tinybms_decode import decode_exchange
from tui.protocols.tinybms_explain import explain
from tui.protocols.tinybms_frames import assembler

Vector = dict[str, Any]

RECORDINGS = Path(__file__).parents[1] / "recordings" / "tinybms.json"
VECTORS: list[Vector] = json.loads(RECORDINGS.read_text(encoding="utf-8"))
CLEAN = [
    v for v in VECTORS if v["hex_response"] and v["category"] not in ("malformed", "stream", "broadcast")
]
ERRORS = [v for v in VECTORS if "error" in v["expected"]]


def ids(vectors: list[Vector]) -> list[str]:
    return [v["id"] for v in vectors]


def data(vector: Vector, key: str) -> bytes | None:
    return None if vector[key] is None else bytes.fromhex(vector[key])


def test_no_recording_is_missing() -> None:
    """S1-6: everything published for the serial line, real captures among it."""
    assert len(VECTORS) == 87 and {v["transport"] for v in VECTORS} == {"uart"}
    assert len(CLEAN) == 58 and len(ERRORS) == 17
    assert sum(not v["synthetic"] for v in VECTORS) >= 15


@pytest.mark.parametrize("vector", VECTORS, ids=ids(VECTORS))
def test_every_published_value(vector: Vector) -> None:
    """S1-6: values with their units, errors by name."""
    decoded = decode_exchange(data(vector, "hex_request"), data(vector, "hex_response"))
    assert {key: decoded.get(key, "missing") for key in vector["expected"]} == vector["expected"]
    assert ("error" in decoded) == ("error" in vector["expected"])


@pytest.mark.parametrize("vector", CLEAN, ids=ids(CLEAN))
def test_cut_anywhere(vector: Vector) -> None:
    """In two pieces at every place, and byte by byte: the same frame, and only when it is whole."""
    frame = bytes.fromhex(vector["hex_response"])
    for at in range(1, len(frame)):
        line = assembler()
        assert line.feed(frame[:at]) == [] and line.waiting == frame[:at]
        assert line.feed(frame[at:]) == [Found(frame)]
    line = assembler()
    assert [line.feed(bytes((b,))) for b in frame] == [*([[]] * (len(frame) - 1)), [Found(frame)]]


@pytest.mark.parametrize("vector", CLEAN, ids=ids(CLEAN))
def test_half_an_answer(vector: Vector) -> None:
    """Every answer cut short is called so, wherever the cut."""
    request, frame = data(vector, "hex_request"), bytes.fromhex(vector["hex_response"])
    errors = {decode_exchange(request, frame[:at])["error"] for at in range(2, len(frame))}
    assert errors <= {"truncated", "crc_mismatch"} and "truncated" in errors


@pytest.mark.parametrize("vector", VECTORS, ids=ids(VECTORS))
def test_every_recording_can_be_explained(vector: Vector) -> None:
    """Good ones with a name and values, bad ones marked."""
    request, response = data(vector, "hex_request"), data(vector, "hex_response")
    if request and response is None:
        told = explain(request, None)
    else:
        told = explain(response or b"", request or None)
    is_bad = "error" in vector["expected"]
    assert (told.trust != "good") == is_bad
    assert told.name or is_bad
    assert told.fields and all(name and text for name, text in told.fields)
