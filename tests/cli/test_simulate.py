"""`packdeck simulate jbd`, as a person runs it, and a foreign program that talks to it."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from tests.cli.runs import LOOKS_S, PATIENCE_S, House
from tests.fakes import wait_until
from tui.cli.sim import sim
from tui.cli.simulate import simulate

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

ASK = {register: bytes.fromhex(f"DDA5{register:02X}00") for register in (3, 4, 5, 0xAA)}
ASK = {register: head + (0x10000 - register).to_bytes(2, "big") + b"\x77" for register, head in ASK.items()}


@contextmanager
def board(home: House, *options: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A simulated board in a process of its own, once its port is there."""
    path = home.folder / "bms"
    with home.running("simulate", "jbd", "--pty", str(path), *options, until_open=False) as process:
        wait_until(lambda: path.is_symlink() or process.poll() is not None, PATIENCE_S)
        assert process.poll() is None
        yield process, path


def end(process: subprocess.Popen[str], how: signal.Signals) -> str:
    """Tell it to end; what it has printed in its life."""
    process.send_signal(how)
    printed, _ = process.communicate(timeout=PATIENCE_S)
    return printed


class Client:
    """A foreign program at the port."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)

    def say(self, register: int) -> None:
        """A request, without waiting for its answer."""
        os.write(self.fd, ASK[register])

    def ask(self, register: int) -> bytes:
        """The payload of the answer; empty when none came in time."""
        self.say(register)
        data, deadline_s = b"", time.monotonic() + PATIENCE_S
        while (left_s := deadline_s - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left_s)[0]:
                data += os.read(self.fd, 512)
            if len(data) > 3 and len(data) >= data[3] + 7:
                assert data[0] == 0xDD and data[1] == register and data[-1] == 0x77
                assert len(data) == data[3] + 7
                return data[4:-3]
        return b""

    def hears_nothing(self) -> bool:
        return select.select([self.fd], [], [], 0.2)[0] == []

    def close(self) -> None:
        os.close(self.fd)


@contextmanager
def client(path: Path) -> Iterator[Client]:
    made = Client(path)
    try:
        yield made
    finally:
        made.close()


def heard(process: subprocess.Popen[str]) -> str:
    """The next request that a board with --verbose shows: it has taken it from the line."""
    assert process.stdout is not None
    while not (line := process.stdout.readline()).startswith("DD "):
        assert line, "it ended"
    return line.strip()


def word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def test_a_foreign_program_reads_it(home: House) -> None:
    """S0-6, X-10: all four registers, with the values asked for on the command line."""
    options = ["--cells", "16", "--capacity", "280", "--soc", "70", "--current", "12.4"]
    with board(home, *options) as (_, path), client(path) as program:
        basic, cells = program.ask(3), program.ask(4)
        assert basic[21] == 16 and word(basic, 6) == 28000 and basic[19] == pytest.approx(70, abs=1)
        assert word(basic, 2) == pytest.approx(1240, abs=10)
        sum_mv = sum(word(cells, at) for at in range(0, 32, 2))
        assert len(cells) == 32 and sum_mv == pytest.approx(word(basic, 0) * 10, abs=40)
        assert program.ask(5).startswith(b"PACKDECK-SIM")
        assert len(program.ask(0xAA)) == 24


@pytest.mark.parametrize(
    ("current", "lowest", "highest"), [("-50", -7000, -3000), ("0", 0, 0), ("50", 4900, 5100)]
)
def test_current(home: House, current: str, lowest: int, highest: int) -> None:
    """X-10: plus charges, minus discharges, and 0 rests."""
    with board(home, "--current", current) as (_, path), client(path) as program:
        raw = word(program.ask(3), 2)
        assert lowest <= (raw - 0x10000 if raw & 0x8000 else raw) <= highest


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_ends_when_told(home: House, how: signal.Signals) -> None:
    """Exit 0, the name is gone, and what it said is how to use it."""
    with board(home) as (process, path):
        printed = end(process, how)
        assert process.returncode == 0 and not path.is_symlink()
        assert printed.splitlines() == [
            f"A simulated unit listens on {path}. Ctrl+C ends it.",
            f"Watch it from another terminal: packdeck --port {path}",
        ]


def test_without_a_name(home: House) -> None:
    """The terminal's own name is told, at once, and works."""
    with home.running("simulate", "jbd", until_open=False) as process:
        assert process.stdout is not None
        path = process.stdout.readline().split(" listens on ")[1].split(". ")[0]
        with client(Path(path)) as program:
            assert len(program.ask(4)) == 8
        end(process, signal.SIGTERM)
        assert process.returncode == 0


def test_asleep(home: House) -> None:
    """The first request is lost, the second one is answered; --verbose shows both as they came."""
    with board(home, "--asleep", "--verbose") as (process, path):
        with client(path) as program:
            program.say(3)
            assert heard(process) == "DD A5 03 00 FF FD 77"
            assert program.hears_nothing()
            assert program.ask(3)[21] == 4
            assert program.hears_nothing(), "one answer, not two"
        printed = end(process, signal.SIGTERM).splitlines()
        assert [line for line in printed if line.startswith("DD ")] == ["DD A5 03 00 FF FD 77"]


def test_falls_asleep(home: House) -> None:
    """A board that is asleep again before the next request comes loses each of them."""
    with board(home, "--sleep-after", "0", "--verbose") as (process, path), client(path) as program:
        for _ in range(3):  # one by one: in one piece they would be no next ones
            program.say(4)
            heard(process)
        assert program.hears_nothing()


def test_several_programs_one_after_another(home: House) -> None:
    """Closing and opening again is nothing special."""
    with board(home) as (_, path):
        for _ in range(3):
            with client(path) as program:
                assert len(program.ask(4)) == 8


def test_nobody_reads_what_it_prints(home: House) -> None:
    """As in `packdeck simulate jbd --verbose | head -1`: the board goes on and ends as told."""
    with board(home, "--verbose") as (process, path):
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()
        process.stdout.close()
        with client(path) as program:
            assert program.ask(4) and program.ask(4)
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
        assert not path.is_symlink()


@pytest.mark.parametrize("what", ["file", "folder", "another board"])
def test_an_existing_path(home: House, what: str) -> None:
    """One sentence, exit 1, and what is there stays there."""
    path = home.folder / "taken"
    if what == "file":
        path.write_text("mine")
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/null")
    done = home.run("simulate", "jbd", "--pty", str(path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"packdeck: {path} exists already, and an existing file is never replaced. "
        "Choose another name with --pty, or remove the file if nothing uses it.\n"
    )
    assert path.exists() and (what != "file" or path.read_text() == "mine")


def test_a_folder_that_is_not_there(home: House) -> None:
    """The same for a name that cannot be made."""
    path = home.folder / "missing" / "bms"
    done = home.run("simulate", "jbd", "--pty", str(path), LANG="fr_FR.UTF-8")
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert str(path) in done.stderr and "dossier" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--cells", "0"],
        ["--cells", "33"],
        ["--soc", "101"],
        ["--capacity", "0"],
        ["--current", "x"],
        ["what"],
    ],
)
def test_wrong_options(home: House, options: list[str]) -> None:
    """Exit 2, the option is named, and no traceback."""
    done = home.run("simulate", "jbd", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert options[0] in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["speed", "nan"],
        ["speed", "inf"],
        ["fault", "cell-short", "--amount", "nan"],
        ["fault", "cell-short", "--for", "inf"],
        ["cell", "3", "--soc", "nan"],
    ],
)
def test_what_is_no_number_is_refused_and_not_said_to_be_done(home: House, words: list[str]) -> None:
    """Exit 2 before anything is asked."""
    done = home.run("sim", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not a valid float" in done.stderr and "Traceback" not in done.stderr


def commands(group: click.Group) -> Iterator[click.Command]:
    """The word itself, and all words after it."""
    yield group
    yield from group.commands.values()


def test_every_option_of_a_simulation_is_explained(home: House) -> None:
    for command in (*commands(sim), *commands(simulate)):
        options = [option for option in command.params if isinstance(option, click.Option)]
        assert [option.name for option in options if not option.help] == [], command.name
        arguments = [one.make_metavar(click.Context(command)) for one in command.params if one not in options]
        if arguments in (["NAME"], ["KIND"], ["[KIND]"], ["NUMBER"], ["[COUNT]"]):
            assert arguments[0].strip("[]") in (command.help or ""), command.name
    assert "CL-" not in home.run("demo", "--help").stdout


def test_what_had_no_effect_is_not_said_to_be_done(home: House) -> None:
    """S1-81: a word that changes nothing says so, and what to do instead."""
    with board(home):
        wait_until(lambda: home.run("sim", "status").returncode == 0, LOOKS_S)
        for words, options in ((["cell", "3"], "--soc"), (["packs"], "COUNT")):
            done = home.run("sim", *words)
            assert (done.returncode, done.stdout) == (2, "") and options in done.stderr
        assert home.run("sim", "clear").stdout.startswith("There was no such fault")
        home.run("sim", "fault", "open-wire", "--cell", "2")
        assert home.run("sim", "clear", "cell-short").stdout.startswith("There was no such fault")
        assert home.run("sim", "clear", "open-wire").stdout.startswith("Done.")
        done = home.run("sim", "cell", "3", "--soc", "40")
        assert done.returncode == 0 and done.stdout.startswith("Done.") and ", one pack, " in done.stdout


def test_packs_with_wires_stay_and_that_is_said(home: House) -> None:
    """S1-81."""
    folder = home.folder / "packs"
    with home.running("simulate", "--packs", "2", "--folder", str(folder), until_open=False) as process:
        wait_until(lambda: home.run("sim", "status").returncode == 0, LOOKS_S)
        assert home.run("sim", "packs", "3").stdout.startswith("Done.")
        done = home.run("sim", "packs", "1")
        assert (done.returncode, done.stdout) == (1, "") and "2 packs are left" in done.stderr
        assert end(process, signal.SIGTERM).startswith("2 simulated packs, ")


def test_one_pack_is_one(home: House) -> None:
    folder = home.folder / "packs"
    with home.running("simulate", "--packs", "1", "--folder", str(folder), until_open=False) as process:
        wait_until(lambda: home.run("sim", "status").returncode == 0, LOOKS_S)
        assert end(process, signal.SIGTERM).startswith("One simulated pack, ")


def test_a_folder_with_a_file_of_that_name(home: House) -> None:
    """The advice is about the option that was used."""
    folder = home.folder / "packs"
    folder.mkdir()
    (folder / "pack-1").write_text("mine")
    done = home.run("simulate", "--packs", "1", "--folder", str(folder))
    assert done.returncode == 1 and "--folder" in done.stderr and "--pty" not in done.stderr
    assert (folder / "pack-1").read_text() == "mine"
