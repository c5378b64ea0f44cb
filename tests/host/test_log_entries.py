"""S0-24, S0-39: the log as entries, from its end, over its rotations."""

import logging
from pathlib import Path

import pytest

from tui.cli.logs import Lines
from tui.host import log_entries
from tui.host.log_entries import as_written, entries, followed, holds, newest, with_older
from tui.host.log_kinds import transport_of
from tui.model.system import LogEntry

LINE = "2026-01-01 10:00:{:02d},000 > conn  left: number {}  [link left tui.engine.teller]\n"


def everything(entry: LogEntry) -> bool:
    return True


def write(path: Path, first: int, count: int) -> None:
    text = "".join(LINE.format(n % 60, n) for n in range(first, first + count))
    path.write_text(text, encoding="utf-8")


def numbers(found: tuple[LogEntry, ...]) -> list[int]:
    return [int(entry.text.rpartition(" ")[2]) for entry in found]


def test_what_is_written_from_now_on_also_over_a_rotation(tmp_path: Path) -> None:
    log = tmp_path / "packdeck.log"
    log.write_text("2026-01-01 10:00:00,000 ~ ble   before  [MainThread tui]\n", encoding="utf-8")
    steps = iter(range(3))

    def pause() -> None:
        step = next(steps)
        if step == 0:
            with log.open("a", encoding="utf-8") as file:
                file.write("2026-01-01 10:00:01,000 > conn  one  [a b]\n2026-01-01 10:00:02,000 > conn  ha")
        elif step == 1:
            with log.open("a", encoding="utf-8") as file:
                file.write("lf  [a b]\n")
        else:
            log.rename(log.with_suffix(".1"))
            log.write_text("2026-01-01 10:00:03,000 + ok    anew  [a b]\n", encoding="utf-8")

    coming = followed(log, pause)
    assert [next(coming).text for _ in range(3)] == ["one", "half", "anew"]


def test_the_end_of_an_entry_whose_beginning_was_rotated_away_is_left_out() -> None:
    assert not list(entries(["  File x", "ValueError"]))


@pytest.mark.parametrize("piece", [1, 7, 64, 1 << 16])
def test_read_from_the_end_it_is_what_it_is_from_the_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    """Wherever the pieces are cut: in a line, at its end, within a letter."""
    monkeypatch.setattr(log_entries, "PIECE_BYTES", piece)
    log = tmp_path / "log"
    log.write_text(
        "  of an older file\n"
        + LINE.format(1, 1)
        + "2026-01-01 10:00:02,000 ! err   élan – stopped  [link left tui.engine.worker]\n"
        + "Traceback (most recent call last):\n\nValueError: größe\n"
        + LINE.format(3, 3)
        + LINE.format(4, 4).rstrip("\n"),
        encoding="utf-8",
    )
    forward = list(entries(log.read_text(encoding="utf-8").splitlines()))
    assert len(forward) == 4
    assert forward[1].more == ("Traceback (most recent call last):", "", "ValueError: größe")
    assert list(newest([log], 10, everything)) == forward[::-1]
    assert list(newest([log], 2, everything)) == forward[:1:-1]
    assert newest([log], 0, everything) == newest([log], -1, everything) == ()


def test_of_a_large_file_only_the_end_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log"
    write(log, 0, 20_000)
    read: list[str] = []
    words = log_entries._words

    def noted(line: bytes) -> str:
        read.append("")
        return words(line)

    monkeypatch.setattr(log_entries, "_words", noted)
    assert numbers(newest([log], 3, everything)) == [19_999, 19_998, 19_997]
    assert len(read) < 10


def test_a_log_that_was_rotated_a_moment_ago_goes_on_in_the_older_files(tmp_path: Path) -> None:
    log = tmp_path / "packdeck.log"
    files = with_older(log)
    assert [path.name for path in files] == ["packdeck.log", "packdeck.log.1", "packdeck.log.2"]
    write(log, 20, 2)
    assert numbers(newest(files, 5, everything)) == [21, 20]
    write(files[2], 0, 10)
    write(files[1], 10, 10)
    assert numbers(newest(files, 5, everything)) == [21, 20, 19, 18, 17]
    assert len(newest(files, 100, everything)) == 22
    log.unlink()
    with pytest.raises(FileNotFoundError):
        newest(files, 5, everything)


def test_an_entry_is_written_as_it_was(tmp_path: Path) -> None:
    """What the program writes is read again without a loss."""
    log = tmp_path / "log"
    handler = logging.FileHandler(log, encoding="utf-8")
    handler.setFormatter(Lines())
    for name, level, said in (
        ("tui.engine.teller", logging.INFO, "left: connecting [1  of 2]  [x]"),
        ("tui.transports.uart", logging.ERROR, "left: lost\nfor ever"),
        ("tui.store.database", logging.DEBUG, ""),
    ):
        handler.emit(logging.LogRecord(name, level, "", 0, said, None, None))
    handler.close()
    lines = log.read_text(encoding="utf-8").splitlines()
    found = list(entries(lines))
    assert [entry.kind for entry in found] == ["conn", "err", ""]
    assert found[0].source == "MainThread tui.engine.teller"
    assert [line for entry in found for line in as_written(entry)] == lines
    assert holds(found[1], "FOR EVER") and holds(found[0], "teller") and not holds(found[0], "lost")


@pytest.mark.parametrize(
    ("source", "transport"),
    [
        ("link left tui.engine.teller", "uart"),
        ("link the right one tui.engine.worker", "can"),
        ("link gone tui.engine.worker", ""),
        ("MainThread tui.transports.uart", "uart"),
        ("can tui.transports.can_causes", "can"),
        ("radio tui.transports.ble_air", "ble"),
        ("radio tui.transports.other_bms_link", "ble"),
        ("engine tui.engine.engine", ""),
        ("", ""),
    ],
)
def test_the_transport_of_a_line(source: str, transport: str) -> None:
    """S0-39: what the thread of a link says belongs to the transport of its track."""
    assert transport_of(source, {"left": "uart", "the right one": "can"}) == transport
