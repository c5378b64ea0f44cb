"""`packdeck frames`, `record`, `replay --end`, `export`, as a person runs them. S1-57, S1-64, S4-59, X-14."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runs import LOOKS_S, PATIENCE_S, House
from tests.fakes import wait_until


@pytest.fixture
def served(home: House, board: str) -> Iterator[House]:
    """An engine that reads one simulated board."""
    with home.running("serve", "--port", board):
        wait_until(lambda: home.track().get("state") == "live", LOOKS_S)
        yield home


def lines(home: House, *words: str) -> list[str]:
    """What `packdeck frames` prints."""
    done = home.run("frames", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_every_frame_is_a_line_with_its_meaning(served: House) -> None:
    shown = lines(served, "--count", "12")  # some rounds: a busy board may miss a request
    assert len(shown) == 12
    answers = [line for line in shown if " RX " in line and " basic " in line]
    assert answers and "voltage_v" in answers[0]


def test_a_filter_shows_some_only(served: House) -> None:
    shown = lines(served, "--count", "2", "tx", "04")
    assert all(" TX " in line and "DD A5 04" in line for line in shown)


def test_json_has_plain_numbers_and_the_names_of_the_contract(served: House) -> None:
    """S4-59: type, timestamp_ms, direction, raw, parsed; X-14: numbers in decimal."""
    frame = json.loads(lines(served, "--count", "1", "--json", "rx", "03")[0])
    assert frame["type"] == "uart_frame"
    assert frame["direction"] == "rx"
    assert frame["raw"].startswith("DD0300")
    assert frame["parsed"]["command"] == 3
    assert float(frame["parsed"]["fields"]["voltage_v"]) > 5


def test_a_track_that_is_not_there_is_refused(served: House) -> None:
    done = served.run("frames", "--track", "middle")
    assert done.returncode == 1
    assert "middle" in done.stderr and "left" in done.stderr


def test_without_an_engine_there_is_one_sentence(home: House) -> None:
    done = home.run("frames")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1


def at_end(home: House, path: Path) -> dict[str, Any]:
    """The state at the end of a recording."""
    done = home.run("replay", str(path), "--end")
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_a_recording_shows_what_was_live_at_its_end(served: House) -> None:
    """The values, the counters and the state at the end are those of the engine that was recorded."""
    path = served.folder / "one.packdeck"
    with served.running("record", str(path), until_open=False) as recorder:
        wait_until(path.exists, PATIENCE_S)
        lines(served, "--count", "3", "rx", "03")
        served.run("record", "--stop")
        live = served.status()["tracks"]["left"]
        recorder.send_signal(signal.SIGINT)
        assert recorder.wait(PATIENCE_S) in (0, 1)
    shown = at_end(served, path)["tracks"]["left"]
    assert shown["state"] == "live"
    assert shown["source"] == live["source"]
    assert shown["cell_count"] == live["cell_count"]
    assert abs(shown["voltage_v"] - live["voltage_v"]) < 0.1
    assert shown["link"]["answers"] > 0


def test_an_existing_file_is_never_replaced(served: House) -> None:
    path = served.folder / "mine.txt"
    path.write_text("precious")
    done = served.run("record", str(path), "--seconds", "1")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert path.read_text() == "precious"


def test_two_recordings_at_once_are_refused_with_the_way_out(served: House) -> None:
    first, second = served.folder / "a.packdeck", served.folder / "b.packdeck"
    with served.running("record", str(first), until_open=False):
        wait_until(first.exists, PATIENCE_S)
        done = served.run("record", str(second), "--seconds", "1")
        assert done.returncode == 1
        assert "--stop" in done.stderr
        assert not second.exists()
        assert served.run("record", "--stop").returncode == 0


def test_record_can_be_its_own_engine(home: House, board: str) -> None:
    path = home.folder / "own.packdeck"
    done = home.run("record", str(path), "--seconds", "4", "--port", board)
    assert done.returncode == 0, done.stderr
    assert " 0 dropped" in done.stdout
    assert at_end(home, path)["tracks"]["left"]["voltage_v"] > 5


def test_the_black_box_is_kept_without_asking(served: House) -> None:
    box = served.folder / "state" / "blackbox"

    def kept() -> float | None:
        done = served.run("replay", str(box), "--end")
        tracks = json.loads(done.stdout)["tracks"] if done.returncode == 0 else {}
        found: float | None = tracks.get("left", {}).get("voltage_v")
        return found

    wait_until(kept, LOOKS_S)
    assert at_end(served, box)["tracks"]["left"]["voltage_v"] > 5


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"hello\n", "recording"), (b"", "recording"), (None, "There is no recording")],
)
def test_a_file_that_is_no_recording_is_one_sentence(home: House, content: bytes | None, word: str) -> None:
    path = home.folder / "x.packdeck"
    if content is not None:
        path.write_bytes(content)
    done = home.run("replay", str(path), "--end")
    assert (done.returncode, done.stdout) == (1, "")
    assert word in done.stderr and "Traceback" not in done.stderr


def test_a_recording_that_was_cut_off_is_shown_up_to_there(home: House, board: str) -> None:
    path = home.folder / "own.packdeck"
    assert home.run("record", str(path), "--seconds", "4", "--port", board).returncode == 0
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 4])
    done = home.run("replay", str(path), "--end")
    assert done.returncode == 0
    assert "cut off" in done.stderr
    assert json.loads(done.stdout)["tracks"]["left"]["state"] in ("live", "connecting")


def test_candump_logs_are_read_and_written(home: House) -> None:
    log = home.folder / "bus.log"
    log.write_text("(1700000000.000100) can0 351#480208E801F4C001\n(1700000000.100100) can0 18F128F4#0011\n")
    for name in ("out.asc", "out.blf", "out.log"):
        done = home.run("export", str(log), str(home.folder / name))
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("2 ")
    assert "351#480208E801F4C001" in (home.folder / "out.log").read_text()


@contextmanager
def replayed(home: House, recording: str) -> Iterator[None]:
    """An engine that plays a recording as a track."""
    with home.running("serve", "--recording", recording):
        yield


def test_a_recording_plays_as_a_track_of_a_living_engine(home: House, board: str) -> None:
    path = home.folder / "own.packdeck"
    assert home.run("record", str(path), "--seconds", "6", "--port", board).returncode == 0
    with replayed(home, f"old={path}"):
        wait_until(lambda: home.track("old").get("voltage_v") is not None, LOOKS_S)
        track = home.status()["tracks"]["old"]
        assert track["link"]["transport"] == "replay"
        assert track["voltage_v"] > 5


def values(track: dict[str, Any]) -> tuple[float | None, float | None]:
    """Charge and voltage: they come in two frames."""
    return track.get("soc_pct"), track.get("voltage_v")


def test_a_candump_log_plays_as_a_battery(home: House) -> None:
    log = home.folder / "bus.log"
    frame = "(17000000{:02d}.000000) can0 {}\n"
    log.write_text(
        "".join(
            frame.format(n, text)
            for n in range(30)
            for text in ("351#480208E801F4C001", "355#4000640000000000", "356#A81450000000")
        )
    )
    with replayed(home, f"old={log}"):
        wait_until(lambda: None not in values(home.track("old")), LOOKS_S)
        assert values(home.track("old")) == (64.0, 52.88)


def test_a_moment_that_is_none_is_said(home: House, board: str) -> None:
    path = home.folder / "own.packdeck"
    assert home.run("record", str(path), "--seconds", "2", "--port", board).returncode == 0
    done = home.run("replay", str(path), "--from", "noon", "--end")
    assert done.returncode == 2
    assert "noon" in done.stderr
