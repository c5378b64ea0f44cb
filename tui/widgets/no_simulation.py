"""What the Simulator place says where nothing is simulated: why, and how to start a simulation."""

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import BLANK, Row, row, wrap

WAYS = ("packdeck demo", "packdeck serve --demo", "packdeck simulate", "packdeck sim status")


class NoSimulation(Drawing[tuple[str, ...]]):
    """The reasons, when there are other ones; else the commands with their meaning."""

    def draw(self, value: tuple[str, ...], cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """A sentence, then the ways."""
        if value:
            return [BLANK, *(row((f" {line}", "text")) for words in value for line in wrap(words, cells - 2))]
        lines: list[Row] = [
            BLANK,
            *(row((f" {line}", "title")) for line in wrap(say("sim-nothing"), cells - 2)),
        ]
        lines += [row((f" {line}", "text")) for line in wrap(say("sim-nothing-text"), cells - 2)]
        for i, command in enumerate(WAYS):
            lines += [BLANK, row(("  ", "text"), (command, "key"))]
            lines += [row((f"    {line}", "text")) for line in wrap(say(f"sim-way-{i + 1}"), cells - 5)]
        return lines
