"""A user's DBC: what it names, what it gets wrong, and how a person is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.can import EXTENDED, CanFrame
from tui.model.frame import Trust
from tui.protocols.protocol import Explained
from tui.protocols.user_dbc import DbcError, UserDbc

GIVEN = Path(__file__).parents[1] / "recordings" / "can-battery.dbc"
HEAD = 'VERSION ""\n\nBU_: A\n\n'
MOTOR = (
    HEAD
    + "BO_ 291 Motor: 8 A\n"
    + ' SG_ Speed : 0|16@1- (0.25,0) [0|0] "km/h" A\n'
    + ' SG_ Heat : 16|8@1+ (1,-40) [0|0] "degC" A\n'
    + ' SG_ Gear : 24|8@1+ (1,0) [0|0] "" A\n'
    + ' SG_ Gain : 32|32@1- (1,0) [0|0] "" A\n\n'
    + f"BO_ {0x18F00123 | EXTENDED} Wide: 2 A\n"
    + ' SG_ Level : 7|16@0+ (0.1,0) [0|0] "%" A\n\n'
    + "SIG_VALTYPE_ 291 Gain : 1;\n"
    + 'VAL_ 291 Gear 0 "park" 1 "drive" ;\n'
)


def frame(can_id: int, data_hex: str) -> CanFrame:
    return CanFrame(0, can_id, bytes.fromhex(data_hex))


def refused(text: str | Path) -> DbcError:
    with pytest.raises(DbcError) as caught:
        UserDbc(text)
    return caught.value


def test_names_values_and_units() -> None:
    """Scaled without binary noise, named values by name, floats with the digits they hold."""
    dbc = UserDbc(MOTOR)
    assert len(dbc) == 2 and not dbc.complaints
    assert dbc.explain(frame(291, "D3FF41010000C03F")) == Explained(
        "123",
        "Motor",
        (("Speed", "-11.25 km/h"), ("Heat", "25 degC"), ("Gear", "drive"), ("Gain", "1.5")),
        Trust.GOOD,
    )
    shown = dbc.explain(frame(291, "0000000200000000"))
    assert shown is not None and dict(shown.fields)["Gear"] == "2"


def test_keys_are_identifier_and_format() -> None:
    """X-14: a 29-bit identifier is never taken for the same number in 11 bits, nor the other way."""
    dbc = UserDbc(MOTOR)
    shown = dbc.explain(frame(0x18F00123 | EXTENDED, "01F7"))
    assert shown == Explained("18F00123", "Wide", (("Level", "50.3 %"),), Trust.GOOD)
    assert 291 in dbc and 291 | EXTENDED not in dbc
    assert dbc.explain(frame(291 | EXTENDED, "00" * 8)) is None
    assert dbc.explain(frame(0x123456, "00")) is None


def test_short_frames() -> None:
    """Signals that were not sent are missing, not zero; a frame without any is a bad one."""
    dbc = UserDbc(MOTOR)
    shown = dbc.explain(frame(291, "D3FF41"))
    assert shown is not None and shown.text == "Speed -11.25 km/h  Heat 25 degC"
    empty = dbc.explain(frame(291, ""))
    assert empty is not None and (empty.fields, empty.trust) == ((), Trust.BAD)


def test_the_given_file() -> None:
    """S4-19: the family's own DBC is read without complaint, from a path or as text."""
    dbc = UserDbc(GIVEN)
    assert len(dbc) == 31 and dbc.complaints == ()
    assert len(UserDbc(str(GIVEN))) == len(UserDbc(GIVEN.read_text(encoding="utf-8"))) == 31
    shown = dbc.explain(frame(0x351, "480200050005AE01"))
    assert shown is not None and dict(shown.fields)["ChargeVoltageLimit"] == "58.4 V"
    cold = dbc.explain(frame(0x373, "EA0C010D1F012201"))
    assert cold is not None and dict(cold.fields)["MinCellTemp"] == "14 degC"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("hello\n", 1, "hello"),
        (MOTOR.replace("(0.25,0)", "(0.25,0"), 6, "[0|0]"),
        (HEAD + "BO_ 5 A 8 B\n", 5, "8 B"),
        (HEAD + 'BO_ 5 A: 2 B\n SG_ x : 0|0@1+ (1,0) [0|0] "" C\n', 5, "length 0"),
        (HEAD + "BO_ 99999999999 Far: 2 B\n", 5, "11 bits"),
        ("\n", None, "empty"),
        ("", None, "empty"),
    ],
)
def test_broken_files(text: str, line: int | None, says: str) -> None:
    """The line where there is one, and the reason, as parts of one sentence."""
    error = refused(text)
    assert error.line == line and says in error.reason and "\n" not in error.reason
    assert str(error) == (error.reason if line is None else f"line {line}: {error.reason}")


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    """Absent, a folder, no name at all: no line, but a reason."""
    for path in (tmp_path / "none.dbc", tmp_path, "no\0name"):
        error = refused(path)
        assert error.line is None and error.reason


def test_letters_of_old_editors(tmp_path: Path) -> None:
    """Not UTF-8: read as Windows writes; a mark at the beginning is skipped."""
    old = MOTOR.replace("degC", "°C")
    for encoding in ("cp1252", "utf-8", "utf-8-sig"):
        path = tmp_path / f"{encoding}.dbc"
        path.write_bytes(old.encode(encoding))
        shown = UserDbc(path).explain(frame(291, "000041"))
        assert shown is not None and ("Heat", "25 °C") in shown.fields


def test_contradictions_are_told_and_tolerated() -> None:
    """Overlapping signals, double identifiers: the rest is usable, and no error is hidden."""
    overlap = MOTOR + 'BO_ 5 A: 2 B\n SG_ x : 0|16@1+ (1,0) [0|0] "" C\n SG_ y : 8|8@1+ (1,0) [0|0] "" C\n'
    dbc = UserDbc(overlap)
    (complaint,) = dbc.complaints
    assert complaint.line == overlap.count("\n") - 2 and "overlapping" in complaint.reason
    shown = dbc.explain(frame(291, "D3FF41"))
    assert shown is not None and shown.trust is Trust.GOOD
    broken = dbc.explain(frame(5, "0102"))  # cantools cannot read the message that is wrong
    assert broken is not None and broken.trust is Trust.BAD
    twice = HEAD + 'BO_ 5 A: 1 B\n SG_ x : 0|8@1+ (1,0) [0|0] "" C\n\nBO_ 5 Z: 1 B\n'
    dbc = UserDbc(twice)
    (complaint,) = dbc.complaints
    assert (complaint.line, complaint.reason) == (8, "Z has the identifier of A, 005")
    shown = dbc.explain(frame(5, "07"))
    assert shown is not None and shown.name == "A"


def test_signals_that_choose_signals() -> None:
    """A multiplexed frame; a choice that the file does not have is a bad frame, not an exception."""
    text = HEAD + (
        "BO_ 7 Many: 2 B\n"
        ' SG_ which M : 0|8@1+ (1,0) [0|0] "" C\n'
        ' SG_ a m0 : 8|8@1+ (1,0) [0|0] "V" C\n'
        ' SG_ b m1 : 8|8@1+ (1,0) [0|0] "A" C\n'
    )
    dbc = UserDbc(text)
    shown = dbc.explain(frame(7, "0105"))
    assert shown is not None and shown.fields == (("which", "1"), ("b", "5 A"))
    wrong = dbc.explain(frame(7, "0905"))
    assert wrong is not None and wrong.trust is Trust.BAD and wrong.fields[0][0] == "error"


LOADED = UserDbc(GIVEN)


@given(st.sampled_from([n for n in range(0x800) if n in LOADED]), st.binary(max_size=8))
def test_any_bytes(can_id: int, data: bytes) -> None:
    """No content raises."""
    shown = LOADED.explain(CanFrame(0, can_id, data))
    assert shown is not None and shown.name


@given(st.text(max_size=60).map(lambda text: HEAD + text + "\n"))
def test_any_text(text: str) -> None:
    """A file is read or refused with a reason, never anything else."""
    try:
        assert len(UserDbc(text)) >= 0
    except DbcError as error:
        assert error.reason
