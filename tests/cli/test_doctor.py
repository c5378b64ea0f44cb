"""`packdeck doctor`: words for every state, an exit code, and a report that gives nothing away."""

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.cli.runs import House
from tui import __version__
from tui.cli import doctor as module
from tui.cli.doctor import as_lines, clean, configuration_lines, doctor
from tui.cli.refusal import NO_ENGINE, USAGE, Refusal
from tui.host.doctor import Machine
from tui.locale import use
from tui.model.device import Device, Radio
from tui.model.fleet import EngineLink, Fleet
from tui.model.link import Cause
from tui.model.requests import Answer, Request, ResetAdapter
from tui.model.settings import LEFT_MAC, RIGHT_MAC
from tui.model.system import Check, CheckState

CONFIG = """
[tracks.left]
transport = "uart"
port = "/dev/ttyUSB0"
name = "Left"
# password = "in-a-comment"
"""


@pytest.fixture
def here(home: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A machine with nothing on it, and folders of this test."""
    for name, value in home.environment.items():
        if name.startswith("PACKDECK_"):
            monkeypatch.setenv(name, value)
    (home.folder / "root").mkdir()

    def machine(run: object) -> Machine:
        return Machine(home.folder / "root", "linux", "ada", 1000, environment={"TERM": "xterm"})

    monkeypatch.setattr(Machine, "here", machine)
    return home


def run(*words: str) -> Result:
    """In this process: standard output and error are kept apart."""
    return CliRunner().invoke(doctor, list(words), catch_exceptions=True)


def heading(result: Result) -> list[str]:
    return [line for line in result.stdout.splitlines() if line and not line.startswith(" ")]


def test_a_machine_without_bluetooth_is_told_so(here: House) -> None:
    """S0-34: clear, with a cure, and not 0."""
    done = run("bluetooth")
    assert done.exit_code == 1
    assert "FAILED   This machine has no Bluetooth adapter." in done.stdout
    assert "-> Plug in a USB Bluetooth adapter" in done.stdout
    assert heading(done)[0] == "Bluetooth"
    assert "Traceback" not in done.output


def test_who_uses_no_bluetooth_is_only_warned(here: House) -> None:
    here.write_config(CONFIG)
    done = run()
    assert done.exit_code == 0, done.output
    assert "WARNING  This machine has no Bluetooth adapter." in done.stdout
    assert heading(done)[:-1] == [
        "Bluetooth", "Rights", "CAN", "Python", "Terminal", "Performance", "Configuration"
    ]  # fmt: skip
    assert heading(done)[-1].startswith("0 failed, ")


def test_a_configured_bus_that_is_missing_fails(here: House) -> None:
    """S3-45: with the exact command."""
    here.write_config('[tracks.left]\ntransport = "can"\nport = "can1"\n[can]\nbitrate = 250000\n')
    done = run()
    assert done.exit_code == 1
    assert "sudo ip link set can1 up type can bitrate 250000" in done.stdout
    assert "can0" not in done.stdout


def test_asked_for_can_the_usual_bus_is_expected(here: House) -> None:
    """S3-9."""
    done = run("can")
    assert done.exit_code == 1
    assert "sudo ip link set can0 up type can bitrate 500000" in done.stdout


def test_mistakes_of_the_configuration_are_shown_and_stop_nothing(here: House) -> None:
    here.write_config('[tracks.left]\nport = "/dev/a"\nbaudrat = 9600\n')
    done = run()
    assert done.exit_code == 1
    assert "tracks.left.baudrat" in done.stdout
    assert "Python" in done.stdout
    assert run("python").exit_code == 0


def test_as_json(here: House) -> None:
    done = run("bluetooth", "--json")
    document = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (document["schema"], document["ok"]) == (1, False)
    by_key = {check["key"]: check for check in document["checks"]}
    assert by_key["adapter-missing"]["state"] == "fail"
    assert by_key["adapter-missing"]["cure"].startswith("Plug in")
    assert by_key["no-systemd"]["cure"] is None
    assert {check["area"] for check in document["checks"]} == {"bluetooth"}


def test_in_french(here: House) -> None:
    use("fr")
    done = run("bluetooth")
    assert "ÉCHEC      Cette machine n’a pas d’adaptateur Bluetooth." in done.stdout


def test_an_unknown_word_is_refused(here: House) -> None:
    assert run("plumbing").exit_code == USAGE


def test_a_cure_of_several_lines_is_indented() -> None:
    args = (("bus", "can0"), ("bitrate", "500000"), ("file", "/boot/config.txt"), ("overlay", "dtoverlay=x"))
    lines = as_lines([Check("can", "bus-no-overlay", CheckState.FAIL, args)])
    cures = [line for line in lines if "-> " in line]
    assert len(cures) == 4
    assert cures[2].endswith("-> dtoverlay=x")
    assert {line.index("-> ") for line in cures} == {11}


# --- the report ---

LOG = f"""
2026-01-01 00:00:00 INFO    ble tui.engine: {LEFT_MAC} connected
2026-01-01 00:00:01 INFO    ble tui.engine: /org/bluez/hci0/dev_{RIGHT_MAC.replace(":", "_")} lost
2026-01-01 00:00:02 DEBUG   ble tui.engine: {LEFT_MAC.replace(":", "").lower()} password=hunter2 pin: 123456
2026-01-01 00:00:03 DEBUG   api tui.api: Authorization: Bearer abc.def.ghi
2026-01-01 00:00:04 DEBUG   link tui.engine: DD 03 00 1B 05 28 12:34:56
"""


def test_the_report(here: House) -> None:
    """S0-45: one file with all that helps, and nothing that harms."""
    secret = (
        '[tracks.left]\nport = "/dev/a"\nmac = "%s"\n[pairing]\npassword = "hunter3"\nwhatever = "hunter4"\n'
    )
    here.write_config(secret % LEFT_MAC)
    log = here.folder / "state" / "packdeck.log"
    log.parent.mkdir()
    log.write_text("".join(f"line {n}\n" for n in range(500)) + LOG)
    file = here.folder / "report.txt"
    done = run("--report", str(file))
    assert str(file) in done.stderr
    text = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"version {__version__}" in text
    for part in ("packdeck", "system", "doctor", "status", "configuration", "log"):
        assert f"=== {part} ===" in text
    assert 'tracks.left.mac = "A4:C1:38:*"' in text
    assert "pairing.password = ***" in text
    assert "pairing.whatever = ***" in text
    assert 'tracks.left.port = "/dev/a"' in text
    assert "A4:C1:38:* connected" in text
    assert "dev_E0_9F_2A_* lost" in text
    assert "DD 03 00 1B 05 28 12:34:56" in text
    for hidden in ("hunter", "123456", "abc.def", LEFT_MAC[9:], LEFT_MAC.replace(":", "").lower(), "94_1D"):
        assert hidden not in text, hidden
    assert "line 499" in text
    assert "line 305" not in text.split("=== log ===")[1].splitlines()
    assert len(text.split("=== log ===\n")[1].splitlines()) == module.LOG_LINES


def test_a_report_never_replaces_a_file(here: House) -> None:
    file = here.folder / "report.txt"
    file.write_text("mine")
    done = run("--report", str(file))
    assert done.exit_code == 1
    assert "never replaces" in done.stderr
    assert file.read_text() == "mine"


def test_a_report_that_cannot_be_written_is_said_so(here: House) -> None:
    done = run("--report", str(here.folder / "nowhere" / "report.txt"))
    assert done.exit_code == 1
    assert "Choose a folder" in done.stderr


def test_a_report_without_configuration_and_log(here: House) -> None:
    run("--report", str(here.folder / "report.txt"))
    text = (here.folder / "report.txt").read_text()
    assert "no configuration" in text
    assert "no log" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a4-c1-38-7c-2d-f0", "a4-c1-38-*"),
        ("A4:C1:38:7C:2D:F0: hello", "A4:C1:38:*: hello"),
        ("12:34:56 7 8", "12:34:56 7 8"),
        ("DD0300A4C1387C2DF0FF", "DD0300A4C1387C2DF0FF"),
        ("A4:C1:38:7C:2D:F0 is a4c1387c2df0", "A4:C1:38:* is A4C138*"),
        ('secret = "a b c", next', "secret = ***, next"),
        ("ble_passkey: 1", "ble_passkey: ***"),
        ('{"token":"x","port":3}', '{"token":***,"port":3}'),
        ("author and pins, tokens and passwords", "author and pins, tokens and passwords"),
        ("GET /ws?token=abcdef HTTP", "GET /ws?token=*** HTTP"),
    ],
)
def test_cleaning(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_the_home_folder_is_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert clean("/home/ada/.config/packdeck") == "~/.config/packdeck"


def test_a_configuration_that_cannot_be_parsed_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('password = "hunter\n')
    (line,) = configuration_lines(tmp_path / "c.toml")
    assert "hunter" not in line
    assert "TOMLDecodeError" in line


def test_only_known_keys_are_quoted(tmp_path: Path) -> None:
    text = '[uart]\nbaudrate = 9600\n[api]\ntoken = "t"\nkeys = ["k"]\n[[users]]\npassword = "p"\n'
    (tmp_path / "c.toml").write_text(text)
    assert configuration_lines(tmp_path / "c.toml") == [
        "uart.baudrate = 9600", "api.token = ***", "api.keys = ***", "users = ***"
    ]  # fmt: skip


# --- with an engine ---


class FakeFeed:
    """An engine that answers as it is told."""

    answer = Answer(True)
    asked: list[Request] = []  # noqa: RUF012
    devices: tuple[Device, ...] = ()

    def __init__(self, door: object, *, is_screen: bool) -> None:
        assert not is_screen

    def wait(self, timeout_s: float) -> bool:
        return True

    def fleet(self) -> Fleet:
        return replace(Fleet(), engine=EngineLink(), radio=Radio(devices=self.devices))

    def ask(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answer

    def close(self) -> None: ...


@contextmanager
def engine(monkeypatch: pytest.MonkeyPatch, **more: Any) -> Iterator[type[FakeFeed]]:
    class OpenDoor:
        def answers(self) -> bool:
            return True

    kind = type("Feed", (FakeFeed,), {"asked": [], **more})
    with monkeypatch.context() as patch:
        patch.setattr("tui.cli.local.door_here", OpenDoor)
        patch.setattr("tui.cli.engine_feed.RemoteFeed", kind)
        yield kind


def test_a_weak_signal_is_a_warning(here: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """S0-7: what the running engine hears."""
    with engine(monkeypatch, devices=(Device(LEFT_MAC, "Left pack", rssi_dbm=-90, paired=True),)):
        done = run("bluetooth")
    assert "WARNING  Left pack is heard badly (-90 dBm)." in done.stdout
    assert "3 to 9 m" in done.stdout


def test_the_engine_resets_the_adapter(here: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """S0-36."""
    with engine(monkeypatch) as feed:
        done = run("bluetooth", "--reset")
    assert feed.asked == [ResetAdapter()]
    assert "switched off and on" in done.stderr


def test_a_reset_that_fails_says_why(here: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine(monkeypatch, answer=Answer(False, Cause("replay-only"))):
        done = run("--reset")
    assert done.exit_code == 1
    assert "This is a recording" in done.stderr


def test_a_reset_needs_an_engine(here: House) -> None:
    done = run("bluetooth", "--reset")
    assert done.exit_code == NO_ENGINE
    assert "bluetoothctl power off" in done.stderr


def test_only_the_adapter_can_be_reset(here: House) -> None:
    assert run("can", "--reset").exit_code == USAGE


def test_a_runtime_folder_that_cannot_be_is_no_reason_to_stop(
    here: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def door() -> None:
        raise Refusal("the name of the socket is too long")

    monkeypatch.setattr("tui.cli.local.door_here", door)
    assert run("python").exit_code == 0
