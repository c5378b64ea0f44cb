"""`packdeck replay FILE`: a recording drives the whole program."""

import json
import re
import sys
import time
from datetime import datetime
from pathlib import Path

import click

from tui.cli.options import ScreenOptions
from tui.cli.refusal import USAGE, Refusal, refuse, tell, words
from tui.cli.status_json import as_json
from tui.engine.replay import SPEED_MAX, ReplayFeed
from tui.engine.replayed import ReplayedFrames, is_can_log, recorded_setup
from tui.feed.recording import Recording, RecordingError, read_recording
from tui.locale import say
from tui.model.requests import Play
from tui.transports.transport import WireError

_SPAN = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)")


@click.command(help=say("help-replay"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--speed",
    type=click.FloatRange(0.01, SPEED_MAX),
    default=1.0,
    metavar="X",
    help=say("help-replay-speed"),
)
@click.option("--from", "moment", default="0", metavar="TIME", help=say("help-replay-from"))
@click.option("--end", "only_end", is_flag=True, help=say("help-replay-end"))
@click.pass_context
def replay(ctx: click.Context, file: Path, speed: float, moment: str, only_end: bool) -> None:
    """Show it, or with `--end` print how everything was at its end."""
    if is_can_log(str(file)):
        sys.exit(_show_log(file, ctx.obj))
    try:
        recording = read_recording(file.expanduser())
    except RecordingError as error:
        raise refuse(error.cause) from error
    for damage in recording.damage:
        tell(say("replay-cut", where=words(damage.cause())))
    from_s = position(moment, recording)
    feed = ReplayFeed(recording, speed=speed, from_s=from_s, answer_frames=ReplayedFrames(recording).answer)
    if only_end:
        feed.ask(Play(at_s=recording.length_s, paused=True))
        now_s = feed.clock() + feed.fleet().engine.offset_s
        document = as_json(feed.fleet(), now_s, int(feed.wall() * 1000))
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    sys.exit(_show(feed, ctx.obj))


def _show(feed: ReplayFeed, options: ScreenOptions) -> int:
    from tui.cli.screen import screen_on, show

    with screen_on(options) as (terminal, settings):
        return show(feed, terminal, settings, options)


def _show_log(file: Path, options: ScreenOptions) -> int:
    """Another program's log has frames only: it is a wire, and the battery on it is decoded anew."""
    from tui.cli.limits import fit
    from tui.cli.screen import show_own
    from tui.cli.tracks import configured
    from tui.model.settings import Config

    try:
        setup = recorded_setup("left", str(file.expanduser()))
    except WireError as error:
        raise refuse(error.cause) from error
    return show_own([setup], options, fit(Config(black_box_mb=0, alerts=configured().alerts), [setup]))


def position(text: str, recording: Recording) -> float:
    """Seconds from the beginning of the recording. Refusal when the text is no moment of it."""
    if text.upper().startswith("T"):
        return _time_of_day(text, recording)
    match = _SPAN.fullmatch(text)
    if match is None:
        raise Refusal(say("replay-from", text=text), USAGE)
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


def _time_of_day(text: str, recording: Recording) -> float:
    """The first such time of day after the recording's beginning."""
    try:
        wanted = time.strptime(text[1:], "%H:%M:%S" if text.count(":") == 2 else "%H:%M")
    except ValueError:
        raise Refusal(say("replay-from", text=text), USAGE) from None
    began = datetime.fromtimestamp(recording.started_us / 1e6)
    moment = began.replace(hour=wanted.tm_hour, minute=wanted.tm_min, second=wanted.tm_sec, microsecond=0)
    return (moment - began).total_seconds() % 86_400
