"""Every configuration key, described once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """What belongs to one viewer, kept in `screen.toml`. `auto` lets the program look at the terminal."""

    theme: str = "auto"
    glyphs: str = "auto"
    language: str = "auto"
    fps: int = 0  # looks a second; 0 chooses
    bell: bool = True
