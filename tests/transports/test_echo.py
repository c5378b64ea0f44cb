"""Our own bytes are taken out, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.transports.echo import EchoFilter


@pytest.mark.parametrize("cut", range(8))
def test_an_echo_goes_however_it_is_cut(cut: int) -> None:
    echo = EchoFilter()
    echo.sent(b"REQUEST")
    heard = b"REQUESTanswer"
    assert echo.heard(heard[:cut]) + echo.heard(heard[cut:]) == b"answer"


def test_only_the_bytes_directly_after_sending_are_taken_out() -> None:
    echo = EchoFilter()
    echo.sent(b"ab")
    assert echo.heard(b"xab") == b"xab"
    assert echo.heard(b"ab") == b"ab"


def test_the_echo_is_taken_out_once() -> None:
    echo = EchoFilter()
    echo.sent(b"ab")
    assert echo.heard(b"abab") == b"ab"


def test_half_an_echo_is_given_back() -> None:
    echo = EchoFilter()
    echo.sent(b"abc")
    assert echo.heard(b"ab") == b""
    assert echo.given_back() == b"ab"
    assert echo.heard(b"c") == b"c"


@given(st.binary(min_size=1, max_size=8), st.lists(st.binary(max_size=5)))
def test_no_foreign_byte_is_ever_lost(sent: bytes, chunks: list[bytes]) -> None:
    echo = EchoFilter()
    echo.sent(sent)
    left = b"".join(echo.heard(chunk) for chunk in chunks) + echo.given_back()
    whole = b"".join(chunks)
    assert left in (whole, whole.removeprefix(sent))
