"""Words, help, mistakes: what the command line says before it does anything."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.runs import ROOT, House
from tui.cli import group

OLD = "import sys; sys.version_info = (3, 10, 2, 'final', 0); sys.argv = ['packdeck']; import tui.__main__"


def test_an_old_python_is_said_plainly() -> None:
    """X-15: the product needs Python 3.11, and says so at start."""
    done = subprocess.run([sys.executable, "-c", OLD], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs Python 3.11 or later; this is Python 3.10" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("file", ["__init__.py", "__main__.py", "cli/__init__.py", "cli/main.py"])
def test_what_runs_before_that_check_is_readable_for_old_pythons(file: str) -> None:
    """X-15: a syntax error would come before the sentence."""
    text = (ROOT / "tui" / file).read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 4))
    nodes = {type(node).__name__ for node in ast.walk(tree)}
    assert not nodes & {"JoinedStr", "NamedExpr", "Match", "AnnAssign", "TryStar"}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and file != "__main__.py":
            raise AssertionError(f"{file} imports {node.module} before the check")


def test_version_and_help(home: House) -> None:
    """S0-22: the installed program."""
    version = home.run("--version")
    assert version.returncode == 0
    assert version.stdout.startswith("packdeck ")
    for words in (["--help"], ["-h"], *([word, "--help"] for word in group.COMMANDS)):
        done = home.run(*words)
        assert done.returncode == 0, words
        assert "Usage: packdeck" in done.stdout
        assert "help-" not in done.stdout, "a text is missing"


def test_help_speaks_french(home: House) -> None:
    """CL-49: the language follows the system and can be chosen."""
    assert "Langage des batteries" in home.run("--help", LANG="fr_FR.UTF-8").stdout
    assert "Langage des batteries" in home.run("--language", "fr", "--help").stdout
    assert "Langage" not in home.run("--language=en", "--help", LANG="fr_FR.UTF-8").stdout


def test_a_wrong_word_is_answered_with_the_nearest(home: House) -> None:
    done = home.run("stauts")
    assert done.returncode == 2
    assert done.stderr.startswith('packdeck: There is no word "stauts"; did you mean "status"?')
    assert home.run("xyzzy").returncode == 2


def test_a_wrong_option_is_a_sentence(home: House) -> None:
    done = home.run("serve", "--baud", "fast")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "--baud" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistake_of_the_program_is_a_sentence_and_its_trace_is_in_the_log(home: House) -> None:
    code = (
        "import tui.cli.tracks as t; t.configured = lambda: 1 / 0\n"
        "from tui.cli.group import run; raise SystemExit(run(['config', 'check']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=home.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    log = home.folder / "state" / "packdeck.log"
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "ZeroDivisionError" in done.stderr
    assert str(log) in done.stderr
    assert "Traceback" in log.read_text()


def test_plain_words_load_no_screen() -> None:
    """A status on a small board must not wait for the screen library, nor serve without one carry it."""
    code = (
        "import sys, tui.cli.open, tui.cli.serve, tui.cli.config, tui.cli.status\n"
        "print([m for m in ('textual', 'aiohttp', 'websockets', 'serial', 'sqlite3') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_folder_of_somebody_elses_length_is_a_sentence(home: House, tmp_path: Path) -> None:
    done = home.run("status", PACKDECK_RUNTIME_DIR=str(tmp_path / ("x" * 120)))
    assert done.returncode == 1
    assert "PACKDECK_RUNTIME_DIR" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_reader_who_stops_reading_is_no_mistake(home: House) -> None:
    done = subprocess.run(
        f"{sys.executable} -m tui --help | head -1",
        shell=True,
        cwd=ROOT,
        env=home.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_a_screen_and_a_question_load_no_engine() -> None:
    """What attaches to a running engine starts quickly: nothing of wires, of the database, of the doors."""
    code = (
        "import sys, tui.cli.open, tui.cli.screen, tui.cli.status, tui.cli.alerts, tui.app, tui.feed.remote\n"
        "from tui.engine.lock import EngineRuns\n"
        "heavy = ('tui.engine.engine', 'tui.api', 'tui.simulator', 'tui.protocols.jbd', 'sqlite3', 'bleak')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
