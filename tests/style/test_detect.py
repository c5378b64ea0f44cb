"""Which glyphs a terminal can show, found by looking at it."""

import ctypes
import os
import struct
from collections.abc import Mapping

import pytest

from tests.style import fonts
from tui.style.detect import GIO_UNIMAP, KDGKBTYPE, detect_glyphs, is_console
from tui.style.glyphs import GLYPHS

ENOTTY, ENOMEM, EPERM = 25, 12, 1


class Console:
    """The kernel's side of a Linux console with a font: answers like drivers/tty/vt."""

    def __init__(self, font: Mapping[str, int], tells: bool = True) -> None:
        self._pairs = [(ord(glyph), place) for glyph, place in font.items() if ord(glyph) < 0x10000]
        self._tells = tells

    def __call__(self, fd: int, request: int, argument: object) -> int:
        if request == KDGKBTYPE:
            assert isinstance(argument, bytearray)
            argument[0] = 2
            return 0
        assert request == GIO_UNIMAP
        if not self._tells:
            raise OSError(EPERM, "not permitted")
        view = memoryview(argument).cast("B")  # type: ignore[arg-type]
        room, address = struct.unpack("H6xP", bytes(view))
        view[:2] = struct.pack("H", len(self._pairs))
        if room < len(self._pairs):
            raise OSError(ENOMEM, "no room")
        data = b"".join(struct.pack("HH", *pair) for pair in self._pairs)
        ctypes.memmove(address, data, len(data))
        return 0


def no_console(fd: int, request: int, argument: object) -> int:
    raise OSError(ENOTTY, "inappropriate ioctl for device")


def found(
    term: str = "xterm-256color", ioctl: object = no_console, encoding: str = "utf-8", **env: str
) -> str:
    return detect_glyphs({"TERM": term, **env}, 2, encoding, ioctl)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("font", "tier"), [("kernel", "cp437"), ("Lat15-Fixed16", "lat15"), ("Uni2-Fixed16", "lat15")]
)
def test_a_console_is_asked_for_its_font(font: str, tier: str) -> None:
    assert found("linux", Console(fonts.console_fonts()[font])) == tier


def test_a_font_with_all_drawings_is_used_to_the_full() -> None:
    assert found("linux", Console(fonts.graphic_font())) == "bmsfont"


def test_glyphs_that_share_one_place_do_not_count() -> None:
    """Debian's fonts draw what they lack as something else: eight steps that all look alike are none."""
    font = fonts.graphic_font()
    eighths = dict.fromkeys("▁▂▃▄▅▆▇", font["█"])
    assert found("linux", Console(font | eighths)) == "lat15"
    assert found("linux", Console(font | {"▁": font["▂"]})) == "cp437"


def test_a_font_that_draws_nothing_is_ascii() -> None:
    assert found("linux", Console(fonts.ASCII)) == "ascii"


def test_a_console_that_does_not_tell_its_font_gets_what_all_have() -> None:
    assert found("linux", Console(fonts.graphic_font(), tells=False)) == "common"


def test_a_console_is_asked_whatever_term_claims() -> None:
    assert found("xterm-256color", Console(fonts.console_fonts()["kernel"])) == "cp437"


@pytest.mark.parametrize(
    ("term", "tier"),
    [
        ("linux", "common"),
        ("vt100", "ascii"),
        ("vt102", "ascii"),
        ("vt220", "ascii"),
        ("ansi", "ascii"),
        ("xterm", "full"),
        ("xterm-256color", "full"),
        ("tmux-256color", "full"),
        ("foot", "full"),
        ("", "full"),
    ],
)
def test_other_terminals_are_known_by_their_kind(term: str, tier: str) -> None:
    assert found(term) == tier


@pytest.mark.parametrize("encoding", ["ascii", "ANSI_X3.4-1968", "iso8859-15", "cp1252"])
def test_without_utf_8_only_ascii_is_sent(encoding: str) -> None:
    assert found(encoding=encoding) == "ascii"


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8", "utf_8"])
def test_utf_8_has_several_names(encoding: str) -> None:
    assert found(encoding=encoding) == "full"


def test_a_person_decides_over_everything() -> None:
    assert found("vt220", Console(fonts.ASCII), "ascii", PACKDECK_GLYPHS="cp437") == "cp437"


def test_in_a_browser_the_terminal_of_the_server_means_nothing() -> None:
    driver = "textual.drivers.web_driver:WebDriver"
    assert found("linux", encoding="ascii", TEXTUAL_DRIVER=driver) == "full"


def test_a_pseudo_terminal_is_no_console() -> None:
    """With the real system call."""
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    try:
        assert not is_console(slave)
        assert detect_glyphs({"TERM": "linux"}, slave, "utf-8") == "common"
    finally:
        os.close(master)
        os.close(slave)


def test_every_answer_is_a_tier() -> None:
    for font in (*fonts.console_fonts().values(), fonts.graphic_font(), fonts.ASCII):
        assert found("linux", Console(font)) in GLYPHS
