"""Columns survive as few bytes, and damaged bytes are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.store.history_codec import BlockError, pack_block, read_block

numbers = st.integers(-(2**40), 2**40)
columns = st.integers(0, 70).flatmap(
    lambda rows: st.dictionaries(
        st.text(max_size=12).filter(lambda key: len(key.encode()) < 200),
        st.lists(st.none() | numbers | st.integers(-3, 3), min_size=rows, max_size=rows),
        max_size=6,
    ).map(lambda found: (rows, found))
)


@given(columns)
def test_what_was_packed_is_read(case: tuple[int, dict[str, list[int | None]]]) -> None:
    rows, found = case
    block = read_block(pack_block(found.items(), rows))
    assert (block.rows, list(block.keys)) == (rows, list(found))
    for key, column in found.items():
        assert block.column(key) == column
    assert block.column("not there") == [None] * rows


@given(st.binary(max_size=300))
def test_any_bytes_are_a_block_or_refused(body: bytes) -> None:
    try:
        block = read_block(body)
        for key in block.keys:
            block.column(key)
    except BlockError:
        pass


@given(columns, st.data())
def test_a_changed_byte_never_raises_anything_else(
    case: tuple[int, dict[str, list[int | None]]], data: st.DataObject
) -> None:
    rows, found = case
    body = bytearray(pack_block(found.items(), rows))
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    test_any_bytes_are_a_block_or_refused.hypothesis.inner_test(bytes(body))


def test_a_quiet_column_costs_next_to_nothing() -> None:
    noisy = [("a", [3300 + n % 3 for n in range(600)])]
    quiet = [*noisy, ("b", [9900] * 600)]
    assert len(pack_block(quiet, 600)) - len(pack_block(noisy, 600)) < 20


def test_numbers_are_asked_for_without_holes() -> None:
    block = read_block(pack_block([("a", [1, None]), ("b", [1, 2])], 2))
    assert block.numbers("b") == [1, 2]
    with pytest.raises(BlockError):
        block.numbers("a")
