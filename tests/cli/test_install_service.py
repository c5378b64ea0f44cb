"""`packdeck install-service`: shown, asked, done, and said; on a machine made of files."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.cli.runs import House
from tui.cli.install_service import install_service
from tui.cli.refusal import FAILURE, USAGE
from tui.host.service import System
from tui.host.service_files import Before
from tui.host.service_plan import PARTS
from tui.host.service_units import DISPLAY, KIOSK
from tui.locale import messages, use

PASSWD = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n"
TOOLS = ("systemctl", "systemd-sysusers", "systemd-tmpfiles", "udevadm", "install", "busctl")
STATES = """Id={unit}
LoadState=loaded
ActiveState={active}
SubState={sub}
UnitFileState=enabled
NRestarts=2
ExecMainStatus={code}
"""


class Machine:
    """A machine of files, whose systemd obeys and remembers. `user_id` is who asks."""

    def __init__(self, root: Path) -> None:
        self.ran: list[str] = []
        self.fails: str = ""
        self.states: list[str] = []
        self.system = System(self._run, root, "linux", 0, ("/usr/bin/packdeck",), "/usr/bin/python3")
        self.write("etc/passwd", PASSWD)
        self.write("etc/group", "root:x:0:\ndialout:x:20:\n")
        (root / "run/systemd/system").mkdir(parents=True)
        for name in (*TOOLS, "packdeck"):
            self.write(f"usr/bin/{name}")
        for folder in (root, *root.rglob("*")):
            if folder.is_dir():
                folder.chmod(0o755)

    def write(self, path: str, text: str = "") -> Path:
        file = self.system.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def unit(self, name: str) -> Path:
        return self.system.root / "etc/systemd/system" / name

    def written(self) -> list[str]:
        """What is below etc, without what was there before."""
        files = (path for path in (self.system.root / "etc").rglob("*") if path.is_file())
        names = sorted(str(path.relative_to(self.system.root / "etc")) for path in files)
        return [name for name in names if name not in ("passwd", "group")]

    def _run(self, words: Sequence[str], timeout_s: float) -> tuple[int, str, str]:
        line = " ".join(words)
        self.ran.append(line)
        if self.fails and self.fails in line:
            return 1, "", "it does not want to\n"
        return 0, "\n".join(self.states) if "show" in words else "", ""


@pytest.fixture
def machine(home: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """What `System.here` finds; nothing of the real one is read or written."""
    root = home.folder / "root"
    root.mkdir()
    home.folder.chmod(0o755)
    made = Machine(root)
    monkeypatch.setattr(System, "here", lambda run: made.system)
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    yield made
    use("en")


def run(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(install_service, list(words), input=typed)


def test_without_words_display_and_kiosk_are_installed(machine: Machine) -> None:
    """S0-23."""
    done = run("--yes")
    assert done.exit_code == 0, done.output
    assert machine.written() == [
        f"systemd/system/{DISPLAY}", f"systemd/system/{KIOSK}", "sysusers.d/packdeck.conf",
        "tmpfiles.d/packdeck.conf",
    ]  # fmt: skip
    assert f"systemctl enable {DISPLAY} {KIOSK}" in machine.ran
    assert "ExecStart=/usr/bin/packdeck serve\n" in machine.unit(DISPLAY).read_text()
    assert "packdeck: Installed." in done.stderr
    assert "/etc/packdeck/config.toml" in done.stderr, "no batteries are configured yet"


def test_everything_is_shown_before_it_is_written(machine: Machine) -> None:
    """S0-18: the rule with its place, and the command that reads it."""
    done = run("--udev", "--dry-run")
    assert done.exit_code == 0
    assert "/etc/udev/rules.d/99-bluetooth.rules (new)" in done.stdout
    assert 'KERNEL=="hci0", GROUP="bluetooth", MODE="0664"' in done.stdout
    assert "then: udevadm control --reload" in done.stdout
    assert machine.written() == []
    assert machine.ran == []


def test_the_rule_is_written_and_read_again(machine: Machine) -> None:
    """S0-18."""
    assert run("--udev", "--yes").exit_code == 0
    assert machine.written() == ["udev/rules.d/99-bluetooth.rules"]
    assert machine.ran == ["udevadm control --reload", "udevadm trigger --subsystem-match=bluetooth"]


def test_the_bluetooth_service_with_its_usual_and_another_name(machine: Machine) -> None:
    """S0-20."""
    assert run("--bluetooth", "--yes").exit_code == 0
    assert machine.written() == ["systemd/system/btbms-bluetooth.service"]
    assert "systemctl enable btbms-bluetooth.service" in machine.ran
    assert run("--bluetooth", "--bluetooth-name", "radio", "--yes").exit_code == 0
    assert machine.unit("radio.service").exists()


def test_a_no_changes_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.cli.install_service._is_asked_at_terminal", lambda: True)
    done = run(typed="n\n")
    assert done.exit_code == FAILURE
    assert "Nothing was done." in done.stderr
    assert machine.written() == []
    assert run(typed="y\n").exit_code == 0
    assert machine.unit(KIOSK).exists()


def test_without_a_terminal_nothing_is_taken_for_a_yes(machine: Machine) -> None:
    for words in ((), ("--json",)):
        done = run(*words, typed="y\n")
        assert done.exit_code == USAGE
        assert "--yes" in done.stderr
    assert machine.written() == []


def test_who_is_not_root_gets_the_command(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.system = replace(machine.system, user_id=1000)
    monkeypatch.setattr("sys.argv", ["packdeck", "install-service", "--font", "/a b"])
    done = run()
    assert done.exit_code == FAILURE
    assert "Run: sudo /usr/bin/packdeck install-service --font '/a b'" in done.stderr
    assert machine.written() == []
    assert run("--dry-run").exit_code == 0


@pytest.mark.parametrize(("platform", "words"), [("darwin", "Linux only"), ("linux", "not run by systemd")])
def test_a_machine_without_systemd_is_told_so(machine: Machine, platform: str, words: str) -> None:
    (machine.system.root / "run/systemd/system").rmdir()
    machine.system = replace(machine.system, platform=platform)
    done = run("--yes")
    assert done.exit_code == FAILURE
    assert words in done.stderr
    assert machine.written() == []


def test_what_was_changed_by_hand_is_kept_and_said(machine: Machine) -> None:
    run("--yes")
    file = machine.unit(DISPLAY)
    file.write_text(file.read_text().replace("RestartSec=10", "RestartSec=3"))
    done = run("--yes")
    assert f"/etc/systemd/system/{DISPLAY} (replaced; changed by hand)" in done.stdout
    assert "had been changed by hand; it is now" in done.stderr
    assert f"sudo systemctl edit {DISPLAY}" in done.stderr
    assert "RestartSec=3\n" in machine.unit(f"{DISPLAY}.kept").read_text()
    assert "RestartSec=10\n" in file.read_text()


def test_a_second_time_says_that_all_is_well(machine: Machine) -> None:
    run("--yes")
    machine.ran.clear()
    done = run("--yes")
    assert "already as it should be" in done.stderr
    assert "[Unit]" not in done.stdout
    assert not any("restart" in line for line in machine.ran)


def test_uninstalling(machine: Machine) -> None:
    """S0-23."""
    run("--yes", *(f"--{part}" for part in PARTS))
    machine.ran.clear()
    done = run("--uninstall", "--yes")
    assert done.exit_code == 0, done.output
    assert machine.written() == []
    assert f"systemctl disable --now {KIOSK}" in machine.ran
    assert "stay" in done.stderr
    again = run("--uninstall")
    assert again.exit_code == 0
    assert "Nothing of packdeck is installed" in again.stdout


def test_the_callers_configuration_is_taken(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.write("home/ada/.config/packdeck/config.toml", '[tracks.left]\nport = "/dev/ttyUSB0"\n')
    monkeypatch.setenv("SUDO_USER", "ada")
    done = run("--yes")
    copy = "-o packdeck -g packdeck /home/ada/.config/packdeck/config.toml /etc/packdeck/config.toml"
    assert any(line.endswith(copy) for line in machine.ran)
    assert "sudo usermod -aG packdeck ada" in done.stderr


def test_can_interfaces_come_from_the_configuration(machine: Machine) -> None:
    """S3-9: the usual one where none is named."""
    rule = machine.system.root / "etc/udev/rules.d/90-packdeck-can.rules"
    assert run("--can", "--yes").exit_code == 0
    assert "link set can0 up type can bitrate 500000" in rule.read_text()
    text = '[tracks.left]\ntransport = "can"\nport = "can1"\n[can]\nbitrate = 250000\n'
    machine.write("etc/packdeck/config.toml", text)
    assert run("--can", "--yes").exit_code == 0
    assert "link set can1 up type can bitrate 250000" in rule.read_text()
    assert "can0" not in rule.read_text()
    machine.write("etc/packdeck/config.toml", "[tracks.left]\nprot = 1\n")
    done = run("--can", "--yes")
    assert done.exit_code == FAILURE
    assert "tracks.left.prot" in done.stderr


def test_a_command_that_fails_is_one_sentence(machine: Machine) -> None:
    machine.fails = "daemon-reload"
    done = run("--yes")
    assert done.exit_code == FAILURE
    assert '"systemctl daemon-reload" failed: it does not want to.' in done.stderr
    assert "--uninstall" in done.stderr


def test_as_json(machine: Machine) -> None:
    shown = json.loads(run("--dry-run", "--json").stdout)
    assert (shown["schema"], shown["action"], shown["done"]) == (1, "install", False)
    assert {file["before"] for file in shown["files"]} == {"new"}
    assert shown["files"][0]["text"].endswith("WantedBy=multi-user.target\n")
    assert ["systemctl", "daemon-reload"] in shown["commands"]
    run("--yes")
    machine.unit(DISPLAY).write_text("mine")
    did = json.loads(run("--yes", "--json").stdout)
    assert did["done"] is True
    assert did["files"][0]["before"] == "changed"
    assert did["files"][0]["kept_as"] == f"/etc/systemd/system/{DISPLAY}.kept"
    gone = json.loads(run("--uninstall", "--yes", "--json").stdout)
    assert (gone["action"], gone["files"][0]["text"]) == ("uninstall", None)


def test_the_state_of_the_services(machine: Machine) -> None:
    """S0-24: in systemd's own words, with an exit code."""
    assert run("--status").exit_code == FAILURE
    run("--yes")
    machine.states = [STATES.format(unit=DISPLAY, active="active", sub="running", code=0)]
    done = run("--status")
    assert done.exit_code == 0
    assert done.stdout.split() == [DISPLAY, "active", "(running)", "enabled", "restarted", "2", "×"]
    machine.states.append(STATES.format(unit=KIOSK, active="failed", sub="failed", code=1))
    done = run("--status")
    assert done.exit_code == FAILURE
    assert done.stdout.splitlines()[1].endswith("exit code 1")
    document = json.loads(run("--status", "--json").stdout)
    assert [service["active"] for service in document["services"]] == ["active", "failed"]


def test_a_service_of_ones_own_needs_no_root(machine: Machine) -> None:
    machine.system = replace(machine.system, user_id=1000)
    done = run("--user", "--yes")
    assert done.exit_code == 0, done.output
    assert (machine.system.root / f"home/ada/.config/systemd/user/{DISPLAY}").exists()
    assert machine.written() == []
    assert "enable-linger" in done.stderr
    assert run("--user", "--kiosk").exit_code == USAGE
    gone = run("--user", "--uninstall", "--yes")
    assert "/etc/packdeck" not in gone.stderr
    assert not (machine.system.root / f"home/ada/.config/systemd/user/{DISPLAY}").exists()


def test_a_service_of_ones_own_is_not_for_sudo(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "ada")
    done = run("--user", "--yes")
    assert done.exit_code == USAGE
    assert "without sudo" in done.stderr


def test_in_french(machine: Machine) -> None:
    use("fr")
    done = run("--yes")
    assert "(nouveau)" in done.stdout
    assert "packdeck: Installé." in done.stderr


def test_every_word_and_cause_is_there() -> None:
    for language in ("en", "fr"):
        known = messages(language)
        assert {f"service-file-{now.value}" for now in Before} <= known.keys()
        causes = ("file", "masked", "command", "no-tool", "temporary", "private", "no-account", "name",
                  "root", "interface", "platform", "no-systemd")  # fmt: skip
        for cause in causes:
            assert {f"cause-service-{cause}", f"cause-service-{cause}-do"} <= known.keys()


def test_the_program_knows_the_word(home: House) -> None:
    done = home.run("install-service", "--help")
    assert done.returncode == 0
    for option in ("--udev", "--bluetooth", "--kiosk", "--uninstall", "--dry-run"):
        assert option in done.stdout
