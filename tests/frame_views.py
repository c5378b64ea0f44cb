"""What a wire looks like when somebody looks at its traffic: a busy CAN bus and a JBD serial line."""

from dataclasses import replace

from tests import fleets
from tests.fakes import FakeFeed
from tui.model.fleet import Fleet
from tui.model.frame import (
    Direction,
    FrameDetail,
    FrameError,
    FrameFigures,
    FrameKind,
    FrameRow,
    FrameView,
    Trust,
)
from tui.model.link import Cause
from tui.model.requests import Answer, ExplainFrame, LookAtFrames, Request

AT_US = int(fleets.WALL_S * 1e6) + 400_000
RX, TX = Direction.RX, Direction.TX
SLOTS = 60
ROWS = 400

_LIMITS = "charge_v 56.4 V  charge_a 100.0 A  discharge_a 250.0 A"
_MEASURED = "pack_v 53.12 V  current_a 12.4 A  warmest_c 21.5 °C"
_EXTREMES = "lowest 3.319 V  highest 3.329 V  coldest 293 K  warmest 294 K"
# identifier, name, bytes, decoded, period in ms, age in ms, ages in ms of changed bytes
_BUS = (
    ("305", "keepalive", "0000000000000000", "alive", 1000, 620, {}),
    ("351", "limits", "3402E803C409C801", _LIMITS, 1000, 410, {}),
    ("355", "soc", "480063000000", "soc 72 %  soh 99 %", 1000, 408, {0: 900}),
    ("356", "measurements", "C0147C00D700", _MEASURED, 1000, 120, {0: 120, 2: 620}),
    ("359", "alarms", "0000000002504E00", "alarms none  modules 2", 1000, 3400, {}),
    ("35A", "alarms", "AAAAAAAAAAAAAAAA", "alarms inactive  warnings inactive", 1000, 390, {}),
    ("35C", "requests", "C0", "charge yes  discharge yes", 1000, 388, {}),
    ("35E", "manufacturer", "50594C4F4E202020", "name PYLON", 1000, 14_000, {}),
    ("370", "name-1", "5061636B6465636B", "name Packdeck", 5000, 1700, {}),
    ("373", "extremes", "F70C010D25012601", _EXTREMES, 1000, 380, {0: 1400}),
    ("379", "installed", "1801", "installed_ah 280 Ah", 5000, 1650, {}),
    ("4F1", "", "0102030405060708", "", 250, 90, {7: 90}),
    ("18F128F4", "", "FF00A1B2C3D40000", "", 100, 30, {2: 30, 3: 430}),
)  # fmt: skip


def _newest(i: int) -> int:
    """The number of the newest frame of that kind in `bus_rows`."""
    return max(9000 - ROWS + 1 + n for n in range(ROWS) if n * 5 % len(_BUS) == i)


def _bus_kind(i: int) -> FrameKind:
    key, name, data, text, period, age, changed = _BUS[i]
    raw = bytes.fromhex(data)
    return FrameKind(
        key,
        TX if key == "305" else RX,
        name,
        412_000 // period,
        float(period),
        period + 3.0,
        7.0 if period > 500 else 2.0,
        AT_US - age * 1000,
        raw,
        tuple(AT_US - changed[n] * 1000 if n in changed else 0 for n in range(len(raw))),
        text,
        Trust.GOOD if text else Trust.UNKNOWN,
        _newest(i),
    )


def bus_kinds() -> tuple[FrameKind, ...]:
    """One of each identifier; 359 is late, 35E is silent."""
    return tuple(_bus_kind(i) for i in range(len(_BUS)))


def bus_rows(count: int = ROWS) -> tuple[FrameRow, ...]:
    """The traffic of that bus, newest last, numbered to 9000; the newest but five is broken."""
    rows = []
    for i in range(count):
        key, name, data, text, *_ = _BUS[(i * 5) % len(_BUS)]
        number = 9000 - count + 1 + i
        raw = bytes.fromhex(data)
        raw = bytes([(raw[0] + i // 13) & 0xFF]) + raw[1:] if key == "356" else raw
        trust = Trust.GOOD if text else Trust.UNKNOWN
        made = FrameRow(
            number, AT_US - (9000 - number) * 77_000, TX if key == "305" else RX, key, raw, name, text, trust
        )
        if number == 8995:
            made = replace(made, data=raw[:3], text="3 bytes instead of 8", trust=Trust.BAD)
        rows.append(made)
    return tuple(rows)


def _heat(period_ms: int, gap: range = range(0)) -> tuple[int, ...]:
    return tuple(
        0 if n in gap else int((n + 1) * 1000 / period_ms) - int(n * 1000 / period_ms) for n in range(SLOTS)
    )


def bus_view(track: str = "right") -> FrameView:
    """Limits, state of charge, measurements, alarms, unknown identifiers, one of them of 29 bits."""
    silent = {"35E": range(46, SLOTS), "359": range(57, SLOTS)}
    heat = tuple((key, _heat(period, silent.get(key, range(0)))) for key, _, _, _, period, *_ in _BUS)
    figures = FrameFigures(
        rx_frames=98_231, tx_frames=412, rx_bytes=741_002, tx_bytes=3296, unknown=5_768, dropped=0,
        rx_per_s=23.4, tx_per_s=1.0, load_pct=0.52, peak_load_pct=1.13, bitrate=500_000,
        errors=(FrameError("bus", 3, AT_US - 312_000_000), FrameError("implausible", 1, AT_US - 385_000)),
        per_slot=tuple(sum(counts[n] for _, counts in heat) for n in range(SLOTS)), heat=heat,
    )  # fmt: skip
    return FrameView(track, AT_US, True, figures, bus_kinds(), bus_rows())


BASIC = bytes.fromhex(
    "DD03001B14C004D84EC06D60007F2C7C00000000000021480310030B9A0B9F0B9DFA5177"
)  # totals of sixteen cells
CELLS = bytes.fromhex("DD0400200CF60CFA0CF70CF50CF10CF70CEF0CF70CFB0CF80CF80CF70CF00D010CF70CF7F0C177")
_LINE = (
    (TX, "03", "basic", bytes.fromhex("DDA50300FFFD77"), "request read", Trust.GOOD),
    (
        RX,
        "03",
        "basic",
        BASIC,
        "pack_v 53.12 V  current_a 12.40 A  remaining_ah 201.6 Ah  soc 72 %",
        Trust.GOOD,
    ),
    (TX, "04", "cells", bytes.fromhex("DDA50400FFFC77"), "request read", Trust.GOOD),
    (RX, "04", "cells", CELLS, "cells_mv 3318 3322 3319 3317 3313 3319 3311 3319 3323 3320", Trust.GOOD),
)


def line_rows(count: int = 200) -> tuple[FrameRow, ...]:
    """Questions and answers every two seconds; one answer with a wrong checksum, one nobody understands."""
    rows = []
    for i in range(count):
        direction, key, name, data, text, trust = _LINE[i % 4]
        number = 5000 - count + 1 + i
        time_us = AT_US - ((5000 - number) // 4) * 2_000_000 - (3 - i % 4) * 45_000
        made = FrameRow(number, time_us, direction, key, data, name, text, trust)
        if number == 4994:
            made = replace(
                made, data=data[:-3] + b"\x00\x00\x77", text="checksum 0000, expected FA51", trust=Trust.BAD
            )
        if number == 4998:
            made = replace(
                made, key="7F", name="", data=b"\x7f\x45\x4c\x46\x01", text="", trust=Trust.UNKNOWN
            )
        rows.append(made)
    return tuple(rows)


def line_view(track: str = "left") -> FrameView:
    """A JBD board on a serial line."""
    rows = line_rows()
    kinds = []
    for direction, key, name, data, text, trust in _LINE:
        newest = next(r for r in reversed(rows) if (r.key, r.direction) == (key, direction))
        changed = [0] * len(data)
        if direction is RX:
            changed[7] = AT_US - 300_000
        kinds.append(
            FrameKind(key, direction, name, 1799, 2000.0, 2003.0, 11.0, newest.time_us, data,
                      tuple(changed), text, trust, newest.number)
        )  # fmt: skip
    slots = tuple(2 if n % 2 else 0 for n in range(SLOTS))
    figures = FrameFigures(
        rx_frames=3598, tx_frames=3600, rx_bytes=133_126, tx_bytes=25_200, unknown=1,
        rx_per_s=1.0, tx_per_s=1.0,
        errors=(
            FrameError("checksum", 1, AT_US - 4_100_000),
            FrameError("unanswered", 2, AT_US - 1_900_000_000),
            FrameError("garbage", 17, AT_US - 1_900_000_000),
        ),
        per_slot=tuple(2 * n for n in slots), heat=(("03", slots), ("04", slots)),
    )  # fmt: skip
    return FrameView(track, AT_US, False, figures, tuple(kinds), rows)


FIELDS = (
    ("pack_v", "53.12 V"),
    ("current_a", "12.40 A"),
    ("remaining_ah", "201.60 Ah"),
    ("nominal_ah", "280.00 Ah"),
    ("cycles", "127"),
    ("production_date", "2022-03-28"),
    ("balancing", "4 13"),
    ("protections", "-"),
    ("software_version", "2.1"),
    ("soc_pct", "72 %"),
    ("charge_on", "yes"),
    ("discharge_on", "yes"),
    ("temperatures_c", "21.5 22.0 21.8"),
)


class FramesFeed(FakeFeed):
    """A feed that answers questions about frames from `views`, as an engine would."""

    def __init__(self, fleet: Fleet, now: float = fleets.NOW_S) -> None:
        super().__init__(fleet, now)
        self.views = {"left": line_view(), "right": bus_view()}
        self.refusal: Cause | None = None

    def ask(self, request: Request) -> Answer:
        """Rows are cut to what is asked for; a filter keeps what has the text in key or name."""
        self.asked.append(request)
        if self.refusal is not None:
            return Answer(False, self.refusal)
        if isinstance(request, LookAtFrames):
            return Answer(True, frames=_cut(self.views[request.track], request))
        if isinstance(request, ExplainFrame):
            rows = (row for view in self.views.values() for row in view.rows)
            row = next((r for r in rows if r.number == request.number), None)
            if row is None:
                return Answer(False, Cause("frame-gone", (("number", str(request.number)),)))
            return Answer(True, frame=FrameDetail(row, FIELDS if row.key == "03" else _fields(row.text)))
        return self.answer


def _fields(text: str) -> tuple[tuple[str, str], ...]:
    parts = (field.partition(" ") for field in text.split("  ") if field)
    return tuple((name, value) for name, _, value in parts)


def _cut(view: FrameView, request: LookAtFrames) -> FrameView:
    rows = [r for r in view.rows if request.before is None or r.number < request.before]
    rows = [r for r in rows if request.only in r.key or request.only in r.name]
    kinds = tuple(k for k in view.kinds if request.only in k.key or request.only in k.name)
    figures = replace(view.figures, window_s=request.window_s)
    return replace(view, rows=tuple(rows[-request.rows :]), kinds=kinds, figures=figures)


def later(view: FrameView, ms: int = 1000, rx_bytes: int = 666) -> FrameView:
    """The same wire a moment later: time has gone on and some bytes have come."""
    figures = replace(view.figures, rx_bytes=view.figures.rx_bytes + rx_bytes)
    return replace(view, at_us=view.at_us + ms * 1000, figures=figures)
