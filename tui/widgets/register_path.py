"""The way of a change in one line, and the groups of parameters in another."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, Span, ends, row, width

STEPS = ("stage", "review", "write", "done")


@dataclass(frozen=True, slots=True)
class PathValue:
    """Where a person is: 0 stage, 1 review, 2 write, 3 done or undone. `said`: who edits, and what unit."""

    at: int = 0
    staged: int = 0
    last: str = "done"  # "done", "undone", "refused": what the fourth step came to
    said: tuple[Span, ...] = ()


class RegisterPath(Drawing[PathValue]):
    """` [1 stage 3] > 2 review > 3 write > 4 done `; a tap on a step goes there where that makes sense."""

    DEFAULT_CSS = "RegisterPath { height: 1; width: 1fr; }"

    class Tapped(Message):
        """A step was tapped."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def draw(self, value: PathValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Steps at the left, who edits at the right."""
        steps = row(*((text, role) for text, role, _ in path_pieces(value, cells)))
        for count in range(len(value.said), 0, -1):
            said = _with_gaps(value.said[:count])
            if width(steps) + width(said) + 2 <= cells:
                return [ends(steps, said, cells)]
        return [steps]

    def on_click(self, event: events.Click) -> None:
        """The step under the finger."""
        x = 0
        for text, _, step in path_pieces(self.value or PathValue(), self.size.width):
            if x <= event.x < x + len(text) and step >= 0:
                self.post_message(self.Tapped(step))
            x += len(text)


def _with_gaps(said: tuple[Span, ...]) -> Row:
    spans: list[Span] = []
    for one in said:
        spans += [("  ", "text"), one]
    return (*spans, (" ", "text"))


def path_pieces(value: PathValue, cells: int) -> list[tuple[str, str, int]]:
    """Text, role and step of each piece; too narrow for all words, only the step of the moment has one."""
    for brief in (False, True):
        pieces = [(" ", "text", -1)]
        for i, name in enumerate(STEPS):
            pieces += [(" > ", "rule", -1)] if i else []
            pieces.append(_step(value, i, name, brief))
        if sum(len(text) for text, _, _ in pieces) <= cells:
            break
    return pieces


def _step(value: PathValue, i: int, name: str, brief: bool) -> tuple[str, str, int]:
    here = i == value.at
    word = say(f"regs-step-{value.last if i == len(STEPS) - 1 else name}")
    words = f"{i + 1} {word}" if here or not brief else f"{i + 1}"
    if i == 0 and value.staged:
        words += f" ({value.staged})"
    if here:
        return f"[{words}]", "selection", i
    return words, "text" if i < value.at or (i == 1 and value.staged) else "label", i


@dataclass(frozen=True, slots=True)
class GroupsValue:
    """Names of the groups as words, and which one is on show."""

    words: tuple[str, ...] = ()
    at: int = 0


class GroupBar(Drawing[GroupsValue]):
    """All groups where they fit, else the one on show with arrows beside it."""

    DEFAULT_CSS = "GroupBar { height: 1; width: 1fr; }"

    class Tapped(Message):
        """A group was tapped."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def draw(self, value: GroupsValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """One row."""
        return [row(*((text, role) for text, role, _ in group_pieces(value, cells)))]

    def on_click(self, event: events.Click) -> None:
        """The group under the finger."""
        x = 0
        for text, _, at in group_pieces(self.value or GroupsValue(), self.size.width):
            if x <= event.x < x + len(text) and at >= 0:
                self.post_message(self.Tapped(at))
            x += len(text)


def group_pieces(value: GroupsValue, cells: int) -> list[tuple[str, str, int]]:
    """Text, role and index of each piece."""
    if not value.words:
        return []
    pieces = [(" ", "text", -1)]
    for i, word in enumerate(value.words):
        here = i == value.at
        pieces.append((f"[ {word} ]" if here else f"  {word}  ", "selection" if here else "text", i))
    if sum(len(text) for text, _, _ in pieces) <= cells:
        return pieces
    count = len(value.words)
    word = f"[ {value.words[value.at]} ]"
    return [
        (" ", "text", -1),
        ("  <  ", "key", (value.at - 1) % count),
        (word, "selection", value.at),
        ("  >  ", "key", (value.at + 1) % count),
        (f" {value.at + 1}/{count}", "label", -1),
    ]
