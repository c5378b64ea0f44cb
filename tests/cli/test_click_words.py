"""CL-49: what the library of the command line says itself, in both languages."""

import re
import subprocess
import sys

import pytest

from tests.cli.runs import ROOT, House
from tui.cli.click_words import SENTENCES
from tui.locale import messages

PLACE = re.compile(r"\{ *\$?([a-z_]+)(?:!r)? *\}")


def bare(sentence: str) -> str:
    """A sentence with its places in one spelling, and one kind of white space."""
    return " ".join(PLACE.sub(r"<\1>", sentence).split())


def test_english_is_that_of_the_library() -> None:
    """So each of ours says what click says, with the same places."""
    assert {bare(said): key for said, key in SENTENCES.items()} == {
        bare(messages("en")[key]): key for key in SENTENCES.values()
    }


@pytest.mark.parametrize(
    ("words", "sentences"),
    [
        (
            ("status", "--prot"),
            ("Option inconnue : '--prot'.", "'--port'", "Pour de l’aide : packdeck status"),
        ),
        (("status", "--wait"), ("L’option '--wait' demande une valeur.",)),
        (("status", "--json=1"), ("L’option '--json' ne prend pas de valeur.",)),
        (("status", "--wait", "x"), ("Valeur refusée pour '--wait' : 'x' n’est pas un nombre.",)),
        (("status", "--baud", "1.5"), ("'1.5' n’est pas un nombre entier.",)),
        (("status", "--wait", "999"), ("999.0 est hors de la plage 0<=x<=300.",)),
        (("status", "--protocol", "x"), ("'x' ne fait pas partie de : 'auto', 'jbd'",)),
        (("status", "a", "b"), ("Arguments en trop (a b)",)),
        (("config", "chek"), ("Commande inconnue : 'chek'.", "'check'")),
        (("replay",), ("Il manque l’argument 'FILE'.", "Utilisation : packdeck replay")),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else "",
)
def test_a_wrong_word_is_refused_in_french(
    home: House, words: tuple[str, ...], sentences: tuple[str, ...]
) -> None:
    done = home.run("--language", "fr", *words)
    assert done.returncode == 2 and "Erreur : " in done.stderr
    for sentence in sentences:
        assert sentence in done.stderr
    assert not re.search(r"\b(Error|Usage|Try|No such|Did you)\b", done.stderr)


def test_help_is_french_from_its_first_word(home: House) -> None:
    told = home.run("history", "--help", LANG="fr_FR.UTF-8").stdout
    assert told.startswith("Utilisation : packdeck history [OPTIONS]")
    assert "\nOptions :\n" in told and "\nCommandes :\n" in told
    assert "Afficher cette aide." in told and "Show this" not in told


def test_english_is_as_it_was(home: House) -> None:
    done = home.run("status", "--prot")
    assert done.stderr == (
        "Usage: packdeck status [OPTIONS]\nTry 'packdeck status --help' for help.\n\n"
        "Error: No such option '--prot'. (Did you mean one of: '--port', '--protocol'?)\n"
    )
    told = home.run("status", "--help").stdout
    assert told.startswith("Usage: packdeck status [OPTIONS]") and "\nOptions:\n" in told


WALK = """
import sys, click
from tui.cli import click_words
from tui.cli.group import COMMANDS
from tui.locale import use
use(sys.argv[1])
click_words.install()
from tui.cli.open import packdeck
def walk(command, ctx):
    print("=====", ctx.command_path)
    print(command.get_help(ctx))
    for name in [ctx.command_path] if not command.help else []:
        print("UNEXPLAINED", name)
    for one in command.params:
        if isinstance(one, click.Option) and not one.help and not one.hidden:
            print("UNEXPLAINED", one.opts)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            word = command.get_command(ctx, name)
            walk(word, click.Context(word, info_name=name, parent=ctx))
walk(packdeck, click.Context(packdeck, info_name="packdeck", terminal_width=80))
"""


def help_of_everything(home: House, language: str) -> list[str]:
    """The help of every word, in one process."""
    done = subprocess.run(
        [sys.executable, "-c", WALK, language], cwd=ROOT, env=home.environment, capture_output=True,
        text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_help_is_whole_at_80_columns(home: House, language: str) -> None:
    """No sentence is cut off, no option is without one, no name of a type stands for a value."""
    lines = help_of_everything(home, language)
    assert sum(line.startswith("=====") for line in lines) > 60
    assert not [line for line in lines if len(line) > 80 or line.startswith("UNEXPLAINED")]
    cut = [line for line in lines if line.endswith("...") and not line.endswith(("]...", "...]"))]
    assert not [line for line in cut if not re.search(r"(HEX|DATA|NUMBER|VALUE|right, )\.\.\.$", line)]
    assert not [line for line in lines if re.search(r"(INTEGER|FLOAT)( RANGE)?\b", line)]


def test_no_help_is_english_in_french(home: House) -> None:
    french = "\n".join(help_of_everything(home, "fr"))
    english = {line.strip() for line in help_of_everything(home, "en")}
    same = [line for line in french.splitlines() if line.strip() in english and "|" not in line]
    assert not [line for line in same if len(re.findall(r"\b[a-z]{3,}\b", line)) > 3 and line.count(",") < 2]
