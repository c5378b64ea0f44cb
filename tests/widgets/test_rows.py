"""Rows of coloured text."""

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.rows import beside, ends, fit, fit_block, joined, plain, row, width, wrap

TEXT = st.text(alphabet="abc é░ ", max_size=30)
ROWS = st.lists(st.tuples(TEXT, st.sampled_from(["text", "label"])), max_size=5).map(tuple)


@given(ROWS, st.integers(0, 60))
def test_a_fitted_row_has_exactly_its_width(line: tuple[tuple[str, str], ...], cells: int) -> None:
    """Nothing sticks out and nothing of an older picture shines through."""
    assert width(fit(line, cells)) == cells


@given(ROWS)
def test_joining_changes_no_letter_and_no_role(line: tuple[tuple[str, str], ...]) -> None:
    """It only spares pieces."""
    letters = [(char, role) for text, role in line for char in text]
    assert [(char, role) for text, role in joined(line) for char in text] == letters
    assert len(joined(line)) <= len(line)


@given(st.text(alphabet="abc  é", max_size=120), st.integers(1, 40))
def test_wrapped_lines_fit_and_lose_no_word(text: str, cells: int) -> None:
    """Every line fits, and all letters are there in order."""
    lines = wrap(text, cells)
    assert all(len(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(text.split())


def test_words_are_kept_whole_where_they_fit() -> None:
    """Cut between words; only a word longer than the line is cut."""
    assert wrap("check the cable", 9) == ["check the", "cable"]
    assert wrap("/dev/serial/by-id", 8) == ["/dev/ser", "ial/by-i", "d"]
    assert wrap("", 8) == []


def test_two_ends_of_a_line() -> None:
    """The right end goes when there is no room for both."""
    assert plain([ends(row("left"), row("right"), 12)]) == "left   right"
    assert plain([ends(row("left"), row("right"), 9)]) == "left"


def test_blocks_stand_beside_each_other() -> None:
    """Short blocks are filled; the block has exactly the height asked for."""
    block = beside([([row("a"), row("b")], 2), ([row("c")], 2)])
    assert plain(block) == "a c\nb"
    assert [width(line) for line in fit_block(block, 6, 3)] == [6, 6, 6]
