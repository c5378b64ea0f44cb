"""What is written can be read: whole, cut off anywhere, with holes, in parts."""

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tui.feed import recording
from tui.feed.recording import (
    RecordingError,
    clock_line,
    command_line,
    event_line,
    fleet_line,
    frame_line,
    head_line,
    read_recording,
)
from tui.model.events import Event, FleetStarted, LinkChanged, SampleRead
from tui.model.fleet import Fleet
from tui.model.fold import fold
from tui.model.frame import Direction, Frame
from tui.model.link import Link, Phase
from tui.model.requests import SwitchPolling
from tui.model.sample import Cells, Pack
from tui.model.track import Setup

US0 = 1_760_000_000_000_000
SETUPS = (Setup("left"), Setup("right", transport="can"))
START = fold(Fleet(), FleetStarted(SETUPS, 7))
EVENTS: list[Event] = [
    SampleRead("left", 100.5, 1, Pack(pack_v=53.1, current_a=-2.5, soc_pct=80.0), frame=2),
    LinkChanged("left", 100.5, 1, Link(Phase.UP, 100.5)),
    SampleRead("left", 101.0, 2, Cells((3300, 3310, 0)), frame=3),
    SampleRead("right", 101.5, 2, Pack(pack_v=13.1, current_a=0.1)),
]
FRAMES = [
    Frame(1, "left", US0 + 100_000, Direction.TX, b"\xdd\xa5\x03"),
    Frame(2, "left", US0 + 500_000, Direction.RX, b"\xdd\x03\x00"),
    Frame(3, "right", US0 + 1_000_000, Direction.RX, bytes(8), 0x351),
    Frame(4, "right", US0 + 1_200_000, Direction.RX, b"", 0x98F128F4),
]


def at(clock_s: float) -> tuple[int, float]:
    """Both clocks: the recording begins at 100 s of the steady one."""
    return US0 + round((clock_s - 100) * 1e6), clock_s


def small() -> tuple[list[bytes], list[Fleet]]:
    """A short recording, and the fleets after each of its moments."""
    fleet, fleets = START, [START]
    lines = [head_line(7, *at(100.0)), fleet_line(fleet, *at(100.0)), frame_line(FRAMES[0])]
    for i, event in enumerate(EVENTS):
        fleet = fold(fleet, event)
        fleets.append(fleet)
        lines.append(event_line(event, fleet.version, *at(100.5 + i / 2)))
        lines += [frame_line(frame) for frame in FRAMES[i + 1 : i + 2]]
    lines.append(command_line(SwitchPolling(False), True, *at(102.5)))
    return lines, fleets


def written(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def folded(found: recording.Recording) -> list[Fleet]:
    fleets, fleet = [], Fleet()
    for moment in found.moments:
        if moment.fleet is not None:
            fleet = moment.fleet
        elif moment.event is not None:
            fleet = fold(fleet, moment.event)
        fleets.append(fleet)
    return fleets


def key_of(path: Path) -> str:
    with pytest.raises(RecordingError) as caught:
        read_recording(path)
    assert caught.value.cause.values()["path"] == str(path)
    return caught.value.cause.key


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_everything_comes_back(tmp_path: Path, packed: bool) -> None:
    lines, fleets = small()
    path = written(tmp_path / "a.packdeck", lines)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    found = read_recording(path)
    assert folded(found) == fleets
    assert list(found.frames) == FRAMES
    assert [round(p, 6) for p in found.frames.positions] == [0.1, 0.5, 1.0, 1.2]
    assert list(found.moments.positions) == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert [c.request for c in found.commands] == [SwitchPolling(False)]
    assert (found.pid, found.started_us, found.length_s) == (7, US0, 2.0)
    assert found.frames_of("left") == FRAMES[:2]
    assert found.damage == () and found.holes == 0


def test_cut_at_every_byte_it_is_read_up_to_the_cut(tmp_path: Path) -> None:
    lines, fleets = small()
    whole = b"".join(line + b"\n" for line in lines)
    head_bytes = len(lines[0]) + len(lines[1]) + 1
    path = tmp_path / "cut.packdeck"
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        if cut < head_bytes:
            assert key_of(path) in {"recording-empty", "recording-damaged"}, cut
            continue
        found = read_recording(path)
        moments, frames = folded(found), list(found.frames)
        assert moments == fleets[: len(moments)]
        assert frames == FRAMES[: len(frames)]
        complete = whole[:cut].count(b"\n") + (whole[cut : cut + 1] == b"\n")
        assert len(moments) + len(frames) + len(found.commands) + 1 == complete
        is_cut = whole[cut - 1 : cut] != b"\n" and whole[cut : cut + 1] != b"\n"
        assert bool(found.damage) == is_cut, cut
        if is_cut:
            assert found.damage[0].line == complete + 1
            assert found.damage[0].byte == whole.rfind(b"\n", 0, cut) + 1
            assert found.damage[0].cause().key == "recording-cut"


def test_a_packed_file_cut_at_every_byte_never_gives_what_was_not_there(tmp_path: Path) -> None:
    lines, fleets = small()
    whole = gzip.compress(b"".join(line + b"\n" for line in lines))
    path = tmp_path / "cut.packdeck.gz"
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        try:
            found = read_recording(path)
        except RecordingError as error:
            assert error.cause.key in {"recording-empty", "recording-damaged", "recording-not"}
            continue
        moments = folded(found)
        assert moments == fleets[: len(moments)]
        assert found.damage


def test_every_other_kind_of_file_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert key_of(path) == "recording-missing"
    contents = {
        b"": "recording-empty",
        b"\n": "recording-not",
        b"hello": "recording-not",
        b'{"type":"hello"}\n': "recording-not",
        b'{"type":"head","format":"other","version":1}\n': "recording-not",
        b"\xff\xfe\x00" * 50: "recording-not",
        head_line(1, 1, 1.0) + b"\n": "recording-empty",
        head_line(1, 1, 1.0)[:50]: "recording-damaged",
        head_line(1, 1, 1.0) + b'\n{"type":"fl': "recording-damaged",
        head_line(1, 1, 1.0).replace(b'"version":1', b'"version":2'): "recording-newer",
        b'{"type":"head","format":"packdeck-recording","version":9,"more":{}}': "recording-newer",
    }
    for content, key in contents.items():
        path.write_bytes(content)
        assert key_of(path) == key, content
    assert key_of(written(path, [frame_line(FRAMES[0])])) == "recording-not"


def test_a_newer_version_names_both(tmp_path: Path) -> None:
    path = tmp_path / "new"
    path.write_bytes(b'{"type":"head","format":"packdeck-recording","version":9,"program":"7.0"}')
    with pytest.raises(RecordingError) as caught:
        read_recording(path)
    values = caught.value.cause.values()
    assert (values["theirs"], values["mine"], values["program"]) == ("9", "1", "7.0")


def test_an_unreadable_file_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "x", small()[0])

    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert key_of(path) == "recording-unreadable"


def test_a_kind_of_line_or_event_that_came_later_is_passed_over(tmp_path: Path) -> None:
    lines, fleets = small()
    lines[4:4] = [b'{"type":"poem","text":"x"}']
    strange = event_line(EVENTS[0], 99, *at(103.0)).replace(b'"kind":"SampleRead.Pack"', b'"kind":"Sang"')
    found = read_recording(written(tmp_path / "x", [*lines, strange]))
    assert folded(found)[: len(fleets)] == fleets
    assert found.moments[len(found.moments) - 1].event is None
    assert found.damage == ()
    assert found.holes == 2


def test_a_fleet_that_is_ahead_of_its_events_waits_for_them(tmp_path: Path) -> None:
    """It is written by another thread: the events behind it are the finer story."""
    lines, fleets = small()
    lines.insert(3, fleet_line(fleets[2], *at(100.6)))
    found = read_recording(written(tmp_path / "x", lines))
    assert folded(found) == [*fleets[:3], fleets[2], *fleets[3:]]
    assert list(found.anchors) == [0, 3]
    assert found.holes == 0


def test_a_hole_is_bridged_by_the_next_fleet_and_counted(tmp_path: Path) -> None:
    lines, fleets = small()
    events = [line for line in lines if b'"type":"event"' in line]
    bridge = fleet_line(fleets[3], *at(101.6))
    found = read_recording(written(tmp_path / "x", [*lines[:2], events[0], bridge, events[2], events[3]]))
    assert folded(found) == [fleets[0], fleets[1], fleets[3], fleets[4]]
    assert found.holes == 1
    found = read_recording(written(tmp_path / "x", [*lines[:2], events[0], bridge]))
    assert folded(found)[-1] == fleets[3]


def test_frames_that_overtook_each_other_are_in_order(tmp_path: Path) -> None:
    many = [Frame(n, "left", US0 + n * 250, Direction.RX, bytes([n % 256])) for n in range(1, 20001)]
    mixed = [many[i ^ 31] for i in range(20000)]
    clocks = [clock_line(*at(100 + n * 0.25)) for n in range(20)]
    lines = [*small()[0][:2], *(frame_line(f) for f in mixed)]
    for n, clock in enumerate(clocks):
        lines.insert(2 + n * 1000, clock)
    found = read_recording(written(tmp_path / "x", lines))
    assert list(found.frames) == many
    assert found.frames[-1] == many[-1] and found.frames[10:12000:7] == many[10:12000:7]
    assert recording.first_after(found.frames, 14321) == 14321
    with pytest.raises(IndexError):
        found.frames[20000]


def test_setting_the_clock_of_the_machine_moves_no_frame(tmp_path: Path) -> None:
    """Unix time jumps an hour ahead, then back; the steady clock does not."""
    hour = 3_600_000_000
    frames = [replace(FRAMES[0], number=n, time_us=US0 + n * 1_000_000) for n in range(6)]
    frames[2:4] = [replace(f, time_us=f.time_us + hour) for f in frames[2:4]]
    lines = [*small()[0][:2], *(frame_line(f) for f in frames[:3])]
    lines += [clock_line(US0 + hour + 2_500_000, 102.5), frame_line(frames[3])]
    lines += [clock_line(*at(103.5)), *(frame_line(f) for f in frames[4:])]
    found = read_recording(written(tmp_path / "x", lines))
    assert [round(p) for p in found.frames.positions] == [0, 1, 1, 3, 4, 5]


def test_a_black_box_of_two_engines_is_one_recording(tmp_path: Path) -> None:
    """Frames are counted on, the time between them is cut down, the newest state is the second engine's."""
    lines, fleets = small()
    written(tmp_path / "box-00000001.packdeck", lines)
    packed = written(tmp_path / "box-00000002.packdeck", [head_line(8, *at(5.0), 2), *lines[1:]])
    (tmp_path / "box-00000002.packdeck.gz").write_bytes(gzip.compress(packed.read_bytes()))
    (tmp_path / "box-00000003.packdeck.part").write_bytes(b"rest")
    (tmp_path / "box-00000003.packdeck").write_bytes(b'{"type":"he')
    found = read_recording(tmp_path)
    numbers = [frame.number for frame in found.frames]
    assert numbers == [1, 2, 3, 4, 5, 6, 7, 8]
    again = found.moments[6]
    assert isinstance(again.event, SampleRead)
    assert again.event.frame == 6
    assert found.moments.positions[5] > found.moments.positions[4]
    assert folded(found)[:5] == fleets
    assert folded(found)[-1].tracks[0].cells_frame == 7
    assert [Path(d.path).name for d in found.damage] == ["box-00000003.packdeck"]


def test_parts_of_one_engine_follow_each_other(tmp_path: Path) -> None:
    """A part that is cut off is bridged by the fleet at the start of the next one."""
    lines, fleets = small()
    events = [line for line in lines if b'"type":"event"' in line]
    (tmp_path / "box-1.packdeck").write_bytes(b"\n".join([*lines[:2], events[0], events[1][:40]]))
    again = head_line(7, *at(101.6)), fleet_line(fleets[3], *at(101.6))
    written(tmp_path / "box-2.packdeck", [*again, events[3]])
    found = read_recording(tmp_path)
    assert folded(found) == [fleets[0], fleets[1], fleets[3], fleets[4]]
    assert (len(found.damage), found.holes) == (1, 1)
    assert key_of(_empty(tmp_path / "nothing")) == "recording-empty"


def test_a_part_that_vanishes_while_it_is_read_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A living engine deletes the oldest part at any time."""
    lines, fleets = small()
    for name in ("box-1.packdeck", "box-2.packdeck"):
        written(tmp_path / name, lines)
    opened = Path.open

    def open_late(path: Path, *args: str) -> object:
        if path.name == "box-1.packdeck":
            path.unlink(missing_ok=True)
        return opened(path, *args)

    monkeypatch.setattr(Path, "open", open_late)
    assert folded(read_recording(tmp_path)) == fleets


def test_bytes_that_rotted_end_the_file_there(tmp_path: Path) -> None:
    lines, fleets = small()
    packed = bytearray(gzip.compress(b"\n".join(lines) * 1, 1))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "x"
    path.write_bytes(packed)
    try:
        moments = folded(read_recording(path))
        assert moments == fleets[: len(moments)]
    except RecordingError as error:
        assert error.cause.key in {"recording-damaged", "recording-not"}
    found = read_recording(written(path, [*lines[:4], b"\xff" * 20, *lines[4:]]))
    assert folded(found) == fleets[:2]
    assert found.damage[0].line == 5


def _empty(path: Path) -> Path:
    path.mkdir()
    return path


def test_a_line_of_a_frame_costs_half_of_plain_json_or_less() -> None:
    """4,000 frames a second must not be felt. Both in turn, the best round of each: others run beside."""
    frame = Frame(123456, "left", US0, Direction.RX, bytes(range(8)), 0x351)
    plain = {"us": US0, "n": 123456, "track": "left", "dir": "rx", "id": 0x351, "hex": bytes(range(8)).hex()}
    ours, theirs = [], []
    for _ in range(10):
        ours.append(cost_s(lambda: frame_line(frame)))
        theirs.append(cost_s(lambda: json.dumps(plain).encode()))
    assert min(ours) < min(theirs) / 2


def cost_s(do: Callable[[], object]) -> float:
    """Of a thousand times."""
    began_s = time.perf_counter()
    for _ in range(1000):
        do()
    return time.perf_counter() - began_s


def test_lines_have_no_line_ends_whatever_is_in_them() -> None:
    odd = Frame(1, 'a\n"b\u2028', US0, Direction.RX, b"\n\n")
    assert b"\n" not in frame_line(odd)
    assert recording._frame(frame_line(odd)) == odd
