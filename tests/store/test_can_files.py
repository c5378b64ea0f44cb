"""Traffic in the files of other programs."""

import os
from pathlib import Path

import pytest

from tui.model import can
from tui.model.frame import Direction, Frame
from tui.store import can_files
from tui.store.can_files import CanFileError, read_can_log, write_can_log

US0 = 1_760_789_251_005_123
FRAMES = [
    Frame(1, "bus", US0, Direction.RX, bytes([0x14, 0x02, 0x74, 0x0E, 0x74, 0x0E, 0xCC, 0x01]), 0x351),
    Frame(2, "bus", US0 + 250, Direction.RX, bytes(8), 0x18F128F4 | can.EXTENDED),
    Frame(3, "bus", US0 + 251, Direction.TX, b"", 0x305),
    Frame(4, "bus", US0 + 1_000_000, Direction.RX, b"\x01\x02\x03", 0x351 | can.EXTENDED),
    Frame(5, "bus", US0 + 1_000_500, Direction.RX, b"", 0x123 | can.REMOTE),
    Frame(6, "bus", US0 + 61_999_999, Direction.TX, b"\xff", 0x7FF),
]


@pytest.mark.parametrize("kind", [".log", ".asc", ".blf", ".LOG"])
def test_frames_come_back_to_the_microsecond(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"bus{kind}"
    stream = Frame(7, "left", US0, Direction.RX, b"\xdd")
    assert write_can_log(path, [*reversed(FRAMES), stream], "can1") == len(FRAMES)
    assert read_can_log(path, "bus") == FRAMES
    assert {frame.track for frame in read_can_log(path)} == {"can1"}
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("kind", can_files.KINDS)
def test_an_error_frame_stays_one(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"bus{kind}"
    write_can_log(path, [Frame(1, "bus", US0, Direction.RX, b"", can.ERROR | 0x80)])
    (found,) = read_can_log(path)
    assert found.can_id is not None
    assert found.can_id & can.ERROR


@pytest.mark.parametrize("kind", can_files.KINDS)
def test_nothing_is_written_and_read_too(tmp_path: Path, kind: str) -> None:
    assert write_can_log(tmp_path / f"bus{kind}", []) == 0
    assert read_can_log(tmp_path / f"bus{kind}") == []


def test_what_candump_itself_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "dump.log"
    path.write_text(
        "(1760789251.005123) vcan0 351#1402740E740ECC01\n"
        "(1760789251.005373) vcan0 18F128F4#00 R\n\n"
        "(1760789251.005400) vcan0 305#R\n"
        "(1760789251.005500) vcan0 123##1112233445566778899AABBCCDDEEFF00\n"
    )
    first, second, third = read_can_log(path)
    assert (first.time_us, first.can_id, first.data.hex()) == (US0, 0x351, "1402740e740ecc01")
    assert (second.can_id, second.track) == (0x18F128F4 | can.EXTENDED, "vcan0")
    assert third.can_id == 0x305 | can.REMOTE


@pytest.mark.parametrize("kind", can_files.KINDS)
def test_a_file_of_another_kind_says_why(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"bus{kind}"
    assert cause_of(path) == "can-file-missing"
    path.write_bytes(b"\x00\xff\xfenonsense\n" * 20)
    assert cause_of(path) == "can-file-unreadable"
    assert cause_of(tmp_path / "bus.csv") == "can-file-kind"


def cause_of(path: Path) -> str:
    with pytest.raises(CanFileError) as caught:
        read_can_log(path)
    assert caught.value.cause.values()["path"] == str(path)
    return caught.value.cause.key


@pytest.mark.parametrize("kind", can_files.KINDS)
def test_a_cut_file_never_raises_anything_else(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"bus{kind}"
    write_can_log(path, FRAMES)
    whole = path.read_bytes()
    for cut in range(0, len(whole), 7):
        path.write_bytes(whole[:cut])
        try:
            found = read_can_log(path, "bus")
        except CanFileError as error:
            assert error.cause.key == "can-file-unreadable"
            continue
        assert len(found) <= len(FRAMES)


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bus.log"
    write_can_log(path, FRAMES[:1])

    def refuse(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(CanFileError) as caught:
        write_can_log(path, FRAMES)
    assert caught.value.cause.key == "can-file-unwritable"
    assert len(read_can_log(path)) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["bus.log"]
    with pytest.raises(CanFileError):
        write_can_log(tmp_path / "nowhere" / "bus.log", FRAMES)
    with pytest.raises(CanFileError) as caught:
        write_can_log(tmp_path / "bus.txt", FRAMES)
    assert caught.value.cause.key == "can-file-kind"
