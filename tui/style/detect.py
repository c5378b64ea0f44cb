"""Which tier of glyphs this terminal can show; the first sign that says something decides."""

import ctypes
import struct
from collections.abc import Callable, Mapping

KDGKBTYPE, GIO_UNIMAP = 0x4B33, 0x4B66  # linux/kd.h
KB_101 = 2
ENOMEM = 12

Ioctl = Callable[[int, int, object], object]

EIGHTHS = "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉"
BRAILLE = "".join(map(chr, (0x2801, 0x2808, 0x2847, 0x28FF)))
HALVES = "▀▄▌▐█"
BLOCKS = "█░▒"


def detect_glyphs(
    env: Mapping[str, str], fd: int, encoding: str | None = None, ioctl: Ioctl | None = None
) -> str:
    """The name of a tier in `GLYPHS`. `fd` is where the screen is drawn, in this `encoding`."""
    if env.get("PACKDECK_GLYPHS"):
        return env["PACKDECK_GLYPHS"]
    if "web" in env.get("TEXTUAL_DRIVER", "").lower():
        return "full"  # a browser draws, whatever TERM the server was started with
    if encoding is not None and encoding.lower().replace("-", "").replace("_", "") != "utf8":
        return "ascii"
    ask = ioctl or _ioctl()
    if ask is not None and is_console(fd, ask):
        font = font_map(fd, ask)
        return tier_of(font) if font else "common"  # what every console font has
    term = env.get("TERM", "")
    if term == "linux":
        return "common"  # a console at the other end of SSH or tmux: its font cannot be asked
    if term.startswith(("vt", "ansi")):
        return "ascii"
    return "full"


def is_console(fd: int, ioctl: Ioctl | None = None) -> bool:
    """True when this is a Linux console itself, not a terminal that claims to be one."""
    ask = ioctl or _ioctl()
    if ask is None:
        return False
    answer = bytearray(1)
    try:
        ask(fd, KDGKBTYPE, answer)
    except OSError:
        return False
    return answer[0] == KB_101


def tier_of(font: Mapping[int, int]) -> str:
    """The best tier whose glyphs the font has, each at a place of its own: fonts alias what they lack."""
    if _has(font, EIGHTHS) and _has(font, BRAILLE):
        return "bmsfont"
    if _has(font, HALVES) and _has(font, BLOCKS):
        return "cp437"
    return "lat15" if _has(font, BLOCKS) else "ascii"


def _has(font: Mapping[int, int], glyphs: str) -> bool:
    places = [font.get(ord(glyph)) for glyph in glyphs]
    return None not in places and len(set(places)) == len(places)


def font_map(fd: int, ioctl: Ioctl) -> dict[int, int]:
    """Code point to position in the console's font; empty when the console does not tell."""
    head = _Unimap(0, None)
    try:
        ioctl(fd, GIO_UNIMAP, head)  # with no room it fails and says how much it needs
    except OSError as error:
        if error.errno != ENOMEM:
            return {}
    pairs = (ctypes.c_ushort * (2 * head.count))()
    full = _Unimap(head.count, ctypes.cast(pairs, ctypes.c_void_p))
    try:
        ioctl(fd, GIO_UNIMAP, full)
    except OSError:
        return {}
    flat = struct.unpack(f"{2 * full.count}H", bytes(pairs)[: 4 * full.count])
    return dict(zip(flat[::2], flat[1::2], strict=True))


class _Unimap(ctypes.Structure):
    """struct unimapdesc of linux/kd.h."""

    _fields_ = (("count", ctypes.c_ushort), ("entries", ctypes.c_void_p))


def _ioctl() -> Ioctl | None:
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    return fcntl.ioctl  # type: ignore[return-value]
