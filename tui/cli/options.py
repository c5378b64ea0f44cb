"""What the command line says about the screen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """Empty means: as in screen.toml."""

    theme: str = ""
    glyphs: str = ""
    language: str = ""
    kiosk: bool = False
    no_quit: bool = False
    dev: bool = False
