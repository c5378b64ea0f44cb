"""All words of the command line; each is loaded only when used."""

import difflib
import importlib
import logging
import os
import sys
from collections.abc import Sequence

import click

from tui import __version__
from tui.cli import click_words
from tui.cli.refusal import FAILURE, INTERRUPTED, USAGE, Refusal, tell
from tui.locale import say, use

log = logging.getLogger(__name__)

COMMANDS = {
    "alerts": "tui.cli.alerts:alerts",
    "batteries": "tui.cli.batteries:batteries",
    "command": "tui.cli.command:command",
    "config": "tui.cli.config:config",
    "decode": "tui.cli.decode:decode",
    "demo": "tui.cli.demo:demo",
    "doctor": "tui.cli.doctor:doctor",
    "export": "tui.cli.export:export",
    "frames": "tui.cli.frames:frames",
    "history": "tui.cli.history:history",
    "install-service": "tui.cli.install_service:install_service",
    "logs": "tui.cli.read_log:logs",
    "pair": "tui.cli.pair:pair",
    "probe": "tui.cli.probe:probe",
    "reconnect": "tui.cli.pair:reconnect",
    "record": "tui.cli.record:record",
    "registers": "tui.cli.registers:registers",
    "replay": "tui.cli.replay:replay",
    "report": "tui.cli.report:report",
    "scan": "tui.cli.scan:scan",
    "serve": "tui.cli.serve:serve",
    "sim": "tui.cli.sim:sim",
    "simulate": "tui.cli.simulate:simulate",
    "status": "tui.cli.status:status",
    "unpair": "tui.cli.pair:unpair",
}


class Words(click_words.Group):
    """A group that knows its words by name only, and says the nearest one to a wrong one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All words."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one word."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The word to run; a wrong one is refused with the nearest."""
        if args and args[0] not in COMMANDS:
            near = difflib.get_close_matches(args[0], COMMANDS, 1, 0.5)
            key = "cli-no-word-near" if near else "cli-no-word"
            raise Refusal(
                say(key, word=args[0], nearest="".join(near), words=" ".join(sorted(COMMANDS))), USAGE
            )
        return super().resolve_command(ctx, args)


def run(args: Sequence[str]) -> int:
    """Run the command line; gives the exit code. Nobody sees a traceback: it goes to the log."""
    use(_language(args))
    click_words.install()
    from tui.cli.open import packdeck  # its help is said in the language chosen just before

    try:
        packdeck.main(list(args), prog_name="packdeck", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as refusal:
        refusal.show()
        return refusal.exit_code
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # nobody reads on: no more errors at exit
        return FAILURE
    except Exception as error:
        return _mistake(error)
    return 0


def _mistake(error: Exception) -> int:
    from tui.cli.logs import start_log
    from tui.host.paths import log_file

    if not logging.getLogger().handlers:
        start_log(log_file())
    log.critical("packdeck %s stopped by a mistake of its own", __version__, exc_info=error)
    tell(say("cli-mistake", error=f"{type(error).__name__}: {error}", log=log_file()))
    return FAILURE


def _language(args: Sequence[str]) -> str:
    """The language for help and errors, before the options are read."""
    for i, arg in enumerate(args):
        if arg.startswith("--language="):
            return arg.partition("=")[2]
        if arg == "--language" and i + 1 < len(args):
            return args[i + 1]
    return "auto"
