"""Where every main value comes from: frame and field, raw bytes, time and age, what was done to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui.locale import say
from tui.model.frame import Direction, FrameDetail, FrameKind, FrameView
from tui.model.sample import Pack
from tui.model.source import NAMES, Origin, origin
from tui.model.track import Track
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, age_words, amps, celsius, fixed, long_span, percent, volts
from tui.widgets.columns import Column, table
from tui.widgets.frame_table import clock
from tui.widgets.rows import BLANK, Row, row, wrap
from tui.widgets.status_band import track_words
from tui.widgets.tall_drawing import TallDrawing
from tui.widgets.view import TrackView

BYTES_MOST = 4  # of a value shown; of more the first ones and how many follow
TENTHS = {"÷ 100": "÷ 10"}  # a JBD board that counts in tenths


@dataclass(frozen=True, slots=True)
class SourceView:
    """A track; the newest frame of each kind; those that the newest readings came in; why there are none."""

    view: TrackView
    frames: FrameView | None = None
    pack: FrameDetail | None = None
    cells: FrameDetail | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The frame behind a value."""

    key: str
    name: str
    data: bytes
    time_us: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """One value with everything that can be said about where it came from, as it is shown."""

    name: str
    shown: str
    origin: str
    data: str
    time: str
    applied: str
    role: str = "number"


class SourceText(TallDrawing[SourceView]):
    """The table of one track."""

    def rows(self, value: SourceView, cells: int, glyphs: GlyphSet) -> list[Row]:
        """Title, table, what holds for all."""
        return source_rows(value, cells)


def source_rows(value: SourceView, cells: int) -> list[Row]:
    """From the title down."""
    track = value.view.track
    question = say("source-title", track=track_words(track.name))
    title = [row((f" {part}", "title")) for part in wrap(question, cells - 2)]
    wire = say(
        "source-wire", protocol=track.protocol, address=track.setup.address or track.setup.mac or UNKNOWN
    )
    head = [row((f" {part}", "label")) for part in wrap(wire, cells - 2)]
    why = [row((f" {part}", "warn")) for one in value.why for part in wrap(one, cells - 2)]
    if value.frames is None and not why:
        why = [row((f" {say('source-waiting')}", "label"))]
    found = sources(value)
    columns = [
        Column(say("source-value"), tuple(row((s.name, "label")) for s in found)),
        Column(say("source-shown"), tuple(row((s.shown, value.view.role(s.role))) for s in found)),
        Column(say("source-from"), tuple(row((s.origin, "text")) for s in found)),
        Column(say("source-bytes"), tuple(_raw(s) for s in found)),
        Column(say("source-time"), tuple(row((s.time, "text")) for s in found)),
    ]
    notes = [row((f" {part}", "label")) for key in ("source-no-filter", "source-more")
             for part in wrap(say(key), cells - 2)]  # fmt: skip
    return [*title, *head, *why, BLANK, *table(columns, cells), BLANK, *notes]


def _raw(source: Source) -> Row:
    """The bytes, and what was done to them."""
    if source.data == UNKNOWN:
        return row((source.applied, "text"))
    return row((source.data, "series-b"), (f"  {source.applied}", "text"))


def sources(value: SourceView) -> list[Source]:
    """The main values in their order; one that is not known says so."""
    track = value.view.track
    return [_source(value, name, shown(track)) for name, shown in SHOWN.items() if _concerns(track, name)]


def _concerns(track: Track, name: str) -> bool:
    """Values that only some batteries have are left out where they are missing."""
    return name not in OPTIONAL or SHOWN[name](track) != UNKNOWN


def _source(value: SourceView, name: str, shown: str) -> Source:
    track, word = value.view.track, say(f"source-{name}")
    if shown == UNKNOWN:
        return Source(word, UNKNOWN, say("source-not-told"), UNKNOWN, UNKNOWN, UNKNOWN, "label")
    if name in COMPUTED or (name == "soc" and track.soc_is_estimated):
        how = say(f"source-how-{'cells-table' if name == 'soc' else name}")
        at = "cells" if name in ("spread", "soc") else "pack"
        return Source(word, shown, say("source-computed"), UNKNOWN, _time(value, at, None), how)
    where = origin(track.protocol, name)
    if where is not None and "product" in where.how:
        return Source(word, shown, say("source-computed"), UNKNOWN, _time(value, "pack", None),
                      say("source-how-product"))  # fmt: skip
    found = _frame(value, name, where)
    at = "cells" if name == "cells" else "pack"
    if found is None:
        return Source(
            word, shown, say("source-unit"), UNKNOWN, _time(value, at, None), say("source-how-unknown")
        )
    field = where.field if where is not None else _field_of(name, found) or ""
    text = " ".join(part for part in (found.key, found.name, field) if part)
    return Source(
        word, shown, text, _bytes(found, where, track, name), _time(value, at, found), _how(where, found)
    )


def _frame(value: SourceView, name: str, where: Origin | None) -> Found | None:
    """The frame with that field: the one a reading came in, else the newest of its kind."""
    details = (value.cells, value.pack) if name == "cells" else (value.pack, value.cells)
    frames = [_of_detail(one) for one in details if one is not None]
    if value.frames is not None:
        frames += [_of_kind(kind) for kind in value.frames.kinds if kind.direction is Direction.RX]
    for one in frames:
        if where is not None and one.key == where.key and (not where.field or where.field in one.fields):
            return one
        if where is None and _field_of(name, one) is not None:
            return one
    return None


def _of_detail(detail: FrameDetail) -> Found:
    r = detail.row
    return Found(r.key, r.name, r.data, r.time_us, dict(detail.fields))


def _of_kind(kind: FrameKind) -> Found:
    pairs = (part.partition(" ") for part in kind.text.split("  ") if part)
    fields = {name: content for name, _, content in pairs}
    return Found(kind.key, kind.name, kind.data, kind.last_us, fields)


def _field_of(name: str, found: Found) -> str | None:
    return next((field for field in NAMES.get(name, ()) if field in found.fields), None)


def _bytes(found: Found, where: Origin | None, track: Track, name: str) -> str:
    """The bytes of the value alone where their place is known, else how long the frame is."""
    data = found.data
    if where is None or where.at is None or not data.startswith(where.head):
        return say("source-frame-bytes", count=str(len(data)))
    count = _count(track, name) if where.each else 1
    part = data[where.at : where.at + where.size * count]
    if not part:
        return UNKNOWN
    more = f" +{len(part) - BYTES_MOST}" if len(part) > BYTES_MOST else ""
    return part[:BYTES_MOST].hex(" ").upper() + more


def _count(track: Track, name: str) -> int:
    return len(track.cells.mv) if name == "cells" else max(1, len(track.pack.temperatures_c))


def _how(where: Origin | None, found: Found) -> str:
    if where is None:
        return say("source-how-unknown")
    steps = [TENTHS.get(s, s) if found.fields.get("unit_100ma") == "yes" and _is_scaled(where) else s
             for s in where.how]  # fmt: skip
    return ", ".join(say(f"source-how-{s}") if s[0].isalpha() else s for s in steps) or UNKNOWN


def _is_scaled(where: Origin) -> bool:
    return where.field.endswith(("_a", "_ah"))


def _time(value: SourceView, at: str, found: Found | None) -> str:
    """Time of day and age: of the frame, else of the reading."""
    view = value.view
    track = view.track
    age_s = view.cells_age_s if at == "cells" else view.pack_age_s
    time_ms = track.cells_time_ms if at == "cells" else track.pack_time_ms
    if time_ms is None or age_s is None:
        return UNKNOWN
    if found is not None:
        frame_ms = found.time_us // 1000
        age_s, time_ms = max(0.0, age_s + (time_ms - frame_ms) / 1000), frame_ms
    return f"{clock(time_ms * 1000, 0)}  {age_words(age_s, live=age_s < 60)}"


# --- the values as they are shown ---


def _switch(on: bool | None) -> str:
    return UNKNOWN if on is None else say("on" if on else "off")


def _unit(value: float | None, digits: int, unit: str) -> str:
    return UNKNOWN if value is None else f"{fixed(value, digits)} {unit}"


def _numbers(track: Track) -> str:
    if track.pack_at_s is None:
        return UNKNOWN
    return " ".join(str(n) for n in track.pack.balancing) or say("source-none")


def _protections(track: Track) -> str:
    if track.pack_at_s is None:
        return UNKNOWN
    acting = track.pack.protections
    return say("source-acting", count=str(len(acting))) if acting else say("source-none")


def _limit(read: Callable[[Pack], float | None], unit: str) -> Callable[[Track], str]:
    return lambda track: _unit(read(track.pack), 1, unit)


def _cells(track: Track) -> str:
    mv = track.cells.sound_mv
    return f"{volts(min(mv) / 1000, 3)} - {volts(max(mv) / 1000, 3)} V" if mv else UNKNOWN


def _temperatures(track: Track) -> str:
    found = track.pack.temperatures_c
    return f"{' '.join(celsius(t) for t in found)} °C" if found else UNKNOWN


SHOWN: Mapping[str, Callable[[Track], str]] = {
    "pack-v": lambda t: _unit(t.pack.pack_v, 2, "V"),
    "current": lambda t: UNKNOWN if t.pack.current_a is None else amps(t.pack.current_a, signed=True),
    "power": lambda t: _unit(t.pack.power_w, 0, "W"),
    "soc": lambda t: percent(t.soc_pct),
    "soh": lambda t: percent(t.pack.soh_pct),
    "remaining": lambda t: _unit(t.pack.remaining_ah, 1, "Ah"),
    "nominal": lambda t: _unit(t.pack.nominal_ah, 1, "Ah"),
    "cycles": lambda t: UNKNOWN if t.pack.cycles is None else str(t.pack.cycles),
    "cells": _cells,
    "spread": lambda t: UNKNOWN if t.cells.spread_mv is None else f"{t.cells.spread_mv} mV",
    "temperatures": _temperatures,
    "charge": lambda t: _switch(t.pack.charge_on),
    "discharge": lambda t: _switch(t.pack.discharge_on),
    "balancing": _numbers,
    "protections": _protections,
    "cvl": _limit(lambda p: p.charge_voltage_limit_v, "V"),
    "ccl": _limit(lambda p: p.charge_current_limit_a, "A"),
    "dcl": _limit(lambda p: p.discharge_current_limit_a, "A"),
    "dvl": _limit(lambda p: p.discharge_voltage_limit_v, "V"),
    "time-left": lambda t: UNKNOWN if t.pack.time_left_s is None else long_span(t.pack.time_left_s),
}
COMPUTED = ("power", "spread")
OPTIONAL = ("soh", "cvl", "ccl", "dcl", "dvl", "time-left")
