"""`packdeck config`: the configuration file."""

from dataclasses import asdict

import click

from tui.cli import limits, tracks
from tui.cli.click_words import Group
from tui.cli.refusal import FAILURE, Refusal, tell, words
from tui.host import paths
from tui.locale import say


@click.group(cls=Group, help=say("help-config"))
def config() -> None:
    """Group of what can be done with the file."""


@config.command(help=say("help-config-path"))
def path() -> None:
    """Print where it is."""
    click.echo(str(paths.config_file()))


@config.command(help=say("help-config-init"))
@click.option("--force", is_flag=True, help=say("help-config-force"))
def init(force: bool) -> None:
    """Write the sample; an existing file is replaced only with --force."""
    from tui.store.atomic import write_atomically
    from tui.store.sample_config import sample_config

    file = paths.config_file()
    if file.exists() and not force:
        raise Refusal(say("cli-config-exists", path=file), FAILURE)
    try:
        write_atomically(file, sample_config())
    except OSError as error:
        raise Refusal(say("cli-config-unwritable", path=file, reason=error.strerror or error)) from error
    click.echo(str(file))
    tell(say("cli-config-written"))


@config.command(help=say("help-config-check"))
def check() -> None:
    """Say every mistake, limits that contradict each other too, or that there is none."""
    found = tracks.configured()
    if not paths.config_file().exists():
        tell(say("cli-config-missing", path=paths.config_file()))
        return
    if causes := limits.contradictions(found):
        raise Refusal("\n".join(words(cause) for cause in causes), FAILURE)
    tell(say("cli-config-good", path=paths.config_file(), count=len(found.setups)))


@config.command(help=say("help-config-show"))
def show() -> None:
    """Print what is in force, defaults included."""
    found = tracks.configured()
    click.echo(f"log.level = {found.log_level}")
    for setup in found.setups:
        for name, value in asdict(setup).items():
            if name not in ("name", "simulated"):
                click.echo(f"tracks.{setup.name}.{name} = {value if value != '' else '--'}")
