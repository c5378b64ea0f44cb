"""The first line: where we are, one lamp per module, what is special, and the time."""

from dataclasses import dataclass

from tui.locale import say
from tui.model.fleet import Lamp
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, ends, row, width

_ROLES = {
    Lamp.UNKNOWN: "bar-label",
    Lamp.OK: "bar-ok",
    Lamp.CONNECTING: "bar-info",
    Lamp.WARNING: "bar-warn",
    Lamp.ERROR: "bar-alarm",
}


@dataclass(frozen=True, slots=True)
class HeaderValue:
    """What the header shows. Lamps in the order of the contract: ble, uart, can, mqtt, disk, api."""

    place: str
    lamps: tuple[tuple[str, Lamp], ...]
    clock: str
    paused: bool = False
    simulated: bool = False
    recording: bool = False


class Header(Drawing[HeaderValue]):
    """One row on the panel colour."""

    DEFAULT_CSS = "Header { height: 1; width: 1fr; background: $bar; }"

    def draw(self, value: HeaderValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Lamps go first when the line is too narrow; the place and the time stay."""
        left = [(" BMS  ", "bar-label"), (say(f"place-{value.place}"), "bar-title")]
        if value.paused:
            left.append((f"  {say('word-paused')}", "bar-warn"))
        if value.simulated:
            left.append((f"  {say('word-sim')}", "bar-warn"))
        if value.recording:
            left.append((f"  {glyphs.ok} {say('word-recording')}", "bar-alarm"))
        start, clock = row(*left), row((f"   {value.clock} ", "bar-title"))
        for lamps in (lamp_row(value, glyphs), lamp_row(value, glyphs, used_only=True), ()):
            if width(start) + width(lamps) + width(clock) + 1 <= cells:
                break
        return [ends(start, (*lamps, *clock), cells)]


def lamp_row(value: HeaderValue, glyphs: GlyphSet, used_only: bool = False) -> Row:
    """`•ble ▲uart -can`: shape, word and colour."""
    marks = {
        Lamp.UNKNOWN: "-",
        Lamp.OK: glyphs.ok,
        Lamp.CONNECTING: glyphs.stale,
        Lamp.WARNING: glyphs.warn,
        Lamp.ERROR: glyphs.alarm,
    }
    shown = [(n, s) for n, s in value.lamps if not used_only or s is not Lamp.UNKNOWN]
    return row(*((f" {marks[state]}{name}", _ROLES[state]) for name, state in shown))
