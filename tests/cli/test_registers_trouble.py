"""`packdeck registers` with boards that refuse, want a password, vanish, and plans that were cut off."""

import sys

import pytest

from tests.cli.register_runs import board_here, document, run_given, serving, value
from tests.cli.runs import PATIENCE_S, House
from tests.fakes import wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")


def test_a_device_that_refuses_is_taken_back_and_told(home: House) -> None:
    """S1-54: a refused write, a value that is not taken, one that changed meanwhile: exit status 1."""
    with board_here(home) as (board, path), serving(home, path, "jbd"):
        before = dict(board.memory.kept)
        board.memory.faults.refuse[0x30] = 0x80
        changes = ("cell_overvoltage=3600", "fet_time=60")
        done = home.run("registers", "set", *changes, "--yes")
        assert done.returncode == 1, done.stderr
        assert "taken back" in done.stdout and "refused, holds the old value" in done.stdout, done.stdout
        assert "Everything was taken back" in done.stderr
        assert board.memory.working == before == board.memory.kept

        board.memory.faults.refuse.clear()
        board.memory.faults.clamp[0x30] = b"\x00\x2d"
        told = home.run("registers", "set", *changes, "--yes", "--json")
        assert told.returncode == 1
        assert document(told)["result"] == "undone"
        assert "although 60 s was written" in told.stderr
        assert board.memory.working == before

        board.memory.working[0x24] = b"\x0e\x24"  # by another program
        moved = home.run("registers", "set", *changes, "--yes")
        assert moved.returncode == 1
        assert "24 changed in the device meanwhile" in moved.stderr
        assert board.memory.working[0x30] == before[0x30]
        assert value(home, "24") == 3620, "read again, as the sentence says"
        again = home.run("registers", "set", *changes, "--yes")
        assert again.returncode == 0, again.stderr
        assert board.memory.kept[0x24] == b"\x0e\x10"


def test_the_password_comes_from_standard_input(home: House) -> None:
    """A board that wants one: without it, and with a wrong one, a sentence. It is kept nowhere."""
    with board_here(home) as (board, path):
        board.faults.password = bytes((1, 2, 3, 9, 8, 7))
        words = ("registers", "set", "fet_time=60", "--port", str(path), "--protocol", "jbd", "--yes")
        without = home.run(*words)
        assert without.returncode == 1 and "password" in without.stderr, without.stderr
        wrong = run_given(home, "111111\n", *words, "--password")
        assert wrong.returncode == 1 and "did not accept the password" in wrong.stderr, wrong.stderr
        right = run_given(home, "123987\n", *words, "--password")
        assert right.returncode == 0, right.stderr
        assert board.memory.kept[0x30] == b"\x00\x3c"
        backup = run_given(home, "123987\n", "registers", "backup", *words[3:-1], "--password")
        assert backup.returncode == 0 and "asked for" in backup.stdout, backup.stderr
    kept = [file for file in home.folder.rglob("*") if file.is_file()]
    assert kept and not [file for file in kept if b"123987" in file.read_bytes()]


def test_a_device_that_cannot_be_reached_is_exit_status_4(home: House) -> None:
    """No port, a port with nothing behind it, and no engine at all."""
    gone = home.run("registers", "list", "--port", str(home.folder / "nothing"), "--protocol", "jbd")
    assert gone.returncode == 4 and "no link to left" in gone.stderr, gone.stderr
    with board_here(home) as (board, path):
        board.faults.mute = True
        mute = home.run("registers", "list", "--port", str(path), "--protocol", "jbd", "--wait", "2")
        assert mute.returncode == 4 and "Traceback" not in mute.stderr, mute.stderr
    nothing = home.run("registers", "list")
    assert nothing.returncode == 3 and "No engine runs here" in nothing.stderr


def test_a_plan_that_was_cut_off_is_undone_by_the_next(home: House) -> None:
    """S1-54: the program is killed in the middle of a plan; the next one sees it and takes it back."""
    with board_here(home) as (board, path):
        before = dict(board.memory.working)
        seen: list[bytes] = []

        def stop_at_the_second(request: bytes) -> None:
            if request[1] == 0x5A and request[2] not in (0, 1):
                board.faults.mute = bool(seen)
                seen.append(request)

        board.on_request = stop_at_the_second
        port = ("--port", str(path), "--protocol", "jbd")
        words = ("registers", "set", "cell_overvoltage=3600", "fet_time=60", *port, "--yes")
        with home.running(*words, until_open=False) as process:
            wait_until(lambda: len(seen) > 1, PATIENCE_S)
            process.kill()
            process.wait(PATIENCE_S)
        lived_s = board.battery.elapsed_s
        wait_until(lambda: board.battery.elapsed_s > lived_s)  # its thread is behind that request
        board.on_request, board.faults.mute = None, False
        assert board.memory.working[0x24] == b"\x0e\x10" != before[0x24]
        refused = home.run("registers", "set", "fet_time=61", *port, "--yes")
        assert refused.returncode == 1 and "earlier plan" in refused.stderr, refused.stderr
        mixed = home.run("registers", "get", "cell_overvoltage", "--json", *port)
        assert mixed.returncode == 0 and "Interrupted in the middle" in mixed.stderr, mixed.stderr
        looked = home.run("registers", "undo", *port, "--dry-run")
        assert looked.returncode == 0 and "cell_overvoltage" in looked.stdout, looked.stderr
        undone = home.run("registers", "undo", *port, "--yes")
        assert undone.returncode == 0, undone.stderr
        assert "old value" in undone.stdout
        whole = home.run("registers", "get", "cell_overvoltage", *port)
        assert whole.stderr == ""
        assert board.memory.working == before == board.memory.kept
