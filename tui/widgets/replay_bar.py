"""Where in a recording we are: a slider to tap, the speed, and what to press."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.locale import say
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, row, width


@dataclass(frozen=True, slots=True)
class ReplayValue:
    """Seconds from the beginning; `speed` is recorded seconds per second."""

    position_s: float
    length_s: float
    speed: float
    paused: bool


class ReplayBar(Drawing[ReplayValue]):
    """Two rows: the slider, and the keys."""

    DEFAULT_CSS = "ReplayBar { height: 2; width: 1fr; background: $bar; }"

    class Sought(Message):
        """The slider was tapped at that moment."""

        def __init__(self, at_s: float) -> None:
            super().__init__()
            self.at_s = at_s

    def draw(self, value: ReplayValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """`REPLAY  0:12 ████░░░░ 1:00  x2  paused`."""
        left, right = _ends(value)
        room = max(0, cells - width(left) - width(right))
        share = value.position_s / value.length_s if value.length_s else 1.0
        bar = glyphs.hbar(min(1.0, share), room) if room else ""
        toggle = say("replay-play" if value.paused else "replay-stop")
        words = say("replay-keys", toggle=toggle)
        while len(words) + 1 > cells and " · " in words:
            words = words.rpartition(" · ")[0]
        keys = row((f" {words}", "bar-label"))
        return [(*left, (bar, "bar-title"), *right), keys]

    def on_click(self, event: events.Click) -> None:
        """A tap on the slider goes there."""
        value = self.value
        if value is None or event.y != 0:
            return
        left, right = _ends(value)
        room = self.size.width - width(left) - width(right)
        share = (event.x - width(left) + 0.5) / max(1, room)
        if 0.0 <= share <= 1.0:
            self.post_message(self.Sought(share * value.length_s))


def _ends(value: ReplayValue) -> tuple[Row, Row]:
    """What stands at the two ends of the slider; of one width for one recording."""
    length = moment(value.length_s)
    state = say("word-paused") if value.paused else ""
    left = row(
        (f" {say('word-replay')} ", "bar-warn"), (f"{moment(value.position_s):>{len(length)}} ", "bar-title")
    )
    wide = len(say("word-paused"))
    right = row((f" {length}  x{value.speed:g}  ", "bar-title"), (f"{state:<{wide}} ", "bar-warn"))
    return left, right


def moment(seconds: float) -> str:
    """`12:31`, `1:02:31`."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"
