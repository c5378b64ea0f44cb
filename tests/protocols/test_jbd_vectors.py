"""JBD recordings, synthetic frames and vendor examples: every one of them decodes to what was published."""

import json
from pathlib import Path
from typing import Any

import pytest

from tui.model.sample import Cells, Counters, Identity, Pack
from tui.protocols.framing import Found
from tui.protocols.jbd import JbdProtocol
from tui.protocols.jbd_exchange import BASIC, CELLS, COUNTERS, HARDWARE, decode_exchange, decode_stream
from tui.protocols.jbd_frames import assembler, read_request
from tui.protocols.protocol import Bad, Outcome, Refused, Rejected

Vector = dict[str, Any]

RECORDINGS = Path(__file__).parents[1] / "recordings" / "jbd.json"
VECTORS: list[Vector] = json.loads(RECORDINGS.read_text(encoding="utf-8"))
SINGLE = [v for v in VECTORS if v["kind"] not in ("stream", "malformed")]
STREAMS = [v for v in VECTORS if v["kind"] in ("stream", "malformed")]
NOTIFIED = [v for v in VECTORS if "notifications" in v]
POLLED = [v for v in SINGLE if v["hex_request"] in {read_request(r).hex() for r in (3, 4, 5, 0xAA)}]

# Sentences for people inside `expected`: what the recording's author thinks, not what a frame holds.
EXPLANATIONS = ("reason", "inputs")
REASONS = ("bad_checksum", "bad_end")  # the two that are codes, and ours as well


def ids(vectors: list[Vector]) -> list[str]:
    return [v["id"] for v in vectors]


def request(vector: Vector) -> bytes:
    return bytes.fromhex(vector["hex_request"])


def response(vector: Vector) -> bytes:
    return bytes.fromhex(vector["hex_response"])


def test_no_recording_is_missing() -> None:
    """S0-4, S0-5, S0-6: the recordings are of these boards (4, 8 and 16 cells) and of their relatives."""
    assert len(VECTORS) == 96 and len(SINGLE) + len(STREAMS) == 96
    assert len(SINGLE) == 85 and len(NOTIFIED) == 45 and len(POLLED) >= 40
    counts = {v["expected"].get("cell_count") for v in SINGLE}
    assert {4, 8, 16} <= counts


@pytest.mark.parametrize("vector", SINGLE, ids=ids(SINGLE))
def test_one_frame(vector: Vector) -> None:
    """S0-4, S0-5, S0-6, X-10: every published value, none missing and none invented."""
    expected = {k: v for k, v in vector["expected"].items() if k not in EXPLANATIONS}
    assert decode_exchange(request(vector), response(vector)) == expected


@pytest.mark.parametrize("vector", STREAMS, ids=ids(STREAMS))
def test_stream(vector: Vector) -> None:
    """Several frames, halves, damage: exactly the whole frames come out, with their values."""
    expected = vector["expected"]
    got = decode_stream(request(vector), response(vector))
    assert got["frames"] == expected["frames"]
    if "leftover_hex" in expected:
        assert got.get("leftover_hex", "") == expected["leftover_hex"]
    assert got.get("matches_request", True) == expected.get("matches_request", True)
    if expected.get("reason") in REASONS:
        assert got["reason"] == expected["reason"]


@pytest.mark.parametrize("vector", NOTIFIED, ids=ids(NOTIFIED))
def test_as_delivered(vector: Vector) -> None:
    """The chunks as the radio delivered them: the same frames as in one piece."""
    whole, line = assembler(), assembler()
    pieces: list[Found | Rejected] = []
    for chunk in vector["notifications"]:
        pieces += line.feed(bytes.fromhex(chunk))
    assert [r.data for r in pieces if isinstance(r, Found)] == frames(whole.feed(response(vector)))
    assert line.waiting == whole.waiting
    assert "".join(vector["notifications"]) == vector["hex_response"]


def frames(results: list[Found | Rejected]) -> list[bytes]:
    return [r.data for r in results if isinstance(r, Found)]


def conversation(vector: Vector) -> list[Outcome]:
    """What the protocol makes of this answer to this question; other questions are refused."""
    protocol, now_s = JbdProtocol(), 100.0
    for _ in range(40):
        for asked in protocol.requests_due(now_s):
            if asked == request(vector):
                return protocol.feed(response(vector))
            refusal = bytes((0xDD, asked[2], 0x80, 0, 0xFF, 0x80, 0x77))
            assert protocol.feed(refusal) == [Refused(asked[2], 0x80)]
        now_s = max(now_s + 0.01, protocol.next_due_s())
    raise AssertionError("the protocol never asked that")


@pytest.mark.parametrize("vector", POLLED, ids=ids(POLLED))
def test_conversation(vector: Vector) -> None:
    """X-10: what a track shows of the recording; the current keeps its sign, plus is charging."""
    expected, outcomes = vector["expected"], conversation(vector)
    if "error" in expected:
        assert outcomes == [Refused(expected["register"], expected["status"])]
        return
    reading = outcomes[0]
    if expected["register"] == BASIC:
        assert isinstance(reading, Pack)
        assert pack_values(reading) == {key: expected[key] for key in pack_values(reading)}
        assert outcomes[1:] == [
            Identity(firmware=expected["version"], production_date=expected["production_date"])
        ]
    elif expected["register"] == CELLS:
        assert isinstance(reading, Cells)
        assert [mv / 1000 for mv in reading.mv] == expected["cells_v"]
    elif expected["register"] == COUNTERS:
        assert reading == Counters(tuple(expected["error_counts"].items()))
    else:
        assert expected["register"] == HARDWARE
        assert reading == Identity(hardware=expected["hardware_name"])


def pack_values(pack: Pack) -> Vector:
    """A pack under the names of the recordings."""
    return {
        "voltage_v": pack.pack_v,
        "current_a": pack.current_a,
        "soc_pct": pack.soc_pct,
        "remaining_ah": pack.remaining_ah,
        "nominal_ah": pack.nominal_ah,
        "cycles": pack.cycles,
        "cell_count": pack.cell_count,
        "temperatures_c": list(pack.temperatures_c),
        "balancing_cells": list(pack.balancing),
        "protection": [protection.value for protection in pack.protections],
        "charge_fet": pack.charge_on,
        "discharge_fet": pack.discharge_on,
    }


@pytest.mark.parametrize("vector", STREAMS, ids=ids(STREAMS))
def test_damage_in_a_conversation(vector: Vector) -> None:
    """Damage costs a reading at most: what is whole is used once, what is not is counted."""
    outcomes = conversation(vector)
    whole = [f["decoded"] for f in vector["expected"]["frames"]]
    asked = request(vector)[2]
    readings = [
        o for o in outcomes if isinstance(o, Pack | Cells) or (isinstance(o, Identity) and o.hardware)
    ]
    assert len(readings) == min(1, sum(frame["register"] == asked for frame in whole))
    late = sum(o.count for o in outcomes if isinstance(o, Rejected) and o.why is Bad.LATE)
    assert late == len(whole) - len(readings)
