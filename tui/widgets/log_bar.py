"""Above the log: the kinds as switches, the filter, the debug switch, and the file. All can be tapped."""

from dataclasses import dataclass

from textual import events

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row, wrap
from tui.widgets.system_bar import BarTapped, Piece, action_at, cells_of

GAP = 1


@dataclass(frozen=True, slots=True)
class LogBarValue:
    """Kinds that there are and those that are chosen; `mark`: the one that `x` switches, -1 being all."""

    kinds: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    mark: int = -1
    only: str = ""
    debug: bool | None = None
    path: str = ""


class LogBar(Drawing[LogBarValue]):
    """As many rows as its groups need."""

    DEFAULT_CSS = "LogBar { height: 1; width: 1fr; }"

    def draw(self, value: LogBarValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """`>[all] ble  uart  can    / filter   D debug off   /var/log/packdeck.log`."""
        return [row(*((text, role) for text, role, _ in line)) for line in log_bar_rows(value, cells)]

    def on_click(self, event: events.Click) -> None:
        """Whatever is under the finger."""
        lines = log_bar_rows(self.value, self.size.width) if self.value else []
        if action := action_at(lines, event.x, event.y):
            self.post_message(BarTapped(action))


def log_bar_rows(value: LogBarValue, cells: int) -> list[list[Piece]]:
    """The pieces of each row: groups stay together; a long path is cut into rows."""
    lines: list[list[Piece]] = [[]]
    for group in _groups(value):
        used = cells_of(lines[-1])
        if used and used + GAP + cells_of(group) > cells:
            lines.append([])
        lines[-1] += [(" " * GAP, "text", ""), *group] if lines[-1] else group
    path = wrap(f"{say('system-log-file')} {value.path}", cells - 2) if value.path else []
    if len(path) == 1 and cells_of(lines[-1]) + GAP + len(path[0]) <= cells:
        gap = " " * (cells - cells_of(lines[-1]) - len(path[0]) - 1)
        lines[-1] += [(gap, "text", ""), (path[0], "label", "")]
        return lines
    return [*lines, *([(f" {part}", "label", "")] for part in path)]


def _groups(value: LogBarValue) -> list[list[Piece]]:
    kinds = [_switch(say("system-kind-all"), not value.chosen, value.mark < 0, "kind('')")]
    for i, kind in enumerate(value.kinds):
        kinds.append(_switch(kind, kind in value.chosen, i == value.mark, f"kind('{kind}')"))
    words = say("frames-filter-is", only=value.only) if value.only else say("frames-filter")
    debug = say(
        "system-debug-unknown" if value.debug is None else f"system-debug-{'on' if value.debug else 'off'}"
    )
    return [
        *([piece] for piece in kinds),
        [(" / ", "key", "filter"), (words, "number" if value.only else "text", "filter")],
        [(" D ", "key", "debug"), (debug, "warn" if value.debug else "text", "debug")],
    ]


def _switch(word: str, is_on: bool, is_marked: bool, action: str) -> Piece:
    """`>[ble]`: brackets say that it is on, the mark that `x` would switch it."""
    mark = ">" if is_marked else " "
    return (f"{mark}[{word}]", "selection", action) if is_on else (f"{mark} {word} ", "text", action)
