"""The conversation with a JBD board: what becomes of the answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocols.talk import (
    BASIC,
    CELLS,
    COUNTERS,
    FIRST_CYCLE,
    PAYLOADS,
    Talk,
    ask,
    basic,
    good,
    pack,
    told,
    u16,
)
from tui.model.sample import Cells, Doubt, Identity, Pack, Protection
from tui.protocols.jbd import ANSWER_S, JbdProtocol
from tui.protocols.jbd_decode import UNIT_FLAG
from tui.protocols.jbd_frames import answer_frame, read_request
from tui.protocols.protocol import Answered, Bad, Rejected


def test_identity_in_parts() -> None:
    """Each name under its own field, without padding and length bytes."""
    names = [i for i in Talk().until(8).said(Identity) if not i.firmware]
    assert names == [
        Identity(hardware="JBD-SP04S020"),
        Identity(manufacturer="DGJBD"),
        Identity(model="L4S"),
        Identity(barcode="12"),
    ]


@pytest.mark.parametrize(("raw", "current_a"), [(0xFDA4, -6.04), (604, 6.04), (0, 0.0), (0x8000, -327.68)])
def test_sign_of_current(raw: int, current_a: float) -> None:
    """X-10: plus charges, minus discharges, as the board says it."""
    assert pack(basic(current=raw)).current_a == pytest.approx(current_a)


def test_pack_values() -> None:
    """Every field of the reading from its own bytes."""
    trailer = bytes((0x2D,)) + u16(0, 10000, 6400, 120)
    assert pack(basic(switches=0x0F, protection=0x1001, trailer=trailer)) == Pack(
        pack_v=13.2,
        current_a=0.0,
        soc_pct=64,
        remaining_ah=64.0,
        nominal_ah=100.0,
        cycles=12,
        cell_count=4,
        temperatures_c=(22.0, 23.0),
        balancing=(1, 3),
        protections=(Protection.CELL_OVERVOLTAGE, Protection.MOSFET_SOFTWARE_LOCK),
        charge_on=True,
        discharge_on=True,
        limiter_on=True,
        heater_on=True,
        balance_current_ma=120,
        humidity_pct=45,
    )


@pytest.mark.parametrize(
    ("switches", "trailer"),
    [(3 | UNIT_FLAG, b""), (3, bytes((0x88,)) + u16(0, 10000, 6400, 0))],
    ids=["in the switches", "in the trailer"],
)
def test_units_of_large_packs(switches: int, trailer: bytes) -> None:
    """With either flag current and capacity count in tenths; the voltage does not."""
    large = pack(basic(current=-58, switches=switches, trailer=trailer))
    assert (large.current_a, large.remaining_ah, large.nominal_ah) == (-5.8, 640.0, 1000.0)
    assert large.pack_v == 13.2 and large.charge_on and large.discharge_on
    assert large.humidity_pct == (8 if trailer else None)


@pytest.mark.parametrize(
    ("register", "payload"),
    [
        (BASIC, basic()[:22]),
        (BASIC, basic(cells=33)),
        (BASIC, basic(kelvin_tenths=(2951,) * 9)),
        (CELLS, b"\x0c\xe4\x0c"),
        (CELLS, u16(*[3300] * 33)),
        (COUNTERS, u16(*range(10))),
    ],
    ids=["short", "33 cells", "9 sensors", "odd bytes", "33 voltages", "few counters"],
)
def test_implausible_is_counted_and_nothing_else(register: int, payload: bytes) -> None:
    """The last good values stay: no reading comes of it, and the conversation goes on."""
    protocol = JbdProtocol()
    assert told(register, payload, protocol) == [Rejected(Bad.IMPLAUSIBLE)]
    assert protocol.silent_cycles == 0
    assert ask(protocol, BASIC, protocol.next_due_s()) > 0


def test_implausible_counters_wait_a_minute_too() -> None:
    """Something odd is not asked for more often than something good."""
    short = answer_frame(COUNTERS, 0, b"\0\0")
    talk = Talk(lambda register: short if register == COUNTERS else good(register)).pass_s(65)
    assert talk.asked.count(COUNTERS) == 2


def test_fewer_sensors_than_announced() -> None:
    """Those that are there are shown."""
    payload = basic(kelvin_tenths=(2951, 2961))[:-2]
    assert pack(payload).temperatures_c == (22.0,)


@pytest.mark.parametrize(
    ("payload", "doubt"),
    [
        (basic(soc=101), Doubt.SOC_RANGE),
        (basic(kelvin_tenths=(2427, 2951)), Doubt.TEMPERATURE),
        (basic(kelvin_tenths=(2951, 3931)), Doubt.TEMPERATURE),
        (basic(centivolts=1250), Doubt.SUM_DIFFERS),
        (basic(cells=8), Doubt.COUNT_DIFFERS),
        (basic(), None),
    ],
)
def test_doubtful_values_are_shown_and_marked(payload: bytes, doubt: Doubt | None) -> None:
    """Odd values are kept and flagged, never hidden."""
    boards = dict(PAYLOADS)
    talk = Talk(lambda register: answer_frame(register, 0, boards[register])).until(7)
    boards[BASIC] = payload
    talk.until(8)
    assert talk.said(Pack)[-1].doubts == ((doubt,) if doubt else ())


@pytest.mark.parametrize("mv", [0, 5001])
def test_doubtful_cells(mv: int) -> None:
    """An open sense wire is shown as the 0 mV that it says, and marked."""
    assert told(CELLS, u16(3300, mv)) == [Cells((3300, mv), (Doubt.CELL_RANGE,))]
    assert told(CELLS, u16(3300, 1, 5000)) == [Cells((3300, 1, 5000))]


def test_another_battery_on_the_same_wire() -> None:
    """After opening anew the old cells raise no doubts about the new pack, and it says who it is again."""
    talk = Talk().until(7)
    talk.protocol.reset()
    talk.outcomes.clear()
    large = dict(PAYLOADS) | {BASIC: basic(centivolts=5280, cells=16), CELLS: u16(*[3300] * 16)}
    talk.board = lambda register: answer_frame(register, 0, large[register])
    talk.until(14)
    assert talk.said(Pack)[0].doubts == ()
    assert len(talk.said(Identity)) == 5


def test_an_answer_without_data() -> None:
    """Valid, but no reading: the values before it stay."""
    assert told(CELLS, b"") == [Answered(CELLS)]
    assert told(BASIC, b"") == [Answered(BASIC)]


# noise, lateness, echo


def test_late_answers_are_counted_and_waiting_goes_on() -> None:
    """The answer to another question is not taken for this one, before or between."""
    protocol = JbdProtocol()
    assert protocol.feed(good(BASIC)) == [Rejected(Bad.LATE)]
    protocol.requests_due(0.0)
    assert protocol.feed(good(CELLS)) == [Rejected(Bad.LATE)]
    assert protocol.next_due_s() == ANSWER_S
    assert isinstance(protocol.feed(good(BASIC))[0], Pack)
    assert protocol.feed(good(BASIC)) == [Rejected(Bad.LATE)]


def test_module_frames_answer_nothing() -> None:
    """A frame of the radio module between two answers is counted and passed over."""
    protocol = JbdProtocol()
    protocol.requests_due(0.0)
    assert protocol.feed(bytes.fromhex("ffaa15010016")) == [Rejected(Bad.LATE)]


@pytest.mark.parametrize("register", FIRST_CYCLE)
def test_echo_is_no_answer(register: int) -> None:
    """An adapter that gives back what was sent: its bytes look like a frame and are counted as noise."""
    protocol = JbdProtocol()
    ask(protocol, register)
    outcomes = protocol.feed(read_request(register) + good(register))
    assert outcomes[0] == Rejected(Bad.GARBAGE, 7) and not isinstance(outcomes[1], Rejected)


def test_damaged_answer_is_asked_again() -> None:
    """One bad checksum costs a second, not a cycle."""
    answers = [good(BASIC)[:-3] + b"\0\1\x77", good(BASIC)]
    talk = Talk(lambda register: answers.pop(0) if answers else good(register)).until(3)
    assert talk.asked == [BASIC, BASIC, CELLS]
    assert Rejected(Bad.CHECKSUM) in talk.outcomes and len(talk.said(Pack)) == 1


def test_half_an_answer_is_not_glued_to_the_next() -> None:
    """What waits when a request goes out is thrown away and counted, once."""
    protocol = JbdProtocol()
    protocol.requests_due(0.0)
    assert protocol.feed(good(BASIC)[:10]) == []
    protocol.requests_due(ANSWER_S)
    outcomes = protocol.feed(good(BASIC))
    assert outcomes[0] == Rejected(Bad.GARBAGE, 10) and isinstance(outcomes[1], Pack)
    assert not any(isinstance(outcome, Rejected) for outcome in protocol.feed(b""))


def test_half_an_answer_before_the_wire_was_opened_anew() -> None:
    """The same for a wire that broke in the middle of an answer."""
    protocol = JbdProtocol()
    protocol.requests_due(0.0)
    protocol.feed(good(BASIC)[:10])
    protocol.reset()
    protocol.requests_due(1.0)
    assert protocol.feed(good(BASIC))[0] == Rejected(Bad.GARBAGE, 10)


def test_quiet_brings_out_what_a_false_start_held_up() -> None:
    """Noise that looks like a long frame, the answer behind it, then silence."""
    protocol = JbdProtocol()
    protocol.requests_due(0.0)
    assert protocol.feed(b"\xdd\x00\x00\xff" + good(BASIC)) == []
    outcomes = protocol.line_went_quiet()
    assert outcomes[0] == Rejected(Bad.GARBAGE, 4) and isinstance(outcomes[1], Pack)


@given(st.lists(st.binary(max_size=60), max_size=20), st.integers(0, 10))
def test_noise_never_raises_and_never_ends_the_talk(noise: list[bytes], quiet_after: int) -> None:
    """Whatever comes, no error; and a good answer to the next request is used."""
    protocol, now_s = JbdProtocol(), 0.0
    for n, data in enumerate(noise):
        protocol.requests_due(now_s)
        protocol.feed(data)
        if n == quiet_after:
            protocol.line_went_quiet()
        now_s += 0.3
    protocol.reset()
    ask(protocol, BASIC, now_s)
    assert any(isinstance(outcome, Pack) for outcome in protocol.feed(good(BASIC)))


@given(st.sampled_from(FIRST_CYCLE), st.binary(max_size=255))
def test_any_payload_in_a_good_frame(register: int, payload: bytes) -> None:
    """A correct checksum around nonsense: a reading, a refusal to believe it, or nothing; never an error."""
    outcomes = told(register, payload)
    assert outcomes and all(o != Rejected(Bad.LATE) for o in outcomes)
