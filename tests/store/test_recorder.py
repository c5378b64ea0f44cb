"""Lines reach the disk without anybody waiting; trouble pauses, is told once, and ends by itself."""

import errno
import gzip
import os
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.fakes import FakeClock, wait_until
from tui.model.link import Cause
from tui.store import recorder as module
from tui.store.recorder import Output, Recorder, RecorderError, create

HEAD = [b"head", b"state"]


class FakeDisk:
    """Opens real files; when `free` bytes are used up, writes fail, the last one in its middle."""

    def __init__(self) -> None:
        self.free: int | None = None
        self.opens = 0

    def __call__(self, path: Path) -> Output:
        if self.free == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.opens += 1
        return FakeFile(self, create(path))


class FakeFile:
    def __init__(self, disk: FakeDisk, file: Output) -> None:
        self._disk, self._file = disk, file
        self.seek, self.truncate = file.seek, file.truncate
        self.fileno, self.close = file.fileno, file.close

    def write(self, data: bytes) -> int:
        if self._disk.free is None:
            return self._file.write(data) or 0
        if self._disk.free == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = self._file.write(data[: self._disk.free]) or 0
        self._disk.free -= count
        return count


def lines_of(path: Path) -> list[bytes]:
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    return data.splitlines()


def in_ring(folder: Path) -> list[list[bytes]]:
    return [lines_of(path) for path in sorted(folder.glob("box-*"))]


def put(recorder: Recorder, numbers: Iterable[int]) -> list[bytes]:
    """Lines that nothing can compress much."""
    lines = [b"%06d %s" % (n, os.urandom(20).hex().encode()) for n in numbers]
    for line in lines:
        recorder.put(line)
    return lines


def test_four_threads_put_and_everything_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.packdeck"
    recorder = Recorder.to_file(path, lambda: HEAD, queue_lines=100_000)
    recorder.start()
    threads = [
        threading.Thread(target=lambda t=t: [recorder.put(b"%d %d" % (t, n)) for n in range(5000)])  # type: ignore[misc]
        for t in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: recorder.figures().waiting == 0)  # closing waits for a busy disk only so long
    recorder.close()
    found = lines_of(path)
    assert found[:2] == HEAD
    for t in range(4):
        assert [n for n in found[2:] if n.startswith(b"%d " % t)] == [b"%d %d" % (t, n) for n in range(5000)]
    assert recorder.figures().written == 20_000
    assert recorder.figures().dropped == 0
    assert not recorder._thread.is_alive()


def test_lines_are_in_the_file_within_a_second(tmp_path: Path) -> None:
    """Nobody has to ask for it: the thread looks four times a second."""
    assert module.BATCH_S < 1.0
    path = tmp_path / "a"
    recorder = Recorder.to_file(path, lambda: HEAD)
    recorder.start()
    recorder.put(b"one")
    wait_until(lambda: lines_of(path) == [*HEAD, b"one"])
    recorder.close()
    recorder.close()


def test_an_existing_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"mine")
    with pytest.raises(RecorderError) as caught:
        Recorder.to_file(path, lambda: HEAD)
    assert caught.value.cause == Cause("recording-exists", (("path", str(path)),))
    assert path.read_bytes() == b"mine"
    with pytest.raises(RecorderError) as caught:
        Recorder.to_file(tmp_path / "nowhere" / "a", lambda: HEAD)
    assert caught.value.cause.key == "recording-failed"
    assert caught.value.cause.values()["reason"] == os.strerror(errno.ENOENT)


def test_too_many_lines_are_dropped_counted_and_followed_by_a_head(tmp_path: Path) -> None:
    path = tmp_path / "a"
    recorder = Recorder.to_file(path, lambda: HEAD, queue_lines=3)
    recorder.turn()
    put(recorder, range(2))
    kept = put(recorder, range(5))[:1]
    assert recorder.figures().waiting == 3
    recorder.turn()
    after = put(recorder, [9])
    recorder.turn()
    assert lines_of(path)[4:] == [*kept, *HEAD, *after]
    assert (recorder.figures().dropped, recorder.figures().written) == (4, 4)


def test_a_full_disk_pauses_is_told_once_and_ends_by_itself(tmp_path: Path) -> None:
    path, disk, clock, told = tmp_path / "a", FakeDisk(), FakeClock(), list[Cause | None]()
    recorder = Recorder.to_file(path, lambda: HEAD, opener=disk, clock=clock, on_trouble=told.append)
    before = put(recorder, range(3))
    recorder.turn()
    disk.free = 30  # in the middle of a line
    put(recorder, range(3, 6))
    recorder.turn()
    for _ in range(3):
        put(recorder, [7])
        recorder.turn()
        clock.advance(module.RETRY_S)
    reason = ("reason", os.strerror(errno.ENOSPC))
    assert told == [Cause("recording-failed", (("path", str(path)), reason))]
    assert recorder.figures().cause == told[0]
    disk.free = None
    after = put(recorder, [8])
    recorder.turn()
    assert told[1:] == [None]
    assert lines_of(path) == [*HEAD, *before, *HEAD, *after]
    assert (recorder.figures().dropped, recorder.figures().written) == (6, 4)
    assert recorder.figures().cause is None


def test_a_removed_file_is_noticed_and_begun_again(tmp_path: Path) -> None:
    path, clock, told = tmp_path / "a", FakeClock(), list[Cause | None]()
    recorder = Recorder.to_file(path, lambda: HEAD, clock=clock, on_trouble=told.append)
    recorder.turn()
    path.unlink()
    clock.advance(1)
    recorder.turn()
    assert told[0] is not None
    clock.advance(module.RETRY_S)
    after = put(recorder, [1])
    recorder.turn()
    assert told[1:] == [None]
    assert lines_of(path) == [*HEAD, *after]


def test_the_black_box_keeps_its_cap_and_its_newest_lines(tmp_path: Path) -> None:
    cap, written, biggest = 64 * 1024, list[bytes](), 0
    recorder = Recorder.to_ring(tmp_path / "box", lambda: HEAD, cap_bytes=cap)
    for turn in range(100):
        written += put(recorder, range(turn * 50, turn * 50 + 50))
        recorder.turn()
        biggest = max(biggest, sum(p.stat().st_size for p in (tmp_path / "box").iterdir()))
    names = sorted(p.name for p in (tmp_path / "box").iterdir())
    assert cap * 0.7 < biggest <= cap
    assert names[-1].endswith(".packdeck") and all(n.endswith(".packdeck.gz") for n in names[:-1])
    parts = in_ring(tmp_path / "box")
    assert all(part[:2] == HEAD for part in parts)
    kept = [line for part in parts for line in part[2:]]
    assert len(kept) > 600
    assert kept == written[-len(kept) :]
    assert recorder.figures().written == 5000


def test_after_a_crash_the_box_goes_on_and_the_unfinished_part_is_kept(tmp_path: Path) -> None:
    crashed = Recorder.to_ring(tmp_path, lambda: HEAD)
    before = put(crashed, range(3))
    crashed.turn()
    assert in_ring(tmp_path) == [[*HEAD, *before]]
    (tmp_path / "box-00000001.packdeck.part").write_bytes(b"half packed")
    (tmp_path / "other.txt").write_text("not ours")
    second = Recorder.to_ring(tmp_path, lambda: HEAD)
    second.start()
    after = put(second, range(3))
    second.close()
    assert in_ring(tmp_path) == [[*HEAD, *before], [*HEAD, *after]]
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == ["box-00000001.packdeck.gz", "box-00000002.packdeck.gz", "other.txt"]


def test_the_box_survives_a_full_disk_and_a_folder_that_is_gone(tmp_path: Path) -> None:
    folder, disk, clock, told = tmp_path / "deep" / "box", FakeDisk(), FakeClock(), list[Cause | None]()
    box = Recorder.to_ring(folder, lambda: HEAD, opener=disk, clock=clock, on_trouble=told.append)
    first = put(box, range(3))
    box.turn()
    disk.free = 10
    put(box, range(3))
    box.turn()
    assert in_ring(folder) == [[*HEAD, *first, *lines_of(folder / "box-00000001.packdeck")[-1:]]]
    disk.free = None
    clock.advance(module.RETRY_S)
    second = put(box, range(2))
    box.turn()
    assert in_ring(folder) == [[*HEAD, *first], [*HEAD, *second]]
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    clock.advance(1)
    box.turn()
    clock.advance(module.RETRY_S)
    third = put(box, range(2))
    box.turn()
    assert in_ring(folder) == [[*HEAD, *third]]
    assert [cause.key if cause else None for cause in told] == ["recording-failed", None] * 2


def test_a_failing_state_stops_nothing(tmp_path: Path) -> None:
    """`head_lines` is somebody else's code."""
    clock, state = FakeClock(), list[bytes]()

    def head() -> Iterable[bytes]:
        return [state[0]]

    recorder = Recorder.to_ring(tmp_path, head, clock=clock)
    put(recorder, range(3))
    recorder.turn()
    assert recorder.figures().dropped == 3
    assert not list(tmp_path.iterdir())
    state.append(b"state")
    clock.advance(module.RETRY_S)
    lines = put(recorder, range(3))
    recorder.turn()
    assert in_ring(tmp_path) == [[b"state", *lines]]


def test_a_part_that_cannot_be_packed_stays_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(module.shutil, "copyfileobj", refuse)
    box = Recorder.to_ring(tmp_path, lambda: HEAD)
    lines = put(box, range(3))
    box.start()
    box.close()
    assert [p.name for p in tmp_path.iterdir()] == ["box-00000001.packdeck"]
    assert in_ring(tmp_path) == [[*HEAD, *lines]]
    assert box.figures().cause is None
