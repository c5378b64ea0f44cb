"""The alerts in config.toml: read, refused with their line, written back."""

from pathlib import Path

import pytest

from tests.store.test_config import complaints, read
from tui.model.alert import Severity
from tui.model.settings import AlertSettings, NotifySettings
from tui.store.config import read_config
from tui.store.config_write import write_value


def test_without_a_word_about_them_the_defaults_hold() -> None:
    """S4-41…S4-46: nothing differs."""
    assert read("").alerts == AlertSettings()


def test_limits_for_all_and_for_one_track_and_who_is_told() -> None:
    config = read(
        """
        [alerts]
        debounce_sec = 120
        temp_low_enabled = true
        notify.command = "tell 'somebody'"
        [alerts.notify]
        """.replace("[alerts.notify]", "")
        + """
        [tracks.left]
        port = "/dev/x"
        [tracks.left.alerts]
        temperature_max_c = 50
        """
    )
    assert config.alerts == AlertSettings(
        (("debounce_sec", 120), ("temp_low_enabled", 1)),
        (("left", (("temperature_max_c", 50),)),),
        NotifySettings(command="tell 'somebody'"),
    )
    assert read("[alerts.notify]\nat_least = 'Critical'").alerts.notify.at_least is Severity.CRITICAL


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[alerts]\ndebounce_sec = 4000", ("line 2", "alerts.debounce_sec", "3600 s", "4000 s")),
        ("[alerts]\ntemp_high_enabled = 1", ("line 2", "alerts.temp_high_enabled")),
        ("[alerts]\ntemprature_max_c = 50", ("line 2", "alerts.temperature_max_c")),
        (
            "[tracks.left]\nport='/x'\n[tracks.left.alerts]\nsoc_min = 5",
            ("line 4", "tracks.left.alerts.soc_min", "tracks.left.alerts.soc_min_pct"),
        ),
        ("[tracks.left]\nport='/x'\n[tracks.left.alerts]\nsoc_min_pct = 101", ("line 4", "100 %", "101 %")),
        ("[alerts.notify]\nat_least = 'bad'", ("line 2", "alerts.notify.at_least", "critical")),
    ],
)
def test_mistakes_are_said_with_their_line(text: str, words: tuple[str, ...]) -> None:
    (sentence,) = complaints(text)
    assert all(word in sentence for word in words), sentence


def test_empty_tables_are_no_mistake() -> None:
    assert (
        read("[alerts]\n[alerts.notify]\n[tracks.left]\nport='/x'\n[tracks.left.alerts]").alerts
        == AlertSettings()
    )


def test_a_value_is_written_among_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "config.toml"
    assert write_value(file, ("alerts", "debounce_sec"), 90) is None
    assert write_value(file, ("tracks", "left", "port"), "/dev/x") is None
    file.write_text(file.read_text() + "# the end\n")
    assert write_value(file, ("tracks", "left", "alerts", "soc_min_pct"), 5) is None
    config = read_config(file)
    assert (config.alerts.values, config.alerts.tracks) == (
        (("debounce_sec", 90),),
        (("left", (("soc_min_pct", 5),)),),
    )
    assert write_value(file, ("alerts", "debounce_sec"), None) is None
    assert write_value(file, ("alerts", "no", "such"), None) is None
    assert read_config(file).alerts.values == ()
    assert "# the end" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["no = [toml", "alerts = 5"])
def test_a_file_that_is_broken_is_not_touched(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    cause = write_value(file, ("alerts", "debounce_sec"), 90)
    assert cause is not None and cause.key == "config-not-written"
    assert file.read_text() == text


def test_limits_of_a_track_that_the_file_does_not_set_up_are_kept_for_when_it_comes() -> None:
    """`alerts set … --track left` while left came by --port or in a demo: the file stays readable."""
    config = read("[tracks.left.alerts]\ntemperature_max_c = 50\n[tracks.right]\nport = '/dev/x'\n")
    assert [setup.name for setup in config.setups] == ["right"]
    assert config.alerts.tracks == (("left", (("temperature_max_c", 50),)),)
