"""The head of the Simulator place: speed, mode, profile, packs; the tabs of its lists. All can be tapped."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.locale import say
from tui.model.simulation import Mode, SimulationState
from tui.style.glyphs import GlyphSet
from tui.style.numbers import span
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row, title_rule
from tui.widgets.simulation_words import number

SPEEDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
VIEWS = ("faults", "cells", "events")
GAP = 3
Piece = tuple[str, str, str]  # text, role, action


class BarTapped(Message):
    """A part was tapped; `action` is what its key does."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action


@dataclass(frozen=True, slots=True)
class SimBarValue:
    """What the simulation does; `old`: its age, when nobody answers any more."""

    state: SimulationState
    old: str = ""


def next_speed(now: float, step: int) -> float:
    """The next faster or slower one of the usual speeds."""
    others = [s for s in SPEEDS if s > now * 1.001] if step > 0 else [s for s in SPEEDS if s < now * 0.999]
    return (others[0] if step > 0 else others[-1]) if others else now


class Pieces(Drawing[SimBarValue]):
    """Pieces in rows; a tap is the action of what it hits."""

    DEFAULT_CSS = "Pieces { height: 1; width: 1fr; }"

    def placed(self, value: SimBarValue, cells: int) -> list[list[Piece]]:
        """The pieces of each row."""
        raise NotImplementedError

    def draw(self, value: SimBarValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """All rows."""
        return [row(*((text, role) for text, role, _ in line)) for line in self.placed(value, cells)]

    def on_click(self, event: events.Click) -> None:
        """Whatever is under the finger."""
        lines = self.placed(self.value, self.size.width) if self.value else []
        x = 0
        for text, _, action in lines[event.y] if event.y < len(lines) else ():
            if x <= event.x < x + len(text) and action:
                self.post_message(BarTapped(action))
            x += len(text)


class SimBar(Pieces):
    """` SPEED [-] 1× [+]   MODE [realistic] test demo   PROFILE lfp   PACKS [-] 2 [+] separate`."""

    def placed(self, value: SimBarValue, cells: int) -> list[list[Piece]]:
        """Groups that belong together stay in one row."""
        return bar_rows(value, cells)


def bar_rows(value: SimBarValue, cells: int) -> list[list[Piece]]:
    """As many rows as the groups need."""
    lines: list[list[Piece]] = []
    groups = _groups(value)
    for i, group in enumerate(groups):
        used = sum(len(text) for text, _, _ in lines[-1]) if lines else cells
        wide = sum(len(text) for text, _, _ in group)
        if used + GAP + wide <= cells:
            lines[-1] += [(" " * GAP, "text", ""), *group]
        elif i < len(groups) - 1:  # how long it has been running is not worth a row of its own
            lines.append([(" ", "text", ""), *group])
    return lines


def _groups(value: SimBarValue) -> list[list[Piece]]:
    state = value.state
    fresh = "stale" if value.old else "number"
    modes: list[Piece] = [_label("mode")]
    for mode in Mode:
        word, is_now = say(f"sim-mode-{mode}"), mode is state.mode
        modes.append(
            (f"[{word}]" if is_now else f" {word} ", "selection" if is_now else "text", f"set_mode('{mode}')")
        )
    script: list[Piece] = (
        [(say("sim-script", count=state.script_left), "label", "")] if state.script_left else []
    )
    old: list[Piece] = [(value.old, "warn", "")] if value.old else []
    return [
        *([old] if old else []),
        [
            _label("speed"),
            ("[-]", "key", "faster(-1)"),
            (f" {number(state.speed)}× ", fresh, ""),
            ("[+]", "key", "faster(1)"),
        ],
        modes,
        [_label("profile"), (state.profile, fresh, "choose_profile")],
        [
            _label("packs"),
            ("[-]", "key", "count(-1)"),
            (f" {len(state.packs)} ", fresh, ""),
            ("[+]", "key", "count(1)"),
            (f" {say(f'sim-connection-{state.connection}')}", fresh, "connect"),
        ],
        *([script] if script else []),
        [_label("runs"), (span(state.running_s), fresh, "")],
    ]


def _label(name: str) -> Piece:
    return f"{say(f'sim-bar-{name}')} ", "label", ""


@dataclass(frozen=True, slots=True)
class TabsOf:
    """The views, the one on show, and how many faults act on the chosen pack and elsewhere."""

    views: tuple[str, ...]
    shown: str
    here: int = 0
    elsewhere: int = 0


class ViewTabs(Drawing[TabsOf]):
    """`─[ Faults 2 ]─ Cells ─ Events ───────── 1 in other packs ─`."""

    DEFAULT_CSS = "ViewTabs { height: 1; width: 1fr; }"

    def draw(self, value: TabsOf, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """One row that is also the line above the list."""
        return [row(*((text, role) for text, role, _ in tab_pieces(value, cells, glyphs)))]

    def on_click(self, event: events.Click) -> None:
        """The view under the finger."""
        x = 0
        for text, _, action in tab_pieces(self.value, self.size.width, self.glyphs) if self.value else ():
            if x <= event.x < x + len(text) and action:
                self.post_message(BarTapped(action))
            x += len(text)


def tab_pieces(value: TabsOf, cells: int, glyphs: GlyphSet) -> Sequence[Piece]:
    """Tabs, a line, and what acts elsewhere."""
    pieces: list[Piece] = [(glyphs.line, "rule", "")]
    for view in value.views:
        word = say(f"sim-view-{view}")
        if view == "faults" and value.here:
            word = f"{word} {value.here}"
        is_shown = view == value.shown
        text, role = (f"[ {word} ]", "selection") if is_shown else (f"  {word}  ", "text")
        pieces += [(text, role, f"show_view('{view}')"), (glyphs.line, "rule", "")]
    words = f" {say('sim-faults-elsewhere', count=value.elsewhere)} " if value.elsewhere else ""
    gap = cells - sum(len(text) for text, _, _ in pieces) - len(words) - 1
    if gap < 1:
        words, gap = "", gap + len(words)
    return [*pieces, (glyphs.line * max(0, gap), "rule", ""), (words, "alarm", ""), (glyphs.line, "rule", "")]


class SectionRule(Drawing[str]):
    """The line above a list that has no tab of its own; its value names the words."""

    DEFAULT_CSS = "SectionRule { height: 1; width: 1fr; }"

    def draw(self, value: str, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """A title in a rule."""
        return [title_rule(say(value), [], cells, glyphs)]
