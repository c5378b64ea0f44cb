"""The Bluetooth adapter in one line: its name, its state, its scan; in trouble also why and what to do."""

from dataclasses import dataclass

from textual.message import Message

from tui.locale import say
from tui.model.device import Radio, RadioState
from tui.model.link import Cause
from tui.style.glyphs import GlyphSet
from tui.widgets.drawing import Drawing
from tui.widgets.rows import Row, ends, row, width, wrap

SCAN_S = 30.0  # row S0-13
_MARKED = {
    RadioState.ON: ("ok", "ok"),
    RadioState.STARTING: ("dot", "info"),
    RadioState.UNUSED: ("stale", "label"),
}


@dataclass(frozen=True, slots=True)
class AdapterValue:
    """The radio as seen at `now_s`."""

    radio: Radio
    now_s: float
    lost: bool = False
    resetting: bool = False

    @property
    def scan_s(self) -> int:
        """Seconds for which it still scans."""
        until_s = self.radio.scan_until_s
        return 0 if until_s is None or self.lost else max(0, round(until_s - self.now_s))


class AdapterBar(Drawing[AdapterValue]):
    """Name, state and scan of the adapter; below, in trouble, why and what to do. A tap is `S`."""

    DEFAULT_CSS = "AdapterBar { height: 1; }"

    class Tapped(Message):
        """The line was tapped."""

    def draw(self, value: AdapterValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """One row, and the reasons."""
        return adapter_rows(value, cells, glyphs)

    def on_click(self) -> None:
        """Start or stop a scan."""
        self.post_message(self.Tapped())


def adapter_rows(value: AdapterValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """` ● hci0 on  B8:27:…      scanning 12 s · S stops`, then sentences if something is wrong."""
    radio = value.radio
    mark, role = _MARKED.get(radio.state, ("warn", "warn"))
    state = say("device-resetting") if value.resetting else say(f"radio-{radio.state}")
    if value.lost:
        mark, role, state = "stale", "stale", say("radio-lost")
    name = f"{radio.adapter} " if radio.adapter else ""
    left = row((f" {getattr(glyphs, mark)} ", role), (name, "title"), (state, role))
    scan = say("scan-runs", seconds=value.scan_s) if value.scan_s else say("scan-starts", seconds=int(SCAN_S))
    right = () if value.lost else row((f"{scan} ", "info" if value.scan_s else "label"))
    address = row((f"  {radio.address}", "label"))
    if radio.address and width(left) + width(address) + width(right) + 2 <= cells:
        left = (*left, *address)
    return [ends(left, right, cells), *(row((f"   {line}", r)) for r, line in trouble(value, cells - 4))]


def trouble(value: AdapterValue, cells: int) -> list[tuple[str, str]]:
    """Role and line of the cause and of what to do about it."""
    radio = value.radio
    if value.lost or value.resetting:
        return []
    if radio.cause is not None:
        why, what = cause_words(radio.cause)
        return [
            *(("warn", line) for line in wrap(why, cells)),
            *(("text", line) for line in wrap(what, cells)),
        ]
    if radio.state is RadioState.ON:
        return []
    return [("text", line) for line in wrap(say(f"radio-{radio.state}-do"), cells)]


def cause_words(cause: Cause) -> tuple[str, str]:
    """What happened, and one thing to do."""
    args = cause.values()
    return say(f"cause-{cause.key}", **args), say(f"cause-{cause.key}-do", **args)
