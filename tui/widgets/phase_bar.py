"""The ten-minute cycle as a bar: where it is, how long that still takes, how fast inner time runs in it."""

from collections.abc import Callable
from dataclasses import dataclass

from tui.locale import say
from tui.model.simulation import Mode, SimulatedPack, SimulationState, Stage
from tui.style.glyphs import GlyphSet
from tui.style.numbers import minutes_words
from tui.widgets.drawing import Drawing
from tui.widgets.rows import BLANK, Row, Span, row, wrap
from tui.widgets.simulation_words import parted, scale_words, stage_words

# Rows S1-16 to S1-20: seconds of each stage at speed 1. A screen may not ask the simulator; a test does.
PHASES: tuple[tuple[Stage, float], ...] = (
    (Stage.DISCHARGE, 180.0),
    (Stage.IDLE, 60.0),
    (Stage.CHARGE, 300.0),
    (Stage.BALANCE, 60.0),
)
CYCLE_S = sum(length_s for _, length_s in PHASES)
DEMO_TIMES = 4.0  # mode demo runs so many times faster than its speed says
SPEED_HIGH = 1000.0
LEAST = 4  # cells of a stage: `×168`
ROLES = {
    Stage.DISCHARGE: "discharge",
    Stage.IDLE: "info",
    Stage.CHARGE: "charge",
    Stage.BALANCE: "balancing",
}


@dataclass(frozen=True, slots=True)
class PhaseValue:
    """Where a pack is. `pace`: seconds of the cycle in one on the wall. `scales`: of the stages seen."""

    stage: Stage
    step: str = ""
    left_s: float | None = None  # on the wall
    pace: float = 1.0
    scale: float = 1.0
    scales: tuple[tuple[Stage, float], ...] = ()
    is_old: bool = False

    def role(self, fresh: str) -> str:
        """What is not known any more is grey."""
        return "stale" if self.is_old else fresh


def pace_of(state: SimulationState) -> float:
    """How fast the cycle goes, with what the mode adds."""
    return min(SPEED_HIGH, state.speed * (DEMO_TIMES if state.mode is Mode.DEMO else 1.0))


def phase_of(
    pack: SimulatedPack, pace: float, scales: tuple[tuple[Stage, float], ...] = (), is_old: bool = False
) -> PhaseValue:
    """The bar of a pack."""
    return PhaseValue(pack.stage, pack.step, pack.left_s, pace, pack.time_scale, scales, is_old)


class PhaseBar(Drawing[PhaseValue]):
    """Four rows: in words, the bar, the names of its parts, the scale of each."""

    DEFAULT_CSS = "PhaseBar { height: 4; }"

    def draw(self, value: PhaseValue, cells: int, height: int, glyphs: GlyphSet) -> list[Row]:
        """All of it."""
        return phase_rows(value, cells, glyphs)


def phase_rows(value: PhaseValue, cells: int, glyphs: GlyphSet) -> list[Row]:
    """The words and the bar; a simulation without a cycle says that it has none."""
    names = [stage for stage, _ in PHASES]
    if value.stage not in names or value.left_s is None:
        words = say(f"sim-plan-{value.stage}") if value.stage not in names else stage_words(value.stage)
        lines = [row((f" {line}", value.role("text"))) for line in wrap(words, cells - 1)]
        return (lines + [BLANK] * 4)[:4]
    wides = widths(cells - 1)
    return [_words(value, cells), *(_line(value, wides, one, glyphs) for one in (_bar, _name, _scale))]


def widths(cells: int) -> list[int]:
    """Cells of each part, as their minutes are; the gaps between them are not in it."""
    room = cells - len(PHASES)
    wides = [max(LEAST, int(room * length_s / CYCLE_S)) for _, length_s in PHASES]
    wides[2] = max(LEAST, room - wides[0] - wides[1] - wides[3])
    return wides


def _words(value: PhaseValue, cells: int) -> Row:
    """`Charge CC · 1:12 left · time ×45 · 6:41 of 10:00`, as much as fits."""
    left_s = value.left_s or 0.0
    passed_s = min(CYCLE_S, _before_s(value.stage) + _part(value) * _length_s(value.stage))
    groups: list[Row] = [
        row((stage_words(value.stage, value.step), value.role(ROLES[value.stage]))),
        row((say("sim-phase-left", time=_left(left_s)), value.role("number"))),
        row((f"{say('sim-scale')} ", "label"), (scale_words(value.scale), value.role("number"))),
        row((say("sim-phase-of", at=_clock(passed_s), of=_clock(CYCLE_S)), "label")),
    ]
    return parted(groups, cells)[0]


def _left(seconds: float) -> str:
    """`1:12`; above the pace at which minutes are nothing, `0.4 s`."""
    return minutes_words(seconds) if seconds >= 2 else f"{seconds:.1f} s"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _line(
    value: PhaseValue,
    wides: list[int],
    one: Callable[[PhaseValue, Stage, int, GlyphSet], Span],
    glyphs: GlyphSet,
) -> Row:
    spans: list[Span] = [(" ", "text")]
    for (stage, _), wide in zip(PHASES, wides, strict=True):
        spans += [one(value, stage, wide, glyphs), (" ", "text")]
    return row(*spans[:-1])


def _bar(value: PhaseValue, stage: Stage, wide: int, glyphs: GlyphSet) -> Span:
    if stage is value.stage:
        return glyphs.hbar(_part(value), wide), value.role(ROLES[stage])
    is_past = _before_s(stage) < _before_s(value.stage)
    return (glyphs.block if is_past else glyphs.bar_empty) * wide, "label" if is_past else "rule"


def _name(value: PhaseValue, stage: Stage, wide: int, glyphs: GlyphSet) -> Span:
    is_now = stage is value.stage
    tries = (stage_words(stage), say(f"sim-stage-{stage}-short"))
    word = next((text for text in tries if len(text) <= wide), "")
    return f"{word:<{wide}}", value.role("title" if is_now else "label")


def _scale(value: PhaseValue, stage: Stage, wide: int, glyphs: GlyphSet) -> Span:
    known = dict(value.scales) | {value.stage: value.scale}
    words = scale_words(known.get(stage))
    role = "number" if stage is value.stage else "text" if stage in known else "label"
    return f"{words if len(words) <= wide else '':<{wide}}", value.role(role)


def _length_s(stage: Stage) -> float:
    return dict(PHASES)[stage]


def _before_s(stage: Stage) -> float:
    names = [name for name, _ in PHASES]
    return sum(length_s for _, length_s in PHASES[: names.index(stage)])


def _part(value: PhaseValue) -> float:
    """How much of the stage is over."""
    left_s = (value.left_s or 0.0) * value.pace
    return min(1.0, max(0.0, 1 - left_s / _length_s(value.stage)))
