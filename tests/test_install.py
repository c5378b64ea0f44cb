"""What a person gets from one `pip install`."""

import os
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_one_command_installs_everything(tmp_path: Path) -> None:
    """S0-19: the built package holds texts and styles, and runs away from the sources."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    built = [*pip, "install", "-q", "--no-deps", "--no-build-isolation", "--target", str(tmp_path), str(ROOT)]
    subprocess.run(built, check=True, capture_output=True)
    assert (tmp_path / "tui/app.tcss").exists()
    assert {p.name for p in (tmp_path / "tui/locale").glob("*.ftl")} == {"en.ftl", "fr.ftl"}
    env = os.environ | {"PYTHONPATH": str(tmp_path), "PACKDECK_STATE_DIR": str(tmp_path)}
    command = [sys.executable, "-P", "-m", "tui", "decode", "jbd", "DD E1 00 00 00 00 77"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and '"ack": true' in done.stdout, done.stderr


def test_the_command_is_called_packdeck() -> None:
    """S0-22: the installed command."""
    (command,) = entry_points(group="console_scripts", name="packdeck")
    assert command.value == "tui.cli.main:main"


def test_nothing_needs_a_compiler_or_a_lock_file() -> None:
    """S0-19: every package that is needed is named with its reason, and no lock file pins an address."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {text.split(">")[0].split("[")[0] for text in project["dependencies"]}
    assert {"textual", "pyserial", "platformdirs"} <= names
    assert not list(ROOT.glob("*.lock"))


ELSEWHERE = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"fcntl", "termios", "tty", "pty", "pwd", "grp", "resource", "dbus_fast"}:
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Nothing())
from click.testing import CliRunner
from tui.cli.group import COMMANDS
from tui.cli.open import packdeck

for word in ("", *COMMANDS):
    done = CliRunner().invoke(packdeck, [*word.split(), "--help"])
    print(word, done.exit_code, done.exception or "")
import tui.app
"""


def test_every_word_starts_where_there_is_no_posix() -> None:
    """S2-1: nothing that only Linux has is imported at the start. Bluetooth is bleak's, on all three."""
    command = [sys.executable, "-c", ELSEWHERE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    words = done.stdout.splitlines()
    assert len(words) > 20
    assert [line for line in words if line.split()[-1] != "0"] == []


def test_the_licence_and_how_to_contribute() -> None:
    """S1-85."""
    licence, readme = (ROOT / "LICENSE").read_text(), (ROOT / "README.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert licence.startswith("MIT License") and project["license"] == "MIT"
    assert "contributions are welcome" in readme and "-m tests" in readme
