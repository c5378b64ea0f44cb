"""How somebody is told, each way with the result of its test."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.locale import say
from tui.model.alert import Notified, Way
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import BLANK, Row, fit, row, title_rule, wrap

BAND = "band"  # the band of this screen; the engine knows nothing of it
WAYS = (Way.BELL.value, BAND, Way.COMMAND.value, Way.POST.value, Way.DESKTOP.value)
NAME, NAME_PHONE = 22, 17


@dataclass(frozen=True, slots=True)
class NotifyValue:
    """Results by way; `None` stands for: never tested. `waiting`: what is being tested."""

    results: tuple[tuple[str, Notified], ...] = ()
    waiting: tuple[str, ...] = ()
    at: int = 0
    bell: bool = True
    flash: bool = True
    silent: bool = False

    def result(self, way: str) -> Notified | None:
        """How the newest test went."""
        return dict(self.results).get(way)


class WayChosen(Message):
    """A row was tapped."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


class NotifyList(Drawing[NotifyValue]):
    """A row a way: its name, where it is set up, and how its test went."""

    def draw(self, value: NotifyValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """Each with the sentences about it below."""
        head, blocks = self.parts(value, cells, height, glyphs)
        return [*head, *(line for block in blocks for line in block)]

    def parts(
        self, value: NotifyValue, cells: int, height: int, glyphs: GlyphSet
    ) -> tuple[list[Row], list[list[Row]]]:
        """The rows above, and those of each way; where there is no room, only the chosen one in full."""
        head: list[Row] = [title_rule(say("alerts-view-notify"), (), cells, glyphs)]
        head += [row((f" {line}", "label")) for line in wrap(say("notify-intro"), cells - 2)]
        if value.silent:
            head += [
                row((f" {glyphs.warn} {line}", "warn")) for line in wrap(say("notify-silent"), cells - 4)
            ]
        blocks = [way_rows(way, i == value.at, value, cells, glyphs) for i, way in enumerate(WAYS)]
        if len(head) + sum(len(block) for block in blocks) > height:
            blocks = [block if i == value.at else block[:2] for i, block in enumerate(blocks)]
        if len(head) + sum(len(block) for block in blocks) > height:
            blocks = [block[1:] for block in blocks]
        return head, blocks

    def on_click(self, event: events.Click) -> None:
        """A tap on any row of a way chooses it."""
        if self.value is None:
            return
        head, blocks = self.parts(self.value, *self.size, self.glyphs)
        y = len(head)
        for i, block in enumerate(blocks):
            if y <= event.y < y + len(block):
                self.post_message(WayChosen(i))
            y += len(block)


def way_rows(way: str, chosen: bool, value: NotifyValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """`>bell      on here    tested: worked`, and below it why not."""
    mark, name = (">" if chosen else " "), say(f"notify-way-{way}")
    word, role, more = _standing(way, value, glyphs)
    wide = NAME if cells >= 60 else NAME_PHONE
    first = row((f"{mark}{name:<{wide}} ", "title"), (word, role))
    if chosen:
        first = tuple((text, "selection") for text, _ in fit(first, cells))
    about = say(f"notify-about-{way}")
    lines = [row((f"   {line}", "label")) for line in wrap(about, cells - 5)]
    trouble = [row((f"   {line}", "warn")) for words in more for line in wrap(words, cells - 5)]
    return [BLANK, first, *lines, *trouble]


def _standing(way: str, value: NotifyValue, glyphs: GlyphSet) -> tuple[str, str, tuple[str, ...]]:
    """What is known of a way: a word, its role, and sentences when there is trouble."""
    if way in value.waiting:
        return f"{glyphs.dot} {say('notify-testing')}", "info", ()
    if (way == Way.BELL and not value.bell) or (way == BAND and not value.flash):
        return f"{glyphs.stale} {say('notify-off-here')}", "warn", ()
    done = value.result(way)
    if done is None:
        return say("notify-untested"), "label", ()
    if done.cause is None:
        key = "notify-done-here" if way in (Way.BELL, BAND) else "notify-worked"
        return f"{glyphs.ok} {say(key, ms=done.took_ms)}", "ok", ()
    if done.cause.key == "notify-not-set":
        return say("notify-not-set-up"), "label", (say("cause-notify-not-set-do"),)
    args = done.cause.values()
    why = (say(f"cause-{done.cause.key}", **args), say(f"cause-{done.cause.key}-do", **args))
    return f"{glyphs.alarm} {say('notify-failed')}", "alarm", why
