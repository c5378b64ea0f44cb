"""The Tracks screen on real pseudo-terminals of many kinds: it can be read, and leaves each as it was."""

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from tests.cli.runs import PATIENCE_S, House
from tests.cli.terminals import Window, window
from tests.conftest import LooksTheSame
from tui.cli import terminal as terminals

SHOW_LIVE = (sys.executable, "-m", "tests.cli.show_live")
# What has to be read on every terminal, whatever it can draw.
WORDS = (
    "53.12 V", "13.28 V", "CHARGE 12.4 A", "DISCHARGE 8.1 A", "659 W", "full in 6 h 19", "% SOC",
    "LEFT", "RIGHT", "avg 3.319 V", "min 07 3.311", "max 14 3.329 V", "live", "CHG on", "BAL 4 13",
    "Help", "q Quit",
)  # fmt: skip
MORE_COLOURS = re.compile(rb"\x1b\[[0-9;]*[34]8;[25];")
ANY_COLOUR = re.compile(
    rb"\x1b\[(?:[0-9;]*;)?(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|38;[25][0-9;]*|48;[25][0-9;]*)(?:;[0-9;]*)?m"
)
C_LOCALE = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

Shows = Callable[..., AbstractContextManager[Window]]


@pytest.fixture
def shows(home: House) -> Iterator[Shows]:
    """Windows of a small terminal with the screen in them."""
    for name in ("COLORTERM", "NO_COLOR", "SSH_CONNECTION", "TEXTUAL_COLOR_SYSTEM", "LINES", "COLUMNS"):
        home.environment.pop(name, None)
    home.environment["TZ"] = "UTC"
    (home.folder / "state").mkdir()

    def show(*words: str, **more: str) -> AbstractContextManager[Window]:
        return window(home, *words, program=SHOW_LIVE, size=(80, 24), **more)

    yield show


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("linux", {"TERM": "linux"}),
        ("xterm-256color", {"TERM": "xterm-256color"}),
        ("truecolour", {"TERM": "xterm-256color", "COLORTERM": "truecolor"}),
        ("no-color", {"TERM": "xterm-256color", "NO_COLOR": "1"}),
        ("vt220", {"TERM": "vt220"}),
        ("c-locale", {"TERM": "xterm-256color", **C_LOCALE}),
        ("alacritty-over-ssh", {"TERM": "alacritty", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}),
    ],
)
def test_the_screen_can_be_read_on_every_terminal(
    shows: Shows, looks_the_same: LooksTheSame, name: str, environment: dict[str, str]
) -> None:
    """CL-43: all figures and the words beside them stand there, with and without colour, in any glyphs."""
    with shows(**environment) as shown:
        shown.wait_for(*WORDS)
        looks_the_same(shown.picture(), f"terminals/{name}")


def test_a_linux_terminal_gets_sixteen_colours_even_where_more_are_promised(shows: Shows) -> None:
    """A console turns more colours into wrong ones: green text becomes bright cyan."""
    with shows(TERM="linux", COLORTERM="truecolor") as shown:
        shown.wait_for(*WORDS)
        shown.picture()
        assert ANY_COLOUR.search(shown.said)
        assert not MORE_COLOURS.search(shown.said)
        assert b"\x1b]P" not in shown.said, "the palette is for consoles only: others wait for its end"


def test_a_console_without_colours_is_not_black_on_black(shows: Shows) -> None:
    """CL-43: the sixteen have no greys, so that none of them is sent at all."""
    with shows(TERM="linux", NO_COLOR="1") as shown:
        shown.wait_for(*WORDS)
        shown.picture()
        assert not ANY_COLOUR.search(shown.said)


def test_a_known_terminal_gets_all_colours_over_ssh(shows: Shows) -> None:
    """SSH does not carry COLORTERM."""
    with shows(TERM="foot") as shown:
        shown.wait_for(*WORDS)
        assert b"38;2;" in shown.said


@pytest.mark.parametrize(
    "environment", [{"TERM": "vt220"}, {"TERM": "xterm", **C_LOCALE}], ids=["vt220", "C"]
)
def test_only_ascii_is_sent_where_nothing_else_can_be_shown(
    shows: Shows, environment: dict[str, str]
) -> None:
    with shows(**environment) as shown:
        shown.wait_for(*WORDS)
        shown.picture()
        assert shown.said.isascii()


def test_the_size_of_the_window_counts_not_the_environment(shows: Shows) -> None:
    with shows(LINES="10", COLUMNS="30") as shown:
        shown.wait_for(*WORDS)


# --- where no screen can be ---


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_show_a_screen_is_told_in_one_sentence(shows: Shows, term: str) -> None:
    with shows(TERM=term) as shown:
        assert shown.wait_end() == 2
        assert b"\x1b" not in shown.said
        assert len(shown.said.strip().splitlines()) == 1
        assert b"packdeck status" in shown.said


@pytest.mark.parametrize("lacking", [0, 1, 2])
def test_without_a_terminal_nothing_is_drawn(
    lacking: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Input, output and error stream: each must be a terminal."""
    monkeypatch.setattr(os, "isatty", lambda fd: fd != lacking)
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(SystemExit) as ended:
        terminals.prepare()
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 1


# --- leaving ---


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_told_to_end_it_gives_the_terminal_back(shows: Shows, name: str) -> None:
    with shows() as shown:
        shown.wait_for(*WORDS)
        assert not shown.is_restored
        shown.process.send_signal(getattr(signal, name))
        assert shown.wait_end() == 0
        assert shown.is_restored


def test_a_closed_window_ends_the_program(shows: Shows) -> None:
    with shows() as shown:
        shown.wait_for(*WORDS)
        shown.hang_up()
        shown.process.wait(PATIENCE_S)


def test_what_a_library_writes_to_the_terminal_goes_to_the_log(shows: Shows, home: House) -> None:
    with shows("--noise") as shown:
        shown.wait_for(*WORDS)
        shown.picture()
        log = home.folder / "state" / "packdeck.log"
        shown.read_until(lambda: "a library speaks" in log.read_text())
        assert b"a library speaks" not in shown.said
        shown.press("q")
        assert shown.wait_end() == 0
        assert shown.is_restored


# --- a Linux console itself ---


def test_a_console_gets_our_palette_and_gets_its_own_back(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the system calls of a console on a pipe: there is no console to test on."""
    (home.folder / "state").mkdir()
    reading, writing = os.pipe()
    real_two = os.dup(2)
    monkeypatch.setenv("PACKDECK_STATE_DIR", str(home.folder / "state"))
    monkeypatch.setenv("TERM", "linux")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TEXTUAL_COLOR_SYSTEM", "auto")
    monkeypatch.delenv("PACKDECK_GLYPHS", raising=False)
    monkeypatch.setattr(os, "isatty", lambda fd: True)
    monkeypatch.setattr("tui.style.detect.is_console", lambda fd, ioctl=None: True)
    monkeypatch.setattr("tui.style.detect.font_map", lambda fd, ioctl: {})
    monkeypatch.setattr(sys, "__stderr__", sys.__stderr__)
    try:
        os.dup2(writing, 2)
        terminal = terminals.prepare()
        terminal.restore()
        terminal.restore()
    finally:
        os.dup2(real_two, 2)
        os.close(real_two)
        os.close(writing)
    said = os.read(reading, 4096).decode()
    os.close(reading)
    assert said.startswith("\x1b]P00B0F14\x1b]P1B4372A")
    assert said.endswith("\x1b]R\x1b[H\x1b[2J")
    assert said.count("\x1b]R") == 1
    assert (terminal.theme, terminal.glyphs, terminal.is_console) == ("packdeck-console", "common", True)
    assert terminal.fps < terminals.FPS
    assert "COLORTERM" not in os.environ
    assert os.environ["TEXTUAL_COLOR_SYSTEM"] == "standard"
