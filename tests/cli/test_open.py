"""`packdeck` on a terminal: the first screen has the engine, the others attach, and all leave in order."""

import signal
import sys

import pytest

from tests.cli.runs import LOOKS_S, PATIENCE_S, House
from tests.cli.terminals import Window, window
from tests.doors import attached
from tests.fakes import wait_until


def is_live(shown: Window) -> None:
    shown.wait_for("LEFT", "● live", "avg 3.")


def test_one_command_shows_two_simulated_packs(home: House) -> None:
    """S0-2: two batteries at once; every simulated one is labelled."""
    with window(home, "demo") as shown:
        shown.wait_for("LEFT", "RIGHT SIM", "2 of 2 live")
        status = home.status()
        assert {t["source"] for t in status["tracks"].values()} == {"simulator"}
        assert len(status["tracks"]["left"]["cells_mv"]) == 16
        shown.press("q")
        assert shown.wait_end() == 0
        assert shown.is_restored
        assert not home.door.path.exists()


def test_cells_of_the_demo_can_be_chosen(home: House) -> None:
    with window(home, "demo", "--cells", "8,24") as shown:
        shown.wait_for("SIM")
        wait_until(lambda: len(home.track("right").get("cells_mv") or ()) == 24, LOOKS_S)
    for bad in ("8", "0,4", "a,b", "4,99"):
        done = home.run("demo", "--cells", bad)
        assert done.returncode == 2
        assert "--cells 16,4" in done.stderr


def test_a_port_is_all_that_is_needed(home: House, board: str) -> None:
    """S0-22: the installed program, with no configuration at all."""
    with window(home, "--port", board) as shown:
        is_live(shown)


def test_the_configuration_names_the_batteries(home: House, board: str) -> None:
    home.write_config(f'[tracks.left]\nport = "{board}"\nname = "Kitchen"\n')
    with window(home) as shown:
        shown.wait_for("KITCHEN", "● live")


def test_a_second_terminal_attaches_and_one_port_is_open_once(home: House, board: str) -> None:
    with window(home, "--port", board) as first, window(home, "--port", board) as late:
        is_live(first)
        is_live(late)
        with window(home) as third:
            is_live(third)
            status = home.status()
            assert status["tracks"]["left"]["link"]["opens"] == 1
            wait_until(lambda: home.status().get("engine", {}).get("screens") == 3, LOOKS_S)


def test_another_port_than_the_engines_is_refused(home: House, board: str) -> None:
    with home.running("serve", "--port", board) as process, window(home, "--port", "/dev/null") as shown:
        assert shown.wait_end() == 1
        assert f"process {process.pid}) does not serve /dev/null" in " ".join(shown.said.decode().split())


def test_a_killed_engine_is_said_on_the_screen_and_comes_back_without_a_key(home: House, board: str) -> None:
    with home.running("serve", "--port", board) as process, window(home) as shown:
        is_live(shown)
        process.kill()
        shown.wait_for("ENGINE LOST")
        with home.running("serve", "--port", board):
            shown.read_until(lambda: "ENGINE LOST" not in shown.text())
            is_live(shown)


def test_the_engine_stays_for_the_others_when_its_own_screen_closes(home: House, board: str) -> None:
    with window(home, "--port", board) as first:
        is_live(first)
        with attached(home.door) as other:
            assert other.wait(PATIENCE_S)
            first.press("q")
            stays = f"as process {first.process.pid} until the last one leaves"
            first.read_until(lambda: stays in first.said.decode(errors="replace"))
            assert first.is_restored
            before = other.fleet().version
            wait_until(lambda: other.fleet().version > before + 2, PATIENCE_S)
            assert other.fleet().engine.attached
        assert first.wait_end() == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("attaches", [False, True], ids=["with the engine", "attached"])
def test_told_to_end_it_restores_the_terminal(home: House, board: str, name: str, attaches: bool) -> None:
    def end(shown: Window) -> None:
        is_live(shown)
        shown.process.send_signal(getattr(signal, name))
        assert shown.wait_end() == 0
        assert shown.is_restored

    if attaches:
        with home.running("serve", "--port", board), window(home) as shown:
            end(shown)
    else:
        with window(home, "--port", board) as shown:
            end(shown)
        done = home.run("status", "--port", board, "--wait", "60")
        assert done.returncode == 0, "the port is free again"


def test_told_to_end_it_ends_although_others_watch(home: House, board: str) -> None:
    with window(home, "--port", board) as shown:
        is_live(shown)
        with attached(home.door) as other:
            assert other.wait(PATIENCE_S)
            shown.process.send_signal(signal.SIGTERM)
            assert shown.wait_end() == 0
            wait_until(lambda: not other.fleet().engine.attached, PATIENCE_S)


def test_ctrl_c_twice_leaves(home: House, board: str) -> None:
    """With more than the two seconds that a person has for the second: this machine may be busy."""
    code = (
        f"import sys, tui.app\ntui.app.INTERRUPT_WITHIN_S = {PATIENCE_S}\n"
        "from tui.cli.group import run\nsys.exit(run(sys.argv[1:]))"
    )
    with window(home, "--port", board, program=[sys.executable, "-c", code]) as shown:
        is_live(shown)
        shown.press("\x03")
        shown.wait_for("again")
        shown.press("\x03")
        assert shown.wait_end() == 130
        assert shown.is_restored


def test_a_closed_window_ends_it_and_frees_the_port(home: House, board: str) -> None:
    with window(home, "--port", board) as shown:
        is_live(shown)
        shown.hang_up()
        shown.process.wait(PATIENCE_S)
    assert home.run("status", "--port", board, "--wait", "60").returncode == 0


@pytest.mark.parametrize("words", [[], ["demo"], ["--port", "/dev/null"]])
def test_without_a_terminal_there_is_one_sentence(home: House, words: list[str]) -> None:
    done = home.run(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "packdeck status" in done.stderr


def test_a_dumb_terminal_is_refused(home: House) -> None:
    with window(home, "demo", TERM="dumb") as shown:
        assert shown.wait_end() == 2
        assert b"\x1b" not in shown.said


def test_with_nothing_configured_the_way_on_is_said(home: House) -> None:
    with window(home) as shown:
        assert shown.wait_end() == 2
        assert "packdeck demo" in shown.text()


def test_a_wrong_theme_is_answered_with_the_list(home: House) -> None:
    with window(home, "--theme", "pinkish", "demo") as shown:
        assert shown.wait_end() == 2
        assert "--theme cannot be" in shown.text()


def test_a_kiosk_waits_for_its_engine(home: House, board: str) -> None:
    with window(home, "--kiosk") as shown:
        shown.wait_for("ENGINE LOST")
        with home.running("serve", "--port", board):
            is_live(shown)


def test_a_damaged_screen_file_does_not_stop_the_start(home: House, board: str) -> None:
    home.write_config("")
    file = home.config.with_name("screen.toml")
    file.write_text("theme = ")
    with window(home, "--port", board) as shown:
        is_live(shown)
    assert file.with_suffix(".toml.damaged").read_text() == "theme = "


def test_a_log_that_cannot_be_written_does_not_stop_the_start(home: House, board: str) -> None:
    with window(home, "--port", board, PACKDECK_STATE_DIR="/proc/nothing-here") as shown:
        is_live(shown)


def test_a_mistake_of_the_screen_restores_the_terminal_and_is_one_sentence(home: House) -> None:
    code = (
        "import sys, tui.app\n"
        "tui.app.PackdeckApp._look = lambda self: 1 / 0\n"
        "from tui.cli.group import run\n"
        "sys.exit(run(['demo']))"
    )
    with window(home, program=[sys.executable, "-c", code]) as shown:
        assert shown.wait_end() == 1
        assert shown.is_restored
        last = shown.said.rpartition(b"\x1b[?1049l")[2].decode()
        assert "ZeroDivisionError" in last
        assert "Traceback" not in last
        assert not home.door.path.exists()
