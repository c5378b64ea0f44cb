"""The limits of `config.toml` where packs are watched: told when they contradict, used by every engine."""

import contextlib
import json

import pytest

from tests.cli.runs import House
from tests.cli.terminals import window
from tests.fakes import wait_until
from tui.cli.engine_feed import with_tracks
from tui.cli.limits import fit
from tui.cli.wire_options import Wires
from tui.engine.engine import Engine
from tui.model.requests import Thresholds
from tui.model.settings import AlertSettings, Config, NotifySettings
from tui.model.track import Setup

WRONG = """\
[alerts]
cell_voltage_high_warning_mv = 3700
cell_voltage_max_mv = 3600

[tracks.left]
port = "/dev/a"
[tracks.left.alerts]
temperature_critical_c = 40
"""


def test_check_tells_limits_that_contradict_each_other(home: House) -> None:
    """CL-21, CL-42, S4-41: each with its line, both keys, and one thing to do."""
    home.write_config(WRONG)
    done = home.run("config", "check")
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first.startswith(
        f"packdeck: {home.config}, line 2: alerts.cell_voltage_high_warning_mv 3700 mV must stay below "
        "alerts.cell_voltage_max_mv 3600 mV."
    )
    assert second.startswith(
        f"packdeck: {home.config}, line 8: tracks.left.alerts.temperature_critical_c 40 °C must stay above "
        "alerts.temperature_max_c 45 °C."
    )
    assert "default" in second, "this one is not in the file"
    french = home.run("--language", "fr", "config", "check").stderr
    assert "ligne 2" in french and "doit rester en dessous de" in french


def test_check_is_content_with_limits_in_order(home: House) -> None:
    home.write_config("[alerts]\ncell_voltage_high_warning_mv = 3500\ncell_voltage_max_mv = 3600\n")
    assert home.run("config", "check").returncode == 0


def test_the_doctor_tells_them_too(home: House) -> None:
    home.write_config(WRONG)
    told = home.run("doctor").stdout
    assert "line 2: alerts.cell_voltage_high_warning_mv" in told and "line 8: tracks.left.alerts" in told


def test_an_engine_that_starts_tells_them_and_watches_all_the_same(home: House, board: str) -> None:
    """What is farther out is the worse one, so packs are better watched than left alone."""
    home.write_config(WRONG)
    with home.running("serve", "--port", board) as engine:
        wait_until(home.door.answers, 30)
        engine.terminate()
        assert engine.wait(30) == 0
        assert engine.stdout is not None
        told = engine.stdout.read()
    assert f"packdeck: {home.config}, line 2: alerts.cell_voltage_high_warning_mv" in told
    assert "line 8" in told


OWN = """\
[alerts]
cell_voltage_max_mv = 3600
debounce_sec = 0
soc_warning_pct = 99
soc_min_pct = 1

[tracks.left]
port = "/dev/nobody"
[tracks.left.alerts]
temperature_max_c = 50

[alerts.notify]
command = "sh -c 'echo $PACKDECK_KEY >> {sign}'"
"""


def limit_of(home: House, key: str, *words: str) -> object:
    """As the running engine judges."""
    limits = json.loads(home.run("alerts", "limits", key, *words, "--json").stdout)["limits"]
    return limits[0]["value"]


def test_one_question_about_a_port_is_judged_by_the_limits_of_the_file(
    home: House, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S4-41: also those of the track of that name; and nobody else is told of it."""
    home.write_config(OWN.replace("{sign}", str(home.folder / "sign")))
    for key in ("PACKDECK_RUNTIME_DIR", "PACKDECK_CONFIG_DIR", "PACKDECK_STATE_DIR"):
        monkeypatch.setenv(key, home.environment[key])
    with with_tracks(Wires(ports=(f"left={board}",))) as feed:
        assert isinstance(feed, Engine)
        answer = feed.ask(Thresholds("left"))
        used = {one.key: one.value for one in answer.thresholds or ()}
        assert (used["cell_voltage_max_mv"], used["temperature_max_c"]) == (3600, 50)
        assert not feed.alerts.notifier.ways
        wait_until(lambda: any(alert.key == "soc-low" for alert in feed.fleet().alerts), 20)


@pytest.mark.parametrize("words", [("demo",), ("serve", "--demo")], ids=" ".join)
def test_the_demo_has_the_limits_of_the_file_and_tells_nobody_away(
    home: House, words: tuple[str, ...]
) -> None:
    """S4-41, S1-5: a simulated alarm is seen on the screen and sends nothing."""
    sign = home.folder / "sign"
    home.write_config(OWN.replace("{sign}", str(sign)))
    with contextlib.ExitStack() as stack:
        stack.enter_context(window(home, *words) if words == ("demo",) else home.running(*words))
        wait_until(home.door.answers, 30)
        assert limit_of(home, "cell_voltage_max_mv") == 3600
        assert limit_of(home, "temperature_max_c", "--track", "left") == 50
        wait_until(lambda: "soc-low" in home.run("alerts", "list", "--json").stdout, 30)
        told = home.run("alerts", "test", "command")
        assert told.returncode == 1 and "alerts.notify" in told.stdout
    assert not sign.exists()


def test_packs_of_a_recording_tell_nobody_away_but_real_ones_do() -> None:
    settings = AlertSettings((("temperature_max_c", 50),), notify=NotifySettings(command="x"))
    config = Config(alerts=settings)
    real, shown = Setup("left"), Setup("right", "replay", "a.log", "can")
    assert fit(config, [real, shown]) is config
    assert fit(config, [shown]).alerts == AlertSettings((("temperature_max_c", 50),))
