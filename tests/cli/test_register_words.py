"""The change log in plain words: units, choices and switches as the screens say them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tui import locale
from tui.cli.registers_words import log_line
from tui.model.register_archive import ChangeLogEntry

ENTRY = ChangeLogEntry(
    1_700_000_000_000, "left", "anna", "cli-7", "cell_overvoltage", 0x24, "3650", "3600", "written", "p", None
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    locale.use("en")
    yield
    locale.use("en")


def change(key: str, old: str, new: str, number: int | None = 1) -> str:
    """The change in the line of such an entry."""
    line = log_line(replace(ENTRY, key=key, old=old, new=new, number=number))
    return line.split(key, 1)[1].split("  written")[0].strip()


@pytest.mark.parametrize(
    ("key", "old", "new", "words"),
    [
        ("cell_overvoltage", "3650", "3600", "3650 -> 3600 mV"),
        ("cell_overvoltage", "", "3600", "3600 mV"),
        ("fet_time", "30", "60", "30 -> 60 s"),
        ("over_voltage_cutoff", "3800", "3900", "3800 -> 3900 mV"),  # of a TinyBMS
        ("function_switch", "0", "1", "off -> on"),
        ("a_key_of_tomorrow", "1", "2", "1 -> 2"),
    ],
)
def test_a_change_is_said_with_its_unit(key: str, old: str, new: str, words: str) -> None:
    """S1-53: as on the screens."""
    assert change(key, old, new) == words


def test_a_command_has_no_unit_of_a_parameter() -> None:
    assert change("reset_soc", "", "80", number=None) == "80"


def test_a_flag_is_said_in_french() -> None:
    locale.use("fr")
    assert change("function_switch", "0", "1").startswith("non -> oui")
