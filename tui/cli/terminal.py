"""The terminal before and after a screen. Runs before Textual is imported: Textual looks only then."""

import contextlib
import io
import os
import sys
from dataclasses import dataclass

from tui.host import paths
from tui.locale import say

USAGE = 2
TRUE_COLOUR = ("alacritty", "foot", "wezterm", "xterm-ghostty", "xterm-kitty")
SIXTEEN_COLOURS = ("linux", "vt", "ansi", "xterm-16color", "screen", "xterm")
FPS, FPS_SLOW = 8, 4


@dataclass(slots=True)
class Terminal:
    """What the terminal can do, and how to give it back."""

    glyphs: str
    theme: str
    fps: int
    is_console: bool
    kept_fd: int | None = None

    def restore(self) -> None:
        """Give the terminal back as it was. Safe to call twice."""
        kept, self.kept_fd = self.kept_fd, None
        if kept is None:
            return
        if self.is_console:
            from tui.style.palette import HOME_AND_CLEAR, RESET

            with contextlib.suppress(OSError):
                os.write(kept, (RESET + HOME_AND_CLEAR).encode())
        with contextlib.suppress(OSError, ValueError):
            sys.__stderr__.flush()  # type: ignore[union-attr]
        with contextlib.suppress(OSError):
            os.dup2(kept, 2)


def prepare(glyphs: str = "auto", theme: str = "auto") -> Terminal:
    """Look at the terminal and make it ready. Ends the program with status 2 where no screen can be."""
    term = os.environ.get("TERM", "")
    if not all(_is_terminal(fd) for fd in (0, 1, 2)) or (os.name != "nt" and term in ("", "dumb")):
        print(say("no-terminal"), file=sys.stderr)
        raise SystemExit(USAGE)
    from tui.style.detect import detect_glyphs, is_console

    console = is_console(2)
    _choose_colours(term, console)
    for name in ("LINES", "COLUMNS"):  # they would win over the real size
        os.environ.pop(name, None)
    encoding = getattr(sys.stderr, "encoding", "utf-8")
    found = detect_glyphs(os.environ, 2, encoding) if glyphs == "auto" else glyphs
    few = console or (term.startswith(SIXTEEN_COLOURS) and "256" not in term and not _has_true_colour())
    slow = console or "SSH_CONNECTION" in os.environ
    look = "packdeck-console" if console else "packdeck-ansi" if few else "packdeck"
    terminal = Terminal(found, look, FPS_SLOW if slow else FPS, console)
    terminal.kept_fd = _redirect(console)
    return terminal


def _is_terminal(fd: int) -> bool:
    try:
        return os.isatty(fd)
    except OSError:
        return False


def _choose_colours(term: str, console: bool) -> None:
    """Tell Textual what Rich would guess wrong: a console never gets more than sixteen colours."""
    if console or term == "linux":
        os.environ.pop("COLORTERM", None)
        os.environ["TEXTUAL_COLOR_SYSTEM"] = "standard"
    elif term.startswith(TRUE_COLOUR) or term.endswith("-direct"):
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "truecolor")


def _has_true_colour() -> bool:
    return (
        os.environ.get("COLORTERM", "") in ("truecolor", "24bit")
        or os.environ.get("TEXTUAL_COLOR_SYSTEM") == "truecolor"
    )


def _redirect(console: bool) -> int:
    """Point fd 2 at the log, so that no library writes across the picture; Textual keeps the terminal."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        log = os.open(paths.log_file(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError:  # a disk that cannot be written is no reason to show nothing
        log = os.open(os.devnull, os.O_WRONLY)
    os.dup2(log, 2)
    os.close(log)
    sys.__stderr__ = io.TextIOWrapper(  # type: ignore[misc]
        os.fdopen(kept, "wb", closefd=False), encoding="utf-8", errors="replace", line_buffering=True
    )
    if console:
        from tui.style.palette import load

        os.write(kept, load().encode())
    return kept
