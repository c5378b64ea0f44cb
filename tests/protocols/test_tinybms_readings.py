"""TinyBMS registers as readings: units, missing values, cells with fewer than 16, doubts."""

from typing import Any

import pytest

from tests.protocols.tinybms_unit import Talk, Unit, live_words, pair, single
from tui.model.sample import Cells, Counters, Doubt, Identity, Pack
from tui.protocols.tinybms_readings import ImplausibleError, counters, live, settings, version
from tui.protocols.tinybms_values import cell_registers


def told(nominal_ah: float | None = 100.0, cells: int | None = 4, **changes: int) -> Pack:
    return live(live_words(**changes), nominal_ah, cells)[0]


def test_live_block() -> None:
    """S1-6: every field in its unit; switches are not told on this line."""
    pack, cells = live(live_words(), 100.0, 4)
    assert pack == Pack(
        pack_v=13.201,
        current_a=-2.5,
        soc_pct=64.5,
        soh_pct=98.0,
        remaining_ah=64.5,
        nominal_ah=100.0,
        cell_count=4,
        temperatures_c=(22.5, 31.0),
        balancing=(2,),
        needs_balancing=(2, 4),
        status="discharging",
        time_left_s=7200,
        lowest_cell_mv=3300,
        highest_cell_mv=3301,
    )
    assert pack.charge_on is None and pack.discharge_on is None
    assert cells == Cells((3300, 3301, 3300, 3300))


def test_what_is_not_known_is_none() -> None:
    """No sensor, no state of health on older firmware, no capacity, no time left in rest."""
    pack = told(None, None, r42=0x8000, r48=0x8000, r45=0, r50=0x97)
    assert pack.temperatures_c == () and pack.soh_pct is None and pack.time_left_s is None
    assert pack.remaining_ah is None and pack.nominal_ah is None
    assert told(r45=60_000).soh_pct is None
    assert told(r40=0, r41=0).lowest_cell_mv is None


@pytest.mark.parametrize(("seconds", "expected"), [(360_000, 360_000), (360_001, None), (41_777_412, None)])
def test_absurd_time_left(seconds: int, expected: int | None) -> None:
    """Beyond 100 hours nothing is told."""
    assert live(live_words() | pair(34, seconds), None, None)[0].time_left_s == expected


def test_temperature_order() -> None:
    """External 1, external 2, internal; below zero too."""
    assert told(r42=0xFFF6, r43=25, r48=310).temperatures_c == (-1.0, 2.5, 31.0)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (0x91, "charging"), (0x92, "fully_charged"), (0x93, "discharging"), (0x96, "regeneration"),
        (0x97, "idle"), (0x9B, "fault"), (0x98, "unknown_0x98"), (0, "unknown_0x00"),
    ],
)  # fmt: skip
def test_status(status: int, word: str) -> None:
    """Every documented status has a word; others are shown with their number."""
    assert told(r50=status).status == word


def words_of(**changes: int) -> dict[int, int]:
    return dict.fromkeys(range(16), 0) | {53: 0} | {int(k[1:]): v for k, v in changes.items()}


def test_cell_positions() -> None:
    """With N cells they are in the last N positions; the count is detected, else configured, else seen."""
    full = {f"r{n}": 33000 for n in range(16)}
    assert cell_registers(words_of(**full, r53=16)) == tuple(range(16))
    some = {f"r{n}": 33000 for n in range(2, 16)}
    assert cell_registers(words_of(**some, r53=14)) == tuple(range(2, 16))
    assert cell_registers(words_of(**some), 14) == tuple(range(2, 16))
    assert cell_registers(words_of(**some)) == tuple(range(2, 16))
    assert cell_registers(words_of()) == ()


def test_an_open_wire_is_kept_and_another_wiring_is_noticed() -> None:
    """A zero among the last N is an open wire, unless cells stand before them."""
    assert cell_registers(words_of(r12=33000, r14=33000, r15=33000, r53=4)) == (12, 13, 14, 15)
    assert cell_registers(words_of(r0=1, r1=2, r2=3, r15=4, r53=4)) == (0, 1, 2, 15)
    pack, cells = live(live_words(r13=0), None, 4)
    assert cells.mv[1] == 0 and cells.doubts == (Doubt.CELL_RANGE,)
    assert Doubt.SUM_DIFFERS in pack.doubts


def test_doubts() -> None:
    """Received and shown, but worth a look."""
    assert live(live_words() | pair(46, 100_000_001), None, None)[0].doubts == (Doubt.SOC_RANGE,)
    assert told(r42=1300).doubts == (Doubt.TEMPERATURE,)
    assert told(cells=8).doubts == (Doubt.COUNT_DIFFERS,)
    assert live(live_words() | single(36, 12.0), None, None)[0].doubts == (Doubt.SUM_DIFFERS,)
    assert live(live_words(r15=50_010) | single(36, 14.9), None, None)[1].doubts == (Doubt.CELL_RANGE,)


@pytest.mark.parametrize("words", [single(36, -1.0), single(36, 121.0), single(38, 3000.0), {53: 40}])
def test_impossible(words: dict[int, int]) -> None:
    """Beyond anything this unit can measure."""
    with pytest.raises(ImplausibleError):
        live(live_words() | words, None, None)


def test_no_cells_no_reading() -> None:
    """A unit that tells no cell at all gives the totals alone."""
    unit = Unit()
    unit.words |= dict.fromkeys((*range(16), 53, 307), 0)
    talk = Talk(unit).until(8)
    assert talk.said(Cells) == [] and talk.said(Pack)[-1].cell_count is None


def test_statistics() -> None:
    """Counts, records with their unit, and the smallest temperature below zero."""
    words: dict[int, int] = dict.fromkeys(range(100, 118), 0) | Unit().words
    counts: dict[str, Any] = dict(counters(words).counts)
    assert counts["total_distance_m"] == 123_450 and counts["largest_discharge_ma"] == 51_000
    assert counts["largest_cell_difference_mv"] == 16 and counts["undervoltage_protections"] == 3
    assert counts["lowest_temperature_c"] == -7 and counts["highest_temperature_c"] == 25
    assert counts["statistics_cleared_at_s"] == 0 and len(counts) == 14


def test_identity() -> None:
    """S1-6: names from numbers; the serial number as the bytes of its registers, low one first."""
    said = Talk().until(6).said(Identity)
    assert said == [
        Identity(serial="323647133434333" + "71F004D00"),
        Identity(hardware="TinyBMS s516 v2.1", firmware="2.3.242", bootloader="24"),
    ]
    with pytest.raises(ImplausibleError):
        version(bytes(5), False)


def test_settings() -> None:
    """Capacity and cells; nonsense is not believed."""
    assert settings({306: 31_400, 307: 16}) == (314.0, 16)
    assert settings({306: 0, 307: 17}) == (None, None)
    talk = Talk().pass_s(2)
    assert talk.said(Pack)[0].nominal_ah is None and talk.said(Pack)[-1].nominal_ah == 100.0
    assert talk.said(Pack)[-1].remaining_ah == 64.5


def test_complete_counters_reading() -> None:
    """The statistics arrive as one reading."""
    (said,) = Talk().until(6).said(Counters)
    assert said.counts[0] == ("total_distance_m", 123_450)
