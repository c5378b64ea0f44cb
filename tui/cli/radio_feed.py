"""The engine whose radio is used: the one that runs, else one of our own without any track."""

from contextlib import AbstractContextManager
from dataclasses import replace

from tui.cli.engine_feed import until, without_tracks
from tui.cli.local import BARE
from tui.cli.refusal import refuse
from tui.feed.feed import Feed
from tui.model.device import RadioState
from tui.model.fleet import Fleet

START_S = 6.0  # for the adapter to be found


def radio_feed() -> AbstractContextManager[Feed]:
    """A feed that answers requests about devices."""
    return without_tracks(lambda config: replace(BARE, radio=config.radio))


def wait_for_radio(feed: Feed) -> None:
    """Wait until the adapter is on. Refusal with its cause when it is not."""

    def known(fleet: Fleet) -> bool:
        return fleet.radio.state not in (RadioState.UNUSED, RadioState.STARTING)

    until(feed, known, START_S)
    radio = feed.fleet().radio
    if radio.state is not RadioState.ON and radio.cause is not None:
        raise refuse(radio.cause)
