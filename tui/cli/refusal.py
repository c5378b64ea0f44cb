"""Why the command line does not do what it was asked: one sentence, one thing to do, an exit code."""

from typing import IO, Any

import click

from tui.locale import say
from tui.model.link import Cause

FAILURE = 1
USAGE = 2
NO_ENGINE = 3
DEVICE = 4
INTERRUPTED = 130


class Refusal(click.ClickException):
    """Ends the program with a sentence on standard error. `sentence` is what `say` made."""

    def __init__(self, sentence: str, exit_code: int = FAILURE) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code  # type: ignore[misc]  # click reads it from the instance

    def show(self, file: IO[Any] | None = None) -> None:
        """Write it to standard error."""
        tell(self.message)


def refuse(cause: Cause, exit_code: int = FAILURE) -> Refusal:
    """The refusal of a cause: what happened and what to do."""
    return Refusal(words(cause), exit_code)


def words(cause: Cause) -> str:
    """What happened, and what to do."""
    args = cause.values()
    return f"{say(f'cause-{cause.key}', **args)} {say(f'cause-{cause.key}-do', **args)}"


def tell(sentence: str) -> None:
    """A message for the person, on standard error."""
    for line in sentence.splitlines():
        click.echo(f"packdeck: {line}", err=True)
