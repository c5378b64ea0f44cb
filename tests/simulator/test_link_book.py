"""The book of links to terminals: who clears up after whom."""

import os
import sys
from pathlib import Path

import pytest

from tui.simulator.link_book import LinkBook, link_book

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")


def left_behind(folder: Path, *lines: str) -> Path:
    """The book of a process that was killed."""
    book = folder / "links-1.jsonl"
    book.write_text("".join(f"{line}\n" for line in lines))
    return book


def test_a_link_of_the_dead_goes_wherever_it_leads_now(tmp_path: Path) -> None:
    (tmp_path / "mine").symlink_to("/dev/null")
    book = left_behind(tmp_path, f'["{tmp_path}/mine", "/dev/null"]')
    with link_book(tmp_path):
        assert not (tmp_path / "mine").is_symlink() and not book.exists()


@pytest.mark.parametrize("there", ["link", "file", "nothing"])
def test_what_somebody_else_put_there_stays(tmp_path: Path, there: str) -> None:
    place = tmp_path / "place"
    if there == "link":
        place.symlink_to("/dev/zero")
    elif there == "file":
        place.write_text("mine")
    left_behind(tmp_path, "no json", "[]", "3", f'["{place}", "/dev/null"]')
    with link_book(tmp_path):
        assert os.path.lexists(place) == (there != "nothing")


def test_the_links_of_the_living_stay(tmp_path: Path) -> None:
    """Its book is locked: another one begins beside it."""
    (tmp_path / "mine").symlink_to("/dev/null")
    first = LinkBook(tmp_path)
    first.open()
    first.note(tmp_path / "mine", "/dev/null")
    (tmp_path / f"links-{os.getpid()}.jsonl").rename(tmp_path / "links-1.jsonl")
    with link_book(tmp_path):
        assert (tmp_path / "mine").is_symlink()
    first.close()


def test_where_no_book_can_be_kept_links_are_made_all_the_same(tmp_path: Path) -> None:
    with link_book(tmp_path / "missing") as book:
        book.note(tmp_path / "mine", "/dev/null")
    assert not list(tmp_path.iterdir())


def test_a_book_that_is_closed_leaves_nothing(tmp_path: Path) -> None:
    with link_book(tmp_path) as book:
        book.note(tmp_path / "mine", "/dev/null")
        assert len(list(tmp_path.iterdir())) == 1
    assert not list(tmp_path.iterdir())
