"""`packdeck history`, as a person runs it, beside an engine and without. S1-49 to S1-52, CL-23."""

import csv
import io
import json
import signal
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runs import LOOKS_S, PATIENCE_S, PROGRAM, ROOT, RUN_S, House, house
from tests.fakes import FakeClock, wait_until
from tests.store.history_house import START_MS, HistoryHouse
from tui.cli.history_export import export as write
from tui.cli.history_feed import HistoryFile
from tui.cli.history_rows import (
    HOURS,
    MINUTES,
    PAGE_ROWS,
    SAMPLES,
    Extent,
    extent_of,
    level_of,
    newest_buckets,
    rows_of,
)
from tui.cli.progress import Progress
from tui.cli.when import Range
from tui.model.history import TABLE, HistoryPage, HistoryQuestion, SampleTable
from tui.model.requests import Answer

CONFIG = "[history]\ninterval_s = 1\nlive_interval_ms = 200\ncommit_s = 1\n"
HEADER = "Timestamp,Pack Voltage (V),Pack Current (A),SOC (%),SOH (%),Temperature (°C),Power (W)"  # CL-23
DAY_MS, MINUTE_MS = 86_400_000, 60_000


def shown(home: House, *words: str) -> dict[str, Any]:
    """What `history show --json` says."""
    done = home.run("history", "show", "--json", *words)
    assert (done.returncode, done.stderr) == (0, "")
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def total(home: House, *words: str) -> int:
    """How many samples of the first track there are."""
    tracks = shown(home, "--resolution", "samples", *words)["tracks"]
    return int(tracks[0]["total"]) if tracks else 0


def least(home: House) -> int:
    """How many samples there are of each of both tracks; 0 as long as none can be asked for."""
    done = home.run("history", "show", "--json", "--resolution", "samples")
    tracks = json.loads(done.stdout)["tracks"] if done.returncode == 0 else []
    return min(int(track["total"]) for track in tracks) if len(tracks) == 2 else 0


def typed(home: House, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run to the end with something typed."""
    return subprocess.run(
        [*PROGRAM, *words], cwd=ROOT, env=home.environment, input=text, capture_output=True, text=True,
        timeout=RUN_S, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def demo() -> Iterator[House]:
    """An engine with two simulated packs that has stored some seconds of both. Only read here."""
    with house() as home:
        home.write_config(CONFIG)
        with home.running("serve", "--demo"):
            wait_until(lambda: least(home) >= 4, LOOKS_S)
            yield home


@pytest.fixture(scope="module")
def left_behind() -> Iterator[House]:
    """What a demo left that has ended, as any engine does that is told to stop."""
    with house() as home:
        home.write_config(CONFIG)
        with home.running("serve", "--demo") as engine:
            wait_until(lambda: least(home) >= 3, LOOKS_S)
            engine.send_signal(signal.SIGTERM)
            engine.wait(PATIENCE_S)
        yield home


@pytest.fixture
def kept(home: House) -> House:
    """Two days of a pack and one hour of another, a sample a minute, and no engine."""
    state = home.folder / "state"
    state.mkdir()
    stored = HistoryHouse(state)
    for minute in range(2 * 1440):
        time_ms = START_MS + minute * MINUTE_MS
        stored.add(time_ms, "left", pack_v=53.0 + minute % 10 / 10, current_a=-2.0, cell_mv__1=3300.0)
        if minute < 60:
            stored.add(time_ms, "right", pack_v=13.2, current_a=1.0, soc_pct=80.0)
    stored.end()
    return home


# --- beside an engine ---


def test_show_prints_the_newest_rows_of_every_track_and_says_what_is_simulated(demo: House) -> None:
    done = demo.run("history", "show", "--rows", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert "left SIM" in done.stdout and "right SIM" in done.stdout
    lines = done.stdout.splitlines()
    assert lines[1].split() == ["time", *TABLE]
    assert lines[2][:19] < lines[3][:19] < lines[4][:19], "oldest first (S4-13)"


def test_json_has_units_and_whole_rows(demo: House) -> None:
    """S4-11 to S4-14 in our own keys."""
    said = shown(demo, "--track", "left", "--rows", "2")
    assert said["units"]["pack_v"] == "V"
    (track,) = said["tracks"]
    assert track["simulated"] is True
    assert track["returned"] == 2 <= track["total"]
    for sample in track["samples"]:
        assert 40 < sample["pack_v"] < 60
        assert datetime.fromisoformat(sample["timestamp_iso"]).timestamp() * 1000 == sample["timestamp_ms"]
        assert sample["soh_pct"] is None, "what is not told is not invented"


def test_offset_pages_through_the_samples(demo: House) -> None:
    """S1-49."""
    until = ("--until", shown(demo, "--track", "left")["tracks"][0]["samples"][-1]["timestamp_iso"])
    newest = shown(demo, "--track", "left", "--rows", "2", *until)["tracks"][0]["samples"]
    before = shown(demo, "--track", "left", "--rows", "1", "--offset", "1", *until)["tracks"][0]["samples"]
    assert before == newest[:1]


def test_csv_has_the_header_of_the_contract_and_the_same_values(demo: House) -> None:
    """CL-23, S1-51, CL-46."""
    until = shown(demo, "--track", "left")["tracks"][0]["samples"][-1]["timestamp_iso"]
    done = demo.run("history", "export", "--track", "left", "--until", until)
    assert (done.returncode, done.stderr) == (0, "")
    header, *rows = csv.reader(io.StringIO(done.stdout))
    assert ",".join(header) == HEADER
    samples = shown(demo, "--track", "left", "--until", until, "--rows", "0")["tracks"][0]["samples"]
    assert [row[0] for row in rows] == [sample["timestamp_iso"] for sample in samples]
    assert [float(row[1]) for row in rows] == [sample["pack_v"] for sample in samples]
    assert {row[4] for row in rows} == {""}, "unknown is empty"


def test_export_of_all_tracks_names_them_and_is_in_order_of_time(demo: House) -> None:
    done = demo.run("history", "export", "-", "--json", "--quantity", "soc_pct,cell_mv.1")
    rows = json.loads(done.stdout)
    assert {row["track"] for row in rows} == {"left", "right"}
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)
    known = [row["cell_mv.1"] for row in rows if row["cell_mv.1"] is not None]
    assert known and all(2000 < mv < 4000 for mv in known)


def test_a_file_is_new_and_whole(demo: House) -> None:
    path = demo.folder / "out.csv"
    done = demo.run("history", "export", str(path))
    assert done.returncode == 0, done.stderr
    rows = path.read_text().splitlines()
    assert done.stdout.startswith(f"{len(rows) - 1} ")
    assert rows[0].startswith("Timestamp,Track,Pack Voltage (V)")
    again = demo.run("history", "export", str(path))
    assert again.returncode == 1 and str(path) in again.stderr and again.stderr.count("\n") == 1
    assert path.read_text().splitlines() == rows


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("export", "out.xlsx"), 2, "--format"),
        (("export", "/nowhere/out.csv"), 1, "/nowhere/out.csv"),
        (("show", "--quantity", "cell_volts"), 2, "pack_v"),
        (("show", "--track", "middle"), 1, "left right"),
        (("show", "--last", "soon"), 2, "24h"),
        (("show", "--last", "1h", "--from", "2026-11-21"), 2, "--from"),
        (("show", "--archive", "../../etc/passwd"), 1, "archive"),
        (("plot", "--quantity", "cell_mv.0"), 2, "cell_mv.3"),
    ],
)
def test_bad_input_is_one_sentence(demo: House, words: tuple[str, ...], code: int, said: str) -> None:
    done = demo.run("history", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


def test_a_range_without_data_is_a_sentence_and_no_failure(demo: House) -> None:
    before = ("--until", "2020-01-01")
    for words in (("show",), ("show", "--track", "left"), ("plot", "--from", "2019-12-01")):
        done = demo.run("history", *words, *before)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "Nothing was stored in this range.\n"
    assert shown(demo, *before)["tracks"] == []
    done = demo.run("history", "export", "--track", "left", *before)
    assert (done.returncode, done.stdout) == (0, HEADER + "\n")
    assert done.stderr.count("\n") == 1
    assert json.loads(demo.run("history", "export", "--json", *before).stdout) == []


def test_plot_draws_each_quantity_and_says_it_in_words(demo: House) -> None:
    """CL-46; S2-33: plain characters."""
    done = demo.run(
        "--glyphs",
        "ascii",
        "history",
        "plot",
        "--last",
        "2m",
        "--track",
        "left",
        "--height",
        "6",
        COLUMNS="70",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "left: SIM" in done.stdout
    assert "Pack voltage (V)" in done.stdout and "State of charge (%)" in done.stdout
    assert done.stdout.count(" lowest ") == 3
    assert {len(line) for line in done.stdout.splitlines() if "+-" in line} == {70}
    assert done.stdout.isascii()


def test_plot_as_json_has_low_mean_high(demo: House) -> None:
    done = demo.run("history", "plot", "--last", "2h", "--json", "--quantity", "pack_v", "--points", "10")
    chart = json.loads(done.stdout)
    assert {series["track"] for series in chart["series"]} == {"left", "right"}
    buckets = [bucket for series in chart["series"] for bucket in series["buckets"]]
    assert buckets and all(b["low"] <= b["mean"] <= b["high"] and b["count"] > 0 for b in buckets)
    assert [mark["kind"] for mark in chart["marks"]] == ["started"]


def test_archives_are_listed_even_when_there_are_none(demo: House) -> None:
    """S1-50."""
    done = demo.run("history", "files")
    assert done.returncode == 0 and "no daily archives" in done.stdout
    assert json.loads(demo.run("history", "files", "--json").stdout) == {"schema": 1, "files": []}


# --- without an engine ---


def test_what_an_engine_left_is_there_without_it(left_behind: House) -> None:
    said = shown(left_behind, "--simulated", "--track", "left")
    (track,) = said["tracks"]
    assert track["simulated"] is True and track["total"] >= 3
    plain = left_behind.run("history", "show")
    assert plain.returncode == 1, "the file of real batteries is another one, and there is none"
    assert plain.stdout == ""


def test_without_anything_there_is_one_sentence_with_the_way_out(home: House) -> None:
    done = home.run("history", "show")
    assert (done.returncode, done.stdout) == (1, "")
    assert "packdeck serve" in done.stderr and done.stderr.count("\n") == 1
    assert not (home.folder / "state" / "history.db").exists(), "looking makes no file"


def test_reading_a_file_changes_nothing(kept: House) -> None:
    path = kept.folder / "state" / "history.db"
    before = path.read_bytes()
    assert total(kept, "--track", "left") == 2880
    assert kept.run("history", "export", str(kept.folder / "all.csv")).returncode == 0
    assert path.read_bytes() == before
    assert not (kept.folder / "run").exists(), "no lock, no door"


def test_minutes_and_hours_have_their_means(kept: House) -> None:
    hours = shown(kept, "--track", "left", "--resolution", "hours", "--rows", "0")["tracks"][0]["samples"]
    assert len(hours) == 48
    assert {hour["timestamp_ms"] % 3_600_000 for hour in hours} == {0}
    assert {hour["pack_v"] for hour in hours} == {53.45}
    assert {(hour["pack_v_min"], hour["pack_v_max"]) for hour in hours} == {(53.0, 53.9)}
    minutes = shown(kept, "--track", "left", "--resolution", "minutes", "--rows", "5")["tracks"][0]["samples"]
    assert [m["timestamp_ms"] for m in minutes] == [START_MS + n * MINUTE_MS for n in range(2875, 2880)]


def test_auto_is_finer_for_shorter_ranges(kept: House) -> None:
    assert [level_of("auto", days * DAY_MS) for days in (1, 2, 31, 32)] == [SAMPLES, MINUTES, MINUTES, HOURS]
    assert level_of(SAMPLES, 900 * DAY_MS) == SAMPLES
    assert shown(kept, "--track", "left")["resolution"] == MINUTES
    assert shown(kept, "--track", "right")["resolution"] == SAMPLES


def test_an_archive_is_shown_by_its_name(kept: House) -> None:
    """S1-50, S4-15."""
    import gzip

    folder = kept.folder / "state" / "archives" / "left"
    folder.mkdir(parents=True)
    with gzip.open(folder / "history_2025-11-20.csv.gz", "wt", encoding="utf-8") as file:
        file.write(f"{HEADER}\n2025-11-20T10:00:00.000+00:00,53.10,-1.00,70,,21.5,-53\n")
    files = json.loads(kept.run("history", "files", "--json").stdout)["files"]
    assert [file["name"] for file in files] == ["left/history_2025-11-20.csv.gz"]
    said = shown(kept, "--archive", files[0]["name"])
    assert [s["pack_v"] for s in said["tracks"][0]["samples"]] == [53.1]
    assert said["tracks"][0]["samples"][0]["soh_pct"] is None


def test_an_archive_is_exported_by_its_name(kept: House) -> None:
    """S1-51, CL-23: more rows than one answer has, as the file has them."""
    import gzip

    folder = kept.folder / "state" / "archives" / "left"
    folder.mkdir(parents=True)
    day = [f"2025-11-20T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.000+00:00" for n in range(10_500)]
    with gzip.open(folder / "history_2025-11-20.csv.gz", "wt", encoding="utf-8") as file:
        file.write(f"{HEADER}\n" + "".join(f"{when},53.10,-1.00,70,,21.5,-53\n" for when in day))
    name = "left/history_2025-11-20.csv.gz"
    done = kept.run("history", "export", "--archive", name, TZ="UTC")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == HEADER and len(lines) == 10_501
    assert [line.split(",")[0] for line in lines[1:]] == day
    assert lines[1].split(",")[4] == "", "what is not known stays empty"
    missing = kept.run("history", "export", "--archive", "left/none.csv.gz")
    assert (missing.returncode, missing.stdout) == (1, "") and missing.stderr.count("\n") == 1


def test_energy_is_exported_per_day_and_month(demo: House) -> None:
    """CL-46: both formats, to a pipe and into a new file."""
    path = demo.folder / "energy.csv"
    done = demo.run("history", "export", "--energy", "day", str(path))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    head, *rows = path.read_text().splitlines()
    assert head.startswith("Day,Track,Charged (Wh),Discharged (Wh),")
    assert {row.split(",")[1] for row in rows} == {"left", "right"}
    assert demo.run("history", "export", "--energy", "day", str(path)).returncode == 1, "never over a file"
    months = json.loads(
        demo.run("history", "export", "--energy", "month", "--json", "--track", "left").stdout
    )
    assert {one["track"] for one in months} == {"left"}, "two of them when a month has just begun"
    assert months[0]["charged_wh"] + months[0]["discharged_wh"] >= 0 and len(months[0]["month"]) == 7
    wrong = demo.run("history", "export", "--energy", "day", "--quantity", "soc_pct")
    assert (wrong.returncode, wrong.stdout) == (2, "") and "--energy" in wrong.stderr


# --- clearing ---


@pytest.mark.parametrize(("text", "says"), [("", "--yes"), ("yes\n", "nothing was deleted")])
def test_nothing_is_deleted_without_the_word(kept: House, text: str, says: str) -> None:
    """S1-52: a typed word."""
    done = typed(kept, text, "history", "clear")
    assert done.returncode == 1
    assert says in done.stderr
    assert total(kept, "--track", "left") == 2880


@pytest.mark.parametrize(
    ("text", "words"), [("delete\n", ()), ("", ("--yes",)), ("effacer\n", ("--language", "fr"))]
)
def test_the_word_or_yes_deletes(kept: House, text: str, words: tuple[str, ...]) -> None:
    """S1-52."""
    language, sure = (words, ()) if "fr" in words else ((), words)
    done = typed(kept, text, *language, "history", "clear", *sure)
    assert done.returncode == 0, done.stderr
    assert total(kept) == 0


# --- long ranges ---


class Counting:
    """A history that notes what it is asked."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PACKDECK_STATE_DIR", str(home))
        monkeypatch.setenv("PACKDECK_CONFIG_DIR", str(home))
        self._file = HistoryFile()
        self.questions: list[HistoryQuestion] = []

    simulated: frozenset[str] = frozenset()

    def ask(self, question: HistoryQuestion) -> Answer:
        self.questions.append(question)
        return self._file.ask(question)


@pytest.fixture
def long_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counting:
    """Twenty days of minutes, with a gap of a year in the middle."""
    stored = HistoryHouse(tmp_path)
    for minute in range(20 * 1440):
        later_ms = 0 if minute < 10 * 1440 else 365 * DAY_MS
        stored.add(START_MS + minute * MINUTE_MS + later_ms, pack_v=50.0 + minute / 10_000)
        if minute % 1440 == 0:
            stored.commit()
    stored.end()
    return Counting(tmp_path, monkeypatch)


def test_an_export_streams(long_one: Counting) -> None:
    """Never more than a page in memory: the second is asked for when the first was read."""
    extent = extent_of(long_one, ("left",), Range())
    long_one.questions.clear()
    rows = rows_of(long_one, extent, ("pack_v",), SAMPLES)
    next(rows)
    assert len(long_one.questions) == 1
    times = [row.time_ms for _, row in rows]
    assert len(times) == 20 * 1440 - 1
    assert times == sorted(set(times))
    asked = [q for q in long_one.questions if isinstance(q, SampleTable)]
    assert {q.rows for q in asked} == {PAGE_ROWS}
    assert len(asked) < 40


@pytest.mark.parametrize(("level", "step_ms"), [(MINUTES, MINUTE_MS), (HOURS, 3_600_000)])
def test_means_of_a_long_range_have_each_bucket_once(long_one: Counting, level: str, step_ms: int) -> None:
    extent = extent_of(long_one, ("left",), Range())
    starts = [row.time_ms for _, row in rows_of(long_one, extent, ("pack_v",), level)]
    assert starts == sorted(set(starts))
    assert len(starts) == 20 * DAY_MS // step_ms
    assert {start % step_ms for start in starts} == {0}


def test_the_newest_means_are_asked_for_from_the_end(long_one: Counting) -> None:
    extent = extent_of(long_one, ("left",), Range())
    long_one.questions.clear()
    rows = newest_buckets(long_one, "left", ("pack_v",), extent, MINUTES, 3, 1)
    assert [round(row.means.values[0] or 0, 2) for row in rows] == [52.88, 52.88, 52.88]
    assert rows[-1].time_ms == extent.until_ms - 1 - MINUTE_MS
    assert len([q for q in long_one.questions if isinstance(q, HistoryPage)]) == 1


def test_an_interrupted_export_leaves_nothing(long_one: Counting, tmp_path: Path) -> None:
    extent = extent_of(long_one, ("left",), Range())

    class Broken(Counting):
        def __init__(self) -> None:
            self.left = 2

        def ask(self, question: HistoryQuestion) -> Answer:
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt
            return long_one.ask(question)

    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(KeyboardInterrupt):
        write(Broken(), extent, str(target / "year.csv"), "csv", ("pack_v",), SAMPLES, track="left")
    assert list(target.iterdir()) == []


def test_an_empty_extent_asks_nothing(long_one: Counting) -> None:
    extent = Extent(("left",), 5, 5)
    long_one.questions.clear()
    assert list(rows_of(long_one, extent, ("pack_v",), SAMPLES)) == []
    assert not long_one.questions


# --- the bar ---


class Terminal(io.StringIO):
    """Somebody looks."""

    def isatty(self) -> bool:
        return True


def test_the_bar_comes_after_a_second_and_goes_away() -> None:
    clock, out = FakeClock(), Terminal()
    with Progress(out, clock) as progress:
        progress.at(0.1)
        assert out.getvalue() == ""
        clock.advance(1.0)
        progress.at(0.5)
        assert "[###############---------------] 50 %" in out.getvalue()
        progress.at(0.6)
        assert "60" not in out.getvalue(), "not more often than ten times a second"
        clock.advance(0.2)
        progress.at(7.0)
        assert "100 %" in out.getvalue()
    assert out.getvalue().endswith("\r")
    assert out.getvalue().rpartition("\r")[0].rpartition("\r")[2].strip() == ""


def test_in_a_log_there_is_no_bar() -> None:
    clock, out = FakeClock(), io.StringIO()
    with Progress(out, clock) as progress:
        clock.advance(9.0)
        progress.at(0.5)
    assert out.getvalue() == ""
