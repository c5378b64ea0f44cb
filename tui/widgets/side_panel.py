"""Blocks of text with a title rule, one below the other: bank, alerts, events, links."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

from tui.locale import say
from tui.model.alert import Severity
from tui.model.fleet import Fleet
from tui.model.link import State
from tui.style.glyphs import GlyphSet
from tui.style.numbers import duration, kilowatt_hours, time_of_day, watts_signed
from tui.widgets.drawing import Drawing
from tui.widgets.link_badge import state_row, wire_row
from tui.widgets.rows import BLANK, Row, ends, row, title_rule, width, wrap
from tui.widgets.status_band import alert_words, alerts_off_words, note_words, track_words
from tui.widgets.view import TrackView

LABEL_CELLS = 11


class Block(StrEnum):
    """What a side panel can show."""

    BANK = "bank"
    ALERTS = "alerts"
    TROUBLE = "trouble"
    EVENTS = "events"
    LINKS = "links"


@dataclass(frozen=True, slots=True)
class SideValue:
    """The fleet as seen at `now_s` on the engine's steady clock."""

    fleet: Fleet
    now_s: float


class SidePanel(Drawing[SideValue]):
    """Blocks in a fixed order; the list of events takes what the others leave."""

    def __init__(self, *blocks: Block, value: SideValue | None = None, id: str | None = None) -> None:
        super().__init__(value, id=id)
        self.blocks = blocks

    def draw(self, value: SideValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """All blocks, a blank row between them; links below the last row are counted in their title."""
        drawn: dict[Block, list[Row]] = {
            block: _BLOCKS[block](value, cells - 2, glyphs)
            for block in self.blocks
            if block is not Block.EVENTS
        }
        fixed = sum(len(lines) + 2 for lines in drawn.values())
        if fixed - 1 > height and Block.LINKS in drawn:  # whole lines less, rather than the last one cut
            drawn[Block.LINKS] = link_rows(value, cells - 2, glyphs, traffic=False)
        drawn[Block.EVENTS] = event_rows(value, cells - 2, max(0, height - fixed - 2))
        out: list[Row] = []
        for block in self.blocks:
            title = rule(block, cells, glyphs)
            missing = len(out) + 1 + len(value.fleet.tracks) - height  # where rows are few each link has one
            if block is Block.LINKS and missing > 0:
                more = (say("facts-more", count=missing), "number"), (say("panel-links-hint"), "label")
                title = title_rule(say("panel-links"), more, cells, glyphs)
            out += [title, *(((" ", "text"), *line) for line in drawn[block]), BLANK]
        return out[:-1]


def rule(block: Block, cells: int, glyphs: GlyphSet) -> Row:
    """`─ BANK ──────── left + right ─`."""
    left = row((f"{glyphs.line} ", "rule"), (say(f"panel-{block}").upper(), "title"), (" ", "rule"))
    right = row((f" {say(f'panel-{block}-hint')} ", "label"), (glyphs.line, "rule"))
    gap = cells - width(left) - width(right)
    if gap < 1:
        right, gap = (), max(0, cells - width(left))
    return (*left, (glyphs.line * gap, "rule"), *right)


def _labelled(key: str, *spans: tuple[str, str] | str) -> Row:
    return row((f"{say(key):<{LABEL_CELLS}}", "label"), *spans)


def bank_rows(value: SideValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Totals of the live tracks only: an old value never counts as a new one."""
    fleet, now_s = value.fleet, value.now_s
    live = [t for t in fleet.tracks if fleet.state(t, now_s) is State.LIVE]
    powers = [t.pack.power_w for t in live if t.pack.power_w is not None]
    stored = [
        (t.pack.remaining_ah * t.pack.pack_v, t.pack.nominal_ah * t.pack.pack_v)
        for t in live
        if t.pack.remaining_ah is not None and t.pack.nominal_ah is not None and t.pack.pack_v is not None
    ]
    power_w = fsum(powers) if powers else None
    now_wh, full_wh = fsum(s[0] for s in stored), fsum(s[1] for s in stored)
    energy = f"{kilowatt_hours(now_wh)} {say('bank-of')} {kilowatt_hours(full_wh)} kWh" if stored else "--"
    counted = say("bank-live", live=len(live), total=len(fleet.tracks))
    return [
        _labelled("bank-power", (watts_signed(power_w), "number")),
        _labelled("bank-energy", (energy, "number")),
        _labelled("bank-runtime", (_runtime(power_w, now_wh, full_wh), "number")),
        _labelled("bank-counted", (counted, "ok" if live and len(live) == len(fleet.tracks) else "warn")),
    ]


def _runtime(power_w: float | None, now_wh: float, full_wh: float) -> str:
    if power_w is None or abs(power_w) < 1:
        return "--"
    if power_w < 0:
        return say("bank-empty", time=duration(now_wh / -power_w))
    return say("bank-full", time=duration((full_wh - now_wh) / power_w))


def alert_rows(value: SideValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Active alerts, worst first, each on as many lines as it needs; at most six."""
    alerts = value.fleet.alerts
    if not value.fleet.engine.attached:
        return [row((f"{glyphs.stale} {say('alerts-unknown')}", "stale"))]
    off = wrap(alerts_off_words(value.fleet), cells - 2) if value.fleet.alerts_off else []
    lines = [row((f"{' ' if i else glyphs.warn} {text}", "warn")) for i, text in enumerate(off)]
    if not alerts:
        return lines or [row((f"{glyphs.ok} {say('alerts-none')}", "ok"))]
    for alert in alerts[:6]:
        critical = alert.severity is Severity.CRITICAL
        mark, role = (glyphs.alarm, "alarm") if critical else (glyphs.warn, "warn")
        words = wrap(f"{time_of_day(alert.since_ms)} {alert_words(alert)}", cells - 2)
        lines += [row((f"{mark if i == 0 else ' '} {text}", role)) for i, text in enumerate(words)]
    return lines


def trouble_rows(value: SideValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Alerts, and for each link that is not live why, and what to do: for cards that have no room for it."""
    fleet = value.fleet
    lines = alert_rows(value, cells, glyphs) if fleet.alerts or fleet.alerts_off else []
    for track in fleet.tracks:
        cause = track.link.cause
        if fleet.state(track, value.now_s) is State.LIVE or cause is None:
            continue
        why = say(f"cause-{cause.key}", **cause.values())
        words = wrap(f"{track_words(track.name)}: {why}", cells - 2)
        lines += [row((f"{' ' if i else glyphs.warn} {text}", "warn")) for i, text in enumerate(words)]
        advice = wrap(say(f"cause-{cause.key}-do", **cause.values()), cells - 2)
        lines += [row(f"  {text}") for text in advice]
    return lines or alert_rows(value, cells, glyphs)


def event_rows(value: SideValue, cells: int, most: int) -> list[Row]:
    """What happened, newest first."""
    if not value.fleet.notes:
        return [row((say("events-none"), "label"))]
    return [row(note_words(note)) for note in value.fleet.notes[:most]]


def link_rows(value: SideValue, cells: int, glyphs: GlyphSet, traffic: bool = True) -> list[Row]:
    """Each link with its state and wire, and with its counters where they have room."""
    fleet, lines = value.fleet, []
    for track in fleet.tracks:
        view = TrackView(track, fleet.state(track, value.now_s), value.now_s, fleet.polling)
        name = row((f"{track_words(track.name):<7}", "label"), *state_row(view, glyphs, cells - 7))
        lines.append(ends(name, wire_row(view), cells))
        if traffic:
            lines.append(row((f"{'':<7}{traffic_words(view, cells - 7)}", "label")))
    return lines or [row((say("links-none"), "label"))]


def traffic_words(view: TrackView, cells: int = 1000) -> str:
    """`98 % ok, 100 read, 2 err, 58 B noise`; where that has no room, without the noise."""
    traffic = view.track.link.traffic
    errors = traffic.bad_checksum + traffic.implausible + traffic.late
    if view.track.setup.is_bus:
        return say("link-bus-traffic", frames=traffic.answers, errors=errors)
    quality = "--" if traffic.quality_pct is None else str(traffic.quality_pct)
    words = say("link-quality", quality=quality, answers=traffic.answers, errors=errors)
    noise = say("link-garbage", bytes=traffic.garbage_bytes) if traffic.garbage_bytes else ""
    return words + noise if len(words + noise) <= cells else words


_BLOCKS: dict[Block, Callable[[SideValue, int, GlyphSet], list[Row]]] = {
    Block.BANK: bank_rows,
    Block.ALERTS: alert_rows,
    Block.TROUBLE: trouble_rows,
    Block.LINKS: link_rows,
}
