"""`packdeck simulate` and `packdeck sim`: one terminal runs it, another one changes it."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.runs import LOOKS_S, PATIENCE_S, House, house
from tests.cli.test_simulate import client
from tests.fakes import wait_until
from tui.model.simulation import InjectFault, LookAtSimulation, SetSimulation
from tui.simulator import control
from tui.simulator.control import Control
from tui.simulator.simulation import Plan, Simulation
from tui.transports.transport import WireError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs Unix sockets")


@pytest.fixture
def home() -> Iterator[House]:
    with house() as made:
        (made.folder / "run").mkdir()
        yield made


def test_the_door(home: House) -> None:
    """Found by its process, answers, refuses what it does not know, and is gone when it is closed."""
    folder = home.folder / "run"
    simulation = Simulation(Plan())
    simulation.add("pack-1")
    door = Control(simulation, folder)
    door.open()
    try:
        (found,) = control.running(folder).values()
        assert found == door.path
        answer = control.ask(found, SetSimulation(speed=7.0))
        assert answer.ok and answer.simulation and answer.simulation.speed == 7.0
        refused = control.ask(found, InjectFault("nothing"))
        assert refused.cause and refused.cause.key == "sim-fault-unknown"
    finally:
        door.close()
    door.close()
    assert not control.running(folder) and not list(folder.iterdir())
    with pytest.raises(WireError):
        control.ask(found, LookAtSimulation())


def test_a_dead_door_is_no_simulation(home: House) -> None:
    """Of a process that was killed."""
    (home.folder / "run" / "sim-99.sock").touch()
    done = home.run("sim", "status")
    assert done.returncode != 0 and "Nothing is being simulated" in done.stderr


def test_packs_from_one_terminal_and_changes_from_another(home: House) -> None:
    """S1-77, S1-81: three packs in parallel with two wires each; status, speed, fault, profile, clear."""
    folder = home.folder / "packs"
    words = (
        "simulate",
        "--packs",
        "3",
        "--wires",
        "jbd,tinybms",
        "--folder",
        str(folder),
        "--connect",
        "parallel",
    )
    with home.running(*words, until_open=False) as process:
        wait_until(lambda: (folder / "pack-3-tinybms").is_symlink() or process.poll() is not None, PATIENCE_S)
        wait_until(lambda: home.run("sim", "status").returncode == 0, LOOKS_S)
        said = home.run("sim", "speed", "20").stdout
        assert "20x" in said and "in parallel" in said and "pack-3" in said
        assert (
            "cell short" in home.run("sim", "fault", "cell-short", "--pack", "pack-2", "--cell", "3").stdout
        )
        state = json.loads(home.run("sim", "status", "--json").stdout)
        assert state["faults"][0]["where"] == 3 and len(state["packs"]) == 3
        assert state["packs"][0]["wires"] == [f"jbd {folder}/pack-1-jbd", f"tinybms {folder}/pack-1-tinybms"]
        bad = home.run("sim", "fault", "cell-shrt")
        assert bad.returncode != 0 and "cell-short" in bad.stderr and "Traceback" not in bad.stderr
        assert "No faults" in home.run("sim", "clear").stdout
        assert "profile lto" in home.run("sim", "profile", "lto").stdout
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert not folder.exists()


def test_packs_that_come_while_it_runs_have_ports(home: House) -> None:
    """S1-77, S1-81: each can be opened like the others, and is gone with its pack; the first ones stay."""
    folder = home.folder / "packs"
    with home.running(
        "simulate", "--folder", str(folder), "--connect", "series", until_open=False
    ) as process:
        wait_until(lambda: home.run("sim", "status").returncode == 0, LOOKS_S)
        assert "pack-3" in home.run("sim", "packs", "3").stdout
        assert {path.name for path in folder.iterdir()} == {"pack-1", "pack-2", "pack-3"}
        with client(folder / "pack-3") as program:
            assert len(program.ask(4)) == 32, "sixteen cells, to a foreign program"
        state = json.loads(home.run("sim", "status", "--json").stdout)
        assert [pack["wires"] for pack in state["packs"]] == [[f"jbd {folder}/pack-{n}"] for n in (1, 2, 3)]
        assert "pack-3" not in home.run("sim", "packs", "1").stdout
        wait_until(lambda: {path.name for path in folder.iterdir()} == {"pack-1"}, PATIENCE_S)
        (folder / "pack-2").write_text("mine")
        assert home.run("sim", "packs", "2").returncode == 0
        state = json.loads(home.run("sim", "status", "--json").stdout)
        assert state["packs"][1]["wires"] == [], "it lives without one, and says so"
        assert (folder / "pack-2").read_text() == "mine"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0


def test_a_simulation_that_was_killed_is_in_nobody_s_way(home: House) -> None:
    """Its links and its door are left over; the next one with the same names takes their place."""
    folder = home.folder / "packs"
    words = ("simulate", "--packs", "3", "--wires", "jbd,tinybms", "--folder", str(folder))
    others: list[int] = []  # terminals of somebody else, who got the numbers of the dead ones
    for _ in range(2):
        with home.running(*words, until_open=False) as process:
            wait_until(
                lambda: home.run("sim", "status").returncode == 0 or process.poll() is not None, LOOKS_S
            )
            assert process.poll() is None, process.communicate()[0]
            said = home.run("sim", "status", "--json")
            assert said.returncode == 0, said.stderr
            state = json.loads(said.stdout)
            assert state["pid"] == process.pid and len(state["packs"]) == 3
            assert [path.name for path in (home.folder / "run").glob("sim-*")] == [f"sim-{process.pid}.sock"]
            process.kill()
            process.wait(PATIENCE_S)
        assert len(list(folder.iterdir())) == 6, "left over"
        while not all(link.exists() for link in folder.iterdir()) and len(others) < 200:
            others += os.openpty()
    for end in others:
        os.close(end)


def test_a_demo_that_was_killed_is_in_nobody_s_way(home: House) -> None:
    """The next demo takes away the links of the dead one, wherever they lead, and nothing else."""
    run = home.folder / "run"

    def links() -> set[str]:
        return {path.name for path in run.glob("demo-*")}

    with home.running("serve", "--demo") as first:
        wait_until(lambda: len(links()) == 2, PATIENCE_S)
        first.kill()
        first.wait(PATIENCE_S)
    left_over = links()
    assert left_over == {f"demo-left-{first.pid}", f"demo-right-{first.pid}"}
    (run / f"demo-left-{first.pid}").unlink()
    (run / f"demo-left-{first.pid}").symlink_to("/dev/null")  # its terminal has another owner by now
    (run / f"demo-mine-{first.pid}").write_text("mine")
    with home.running("serve", "--demo") as second:
        wait_until(lambda: home.track().get("state") == "live", LOOKS_S)
        assert links() == {f"demo-{side}-{second.pid}" for side in ("left", "right")} | {
            f"demo-mine-{first.pid}"
        }
        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE_S) == 0
    assert links() == {f"demo-mine-{first.pid}"}


def test_the_time_scale_of_the_phase_is_told(home: House) -> None:
    """X-1: in the words of the status and in its JSON; another one in another phase, none in mode test."""
    with home.running("simulate", "--folder", str(home.folder / "p"), until_open=False):
        wait_until(lambda: home.run("sim", "status").returncode == 0, LOOKS_S)

        def told() -> tuple[str, float, str]:
            pack = json.loads(home.run("sim", "status", "--json").stdout)["packs"][0]
            return pack["stage"], pack["time_scale"], home.run("sim", "status").stdout

        stage, scale, words = told()
        assert stage == "discharge" and 125 < scale < 150 and f"time x{scale:.0f}" in words
        home.run("sim", "stage", "charge")
        wait_until(lambda: told()[1] < 100, LOOKS_S)
        stage, scale, words = told()
        assert stage == "charge" and 1 <= scale < 20, "from 90 % there is little left to charge"
        assert f"time x{scale:.0f}" in words
        home.run("sim", "mode", "test")
        assert told()[:2] == ("fixed", 0.0)


def second_cell_mv(home: House) -> int | None:
    """Of the right pack, once its cells are known."""
    cells: list[int] = home.track("right").get("cells_mv") or []
    return cells[1] if len(cells) > 1 else None


def test_the_packs_of_an_engine(home: House) -> None:
    """The demo inside an engine is asked through the engine's own door, by words and by screens alike."""
    with home.running("serve", "--demo") as process:
        wait_until(lambda: home.run("sim", "status").returncode == 0, LOOKS_S)
        said = home.run("sim", "fault", "open-wire", "--pack", "right", "--cell", "2").stdout
        assert "right  open sense wire 2" in said and f"process {process.pid}" in said
        wait_until(lambda: second_cell_mv(home) == 0, LOOKS_S)
        assert "No faults" in home.run("sim", "clear", "open-wire").stdout
        wait_until(lambda: (second_cell_mv(home) or 0) > 2000, LOOKS_S)
        assert home.run("sim", "speed", "0").returncode != 0


def test_environment_and_file(home: House) -> None:
    """S1-28, S1-29, CL-31: the variables act; the command line is stronger, the file is weaker."""
    home.write_config('[sim]\nmode = "demo"\nspeed = 3.5\nprofile = "nmc"\nseed = 4\n')
    port = home.folder / "port"
    words = ("simulate", "--speed", "5", "jbd", "--pty", str(port), "--cells", "8")
    home.environment |= {"SIMULATION_MODE": "test", "SIMULATION_SPEED": "9"}
    with home.running(*words, until_open=False):
        wait_until(port.is_symlink, PATIENCE_S)
        wait_until(lambda: home.run("sim", "status").returncode == 0, LOOKS_S)
        state = json.loads(home.run("sim", "status", "--json").stdout)
    assert (state["mode"], state["profile"]) == ("test", "nmc")
    assert state["speed"] == 5.0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--profile", "lfq"), "lfp, lto, nmc"),
        (("--script", "/nowhere/s.toml"), "/nowhere/s.toml"),
        (("--wires", "smoke"), "jbd, tinybms"),
        (("--wires", "tinybms", "--cells", "20"), "20"),
        (("--can", "socketcan:nobody0"), "nobody0"),
        (("--mode", "quiet"), "realistic"),
        (("--speed", "2000"), "1000"),
    ],
)
def test_bad_words_are_a_sentence(home: House, words: tuple[str, ...], said: str) -> None:
    done = home.run("simulate", "--folder", str(home.folder / "p"), *words)
    assert done.returncode != 0 and said in done.stderr and "Traceback" not in done.stderr
    assert not (home.folder / "p").exists()


def test_a_port_that_exists_is_never_replaced(home: House) -> None:
    folder = home.folder / "p"
    folder.mkdir()
    (folder / "pack-2").write_text("mine")
    done = home.run("simulate", "--folder", str(folder), "--packs", "2")
    assert done.returncode == 1 and "pack-2" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["pack-2"]
    assert (folder / "pack-2").read_text() == "mine"


def test_a_bad_script_in_the_configuration(home: House) -> None:
    home.write_config("[[sim.script]]\nat_s = 5\nfault = 'sleepy'\n")
    done = home.run("simulate", "jbd", "--pty", str(home.folder / "x"))
    assert done.returncode != 0 and "sleepy" in done.stderr


def test_telemetry_once_a_second(home: House) -> None:
    """S1-9: JSON lines on the standard output."""
    folder = home.folder / "p"
    with home.running("simulate", "--folder", str(folder), "--telemetry", until_open=False) as process:
        assert process.stdout is not None
        lines: list[str] = []
        while len(lines) < 5:
            line = process.stdout.readline()
            assert line, "it ended"
            if line.startswith("{"):
                lines.append(line)
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
    told = [json.loads(line)["data"] for line in lines]
    # Of a busy machine some come late, and the one after a late one comes in time.
    assert 3000 <= told[-1]["timestamp_ms"] - told[0]["timestamp_ms"] < 40_000
    assert told[0]["cell_count"] == 16 and Path(folder).exists() is False
