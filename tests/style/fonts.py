"""What fonts hold: read from the Unicode tables of console fonts, so nothing here is a guess."""

import json
from pathlib import Path

RECORDED = Path(__file__).parents[1] / "recordings" / "fonts.json"

ASCII = {chr(code): code for code in range(0x20, 0x7F)}
LATIN_1 = frozenset(map(chr, range(0xA0, 0x100)))
BRAILLE = frozenset(map(chr, range(0x2801, 0x2900)))
# On every console font.
SAFE = frozenset("─│┌┐└┘├┤┬┴┼█░▒•·▲▼◀▶←↑→↓°µ±²×÷≤≥≈«»½")
LINES = frozenset("━┃┏┓┗┛═║╔╗╚╝╭╮╰╯╴╵╶╷╸╹╺╻┄┈╌┊")
BLOCKS = frozenset("▓▀▄▌▐▁▂▃▅▆▇▏▎▍▋▊▉▔▕▖▗▘▝▙▛▜▟▞▚")
MARKS = frozenset("●○■◆▴▾▸◂✓✗⚠⚡ΩΔ≠–—…‘’“”€")


def console_fonts() -> dict[str, dict[str, int]]:
    """Character to position in the font, by the font's name: the kernel's own and two of Debian's."""
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    return {
        name: ASCII | {chr(int(code, 16)): place for code, place in table.items()}
        for name, table in recorded.items()
    }


def graphic_font() -> dict[str, int]:
    """A font of 512 glyphs that holds all drawings."""
    glyphs = (*ASCII, *sorted(LATIN_1 | SAFE | LINES | BLOCKS | BRAILLE | MARKS))
    return {glyph: place for place, glyph in enumerate(glyphs)}


def drawable(tier: str) -> frozenset[str]:
    """Every character that a terminal of this tier is sure to show."""
    fonts = console_fonts()
    everywhere = (SAFE | LATIN_1) & fonts["kernel"].keys() & fonts["Lat15-Fixed16"].keys()
    return {
        "full": frozenset(map(chr, range(0x20, 0x10000))),
        "bmsfont": frozenset(graphic_font()),
        "cp437": frozenset(fonts["kernel"]),
        "lat15": frozenset(fonts["Lat15-Fixed16"]),
        "common": everywhere | ASCII.keys(),
        "ascii": frozenset(ASCII),
    }[tier]
