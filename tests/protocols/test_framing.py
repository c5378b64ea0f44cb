"""Frames in a stream: any cut, any noise, nothing lost without being counted."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.protocols.framing import Assembler, Found
from tui.protocols.jbd_frames import LONGEST, answer_frame, assembler, checksum, read_request, write_request
from tui.protocols.protocol import Bad, Rejected

Results = list[Found | Rejected]

RECORDINGS = Path(__file__).parents[1] / "recordings" / "jbd.json"
VECTORS = json.loads(RECORDINGS.read_text(encoding="utf-8"))
WHOLE = {
    v["id"]: bytes.fromhex(v["hex_response"]) for v in VECTORS if v["kind"] not in ("stream", "malformed")
}
CELLS = bytes.fromhex("dd0400080f450f3d0f370f3dfec677")
TRICKY = bytes.fromhex("dd0400080ddd0d77dd770d77fcb277")  # start and end bytes inside


def frames(results: Results) -> list[bytes]:
    return [r.data for r in results if isinstance(r, Found)]


def count(results: Results, why: Bad) -> int:
    return sum(r.count for r in results if isinstance(r, Rejected) and r.why is why)


def test_requests_of_the_document() -> None:
    """The register is part of a request's checksum and not of an answer's."""
    assert read_request(0x03).hex() == "dda50300fffd77"
    assert read_request(0xFA, b"\0\1\2").hex() == "dda5fa03000102ff0077"
    assert write_request(0xE1, b"\0\1").hex() == "dd5ae1020001ff1c77"
    assert answer_frame(0x24, 0, b"\x0e\x42").hex() == "dd2400020e42ffae77"
    assert answer_frame(0xE1, 0, b"").hex() == "dde10000000077"
    assert answer_frame(0x24, 0x80, b"").hex() == "dd248000ff8077"
    assert checksum(b"") == 0


@pytest.mark.parametrize("frame", WHOLE.values(), ids=WHOLE.keys())
def test_cut_anywhere(frame: bytes) -> None:
    """In two pieces at every place, and byte by byte: the same frame, and only when it is whole."""
    for at in range(1, len(frame)):
        line = assembler()
        assert line.feed(frame[:at]) == []
        assert line.waiting == frame[:at]
        assert line.feed(frame[at:]) == [Found(frame)]
    line = assembler()
    assert [line.feed(bytes((b,))) for b in frame] == [*([[]] * (len(frame) - 1)), [Found(frame)]]


@pytest.mark.parametrize("frame", WHOLE.values(), ids=WHOLE.keys())
def test_noise_in_front(frame: bytes) -> None:
    """Noise without a start byte costs nothing but its own bytes, and those are counted."""
    noise = bytes.fromhex("00ab41540d0a77")
    assert assembler().feed(noise + frame) == [Rejected(Bad.GARBAGE, len(noise)), Found(frame)]


def test_a_false_start_holds_nothing_up_after_quiet() -> None:
    """A start byte that promises more than comes: the frame behind it appears when the line is quiet."""
    line = assembler()
    false_start = b"\xdd\x03\x00\xff"
    assert line.feed(false_start + CELLS) == []
    assert line.line_went_quiet() == [Rejected(Bad.GARBAGE, len(false_start)), Found(CELLS)]
    assert line.waiting == b"" and line.line_went_quiet() == []


def test_a_false_start_gives_way_to_later_frames() -> None:
    """Without any quiet, too: as soon as the promised bytes are there and are no frame."""
    line = assembler()
    results = line.feed(b"\xdd\x03\x00\x20" + CELLS * 4)
    assert frames(results) == [CELLS] * 4 and count(results, Bad.GARBAGE) == 4


@pytest.mark.parametrize(
    ("damaged", "why"),
    [
        (CELLS[:5] + b"\x46" + CELLS[6:], Bad.CHECKSUM),
        (CELLS[:-2] + b"\xc7\x77", Bad.CHECKSUM),
        (CELLS[:-1] + b"\x78", Bad.GARBAGE),
        (bytes.fromhex("ffaa15010017"), Bad.CHECKSUM),
    ],
)
def test_damage_is_no_frame(damaged: bytes, why: Bad) -> None:
    """A flipped bit, a wrong checksum, a wrong end: counted, and the next frame is found."""
    line = assembler()
    results = line.feed(damaged + CELLS)
    assert frames(results) == [CELLS]
    assert count(results, Bad.GARBAGE) == len(damaged)
    assert count(results, Bad.CHECKSUM) == (why is Bad.CHECKSUM)


def test_zero_checksum_only_without_data() -> None:
    """Some boards leave the checksum of a bare status at 0000; with data that is damage."""
    bare = bytes.fromhex("dd008100000077")
    assert assembler().feed(bare) == [Found(bare)]
    assert frames(assembler().feed(bytes.fromhex("dd24800112000077"))) == []


def test_radio_module_frames() -> None:
    """`FF AA` frames between board frames; a lone FF is noise."""
    module = bytes.fromhex("ffaa15010016")
    assert frames(assembler().feed(b"\xff\xff\x00" + module + CELLS + module)) == [module, CELLS, module]


def test_clear_says_how_much_it_threw_away() -> None:
    """What waits is gone and counted; an empty line has nothing to say."""
    line = assembler()
    line.feed(CELLS[:9])
    assert line.clear() == [Rejected(Bad.GARBAGE, 9)]
    assert line.clear() == [] and line.feed(CELLS[9:]) == [Rejected(Bad.GARBAGE, len(CELLS) - 9)]


def test_promises_beyond_the_limit() -> None:
    """A language whose false starts promise more than its limit: never held beyond it."""
    line = Assembler(b"S", lambda head: 100, lambda frame: None, limit=10)
    assert line.feed(b"S12345678") == []
    assert line.feed(b"9S") == [Rejected(Bad.GARBAGE, 10)]
    assert line.waiting == b"S"


ALIKE = st.sampled_from([0xDD, 0x77, 0xFF, 0xAA, 0xA5, 0x00, 0x03, 0x04])
NOISE = st.lists(st.one_of(ALIKE, st.integers(0, 255)), max_size=300).map(bytes)
GOOD = st.sampled_from([CELLS, TRICKY, *WHOLE.values()])


@given(st.lists(st.one_of(NOISE, GOOD), max_size=12))
def test_every_byte_is_accounted_for(pieces: list[bytes]) -> None:
    """Bytes in = bytes of frames + bytes of noise + bytes that wait, and the limit holds for those."""
    line, results = assembler(), list[Found | Rejected]()
    for piece in pieces:
        results += line.feed(piece)
        assert len(line.waiting) <= LONGEST
    total = sum(map(len, pieces))
    assert total == sum(map(len, frames(results))) + count(results, Bad.GARBAGE) + len(line.waiting)
    results += line.line_went_quiet()
    assert line.waiting == b""
    assert total == sum(map(len, frames(results))) + count(results, Bad.GARBAGE)


@given(NOISE, st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_the_cut_does_not_matter(noise: bytes, sizes: list[int]) -> None:
    """Whatever the cut of the delivery, the same frames and the same counts."""
    data = noise + TRICKY + noise + CELLS
    whole, pieces = assembler(), assembler()
    expected, got, at, turn = whole.feed(data), list[Found | Rejected](), 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        got += pieces.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    assert frames(got) == frames(expected) and pieces.waiting == whole.waiting
    assert [count(got, why) for why in Bad] == [count(expected, why) for why in Bad]


@given(NOISE, GOOD)
def test_a_frame_after_noise_and_quiet_is_found(noise: bytes, frame: bytes) -> None:
    """Noise, quiet, a frame: found at once. Nothing of the past can hold it up."""
    line = assembler()
    line.feed(noise)
    line.line_went_quiet()
    assert line.feed(frame) == [Found(frame)]


@given(st.binary(max_size=300).filter(lambda noise: not {0xDD, 0xFF} & set(noise)), GOOD)
def test_a_frame_right_after_noise_is_found(noise: bytes, frame: bytes) -> None:
    """Noise without start bytes delays nothing, with no quiet needed."""
    assert frames(assembler().feed(noise + frame)) == [frame]


@given(st.integers(8, 255), GOOD)
def test_a_frame_behind_a_false_start_is_found_when_quiet(promised: int, frame: bytes) -> None:
    """A start byte that promises more than there is: the frame behind it comes when the line is quiet."""
    line = assembler()
    results = line.feed(bytes((0xDD, 0x03, 0x00, promised)) + frame) + line.line_went_quiet()
    assert frame in frames(results)
