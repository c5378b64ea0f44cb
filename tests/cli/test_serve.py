"""The engine in a process of its own: one of them, found again after a crash, ended in time."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.runs import PATIENCE_S, ROOT, House
from tests.doors import attached
from tests.fakes import wait_until
from tui.cli import local
from tui.feed.remote import RemoteFeed
from tui.host import service_units
from tui.model.link import State


def is_live(feed: RemoteFeed) -> bool:
    fleet = feed.fleet()
    now_s = time.monotonic() + fleet.engine.offset_s
    return bool(fleet.tracks) and all(fleet.state(t, now_s) is State.LIVE for t in fleet.tracks)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_the_engine_ends_cleanly_when_told(home: House, board: str, name: str) -> None:
    with home.running("serve", "--port", board) as process:
        with attached(home.door) as feed:
            wait_until(lambda: is_live(feed), PATIENCE_S)
            process.send_signal(getattr(signal, name))
            assert process.wait(PATIENCE_S) == 0
        assert not home.door.path.exists()
    done = home.run("status", "--port", board, "--wait", "60")
    assert done.returncode == 0, "the port is free again"


def test_a_thread_that_hangs_does_not_hold_up_the_end() -> None:
    """S0-23: the service manager would kill it; and that the guard is set at all."""
    assert local.LEAVE_S < service_units.STOP_S
    code = (
        "import threading\nfrom tui.cli.local import end_within\n"
        "end_within(lambda: 7, 0.1)\nthreading.Event().wait()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=PATIENCE_S, check=False)
    assert done.returncode == 7


def test_a_second_engine_is_refused_with_the_number_of_the_first(home: House, board: str) -> None:
    with home.running("serve", "--port", board) as process:
        for words in (["serve", "--port", board], ["serve", "--demo"]):
            second = home.run(*words)
            assert second.returncode == 1
            assert f"runs already as process {process.pid}. Use: packdeck" in second.stderr


def test_a_killed_engine_is_said_and_found_again(home: House, board: str) -> None:
    with attached(home.door) as feed:
        with home.running("serve", "--port", board) as process:
            wait_until(lambda: is_live(feed), PATIENCE_S)
            process.kill()
            wait_until(lambda: not feed.fleet().engine.attached, PATIENCE_S)
            assert feed.fleet().tracks[0].pack.pack_v is not None
            assert home.door.path.exists(), "a crash leaves the socket behind"
        with home.running("serve", "--port", board):
            wait_until(lambda: is_live(feed), PATIENCE_S)


def test_two_screens_share_one_open_port(home: House, board: str) -> None:
    with (
        home.running("serve", "--port", board) as process,
        attached(home.door) as one,
        attached(home.door) as two,
    ):
        wait_until(lambda: is_live(one) and is_live(two), PATIENCE_S)
        wait_until(lambda: one.fleet().screens == 2, PATIENCE_S)
        assert one.fleet().tracks[0].link.traffic.opens == 1
        opened = [os.path.realpath(fd) for fd in Path(f"/proc/{process.pid}/fd").iterdir()]
        assert opened.count(os.path.realpath(board)) == 1


def test_a_stopped_engine_is_told_from_one_that_is_gone(
    home: House, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.feed import remote

    monkeypatch.setattr(remote, "SILENCE_S", 3.0)  # the engine pings every 2 s
    monkeypatch.setattr(remote, "RETRY_S", 0.2)
    with home.running("serve", "--port", board) as process, attached(home.door) as feed:
        wait_until(lambda: is_live(feed), PATIENCE_S)
        process.send_signal(signal.SIGSTOP)
        try:
            wait_until(lambda: not feed.fleet().engine.attached, PATIENCE_S)
            cause = feed.fleet().engine.cause
            assert cause is not None
            assert cause.key == "engine-silent"
        finally:
            process.send_signal(signal.SIGCONT)
        wait_until(lambda: is_live(feed), PATIENCE_S)


def test_without_a_battery_there_is_a_sentence(home: House) -> None:
    done = home.run("serve")
    assert done.returncode == 2
    assert "packdeck demo" in done.stderr


def test_two_ports_get_names_and_an_unknown_one_does_not_stop_the_other(home: House, board: str) -> None:
    """S0-2: left and right; one broken port leaves the other track alone."""
    with (
        home.running("serve", "--port", board, "--port", "/dev/packdeck-no-such-port"),
        attached(home.door) as feed,
    ):
        wait_until(lambda: feed.wait(1) and feed.fleet().tracks[0].pack.pack_v is not None, PATIENCE_S)
        left, right = feed.fleet().tracks
        assert (left.name, right.name) == ("left", "right")
        assert right.pack_at_s is None
        assert right.link.cause is not None
        assert right.link.cause.key == "port-missing"


def test_nonsense_in_names_of_ports_is_a_sentence(home: House) -> None:
    twice = home.run("serve", "--port", "left=/dev/a", "--port", "left=/dev/b")
    assert (twice.returncode, "Two ports are named" in twice.stderr) == (2, True)
    third = home.run("serve", "--port", "/dev/a", "--port", "/dev/b", "--port", "/dev/c")
    assert (third.returncode, "needs a name" in third.stderr) == (2, True)


def test_simulated_batteries_do_not_get_into_the_history_of_real_ones(home: House) -> None:
    """A demo keeps what it measures in a folder of its own."""
    state = home.folder / "state"
    with home.running("serve", "--demo") as process:
        wait_until((state / "simulated" / "history.db").exists, PATIENCE_S)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    assert not (state / "history.db").exists()
