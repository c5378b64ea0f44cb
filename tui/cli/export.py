"""`packdeck export`: CAN frames of a recording for other programs."""

import sys
from pathlib import Path

import click

from tui.cli.refusal import FAILURE, refuse
from tui.engine.replayed import is_can_log
from tui.feed.recording import RecordingError, read_recording
from tui.host import paths
from tui.locale import say
from tui.store.can_files import CanFileError, read_can_log, write_can_log

BLACK_BOX = "blackbox"


@click.command(help=say("help-export"))
@click.argument("source", metavar="RECORDING|blackbox")
@click.argument("target", type=click.Path(path_type=Path), metavar="OUT.log|.asc|.blf")
@click.option("--track", metavar="NAME", help=say("help-export-track"))
def export(source: str, target: Path, track: str | None) -> None:
    """Write the file; exit 1 when there is nothing to write."""
    path = paths.black_box_dir() if source == BLACK_BOX else Path(source).expanduser()
    try:
        frames = read_can_log(path) if is_can_log(source) else list(read_recording(path).frames)
        frames = [f for f in frames if f.can_id is not None and (track is None or f.track == track)]
        if not frames:
            click.echo(say("export-none", path=path), err=True)
            sys.exit(FAILURE)
        written = write_can_log(target, frames)
    except (RecordingError, CanFileError) as error:
        raise refuse(error.cause) from error
    click.echo(say("export-done", frames=str(written), path=target))
