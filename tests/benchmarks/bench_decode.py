"""Decoding: microseconds per answer against a search in hexadecimal text, in the same run.

python -m tests.benchmarks.bench_decode
"""

import re
import struct
import time
from collections.abc import Callable
from typing import Any

from tui.model.sample import Cells, Pack
from tui.protocols.framing import Found
from tui.protocols.jbd import JbdProtocol
from tui.protocols.jbd_exchange import decode_frame
from tui.protocols.jbd_frames import answer_frame, assembler
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.battery import left_pack

ANSWERS, ROUNDS = 2_000, 5
REFUSED = 0x80
ASK = {"0x03 16S": bytes.fromhex("DDA50300FFFD77"), "0x04 16S": bytes.fromhex("DDA50400FFFC77")}
PATTERN = re.compile(r"dd(..)(..)(..)((?:..)*?)(....)77")

Way = Callable[[bytes, int], object]


def naive(answer: bytes, count: int) -> dict[str, Any]:
    """What a quick script does: look for the frame in the hexadecimal text, unpack field by field."""
    values: dict[str, Any] = {}
    for _ in range(count):
        for match in PATTERN.finditer(answer.hex()):
            size, text, ck = int(match[3], 16), match[4], int(match[5], 16)
            body = bytes.fromhex(match[2] + match[3] + text)
            if len(text) == 2 * size and (0x10000 - sum(body)) & 0xFFFF == ck:
                values = fields(int(match[1], 16), body[2:])
    return values


def fields(register: int, data: bytes) -> dict[str, Any]:
    """One unpack for every field."""
    if register == 4:
        return {
            f"cell{at // 2 + 1}_v": struct.unpack_from(">H", data, at)[0] / 1000
            for at in range(0, len(data), 2)
        }
    mask = struct.unpack_from(">H", data, 16)[0]
    balance = struct.unpack_from(">H", data, 12)[0] | struct.unpack_from(">H", data, 14)[0] << 16
    return {
        "voltage_v": struct.unpack_from(">H", data, 0)[0] / 100,
        "current_a": struct.unpack_from(">h", data, 2)[0] / 100,
        "remaining_ah": struct.unpack_from(">H", data, 4)[0] / 100,
        "nominal_ah": struct.unpack_from(">H", data, 6)[0] / 100,
        "cycles": struct.unpack_from(">H", data, 8)[0],
        "date": struct.unpack_from(">H", data, 10)[0],
        "balancing": [n + 1 for n in range(32) if balance >> n & 1],
        "protection": [n for n in range(16) if mask >> n & 1],
        "soc_pct": struct.unpack_from("B", data, 19)[0],
        "switches": struct.unpack_from("B", data, 20)[0],
        "temperatures_c": [
            (struct.unpack_from(">H", data, 23 + 2 * n)[0] - 2731) / 10
            for n in range(struct.unpack_from("B", data, 22)[0])
        ],
    }


def framed(answer: bytes, count: int) -> list[Found]:
    """Finding and checking the frame alone."""
    line, last = assembler(), list[Found]()
    for _ in range(count):
        last = [result for result in line.feed(answer) if isinstance(result, Found)]
    return last


def decoded(answer: bytes, count: int) -> dict[str, Any]:
    """Payload to named values alone."""
    values: dict[str, Any] = {}
    for _ in range(count):
        values = decode_frame(answer)
    return values


def conversed(answer: bytes, count: int) -> float:
    """Seconds in `feed` with its question open: frame, match, values, doubts. Asking is not counted."""
    protocol, now_s, spent_s, done = JbdProtocol(poll_s=0.0), 0.0, 0.0, 0
    while done < count:
        now_s = max(now_s, protocol.next_due_s())
        for request in protocol.requests_due(now_s):
            if request[2] != answer[1]:
                protocol.feed(answer_frame(request[2], REFUSED, b""))
                continue
            began = time.perf_counter()
            outcomes = protocol.feed(answer)
            spent_s += time.perf_counter() - began
            assert isinstance(outcomes[0], Pack | Cells)
            done += 1
    return spent_s


def us_per_answer(way: Way, answer: bytes) -> float:
    """The best of some rounds: the others were disturbed."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        result = way(answer, ANSWERS)
        spent_s = time.perf_counter() - began
        best = min(best, result if isinstance(result, float) else spent_s)
    return best / ANSWERS * 1e6


def main() -> None:
    """Print the table."""
    device = JbdDevice(left_pack())
    ways: list[tuple[str, Way]] = [
        ("text and pattern", naive),
        ("frame found and checked", framed),
        ("values from a frame", decoded),
        ("JbdProtocol.feed", conversed),
    ]
    print(f"{'answer':<12}{'way':<26}{'us/answer':>10}{'ratio':>8}")
    for name, request in ASK.items():
        answer = device.receive(request, 0.0)
        base = us_per_answer(naive, answer)
        for way_name, way in ways:
            us = base if way is naive else us_per_answer(way, answer)
            print(f"{name:<12}{way_name:<26}{us:>10.1f}{us / base:>8.2f}")


if __name__ == "__main__":
    main()
