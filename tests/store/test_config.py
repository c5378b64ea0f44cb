"""config.toml: what it means, and every mistake said with line, key and the nearest valid one."""

import re
from pathlib import Path

import pytest

from tui import locale
from tui.locale import say
from tui.model import settings
from tui.model.settings import SETTINGS, Config, HistorySettings
from tui.store.config import ConfigError, parse_config, read_config
from tui.store.sample_config import sample_config

GOOD = """
# a comment
[tracks.left]
port = "/dev/ttyUSB0"
name = "Maison"
model = "JBD-SP25S003"

[tracks.right]
port = "/dev/ttyUSB1"
"""


def read(text: str) -> Config:
    return parse_config(text.encode(), "config.toml")


def complaints(text: str | bytes) -> list[str]:
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(ConfigError) as refusal:
        parse_config(raw, "config.toml")
    for cause in refusal.value.causes:
        assert "{" not in say(f"cause-{cause.key}-do", **cause.values())
    return [say(f"cause-{cause.key}", **cause.values()) for cause in refusal.value.causes]


@pytest.fixture(autouse=True)
def english() -> None:
    locale.use("en")


def test_two_tracks_with_a_port_are_all_that_is_needed() -> None:
    left, right = read(GOOD).setups
    assert (left.name, left.address, left.title, left.cells) == ("left", "/dev/ttyUSB0", "Maison", 16)
    assert (right.name, right.address, right.protocol, right.baudrate) == (
        "right",
        "/dev/ttyUSB1",
        "auto",
        0,
    )


def test_a_missing_file_is_a_configuration_without_tracks(tmp_path: Path) -> None:
    assert read_config(tmp_path / "config.toml") == Config()


def test_the_documented_defaults() -> None:
    """S0-11: 4 cells; S0-12: 15 s; S0-13: 30 s; S0-14: 5 attempts; S0-10: every 2000 ms."""
    config = read('[tracks.left]\nport = "/dev/a"')
    assert config.setups[0].cells == 4
    assert config.setups[0].attempts_max == 5
    assert config.setups[0].poll_s == 2.0
    assert settings.default("ble.connection_timeout_ms") == 15_000
    assert config.radio.scan_s == 30.0
    assert settings.default("ble.poll_interval_ms") == 2000
    assert settings.default("ble.max_reconnect_attempts") == 5


def test_battery_count_is_used_until_something_better_is_said() -> None:
    """S0-11: `battery_count`; `cells` and the model say it more exactly."""
    track = '[tracks.left]\nport = "/dev/a"\n'
    assert read(track + "battery_count = 8").setups[0].cells == 8
    assert read(track + "battery_count = 8\ncells = 10").setups[0].cells == 10
    assert read(track + 'model = "sp10s009"').setups[0].cells == 8


def test_values_of_the_wire_hold_unless_the_track_says_otherwise() -> None:
    one, other = read(
        "[uart]\nbaudrate = 19200\npoll_interval_ms = 500\nmax_reconnect_attempts = 7\n"
        '[tracks.a]\nport = "/dev/a"\n[tracks.b]\nport = "/dev/b"\nbaudrate = 115200\npoll_interval_ms = 1000'
    ).setups
    assert (one.baudrate, one.poll_s, one.attempts_max) == (19200, 0.5, 7)
    assert (other.baudrate, other.poll_s) == (115200, 1.0)


@pytest.mark.parametrize("mac", ["A4:C1:38:7C:2D:F0", "a4:c1:38:7c:2d:f0", "a4-C1-38-7c-2D-f0"])
def test_a_bluetooth_address_may_be_written_in_any_case(mac: str) -> None:
    """S0-9: upper or lower case is accepted."""
    assert read(f'[tracks.left]\nport = "/dev/a"\nmac = "{mac}"').setups[0].address == "/dev/a"


MISTAKES = {
    "typo in a key": (
        '[tracks.left]\nport = "/dev/a"\nbaudrat = 9600',
        3,
        "tracks.left.baudrat;",
        "baudrate",
    ),
    "typo in a table": ('[track.left]\nport = "/dev/a"', 2, "track.left.port", "tracks.left.port"),
    "nothing near": ('[tracks.left]\nport = "/dev/a"\n[zzz]\nqqq = 1', 4, "zzz.qqq", ""),
    "number as text": ('[tracks.left]\nport = "/dev/a"\ncells = "4"', 3, "tracks.left.cells", '"4"'),
    "text as number": ("[tracks.left]\nport = 5", 2, "tracks.left.port", "5"),
    "truth as number": ('[tracks.left]\nport = "/dev/a"\ncells = true', 3, "tracks.left.cells", "true"),
    "too small": ("[uart]\npoll_interval_ms = 5", 2, "uart.poll_interval_ms", "200"),
    "too large": ('[tracks.left]\nport = "/dev/a"\ncells = 99', 3, "tracks.left.cells", "48 cells"),
    "no such wire": (
        '[tracks.left]\nport = "/dev/a"\ntransport = "urat"',
        3,
        "tracks.left.transport",
        '"uart"',
    ),
    "bluetooth without an address": ('[tracks.left]\ntransport = "ble"', 1, "tracks.left", "address"),
    "no such protocol": ('[tracks.left]\nprotocol = "jdb"\nport = "/dev/a"', 2, "protocol", '"jbd"'),
    "no such model": ('[tracks.left]\nport = "/dev/a"\nmodel = "SP04S02O"', 3, "model", '"SP04S020"'),
    "bad address": ('[tracks.left]\nport = "/dev/a"\nmac = "A4:C1"', 3, "tracks.left.mac", '"A4:C1"'),
    "no port": ("# nothing\n\n[tracks.left]\nname = 'x'", 3, "tracks.left", "no port"),
    "empty track": ("[tracks.left]", 1, "tracks.left", "no port"),
    "one port twice": (
        '[tracks.left]\nport = "/dev/a"\n[tracks.right]\nport = "/dev/../dev/a"',
        4,
        "tracks.right.port",
        "left",
    ),
    "track name": ('[tracks."a b"]\nport = "/dev/a"', 1, "track", "cannot be named"),
    "not toml": ("[tracks.left]\nport = /dev/a", 2, "not valid TOML", ""),
    "key twice": ('[tracks.left]\nport = "a"\nport = "b"', 3, "not valid TOML", ""),
    "open text": ('[tracks.left]\nport = "a', 2, "not valid TOML", ""),
    "tracks is no table": ("tracks = 5", 1, "tracks", "table"),
    "list of tracks": ('[[tracks]]\nport = "a"', 1, "tracks", "table"),
    "inline": ('tracks.left = { port = "/dev/a", cels = 4 }', 1, "tracks.left.cels", "tracks.left.cells"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_said_with_its_line_and_key(name: str) -> None:
    text, line, key, hint = MISTAKES[name]
    said = complaints(text)
    assert len(said) == 1
    assert said[0].startswith(f"config.toml, line {line}: ")
    assert key in said[0]
    assert hint in said[0]
    assert "{" not in said[0].replace("{ port", "")


def test_two_tracks_on_one_port_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").touch()
    (tmp_path / "by-id").symlink_to(tmp_path / "real")
    text = f'[tracks.left]\nport = "{tmp_path}/real"\n[tracks.right]\nport = "{tmp_path}/by-id"'
    assert "one port serves one battery" in complaints(text)[0]


def test_all_mistakes_are_said_at_once_in_the_order_of_the_lines() -> None:
    said = complaints('[log]\nlevel = "loud"\n[tracks.left]\nprt = "x"\ncells = 0\nport = "/dev/a"')
    assert [re.search(r"line (\d+)", words)[1] for words in said] == ["2", "4", "5"]  # type: ignore[index]


def test_bytes_that_are_no_text_are_said_so() -> None:
    assert "line 2: this is not UTF-8" in complaints(b"[log]\nlevel = '\xe9'")[0]


def test_a_file_of_a_windows_editor_is_read() -> None:
    assert read("\ufeff" + GOOD.replace("\n", "\r\n")) == read(GOOD)


def test_a_folder_in_the_place_of_the_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        read_config(tmp_path)
    assert refusal.value.causes[0].key == "config-unreadable"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_sample_explains_every_key_and_sets_none(language: str) -> None:
    """CL-49: in both languages."""
    locale.use(language)
    sample = sample_config()
    assert read(sample) == Config()
    for setting in SETTINGS:
        assert f"{setting.key.rpartition('.')[2]} = " in sample
        assert setting.help not in sample, "a key without its explanation"


def test_the_sample_without_its_marks_is_valid() -> None:
    """S0-3: the default addresses stand in it, left and right."""
    bare = "\n".join(line.removeprefix("# ") for line in sample_config().splitlines())
    left, right = read(bare).setups
    assert (left.cells, right.cells) == (16, 4)
    table = bare.split("\n[tracks.right]")
    assert 'mac = "A4:C1:38:7C:2D:F0"' in table[0]
    assert 'mac = "E0:9F:2A:E4:94:1D"' in table[1]


def test_two_batteries_on_bluetooth() -> None:
    """S0-3, S0-9, S0-12: addresses in any spelling, the default times."""
    config = read(
        '[tracks.left]\ntransport = "ble"\nmac = "a4-c1-38-7c-2d-f0"\n'
        '[tracks.right]\ntransport = "ble"\nmac = "E0:9F:2A:E4:94:1D"\n'
    )
    left, right = config.setups
    assert (left.transport, left.address, left.poll_s) == ("ble", "A4:C1:38:7C:2D:F0", 2.0)
    assert (right.mac, right.connect_timeout_s, right.attempts_max) == ("E0:9F:2A:E4:94:1D", 15.0, 5)
    assert config.radio.window_s == 1800.0


def test_a_battery_on_can_and_its_dbc() -> None:
    """S3-9, S4-19: can0 at 500 kbit/s unless said otherwise."""
    config = read('[tracks.bus]\ntransport = "can"\n[can]\nprotocol = "VICTRON"\ndbc = "/x.dbc"\n')
    (bus,) = config.setups
    assert (bus.address, bus.bitrate, bus.protocol, bus.profile) == ("can0", 500_000, "can", "victron")
    assert (bus.dbc, bus.may_send) == ("/x.dbc", False)


def test_the_black_box_can_be_switched_off() -> None:
    assert read("").black_box_mb == 64
    assert read("[recorder]\nenabled = false\n").black_box_mb == 0
    assert read("[recorder]\nsize_mb = 8\n").black_box_mb == 8


def test_the_history_is_set_up_by_its_keys(tmp_path: Path) -> None:
    """S1-13, CL-23: a minute, 512 entries, at least 30 days; each can be changed."""
    path = tmp_path / "config.toml"
    path.write_text("")
    assert read_config(path).history == HistorySettings(60, 1.0, 512, 10, 400, 1024, True, 365, 512)
    path.write_text("[history]\ninterval_s = 1\nlive_interval_ms = 500\nkeep_days = 30\narchives = false\n")
    history = read_config(path).history
    assert history is not None
    assert (history.interval_s, history.live_interval_s) == (1, 0.5)
    assert (history.keep_days, history.archives) == (30, False)
    path.write_text("[history]\nenabled = false\n")
    assert read_config(path).history is None
