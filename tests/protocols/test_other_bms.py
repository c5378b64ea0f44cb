"""Records of other makes: values to readings with their units, and the talk with the library. Fake clock.

The records are what aiobmsble 0.31 gives for the makes named in them, written by its documented types.
"""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.frame import Trust
from tui.model.sample import Cells, Doubt, Identity, Pack, Protection
from tui.protocols.other_bms import ANSWER_S, IDENTITY, LONGEST, VALUES, OtherBmsProtocol
from tui.protocols.other_bms_record import explain
from tui.protocols.protocol import Answered, Bad, Outcome, Rejected

BOARD: dict[str, Any] = {
    "voltage": 13.23,
    "current": -8.06,
    "cycle_charge": 63.21,
    "cycle_capacity": 836.3,
    "design_capacity": 100,
    "cycles": 12,
    "balancer": 0b0101,
    "problem_code": 0,
    "battery_level": 63,
    "chrg_mosfet": True,
    "dischrg_mosfet": False,
    "cell_count": 4,
    "temp_sensors": 3,
    "temp_values": [{"c": 20.8, "of": "cell"}, {"c": 48.0, "of": "mosfet"}, {"c": -3.5, "of": "generic"}],
    "cell_voltages": [3.306, 3.312, 3.301, 3.308],
}
PART = {
    "voltage": 13.0,
    "current": 5.0,
    "cycle_charge": 50.0,
    "design_capacity": 100,
    "cell_voltages": [3.25] * 4,
}


def line(key: str = "values", said: object = None, make: str = "jbd") -> bytes:
    return msgspec.json.encode({"make": make, key: BOARD if said is None else said}) + b"\n"


def asked(protocol: OtherBmsProtocol | None = None, now_s: float = 0.0) -> OtherBmsProtocol:
    """A protocol that waits for values."""
    protocol = protocol or OtherBmsProtocol()
    assert protocol.requests_due(now_s) == [VALUES]
    return protocol


def told(values: dict[str, Any]) -> list[Outcome]:
    return asked().feed(line(said=values))


def pack(**values: Any) -> Pack:
    """What that becomes beside a voltage."""
    reading = told({"voltage": 13.0, **values})[0]
    assert isinstance(reading, Pack)
    return reading


# values


def test_every_value_has_its_unit_and_sign() -> None:
    """Positive charges; Ah and not Wh; only sensors at the battery; 0 and 1 are cells 1 and 2 of the mask."""
    assert told(BOARD) == [
        Pack(
            pack_v=13.23,
            current_a=-8.06,
            soc_pct=63,
            remaining_ah=63.21,
            nominal_ah=100,
            cycles=12,
            cell_count=4,
            temperatures_c=(20.8, -3.5),
            balancing=(1, 3),
            charge_on=True,
            discharge_on=False,
        ),
        Cells((3306, 3312, 3301, 3308)),
    ]


def test_what_is_not_said_is_not_known() -> None:
    assert told({"voltage": 51.2}) == [Pack(pack_v=51.2)]
    assert told({}) == [Answered(0)]
    assert told({"temp_sensors": 0, "unheard_of": 3}) == [Answered(0)]


def test_the_rarer_values() -> None:
    assert pack(battery_health=97.5).soh_pct == 97.5
    assert pack(runtime=5400).time_left_s == 5400
    assert pack(balance_current=-0.35).balance_current_ma == -350
    assert pack(heater=True).heater_on is True
    assert pack(temperature=21.5).temperatures_c == (21.5,)
    assert pack(temperature=30.0, temp_values=[{"c": 21.0, "of": "cell_max"}]).temperatures_c == (21.0,)
    assert pack(cycles=12.0).cycles == 12


@pytest.mark.parametrize(
    ("said", "balancing"),
    [(True, ()), (False, ()), (0, ()), (1, (1,)), (0b1000, (4,)), (0b1_0000, ()), (-1, ()), (None, ())],
)
def test_a_mask_names_cells_and_a_yes_names_none(said: object, balancing: tuple[int, ...]) -> None:
    assert pack(balancer=said, cell_count=4).balancing == balancing


def test_a_mask_goes_by_the_cells_when_their_number_is_not_said() -> None:
    assert pack(balancer=0b11, cell_voltages=[3.3, 3.3]).balancing == (1, 2)
    assert pack(balancer=0b11).balancing == ()


def test_a_problem_is_a_problem_whatever_its_code() -> None:
    assert pack(problem_code=1 << 40).protections == (Protection.GENERAL,)
    assert pack(problem=True).protections == (Protection.GENERAL,)
    assert pack(problem=False, problem_code=0).protections == ()


@pytest.mark.parametrize(
    ("values", "doubt"),
    [
        ({"battery_level": 104}, Doubt.SOC_RANGE),
        ({"temp_values": [{"c": 180.0, "of": "cell"}]}, Doubt.TEMPERATURE),
        ({"cell_voltages": [3.3] * 8}, Doubt.SUM_DIFFERS),
        ({"cell_voltages": [3.25] * 4, "cell_count": 5}, Doubt.COUNT_DIFFERS),
    ],
)
def test_what_can_hardly_be_is_shown_with_doubt(values: dict[str, Any], doubt: Doubt) -> None:
    assert pack(**values).doubts == (doubt,)


def test_a_cell_out_of_range_is_kept_with_doubt() -> None:
    assert told({"cell_voltages": [3.3, 5.9]}) == [
        Cells((3300, 5900), (Doubt.CELL_RANGE,)),
    ]


def test_one_pack_in_a_system_is_the_system() -> None:
    assert told({"packs": [PART]}) == [
        Pack(pack_v=13.0, current_a=5.0, remaining_ah=50.0, nominal_ah=100.0),
        Cells((3250,) * 4),
    ]


def test_packs_side_by_side_add_up_and_their_cells_are_all_shown() -> None:
    other = {**PART, "voltage": 13.2, "current": -1.0, "temp_values": [{"c": 20.0, "of": "cell"}]}
    whole, cells = told({"pack_count": 2, "packs": [PART, other]})
    assert isinstance(whole, Pack) and isinstance(cells, Cells)
    assert (whole.pack_v, whole.current_a, whole.remaining_ah) == (pytest.approx(13.1), 4.0, 100.0)
    assert (whole.soc_pct, whole.temperatures_c, whole.doubts) == (None, (20.0,), ())
    assert len(cells.mv) == 8


def test_half_a_sum_is_none() -> None:
    whole = told({"packs": [PART, {"voltage": 13.0}]})[0]
    assert isinstance(whole, Pack) and whole.current_a is None and whole.pack_v == 13.0


def test_a_system_that_tells_its_totals_is_believed() -> None:
    whole = told({"voltage": 52.0, "current": 1.0, "packs": [PART, PART]})[0]
    assert isinstance(whole, Pack) and (whole.pack_v, whole.current_a) == (52.0, 1.0)


# who it is


def test_who_it_is_is_asked_once_after_the_first_values() -> None:
    protocol = asked()
    protocol.feed(line())
    assert protocol.requests_due(0.5) == [IDENTITY]
    who = {
        "manufacturer": "Jiabaida",
        "model": "smart BMS",
        "sw_version": "2.1",
        "hw_version": "H",
        "serial_number": "7",
    }
    assert protocol.feed(line("identity", who)) == [
        Identity(hardware="H", firmware="2.1", manufacturer="Jiabaida", model="smart BMS", serial="7")
    ]
    assert protocol.requests_due(1.0) == [] and protocol.next_due_s() == 2.0
    assert protocol.requests_due(2.0) == [VALUES]
    protocol.reset()
    asked(protocol, 3.0).feed(line())
    assert protocol.requests_due(3.1) == [IDENTITY]


def test_a_make_that_cannot_say_who_it_is_is_not_asked_again() -> None:
    protocol = asked()
    protocol.feed(line())
    assert protocol.requests_due(0.1) == [IDENTITY]
    assert protocol.feed(line("error", "BleakDBusError: not permitted")) == [Rejected(Bad.IMPLAUSIBLE)]
    assert protocol.requests_due(2.0) == [VALUES] and protocol.silent_cycles == 0
    assert asked(now_s=0.0).feed(line("identity", {})) == [Rejected(Bad.LATE)]


# the talk


def test_values_are_asked_every_poll_and_one_at_a_time() -> None:
    protocol = OtherBmsProtocol(poll_s=5.0)
    assert protocol.next_due_s() <= 0.0
    asked(protocol)
    assert protocol.requests_due(6.0) == [] and protocol.requests_sent == 1
    assert protocol.next_due_s() == ANSWER_S
    protocol.feed(line())
    protocol.requests_due(6.0)
    protocol.feed(line("identity", {}))
    assert protocol.next_due_s() == 5.0


def test_silence_is_counted() -> None:
    """A silent battery, told by the library or by nobody at all."""
    protocol = asked()
    assert protocol.feed(line("error", "TimeoutError")) == []
    assert (protocol.requests_unanswered, protocol.silent_cycles) == (1, 1)
    asked(protocol, 2.0)
    asked(protocol, 2.0 + ANSWER_S)
    assert (protocol.requests_unanswered, protocol.silent_cycles) == (2, 2)
    assert protocol.feed(line()) != []
    assert (protocol.requests_sent, protocol.requests_unanswered, protocol.silent_cycles) == (3, 2, 0)


@pytest.mark.parametrize(
    "values",
    [
        {"voltage": 1e300},
        {"cell_voltages": [1e308]},
        {"cell_count": -1, "balancer": 1},
        {"cell_voltages": [None]},
    ],
)
def test_numbers_beyond_sense_are_implausible(values: dict[str, Any]) -> None:
    assert told(values) == [Rejected(Bad.IMPLAUSIBLE)]


def test_what_the_library_does_not_believe_is_implausible_and_the_talk_goes_on() -> None:
    protocol = asked()
    assert protocol.feed(line("error", "ValueError: BMS data incomplete.")) == [Rejected(Bad.IMPLAUSIBLE)]
    assert protocol.requests_due(2.0) == [VALUES]
    assert protocol.feed(line(said={"voltage": "many"})) == [Rejected(Bad.IMPLAUSIBLE)]
    assert protocol.requests_due(4.0) == [VALUES]


def test_an_answer_that_nobody_asked_for_is_late() -> None:
    assert OtherBmsProtocol().feed(line()) == [Rejected(Bad.LATE)]
    protocol = asked()
    protocol.feed(line())
    assert protocol.feed(line()) == [Rejected(Bad.LATE)]


# bytes


def test_any_cut_gives_the_same_readings() -> None:
    whole = line()
    expected = asked().feed(whole)
    for cut in range(len(whole) + 1):
        protocol = asked()
        assert protocol.feed(whole[:cut]) + protocol.feed(whole[cut:]) == expected


def test_garbage_in_front_is_counted_and_the_record_is_read() -> None:
    assert asked().feed(b"noise\n" + line())[0] == Rejected(Bad.GARBAGE, 6)
    assert asked().feed(b"\n" + line())[1:] == told(BOARD)


def test_half_a_record_is_garbage_when_nothing_follows() -> None:
    protocol = asked()
    assert protocol.feed(line()[:50]) == []
    assert protocol.line_went_quiet() == [Rejected(Bad.GARBAGE, 50)]
    assert protocol.line_went_quiet() == []
    protocol.feed(line()[:50])
    protocol.reset()
    assert asked(protocol).feed(line())[0] == Rejected(Bad.GARBAGE, 50)


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    assert asked().feed(b"x" * (LONGEST + 1)) == [Rejected(Bad.GARBAGE, LONGEST + 1)]


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_random_bytes_never_raise(pieces: list[bytes]) -> None:
    protocol = asked()
    for piece in pieces:
        protocol.feed(piece)
        explain(piece, None)
        explain(piece, VALUES)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*BOARD, "packs", "c"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*BOARD, "packs", "balancer", "problem", "runtime"]), JSON))
def test_no_values_raise_whatever_the_library_gives(values: dict[str, Any]) -> None:
    try:
        whole = line(said=values)
    except (msgspec.MsgspecError, OverflowError):
        return  # an integer of more than 64 bits: the wire says so itself
    asked().feed(whole)
    explain(whole, VALUES)


# in words


def test_a_record_in_words_has_units() -> None:
    said = explain(line(), VALUES)
    assert (said.key, said.name, said.trust) == ("values", "jbd", Trust.GOOD)
    fields = dict(said.fields)
    assert fields["voltage"] == "13.23 V" and fields["cycle_capacity"] == "836.3 Wh"
    assert fields["temp_values"] == "cell=20.8 mosfet=48 generic=-3.5 °C"
    assert fields["cell_voltages"] == "3.306 3.312 3.301 3.308 V"
    assert fields["chrg_mosfet"] == "yes" and fields["dischrg_mosfet"] == "no"
    assert "current=5 A" in dict(explain(line(said={"packs": [PART]}), VALUES).fields)["packs"]


def test_requests_errors_and_noise_in_words() -> None:
    assert explain(VALUES, None).text == "request read"
    assert explain(IDENTITY, None).key == "identity"
    failed = explain(line("error", "ValueError: no"), VALUES)
    assert (failed.key, failed.text, failed.trust) == ("error", "error ValueError: no", Trust.BAD)
    for noise in (b"", b"\xff\xfe", b"[1]", b"7", b"{}"):
        assert explain(noise, VALUES).trust is not Trust.GOOD
    assert explain(line(said={"voltage": "many"}), VALUES).trust is Trust.BAD
