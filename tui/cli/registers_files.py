"""Where values come from and go to: files, pipes, presets, backups, other tracks."""

import sys
from pathlib import Path

import click

from tui.cli.refusal import USAGE, Refusal, refuse
from tui.locale import say
from tui.model.link import Cause
from tui.model.register_review import Source, SourceKind
from tui.store.register_files import MOST_CHARACTERS

PIPE = "-"
KINDS = ("json", "fig")
WORDS = {kind.value: kind for kind in (SourceKind.PRESET, SourceKind.BACKUP, SourceKind.TRACK)}


def source_of(text: str, *, is_input_taken: bool = False) -> Source:
    """A file, `-`, `preset:NAME`, `backup:ID` or `track:NAME`. Refusal when a file cannot be read."""
    kind, colon, name = text.partition(":")
    if colon and kind in WORDS:
        return Source(WORDS[kind], name)
    if text == PIPE and is_input_taken:
        raise Refusal(say("cli-reg-input-twice"), USAGE)
    return Source(SourceKind.FILE, text, _text_of(text))


def _text_of(path: str) -> str:
    try:
        data = (
            sys.stdin.buffer.read(MOST_CHARACTERS + 1)
            if path == PIPE
            else _beginning(Path(path).expanduser())
        )
    except OSError as error:
        args = (("path", path), ("reason", error.strerror or str(error)))
        raise refuse(Cause("reg-file-missing", args)) from error
    if len(data) > MOST_CHARACTERS:
        raise refuse(Cause("reg-file-large", (("characters", f"> {MOST_CHARACTERS}"),)))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:  # the desktop tools write texts as their system does
        return data.decode("latin-1")


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_CHARACTERS + 1)


def form_of(target: str, said: str | None) -> str:
    """What was said, else the end of the file's name, else JSON."""
    end = Path(target).suffix.lower().removeprefix(".")
    return said or (end if end in KINDS else KINDS[0])


def write_document(target: str, text: str) -> None:
    """Into a new file, byte for byte, or to standard output."""
    if target == PIPE:
        click.echo(text.encode(), nl=False)
        return
    path = Path(target).expanduser().absolute()
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError as error:
        raise refuse(Cause("export-exists", (("path", str(path)),))) from error
    except OSError as error:
        args = (("path", str(path)), ("reason", error.strerror or str(error)))
        raise refuse(Cause("export-failed", args)) from error
