"""What was measured before: the questions about it and their answers. All times are Unix time in ms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from tui.model.link import Cause
from tui.model.track import Track

DAY_MS = 86_400_000
POINTS = 240  # buckets that a chart asks for when nobody says how many
POINTS_MAX = 4000
ROWS = 50  # of a page of samples
ROWS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Quantity:
    """One measured value. `key` is its name with its unit: `pack_v`, `cell_mv.3`, `temperature_c.1`.

    `decimals` is what a person reads; it is stored in steps of 1 / `scale`. Cells and sensors count from 1;
    `number` is which of them, 0 for what there is once. `name` names the sentence `quantity-<name>`.
    """

    key: str
    unit: str
    decimals: int
    scale: int
    number: int = 0
    low: float | None = None  # outside of `low` … `high` no battery of this field can be
    high: float | None = None

    @property
    def name(self) -> str:
        """The part of the message keys: `cell-mv` for every cell."""
        return self.key.partition(".")[0].replace("_", "-")


CELL, SENSOR = "cell_mv", "temperature_c"
QUANTITIES: tuple[Quantity, ...] = (
    Quantity("pack_v", "V", 2, 1000, low=0.0, high=1000.0),
    Quantity("current_a", "A", 2, 1000, low=-2000.0, high=2000.0),
    Quantity("power_w", "W", 0, 10),
    Quantity("soc_pct", "%", 0, 10, low=0.0, high=110.0),
    Quantity("soh_pct", "%", 0, 10, low=0.0, high=110.0),
    Quantity("remaining_ah", "Ah", 2, 100, low=0.0, high=10_000.0),
    Quantity("cycles", "", 0, 1, low=0.0, high=100_000.0),
    Quantity("spread_mv", "mV", 0, 1, low=0.0, high=5000.0),
    Quantity("lowest_mv", "mV", 0, 1, low=0.0, high=5000.0),
    Quantity("highest_mv", "mV", 0, 1, low=0.0, high=5000.0),
    Quantity("mean_mv", "mV", 1, 10, low=0.0, high=5000.0),
    Quantity(SENSOR, "°C", 1, 10, low=-60.0, high=150.0),  # the mean of all sensors
    Quantity("balance_current_ma", "mA", 0, 1, low=-20_000.0, high=20_000.0),
    Quantity("humidity_pct", "%", 0, 1, low=0.0, high=100.0),
    Quantity("charge_voltage_limit_v", "V", 1, 10, low=0.0, high=1000.0),
    Quantity("charge_current_limit_a", "A", 1, 10, low=0.0, high=2000.0),
    Quantity("discharge_current_limit_a", "A", 1, 10, low=0.0, high=2000.0),
)
EACH_CELL = Quantity(CELL, "mV", 0, 1, low=0.0, high=5000.0)
EACH_SENSOR = Quantity(SENSOR, "°C", 1, 10, low=-60.0, high=150.0)
TABLE = ("pack_v", "current_a", "soc_pct", "soh_pct", "temperature_c", "power_w")  # rows CL-23, S4-12
_ONCE = {quantity.key: quantity for quantity in QUANTITIES}


@lru_cache(maxsize=256)
def quantity(key: str) -> Quantity | None:
    """The description of a key, also of `cell_mv.3` and `temperature_c.1`; `None` for no quantity."""
    family, dot, digits = key.partition(".")
    if not dot:
        return _ONCE.get(key)
    each = {CELL: EACH_CELL, SENSOR: EACH_SENSOR}.get(family)
    if each is None or not digits.isdecimal() or not 1 <= int(digits) <= 999 or digits[0] == "0":
        return None
    return replace(each, key=key, number=int(digits))


def quantities_of(track: Track) -> tuple[Quantity, ...]:
    """What this track measures, as far as it has said: totals, then each cell, then each sensor."""
    known = values_of(track, with_cells=True)
    found = (quantity(key) for key in known)
    return tuple(one for one in found if one is not None)


def values_of(track: Track, *, with_cells: bool) -> dict[str, float]:
    """Every known value of a track by its key, in the order of QUANTITIES, then cells, then sensors."""
    return with_derived(measured(track, with_cells=with_cells))


def measured(track: Track, *, with_cells: bool) -> dict[str, float]:
    """What the battery said itself, by key. The rest follows from it: see `with_derived`."""
    pack = track.pack
    said = {
        "pack_v": pack.pack_v,
        "current_a": pack.current_a,
        "soc_pct": pack.soc_pct,
        "soh_pct": pack.soh_pct,
        "remaining_ah": pack.remaining_ah,
        "cycles": pack.cycles,
        "lowest_mv": pack.lowest_cell_mv,
        "highest_mv": pack.highest_cell_mv,
        "balance_current_ma": pack.balance_current_ma,
        "humidity_pct": pack.humidity_pct,
        "charge_voltage_limit_v": pack.charge_voltage_limit_v,
        "charge_current_limit_a": pack.charge_current_limit_a,
        "discharge_current_limit_a": pack.discharge_current_limit_a,
    }
    values = {key: float(value) for key, value in said.items() if value is not None}
    if with_cells:
        values.update((f"{CELL}.{number}", float(mv)) for number, mv in enumerate(track.cells.mv, 1))
    values.update((f"{SENSOR}.{number}", one) for number, one in enumerate(pack.temperatures_c, 1))
    return values


def with_derived(said: Mapping[str, float]) -> dict[str, float]:
    """What was measured and what follows from it, ordered. Single cells say more than a unit's extremes."""
    cells = {key: value for key, value in said.items() if key.startswith(f"{CELL}.")}
    sensors = {key: value for key, value in said.items() if key.startswith(f"{SENSOR}.")}
    found = {key: value for key, value in said.items() if key in _ONCE}
    if cells:
        found["lowest_mv"], found["highest_mv"] = min(cells.values()), max(cells.values())
        found["mean_mv"] = sum(cells.values()) / len(cells)
    if "lowest_mv" in found and "highest_mv" in found:
        found["spread_mv"] = found["highest_mv"] - found["lowest_mv"]
    if sensors:
        found[SENSOR] = sum(sensors.values()) / len(sensors)
    if "pack_v" in found and "current_a" in found:
        found["power_w"] = found["pack_v"] * found["current_a"]
    return {**{key: found[key] for key in _ONCE if key in found}, **cells, **sensors}


# Questions. `from_ms` is inside the range, `until_ms` is not; without them: the last 24 hours until now.


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A chart: answer in `chart`. No track means all that have a history; several share one time axis."""

    tracks: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ("pack_v", "current_a", "soc_pct")
    from_ms: int | None = None
    until_ms: int | None = None
    points: int = POINTS  # at most so many buckets, and one more where the first begins before `from_ms`


@dataclass(frozen=True, slots=True)
class SampleTable:
    """Stored samples, a page of them: answer in `samples`. Without times: everything there is.

    `archive` reads a daily file instead, by the name that `HistoryFiles` gave; it has the columns of TABLE.
    """

    track: str = ""  # empty: the first one that has a history
    quantities: tuple[str, ...] = TABLE
    from_ms: int | None = None
    until_ms: int | None = None
    offset: int = 0
    rows: int = ROWS
    newest_first: bool = True
    archive: str = ""


@dataclass(frozen=True, slots=True)
class EnergyTable:
    """What went in and out, per `day` or `month` of this machine's time zone: answer in `energy`."""

    tracks: tuple[str, ...] = ()
    by: str = "day"
    from_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CellHeat:
    """How far each cell is from the mean of its pack, over time: answer in `heat`."""

    track: str
    from_ms: int | None = None
    until_ms: int | None = None
    points: int = 60


@dataclass(frozen=True, slots=True)
class HistoryFiles:
    """The daily archives: answer in `files`."""


@dataclass(frozen=True, slots=True)
class LookAtStorage:
    """How the store is doing: answer in `storage`."""


@dataclass(frozen=True, slots=True)
class ExportHistory:
    """Write into a new file on the engine's machine: answer in `export`.

    `kind` is `csv` or `json`. `level` is `samples`, or `minutes` or `hours` for their means; `days` or
    `months` are what went in and out, whatever the quantities. With `archive`, a name of `HistoryFiles`, its
    samples are written and nothing else: neither track nor range count then.
    """

    path: str
    kind: str = "csv"
    track: str = ""  # empty: all, with a column that names them
    quantities: tuple[str, ...] = TABLE
    from_ms: int | None = None
    until_ms: int | None = None
    level: str = "samples"
    archive: str = ""


@dataclass(frozen=True, slots=True)
class ClearHistory:
    """Delete what was measured: `samples` (with their rollups and energy), `archives`, or `all`.

    Whether that is meant is asked before. What is gone is told in `storage`.
    """

    what: str = "samples"


HistoryQuestion = HistoryPage | SampleTable | EnergyTable | CellHeat | HistoryFiles | LookAtStorage
HistoryRequest = HistoryQuestion | ExportHistory | ClearHistory


# Answers.


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was measured in `start_ms` … `start_ms + bucket_s`."""

    start_ms: int
    low: float
    mean: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Series:
    """One quantity of one track. A time without data has no bucket.

    Two neighbours whose starts are more than `gap_s` apart must not be joined by a line.
    """

    track: str
    quantity: str
    buckets: tuple[Bucket, ...] = ()
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to know at a place of the time axis. `kind` names the sentence `mark-<kind>`.

    `clock-forward` and `clock-back`: the machine's clock was set by `seconds`, at `time_ms` of the new time.
    `started`: the engine began; `paused` and `resumed`: nothing could be stored between them.
    """

    time_ms: int
    kind: str
    track: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Chart:
    """All series of a page on one time axis, oldest first. Bucket starts are multiples of `bucket_s`."""

    from_ms: int
    until_ms: int
    bucket_s: float
    series: tuple[Series, ...] = ()
    marks: tuple[Mark, ...] = ()
    first_ms: int | None = None  # of everything stored for these tracks
    last_ms: int | None = None


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One stored sample; `values` in the order of the page's `quantities`."""

    time_ms: int
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class SamplePage:
    """Some of the `total` samples that fit the question."""

    track: str
    quantities: tuple[str, ...]
    rows: tuple[SampleRow, ...] = ()
    total: int = 0
    offset: int = 0
    interval_ms: int = 60_000  # how often one is stored
    capacity: int = 512  # entries that count as live (row CL-23)


@dataclass(frozen=True, slots=True)
class Energy:
    """One track's day or month. `label` is `2026-11-21` or `2026-11`. Watt hours and ampere hours."""

    track: str
    label: str
    charged_wh: float = 0.0
    discharged_wh: float = 0.0
    charged_ah: float = 0.0
    discharged_ah: float = 0.0
    cycles: float | None = None  # equivalent full ones: discharged / nominal; `None`: capacity not known
    measured_s: float = 0.0  # seconds in which power was known


@dataclass(frozen=True, slots=True)
class HeatColumn:
    """Millivolts above the mean of all cells, cell 1 first; `None`: not measured."""

    start_ms: int
    deviation_mv: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class HeatChart:
    """Cell × time. A time without data has no column."""

    track: str
    from_ms: int
    until_ms: int
    bucket_s: float
    columns: tuple[HeatColumn, ...] = ()
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A daily archive (row S1-50). `name` is what `SampleTable.archive` takes."""

    name: str
    size_bytes: int
    modified_ms: int
    day: str = ""  # "2026-11-21"
    track: str = ""


@dataclass(frozen=True, slots=True)
class ExportDone:
    """What was written."""

    path: str
    rows: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StorageFigures:
    """How the store is doing. `cause` says why it pauses."""

    path: str = ""
    size_bytes: int = 0  # the database, with free pages left out
    free_bytes: int | None = None  # on its disk
    samples: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    bytes_per_sample: float | None = None
    last_commit_ms: int | None = None
    waiting: int = 0  # samples that are in memory only
    lost: int = 0  # samples that could not be stored, since the start
    implausible: int = 0  # values that were left out, since the start
    implausible_values: tuple[tuple[str, str, int], ...] = ()  # (track, quantity, how often)
    clock_jumps: int = 0  # since the start
    archives: int = 0
    archives_bytes: int = 0
    interval_s: float = 60.0
    commit_s: float = 10.0
    cause: Cause | None = None
