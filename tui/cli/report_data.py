"""What a report says about one battery: each number with its source and its age, or the reason why not."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tui.cli.history_feed import Asked, HistoryFile
from tui.cli.refusal import Refusal, words
from tui.cli.when import Range
from tui.locale import language, messages, say
from tui.model.alert import AlertRecord, Severity
from tui.model.estimate import CellFigures, Estimate, Laboratory, Method, Reason
from tui.model.fleet import Fleet
from tui.model.history import Energy, EnergyTable
from tui.model.register import Category, Kind, RegisterPage, RegisterValue
from tui.model.register_requests import ReadRegisters
from tui.model.requests import AlertHistory, Answer, LookAtLaboratory, Request
from tui.model.track import Track
from tui.style.numbers import decimal_mark

EVENTS = 8  # on one page
COUNTED = 1000  # alerts that are looked at for the counts
REPORTED, INTEGRATED = Method.REPORTED.value, "integrated"
NO_ENGINE, NO_HISTORY, NOT_TOLD = "no-engine", "no-history", "not-told"
SETTINGS = (Category.BATTERY, Category.PROTECTION)
SECRETS = ("password", "pin", "secret", "key", "token")
Ask = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `name` is its key in JSON, unit included; `error` half the width of a 95 % band.

    `method` is one of the estimates or INTEGRATED; `reason` one of the estimates or NO_ENGINE and the like.
    """

    name: str
    value: float | None
    unit: str = ""
    decimals: int = 0
    method: str = REPORTED
    error: float | None = None
    n: int | None = None
    at_ms: int | None = None  # newest observation
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CellRow:
    """One cell; each figure for itself."""

    number: int
    figures: tuple[Figure, ...]  # in the order of CELL_COLUMNS
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter of the battery's electronics."""

    key: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. What could not be known is in `gaps`, in words."""

    track: str
    made_ms: int
    simulated: bool = False
    title: str = ""
    identity: tuple[tuple[str, str], ...] = ()  # name of its sentence, and what the unit says
    state: tuple[Figure, ...] = ()
    energy: tuple[Figure, ...] = ()
    energy_days: tuple[str, str] | None = None  # first and last day that were counted
    health: tuple[Figure, ...] = ()
    cells: tuple[CellRow, ...] = ()
    weakest: int | None = None
    weak_by: str = ""  # method
    events: tuple[AlertRecord, ...] = ()  # newest first
    event_counts: tuple[tuple[Severity, int], ...] | None = None  # `None`: not known
    events_total: int | None = None
    span: Range = field(default_factory=Range)
    settings: tuple[Setting, ...] = ()
    settings_read_ms: int | None = None
    gaps: tuple[str, ...] = ()


CELL_COLUMNS = ("voltage_mv", "resistance_mohm", "under_load_mv", "excess_ah", "capacity_ah")


class Collector:
    """Asks for everything once. `ask` is of an engine, `None` where none runs; `asked` of the history."""

    def __init__(self, name: str, ask: Ask | None, fleet: Fleet | None, asked: Asked, span: Range) -> None:
        self._name, self._ask, self._asked, self._span = name, ask, asked, span
        self._fleet = fleet
        self._made_ms = time.time_ns() // 1_000_000
        self._now_s = time.monotonic() + (fleet.engine.offset_s if fleet else 0.0)
        self._track = fleet.track(name) if fleet else None
        self._gaps: list[str] = []

    def report(self) -> Report:
        """The report. A part that cannot be had is a gap, never an error."""
        laboratory = self._laboratory()
        energy, days = self._energy()
        records, counts, total = self._events()
        page = self._registers()
        track = self._track
        return Report(
            self._name,
            self._made_ms,
            simulated=(track.simulated if track else False) or self._name in self._simulated(),
            title=track.setup.title if track else "",
            identity=_identity(track, page),
            state=tuple(self._state(track)) if track else (),
            energy=energy,
            energy_days=days,
            health=tuple(self._health(track, laboratory)),
            cells=self._cells(track, laboratory),
            weakest=laboratory.weakest if laboratory else None,
            weak_by=_weak_by(laboratory),
            events=records,
            event_counts=counts,
            events_total=total,
            span=self._span,
            settings=tuple(_settings(page)) if page else (),
            settings_read_ms=page.read_ms if page else None,
            gaps=tuple(self._gaps),
        )

    def _simulated(self) -> frozenset[str]:
        try:
            return self._asked.simulated
        except Refusal:
            return frozenset()

    def _answer(self, part: str, request: Request) -> Answer | None:
        """What an engine says; a gap in words when it does not."""
        if self._ask is None:
            self._gap(part, say("cli-report-reason-no-engine"))
            return None
        answer = self._ask(request)
        if not answer.ok:
            self._gap(part, words(answer.cause) if answer.cause else "")
            return None
        return answer

    def _gap(self, part: str, why: str) -> None:
        self._gaps.append(say("cli-report-gap", part=say(f"cli-report-part-{part}"), why=why))

    # --- the parts ---

    def _laboratory(self) -> Laboratory | None:
        answer = self._answer("estimates", LookAtLaboratory(self._name))
        return answer.laboratory if answer else None

    def _registers(self) -> RegisterPage | None:
        answer = self._answer("settings", ReadRegisters(self._name))
        return answer.registers if answer else None

    def _energy(self) -> tuple[tuple[Figure, ...], tuple[str, str] | None]:
        """From the history; its days are whole ones."""
        question = EnergyTable((self._name,), "day", self._span.from_ms, self._span.until_ms)
        try:
            days = self._asked.ask(question).energy or ()
        except Refusal as refusal:
            self._gap("energy", " ".join(refusal.message.split()))
            return tuple(_energy_figures(None)), None
        found = (days[0].label, days[-1].label) if days else None
        return tuple(_energy_figures(_sum(days) if days else None)), found

    def _events(
        self,
    ) -> tuple[tuple[AlertRecord, ...], tuple[tuple[Severity, int], ...] | None, int | None]:
        question = AlertHistory(
            COUNTED, 0, self._name, since_ms=self._span.from_ms, until_ms=self._span.until_ms
        )
        try:
            answer = self._alerts(question)
        except Refusal as refusal:
            self._gap("events", " ".join(refusal.message.split()))
            return (), None, None
        if answer is None or answer.alerts is None:
            return (), None, None
        page = answer.alerts
        counts = tuple(
            (severity, sum(record.alert.severity is severity for record in page.records))
            for severity in sorted(Severity, reverse=True)
        )
        worst = sorted(page.records, key=lambda r: (-r.alert.severity, -r.alert.since_ms))[:EVENTS]
        newest = sorted(worst, key=lambda record: -record.alert.since_ms)
        return tuple(newest), counts if page.total <= len(page.records) else None, page.total

    def _alerts(self, question: AlertHistory) -> Answer | None:
        if self._ask is not None:
            return self._answer("events", question)
        from tui.cli.alerts_feed import ask_nobody

        return ask_nobody(
            question, is_simulated=isinstance(self._asked, HistoryFile) and self._asked.is_simulated
        )

    def _state(self, track: Track) -> Iterator[Figure]:
        pack, at_ms = track.pack, track.pack_time_ms
        for name, value, unit, decimals in (
            ("voltage_v", pack.pack_v, "V", 2),
            ("current_a", pack.current_a, "A", 1),
            ("soc_pct", pack.soc_pct, "%", 0),
            ("soh_pct", pack.soh_pct, "%", 0),
            ("cycles", pack.cycles, "", 0),
            ("remaining_ah", pack.remaining_ah, "Ah", 1),
            ("life_charged_kwh", pack.charged_kwh, "kWh", 1),
            ("life_discharged_kwh", pack.discharged_kwh, "kWh", 1),
        ):
            if value is not None or not name.startswith("life"):
                yield _reported(name, value, unit, decimals, at_ms)
        hottest = max(pack.temperatures_c, default=None)
        yield _reported("temperature_c", hottest, "°C", 1, at_ms)
        yield _reported("spread_mv", track.cells.spread_mv, "mV", 0, track.cells_time_ms)

    def _health(self, track: Track | None, found: Laboratory | None) -> Iterator[Figure]:
        nominal_ah = found.nominal_ah if found else None
        if nominal_ah is None and track is not None:
            nominal_ah = track.pack.nominal_ah
        yield _reported("nominal_ah", nominal_ah, "Ah", 1, track.pack_time_ms if track else None)
        if found is None:
            for name, unit in (("capacity_ah", "Ah"), ("full_charges", ""), ("soc_drift_pct", "%")):
                yield Figure(name, None, unit, 1, "", reason=NO_ENGINE)
            return
        yield self._estimated("capacity_ah", found.capacity_ah, "Ah", 1)
        yield Figure(
            "full_charges", found.full_charges, "", 0, Method.COUNTED.value, at_ms=self._ms(found.at_s)
        )
        yield self._estimated("soc_drift_pct", found.soc.drift_pct, "%", 1)

    def _cells(self, track: Track | None, found: Laboratory | None) -> tuple[CellRow, ...]:
        """As many as have said something; their voltages are those of one moment."""
        mv = track.cells.mv if track else ()
        known = {cell.number: cell for cell in (found.cells if found else ())}
        numbers = sorted({*range(1, len(mv) + 1), *known})
        at_ms = track.cells_time_ms if track else None
        return tuple(
            self._cell(number, mv[number - 1] if number <= len(mv) else None, at_ms, known.get(number))
            for number in numbers
        )

    def _cell(self, number: int, mv: int | None, at_ms: int | None, found: CellFigures | None) -> CellRow:
        cell = found or CellFigures(number)
        figures = (
            _reported("voltage_mv", mv, "mV", 0, at_ms),
            self._estimated("resistance_mohm", cell.resistance_mohm, "mΩ", 2),
            self._estimated("under_load_mv", cell.under_load_mv, "mV", 1),
            self._estimated("excess_ah", cell.excess_ah, "Ah", 2),
            self._estimated("capacity_ah", cell.capacity_ah, "Ah", 1),
        )
        return CellRow(number, figures, cell.rank)

    def _estimated(self, name: str, found: Estimate, unit: str, decimals: int) -> Figure:
        return Figure(
            name,
            found.value,
            unit,
            decimals,
            found.method.value if found.method and found.value is not None else "",
            found.error,
            found.n or None,
            self._ms(found.at_s),
            found.reason.value if found.reason else "",
        )

    def _ms(self, at_s: float | None) -> int | None:
        """Unix time of a moment of the engine's steady clock."""
        return None if at_s is None else round(self._made_ms - (self._now_s - at_s) * 1000)


def _reported(name: str, value: float | None, unit: str, decimals: int, at_ms: int | None) -> Figure:
    if value is None:
        return Figure(name, None, unit, decimals, "", reason=NOT_TOLD)
    return Figure(name, value, unit, decimals, REPORTED, at_ms=at_ms)


def _energy_figures(total: Energy | None) -> Iterator[Figure]:
    """Integrated by packdeck from voltage and current; hours say during how much of the time."""
    values: tuple[tuple[str, float | None, str, int], ...] = (
        ("charged_kwh", total.charged_wh / 1000 if total else None, "kWh", 3),
        ("discharged_kwh", total.discharged_wh / 1000 if total else None, "kWh", 3),
        ("charged_ah", total.charged_ah if total else None, "Ah", 2),
        ("discharged_ah", total.discharged_ah if total else None, "Ah", 2),
        ("equivalent_cycles", total.cycles if total else None, "", 2),
        ("measured_h", total.measured_s / 3600 if total else None, "h", 2),
    )
    for name, value, unit, decimals in values:
        if value is not None:
            yield Figure(name, value, unit, decimals, INTEGRATED)
        else:
            reason = Reason.NO_CAPACITY.value if total is not None else NO_HISTORY
            yield Figure(name, None, unit, decimals, "", reason=reason)


def _sum(days: tuple[Energy, ...]) -> Energy:
    cycles = [day.cycles for day in days if day.cycles is not None]
    return Energy(
        days[0].track,
        "",
        sum(day.charged_wh for day in days),
        sum(day.discharged_wh for day in days),
        sum(day.charged_ah for day in days),
        sum(day.discharged_ah for day in days),
        sum(cycles) if cycles else None,
        sum(day.measured_s for day in days),
    )


def _identity(track: Track | None, page: RegisterPage | None) -> tuple[tuple[str, str], ...]:
    """What the unit says about itself. Its address is nobody's business."""
    if track is None:
        return ()
    said, device = track.identity, page.device if page else None
    parts = (
        ("manufacturer", said.manufacturer),
        ("model", said.model or (device.model if device else None)),
        ("hardware", said.hardware),
        ("firmware", said.firmware or (device.firmware if device else None)),
        ("serial", said.serial or said.barcode or (device.serial if device else None)),
        ("production-date", said.production_date),
        ("chemistry", said.chemistry or track.setup.chemistry),
        ("cells", str(count) if (count := len(track.cells.mv) or track.pack.cell_count) else None),
        ("protocol", track.protocol),
    )
    return tuple((name, value) for name, value in parts if value)


def _weak_by(found: Laboratory | None) -> str:
    if found is None or found.weakest is None:
        return ""
    cell = next((cell for cell in found.cells if cell.number == found.weakest), None)
    return cell.weak_by.value if cell and cell.weak_by else ""


def _settings(page: RegisterPage) -> Iterator[Setting]:
    """What is known of battery and protection; nothing that might be a secret."""
    from tui.protocols.parameters import shown

    for row in page.rows:
        if row.value is None or row.absent or not _is_told(row):
            continue
        value = shown(row.register, row.value)
        if row.register.kind is Kind.CHOICE:
            chosen = next((c for c in row.register.choices if c.value == row.value), None)
            value = _said(f"choice-{chosen.key}", value) if chosen and chosen.key else value
        elif row.register.kind is Kind.FLAG:
            value = say("on" if row.value else "off")
        elif row.register.kind is Kind.NUMBER:
            value = value.replace(".", decimal_mark())
        unit = f" {row.register.unit}" if row.register.unit else ""
        yield Setting(row.key, _said(row.register.sentence, row.key.replace("_", " ")), value + unit)


def _is_told(row: RegisterValue) -> bool:
    parts = row.key.lower().split("_")
    return row.register.category in SETTINGS and not any(secret in parts for secret in SECRETS)


def _said(key: str, otherwise: str) -> str:
    """A sentence that may not be there."""
    return say(key) if key in messages(language()) else otherwise
