"""Laboratories as an engine would answer them: a battery known for weeks, and a new one. Fixed numbers."""

from dataclasses import replace

from tests import fleets
from tests.fakes import FakeFeed
from tui.engine.frame_book import FrameBook
from tui.model.can import CanFrame
from tui.model.estimate import (
    Anchor,
    CapacityPoint,
    CellFigures,
    Estimate,
    Forecast,
    Laboratory,
    Method,
    Reason,
    ResistanceDay,
    SocEstimates,
    Span,
    Why,
    missing,
)
from tui.model.fleet import Fleet
from tui.model.frame import Direction
from tui.model.link import Cause
from tui.model.requests import Answer, ExplainFrame, LookAtFrames, LookAtLaboratory, Request
from tui.protocols import jbd_explain
from tui.protocols.can_explain import explain_can

NOW_S = fleets.NOW_S
HOUR_S = 3600.0
WEAK = 7
MOHM = (0.42, 0.40, 0.43, 0.41, 0.44, 0.42, 0.71, 0.43, 0.40, 0.41, 0.42, 0.44, 0.45, 0.39, 0.42, 0.41)
LOAD_MV = (0.4, 1.2, -0.2, 0.6, -0.8, 0.3, -11.4, 0.1, 1.5, 0.9, 0.5, -0.4, -0.9, 2.1, 0.2, 0.8)
ANSWER_AGE_S = 0.4


def cell(number: int) -> CellFigures:
    """One cell of the known battery: 3 has too few steps, 12 has never come near the end of a charge."""
    i = number - 1
    n = 3 if number == 3 else 180 + number
    mohm = Estimate(MOHM[i], 0.03 if number != WEAK else 0.04, Method.LOAD_STEPS, n, NOW_S - 40)
    trend = Estimate(0.4 + number / 20, 0.6, Method.LINE, 21, NOW_S - 40)
    excess = Estimate(0.05 * (number % 5), 0.05, Method.KNEE_CROSSING, 4, NOW_S - 9 * HOUR_S)
    figures = CellFigures(
        number,
        mohm,
        24.6,
        trend,
        Estimate(
            281.0 - (18.0 if number == WEAK else i % 3), 3.1, Method.FULL_TO_LOW, 2, NOW_S - 60 * HOUR_S
        ),
        Estimate(LOAD_MV[i], 1.1, Method.UNDER_LOAD, 640, NOW_S - 20),
        excess,
        Estimate(3600.0 * (number % 5), 1500.0, Method.BLEEDING, 4, NOW_S - 9 * HOUR_S),
        1 if number == WEAK else 2 + i % 15,
        Method.LOAD_STEPS if number == WEAK else None,
    )
    if number == 3:
        none = missing(Reason.NO_STEPS, Method.LOAD_STEPS, 3)
        return replace(figures, resistance_mohm=none, temperature_c=None,
                       resistance_pct_month=missing(Reason.FEW_DAYS, Method.LINE))  # fmt: skip
    if number == 12:
        none = missing(Reason.NO_KNEE, Method.KNEE_CROSSING)
        return replace(figures, excess_ah=none, balance_s=missing(Reason.NO_BALANCE_CURRENT, Method.BLEEDING))
    return figures


def drifted() -> SocEstimates:
    """The unit says 72 %, counting and the voltage say less."""
    counted = Estimate(61.3, 2.1, Method.COUNTED, 13_400, NOW_S - 1)
    return SocEstimates(
        Estimate(72.0, None, Method.REPORTED, 1, NOW_S - 1, Reason.NO_BAND),
        counted,
        Estimate(58.0, 6.5, Method.REST_VOLTAGE, 16, NOW_S - 2 * HOUR_S),
        Anchor.FULL,
        NOW_S - 31 * HOUR_S,
        Estimate(10.7, 2.3, Method.DIFFERENCE, 1, NOW_S - 1),
        Why.SMALL_CURRENTS,
    )


def known(track: str = "left") -> Laboratory:
    """Weeks of household load: nearly everything is known."""
    return Laboratory(
        track=track,
        at_s=NOW_S - ANSWER_AGE_S,
        soc=drifted(),
        cells=tuple(cell(number) for number in range(1, 17)),
        weakest=WEAK,
        forecast=Forecast(
            Span(method=Method.MEAN_CURRENT, reason=Reason.OTHER_WAY),
            Span(6.3 * HOUR_S, 5.5 * HOUR_S, 7.4 * HOUR_S, Method.TAPER, 300, NOW_S - 1),
            Estimate(12.4, 0.3, Method.MEAN_CURRENT, 300, NOW_S - 1),
            WEAK,
            Method.FULL_TO_LOW,
        ),
        capacity_ah=Estimate(268.4, 4.2, Method.FULL_TO_LOW, 3, NOW_S - 60 * HOUR_S),
        nominal_ah=280.0,
        full_charges=5,
        cycle_out_ah=171.3,
        cycle_in_ah=172.9,
        days=tuple(
            ResistanceDay(20_300 + d, 24.0, tuple(r * (1 + d / 400) for r in MOHM)) for d in range(21)
        ),
        capacities=tuple(
            CapacityPoint(int(fleets.WALL_S * 1000), ah, 4.0) for ah in (271.0, 269.2, 268.9, 268.4)
        ),
    )


def new(track: str = "right", cells: int = 4) -> Laboratory:
    """A battery a minute after it was first read: reasons, and hardly a value."""
    forecast = Forecast(
        Span(7.7 * HOUR_S, 5.9 * HOUR_S, None, Method.MEAN_CURRENT, 12, NOW_S - 1),
        Span(method=Method.MEAN_CURRENT, reason=Reason.OTHER_WAY),
        Estimate(-8.1, 0.2, Method.MEAN_CURRENT, 12, NOW_S - 1),
    )
    figures = CellFigures(
        1,
        missing(Reason.NO_STEPS, Method.LOAD_STEPS, 1),
        None,
        missing(Reason.FEW_DAYS, Method.LINE),
        missing(Reason.NO_FULL_CHARGE, Method.FULL_TO_LOW),
        missing(Reason.TOO_EARLY, Method.UNDER_LOAD),
        missing(Reason.NO_KNEE, Method.KNEE_CROSSING),
        missing(Reason.NO_BALANCE_CURRENT, Method.BLEEDING),
    )
    soc = SocEstimates(
        Estimate(64.0, None, Method.REPORTED, 1, NOW_S - 1, Reason.NO_BAND),
        Estimate(63.9, None, Method.COUNTED, 30, NOW_S - 1, Reason.ANCHOR_REPORTED),
        missing(Reason.NOT_AT_REST, Method.REST_VOLTAGE),
        Anchor.REPORTED,
        NOW_S - 60,
        missing(Reason.ANCHOR_REPORTED, Method.DIFFERENCE),
        Why.AGREE,
    )
    return Laboratory(
        track=track,
        at_s=NOW_S - ANSWER_AGE_S,
        soc=soc,
        cells=tuple(replace(figures, number=n + 1) for n in range(cells)),
        forecast=forecast,
        capacity_ah=missing(Reason.NO_FULL_CHARGE, Method.FULL_TO_LOW),
        nominal_ah=100.0,
    )


def jbd(register: int, payload: bytes) -> bytes:
    """An answer of a JBD board with its checksum."""
    checked = bytes((0, len(payload))) + payload
    return bytes((0xDD, register)) + checked + (0x10000 - sum(checked)).to_bytes(2, "big") + b"\x77"


BASIC = jbd(3, bytes.fromhex("14C004D84EC06D60007F2C7C10080000000021480310030B820B870B85"))
CELLS = jbd(4, b"".join(mv.to_bytes(2, "big") for mv in fleets.LEFT_MV))
CAN_FRAMES = (  # identifier and bytes of a battery on a bus, that of `on_can`
    (0x351, "4802E803D0077801"), (0x355, "40006300"), (0x356, "3005AFFFD600"), (0x35C, "C0"),
)  # fmt: skip


def book() -> FrameBook:
    """The traffic of both wires: a JBD board's answers at the left, a bus at the right."""
    book = FrameBook(lambda: fleets.WALL_S)
    book.wire("left")
    book.explained_by("left", lambda frame, request: jbd_explain.explain(frame.data, request))
    at_us = int((fleets.WALL_S - 0.4) * 1e6)
    for request, answer in (("DDA50300FFFD77", BASIC), ("DDA50400FFFC77", CELLS)):
        book.add("left", at_us, Direction.TX, bytes.fromhex(request))
        book.add("left", at_us + 40_000, Direction.RX, answer)
    book.wire("right", is_bus=True)
    book.explained_by(
        "right", lambda frame, request: explain_can(CanFrame(frame.time_us, frame.can_id or 0, frame.data))
    )
    for can_id, data in CAN_FRAMES:
        book.add("right", at_us, Direction.RX, bytes.fromhex(data), can_id)
    return book


def on_wires() -> Fleet:
    """The live fleet with the frames of `book`: JBD at the left; at the right a bus, with limits."""
    fleet = fleets.live()
    left, right = fleet.tracks
    right = replace(
        right,
        setup=replace(right.setup, protocol="can", transport="can", address="can0"),
        pack=replace(right.pack, soh_pct=99.0, cycles=None, remaining_ah=None, charge_voltage_limit_v=58.4,
                     charge_current_limit_a=100.0, discharge_current_limit_a=200.0,
                     discharge_voltage_limit_v=37.6, temperatures_c=(21.4,)),
        pack_frame=7,
    )  # fmt: skip
    return replace(fleet, tracks=(replace(left, pack_frame=2, cells_frame=4), right))


class LaboratoryFeed(FakeFeed):
    """A feed that knows the laboratories of both tracks, and the frames of their wires."""

    def __init__(self, fleet: Fleet, now: float = NOW_S) -> None:
        super().__init__(fleet, now)
        self.laboratories = {"left": known(), "right": new()}
        self.refusal: Cause | None = None
        self.book = book()

    def ask(self, request: Request) -> Answer:
        """One track's, or the refusal."""
        self.asked.append(request)
        if self.refusal is not None:
            return Answer(False, self.refusal)
        if isinstance(request, LookAtFrames):
            return self.book.look(request)
        if isinstance(request, ExplainFrame):
            return self.book.explain(request)
        found = self.laboratories.get(request.track) if isinstance(request, LookAtLaboratory) else None
        return Answer(found is not None, laboratory=found)
