"""What went over a wire, in figures: rates, totals, load of the bus, errors, ages of frames that matter."""

from dataclasses import dataclass

from tui.locale import say
from tui.model.frame import FrameError, FrameFigures, FrameKind, FrameView
from tui.style.glyphs import GlyphSet
from tui.style.numbers import UNKNOWN, fixed
from tui.widgets.drawing import Drawing
from tui.widgets.frame_table import age_short, clock, rhythm
from tui.widgets.rows import BLANK, Row, beside, flow, row, title_rule

WATCHED = ("351", "305")  # limits to the inverter, and the inverter's sign of life: they carry the time-outs
TABLE_CELLS = 40
BESIDE_FROM = 76  # from here the errors stand beside the figures
BUSY_PCT = 70.0
BAR_CELLS = 10


@dataclass(frozen=True, slots=True)
class FiguresValue:
    """The newest view, also while the rows stand still, and bytes per second by elapsed time."""

    view: FrameView | None = None
    rx_bytes_per_s: float | None = None
    tx_bytes_per_s: float | None = None
    old: bool = False

    def role(self, fresh: str = "number") -> str:
        """The role of a figure, or `stale`."""
        return "stale" if self.old else fresh


class FiguresPanel(Drawing[FiguresValue]):
    """Counters that nothing on this screen can change."""

    def draw(self, value: FiguresValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """A rule, the figures, and as many errors as have room."""
        figures = value.view.figures if value.view else FrameFigures()
        window = say("frames-window", window=window_words(figures.window_s))
        title = title_rule(say("frames-figures"), [(window, "label")], cells, glyphs)
        if value.view is None:
            return [title, row((f" {UNKNOWN}", "label"))]
        known = figure_rows(value, cells - 1, glyphs)
        if cells >= BESIDE_FROM:
            left = TABLE_CELLS + 4
            known = figure_rows(value, left - 2, glyphs)
            errors = error_rows(figures.errors, cells - left - 1, height - 1)
            return [title, *beside([(known, left), (errors, cells - left)])]
        room = height - 1 - len(known)
        needed = len(figures.errors) + 1 if figures.errors else 1
        errors = error_rows(figures.errors, cells - 1, room) if room > 1 else []
        return [title, *known, *([BLANK] if room > needed else []), *errors]


def window_words(window_s: int) -> str:
    """`60 s`, `5 min`."""
    return f"{window_s} s" if window_s < 120 else f"{window_s // 60} min"


def figure_rows(value: FiguresValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Rates and totals, what was not understood or lost; on a bus its load and the ages."""
    view, role = value.view or FrameView("", 0, False), value.role()
    figures = view.figures
    heads = ("frames-per-s", "frames-bytes-per-s", "frames-frames", "frames-bytes")
    wide = min(9, (cells - 4) // 4)
    errors = sum(error.count for error in figures.errors)
    lines = [
        row((f" {'':<4}" + "".join(f"{say(head):>{wide}}" for head in heads), "label")),
        _direction(
            "RX", figures.rx_per_s, value.rx_bytes_per_s, figures.rx_frames, figures.rx_bytes, wide, role
        ),
        _direction(
            "TX", figures.tx_per_s, value.tx_bytes_per_s, figures.tx_frames, figures.tx_bytes, wide, role
        ),
        *flow(
            [
                _counted(say("frames-unknown-count"), figures.unknown, role, value.role("info")),
                _counted(say("frames-dropped"), figures.dropped, role, value.role("warn")),
                _counted(say("frames-errors"), errors, role, value.role("warn")),
            ],
            cells,
        ),
    ]
    return (
        [*lines, *_ages(view, value, cells), *_load(figures, value, cells, glyphs)] if view.is_bus else lines
    )


def _direction(
    word: str, per_s: float, bytes_per_s: float | None, frames: int, size: int, wide: int, role: str
) -> Row:
    parts = (fixed(per_s, 1), short_count(bytes_per_s), short_count(frames), short_count(size))
    return row((f" {word:<4}", "label"), ("".join(f"{part:>{wide}}" for part in parts), role))


def _counted(word: str, count: int, none_role: str, role: str) -> Row:
    return row((f"{word} ", "label"), (short_count(count), role if count else none_role))


def short_count(value: float | None) -> str:
    """`999999`, `12.3 M`: at most seven cells."""
    if value is None:
        return UNKNOWN
    for unit, size in (("G", 1e9), ("M", 1e6)):
        if value >= size:
            return f"{fixed(value / size, 1)} {unit}"
    return f"{value:.0f}"


def _load(figures: FrameFigures, value: FiguresValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """Now and the peak with the bit rate they are shares of, and that stuff bits are not counted."""
    load, peak = figures.load_pct, figures.peak_load_pct
    role = value.role("warn" if (load or 0) >= BUSY_PCT else "series-a")
    rate = say("frames-bitrate", kbit=f"{figures.bitrate / 1000:g}") if figures.bitrate else UNKNOWN
    return flow(
        [
            row(
                (f"{say('frames-load')} ", "label"),
                (glyphs.hbar((load or 0) / 100, BAR_CELLS), role),
                (f" {_percent(load)}", value.role()),
            ),
            row((f"{say('frames-peak')} ", "label"), (_percent(peak), value.role())),
            row((f"{rate} {say('frames-stuffing')}", "label")),
        ],
        cells,
    )


def _percent(value: float | None) -> str:
    return UNKNOWN if value is None else f"{fixed(value, 1):>4} %"


def _ages(view: FrameView, value: FiguresValue, cells: int) -> list[Row]:
    """How old the frames are that a time-out hangs on."""
    groups: list[Row] = []
    for key in WATCHED:
        newest = max((k for k in view.kinds if k.key == key), key=lambda k: k.last_us, default=None)
        groups.append(row((f"{key} ", "label"), *_age(newest, view.at_us, value)))
    return flow([row((say("frames-age"), "label")), *groups], cells)


def _age(kind: FrameKind | None, at_us: int, value: FiguresValue) -> Row:
    if kind is None:
        return row((f"{UNKNOWN:<5}", "label"))
    word, role = rhythm(kind, at_us - kind.last_us)
    words = (
        f"{age_short(at_us - kind.last_us):<5} {word}".rstrip() if word else age_short(at_us - kind.last_us)
    )
    return row((words, value.role(role or "number")))


def error_rows(errors: tuple[FrameError, ...], cells: int, most: int) -> list[Row]:
    """Kind, how often, when last."""
    if not errors:
        return [row((f" {say('frames-no-errors')}", "ok"))]
    wide = max(8, cells - 1 - 8 - 9)
    shown, counted = errors[: max(0, most - 1)], say("frames-col-count")
    return [
        row((f" {say('frames-col-error'):<{wide}}{counted:>8}{say('frames-col-last-time'):>9}", "label")),
        *(
            row(
                (
                    f" {say(f'frame-error-{error.key}')[: wide - 1]:<{wide}}",
                    "warn" if error.count else "text",
                ),
                (f"{short_count(error.count):>8}", "number"),
                (f"{clock(error.last_us, 0) if error.last_us else UNKNOWN:>9}", "label"),
            )
            for error in shown
        ),
    ]
