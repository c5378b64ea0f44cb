"""The two large touch zones of the kiosk (row CL-7): the lowest fifth of the screen."""

from dataclasses import dataclass

from textual import events

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row


@dataclass(frozen=True, slots=True)
class ZonesValue:
    """Whether the engine asks the batteries now; the left zone switches it."""

    polling: bool


class TouchZones(Drawing[ZonesValue]):
    """ACTIVATE on the left, SYSTEM on the right."""

    DEFAULT_CSS = "TouchZones { height: 6; width: 1fr; }"

    def draw(self, value: ZonesValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Two framed boxes with a word and what it does."""
        half = cells // 2
        active = (
            ("zone-pause", "zone-pause-hint") if value.polling else ("zone-activate", "zone-activate-hint")
        )
        left = _box(say(active[0]), say(active[1]), half, height, "zone-activate", glyphs)
        right = _box(say("zone-system"), say("zone-system-hint"), cells - half, height, "zone-system", glyphs)
        return [(*a, *b) for a, b in zip(left, right, strict=True)]

    async def on_click(self, event: events.Click) -> None:
        """The half under the finger decides."""
        await self.app.run_action("switch_polling" if event.x < self.size.width // 2 else "command_palette")


def _box(title: str, hint: str, cells: int, height: int, role: str, glyphs: GlyphSet) -> list[Row]:
    top, bottom = glyphs.box_top(cells), glyphs.box_bottom(cells)
    inside = [""] * max(0, height - 2)
    middle = max(0, (len(inside) - 2) // 2)
    for i, text in enumerate((title, hint)):
        if middle + i < len(inside):
            inside[middle + i] = text
    sides = [f"{glyphs.pipe}{text[: cells - 2].center(cells - 2)}{glyphs.pipe}" for text in inside]
    return [row((line, role)) for line in (top, *sides, bottom)]
