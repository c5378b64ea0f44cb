"""CAN frames as records of bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.can import EXTENDED, RECORD_BYTES, CanFrame, bits_of, id_words, pack, unpack

FRAMES = st.builds(
    CanFrame,
    st.integers(0, 2**63),
    st.one_of(st.integers(0, 0x7FF), st.integers(0, 0x1FFFFFFF).map(lambda n: n | EXTENDED)),
    st.binary(max_size=8),
    st.booleans(),
)


@given(st.lists(FRAMES, max_size=6))
def test_what_is_packed_comes_out_again(frames: list[CanFrame]) -> None:
    assert list(unpack(b"".join(map(pack, frames)))) == frames


def test_half_a_record_and_nine_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="half"):
        list(unpack(bytes(RECORD_BYTES + 1)))
    with pytest.raises(ValueError, match="9 bytes"):
        pack(CanFrame(0, 0x351, bytes(9)))


def test_a_29_bit_identifier_is_never_an_11_bit_one() -> None:
    assert id_words(0x351) == "351"
    assert id_words(0x351 | EXTENDED) == "00000351"


def test_bits_on_the_bus_are_those_of_the_standard() -> None:
    assert bits_of(0x351, 8) == 111
    assert bits_of(0x18F128F4 | EXTENDED, 8) == 131
