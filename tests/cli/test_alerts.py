"""`packdeck alerts`, as a person runs it. S1-5, S1-40, S1-60, S4 5.7, X-6, CL-41."""

import json
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.runs import LOOKS_S, PATIENCE_S, PROGRAM, ROOT, RUN_S, House
from tests.fakes import wait_until

QUICK = "[history]\ninterval_s = 1\n\n[alerts]\ndebounce_sec = 1\nsoc_warning_pct = 99\nsoc_min_pct = 1\n"


def said(home: House, *words: str) -> dict[str, Any]:
    """What `alerts … --json` says."""
    done = home.run("alerts", *words, "--json")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def active(home: House, key: str = "soc-low") -> list[dict[str, Any]]:
    """Alerts of that kind, as they are listed."""
    done = home.run("alerts", "list", "--json")
    alerts = json.loads(done.stdout)["alerts"] if done.returncode == 0 else []
    return [alert for alert in alerts if alert["key"] == key]


@pytest.fixture
def alarmed(home: House) -> Iterator[House]:
    """An engine whose two packs are below a limit that no pack is above for long."""
    home.write_config(QUICK)
    with home.running("serve", "--demo"):
        wait_until(lambda: len(active(home)) == 2, LOOKS_S)
        yield home


def test_list_names_what_where_value_and_limit(alarmed: House) -> None:
    """S4-36 to S4-38, X-6, CL-40, CL-41."""
    left = next(alert for alert in active(alarmed) if alert["track"] == "left")
    assert (left["type"], left["name"]) == (9, "SOC_LOW")
    assert (left["severity"], left["status"]) == ("warning", "active")
    assert left["value"] < left["limit"] == 99
    assert left["unit"] == "%" and "99" in left["message"]
    assert left["since_timestamp_ms"] > 1_600_000_000_000
    done = alarmed.run("alerts", "list", "--track", "left")
    assert done.returncode == 0, "looking is no failure"
    assert " left: " in done.stdout and " right: " not in done.stdout
    assert left["message"].split(":")[0] in done.stdout, "its value may have moved meanwhile"


def test_check_has_the_exit_codes_of_a_plug_in(alarmed: House) -> None:
    done = alarmed.run("alerts", "list", "--check")
    assert done.returncode == 1
    assert done.stdout.startswith("PACKDECK WARNING - ")
    assert done.stdout.count("\n") == 1


def test_ack_keeps_who_has_seen_it(alarmed: House) -> None:
    """S1-60: one by its number, or all."""
    one, other = active(alarmed)
    done = said(alarmed, "ack", str(one["number"]), "--who", "Anna\nMuster")
    assert done["acknowledged"] == 1
    wait_until(lambda: [a["status"] for a in active(alarmed)].count("acknowledged") == 1, LOOKS_S)
    seen = next(alert for alert in active(alarmed) if alert["number"] == one["number"])
    assert seen["acknowledged_by"] == "Anna Muster"
    assert said(alarmed, "ack", "all")["acknowledged"] >= 1
    wait_until(lambda: {a["status"] for a in active(alarmed)} == {"acknowledged"}, LOOKS_S)
    assert "seen by" in alarmed.run("alerts", "list").stdout
    assert said(alarmed, "stats")["acknowledged"] >= 2
    assert other["number"] != one["number"]


def test_alerts_that_are_off_are_no_all_clear(alarmed: House) -> None:
    """S4-41: the list, its JSON, and both lines for monitoring."""
    assert said(alarmed, "list")["off"] == []
    said(alarmed, "set", "enabled", "off", "--track", "left")
    wait_until(lambda: said(alarmed, "list")["off"] == ["left"], LOOKS_S)
    assert said(alarmed, "list", "--track", "right")["off"] == []
    said(alarmed, "set", "enabled", "off")
    wait_until(lambda: said(alarmed, "list")["off"] == ["left", "right"], LOOKS_S)
    wait_until(lambda: said(alarmed, "list")["count"] == 0, LOOKS_S)  # at the next look of the engine
    assert alarmed.run("alerts", "list").stdout == "Alerts are switched off: nothing is judged.\n"
    for words in (("alerts", "list", "--check"), ("status", "--check")):
        done = alarmed.run(*words)
        assert done.returncode in (1, 2), "2 when the battery itself has opened a switch"
        assert "switched off" in done.stdout and done.stdout.count("\n") == 1


def test_set_changes_what_the_engine_judges_by_and_the_file(alarmed: House) -> None:
    """S4-41 and following: a limit, for one track, back to the default."""
    changed = said(alarmed, "set", "alerts.soc-warning-pct", "1%", "--track", "left")
    assert (changed["before"], changed["limit"]["value"], changed["limit"]["track"]) == (99, 1, "left")
    wait_until(lambda: [a["track"] for a in active(alarmed)] == ["right"], LOOKS_S)
    assert "[tracks.left.alerts]" in alarmed.config.read_text()
    assert said(alarmed, "set", "soc_low_enabled", "off")["limit"]["value"] is False
    wait_until(lambda: active(alarmed) == [], LOOKS_S)
    assert said(alarmed, "set", "soc_warning_pct", "default")["limit"]["value"] == 20


@pytest.mark.parametrize(
    ("words", "code", "names"),
    [
        (("cell_voltage_max_mv", "99999"), 1, ("cell_voltage_max_mv", "99999", "500", "5000")),
        (
            ("cell_voltage_max_mv", "3500"),
            1,
            ("cell_voltage_max_mv", "3500 mV", "high_warning_mv", "3550 mV"),
        ),
        (("cell_voltage_max_mv", "3.65"), 2, ("cell_voltage_max_mv", "3.65", "mV")),
        (("temp_high_enabled", "maybe"), 2, ("temp_high_enabled", "maybe")),
        (("cell_volts", "3600"), 1, ("cell_volts",)),
        (("cell_voltage_max_mv", "3600", "--track", "middle"), 1, ("middle",)),
    ],
)
def test_a_wrong_value_is_named_and_the_old_one_stays(
    home: House, words: tuple[str, ...], code: int, names: tuple[str, ...]
) -> None:
    done = home.run("alerts", "set", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert all(name in done.stderr for name in names), done.stderr
    limits = {limit["key"]: limit["value"] for limit in said(home, "limits")["limits"]}
    assert limits["cell_voltage_max_mv"] == 3650
    assert limits["temp_high_enabled"] is True
    assert not home.config.exists()


def test_limits_are_the_documented_defaults_and_are_explained(home: House) -> None:
    """S4-41 to S4-46, X-16."""
    limits = {limit["key"]: limit for limit in said(home, "limits")["limits"]}
    for key, value in (
        ("enabled", True), ("debounce_sec", 60), ("temperature_max_c", 45), ("temp_low_enabled", False),
        ("cell_voltage_max_mv", 3650), ("cell_voltage_min_mv", 2800), ("imbalance_max_mv", 100),
    ):  # fmt: skip
        assert limits[key]["value"] == value == limits[key]["default"], key
    one = home.run("alerts", "limits", "cell_voltage_max_mv")
    assert one.stdout.count("\n") == 2 and "3650 mV" in one.stdout


def test_silence_is_for_a_while(alarmed: House) -> None:
    said(alarmed, "silence", "1h")
    wait_until(lambda: said(alarmed, "list")["silent_until_timestamp_ms"] is not None, LOOKS_S)
    assert active(alarmed), "alerts stay visible"
    assert said(alarmed, "silence", "off")["silent_until_timestamp_ms"] is None
    wait_until(lambda: said(alarmed, "list")["silent_until_timestamp_ms"] is None, LOOKS_S)
    for wrong in ("25h", "soon"):
        assert alarmed.run("alerts", "silence", wrong).returncode == 2


def test_history_stats_and_clear_work_without_the_engine(home: House) -> None:
    """S4-39, S4-40: what was is there when nobody runs."""
    home.write_config(QUICK)
    with home.running("serve", "--demo") as engine:
        wait_until(lambda: len(active(home)) == 2, LOOKS_S)
        engine.send_signal(signal.SIGTERM)
        engine.wait(PATIENCE_S)
    before = (home.folder / "state" / "simulated" / "history.db").read_bytes()
    page = said(home, "history", "--simulated", "--key", "soc-low", "--severity", "warning")
    assert page["total"] == 2 == len(page["alerts"])
    assert page["alerts"][0]["since_timestamp_ms"] >= page["alerts"][1]["since_timestamp_ms"], "newest first"
    assert said(home, "history", "--simulated", "--track", "left", "--key", "soc-low")["total"] == 1
    assert (
        said(home, "history", "--simulated", "--limit", "1")["alerts"]
        == said(home, "history", "--simulated")["alerts"][:1]
    )
    assert said(home, "history", "--simulated", "--until", "2020-01-01")["alerts"] == []
    assert "no such alerts" in home.run("alerts", "history", "--simulated", "--until", "2020-01-01").stdout
    assert said(home, "stats", "--simulated")["warning"] >= 2
    assert (home.folder / "state" / "simulated" / "history.db").read_bytes() == before, (
        "looking changes nothing"
    )


def test_clear_forgets_what_is_over_after_the_word(alarmed: House) -> None:
    said(alarmed, "set", "soc_low_enabled", "off", "--track", "left")
    wait_until(lambda: [a["track"] for a in active(alarmed)] == ["right"], LOOKS_S)
    before = said(alarmed, "history")["total"]
    assert typed(alarmed, "no\n").returncode == 1
    assert said(alarmed, "history")["total"] >= before >= 2
    assert typed(alarmed, "delete\n").returncode == 0
    assert said(alarmed, "history", "--key", "soc-low", "--track", "left")["total"] == 0
    assert said(alarmed, "history", "--key", "soc-low", "--track", "right")["total"] == 1, "active ones stay"


def typed(home: House, text: str) -> subprocess.CompletedProcess[str]:
    """`alerts clear`, with a word typed."""
    return subprocess.run(
        [*PROGRAM, "alerts", "clear"], cwd=ROOT, env=home.environment, input=text, capture_output=True,
        text=True, timeout=RUN_S, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("words", [("list",), ("ack", "all"), ("silence", "1h")])
def test_what_needs_an_engine_says_so(home: House, words: tuple[str, ...]) -> None:
    done = home.run("alerts", *words)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1


def test_a_check_without_an_engine_is_unknown(home: House) -> None:
    done = home.run("alerts", "list", "--check")
    assert done.returncode == 3
    assert done.stdout.startswith("PACKDECK UNKNOWN - ")


def test_set_without_an_engine_goes_into_the_file_and_keeps_the_rest(home: House) -> None:
    home.write_config('# mine\n[log]\nlevel = "info"  # quiet\n')
    assert home.run("alerts", "set", "cell_voltage_max_mv", "3600").returncode == 0
    assert said(home, "limits", "cell_voltage_max_mv")["limits"][0]["value"] == 3600
    text = home.config.read_text()
    assert text.startswith("# mine\n") and "# quiet" in text


def test_a_test_goes_out_and_says_how_it_went(home: House) -> None:
    """S1-5: somebody away from the screen is told; secrets are never shown."""
    sign = home.folder / "told"
    home.write_config(
        f"[alerts.notify]\ncommand = \"sh -c 'echo $PACKDECK_KEY > {sign}'\"\n"
        'url = "http://127.0.0.1:9/hidden-topic"\ntoken = "hidden-token"\n'
    )
    done = home.run("alerts", "test", "command")
    assert (done.returncode, done.stderr) == (0, "")
    assert sign.read_text() == "test\n"
    both = home.run("alerts", "test", "--json")
    assert both.returncode == 1, "one way failed"
    results = {one["way"]: one for one in json.loads(both.stdout)["results"]}
    assert results["command"]["ok"] is True
    assert results["post"]["ok"] is False and results["post"]["sentence"]
    assert "hidden" not in both.stdout + both.stderr


def test_without_any_way_that_is_said(home: House) -> None:
    done = home.run("alerts", "test")
    assert done.returncode == 1
    assert "alerts.notify" in done.stderr and done.stderr.count("\n") == 1
    bell = home.run("alerts", "test", "bell")
    assert bell.returncode == 0 and "\a" in bell.stderr
