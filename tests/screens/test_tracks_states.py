"""Tracks while the link of a Bluetooth pack is anything but well: words, and a picture of each state."""

from dataclasses import replace

import pytest

from screenshots.svg import picture
from tests import radios
from tests.conftest import LooksTheSame
from tests.fleets import LEFT, NOW_S, RIGHT, live
from tests.radios import LEFT_MAC, RIGHT_MAC, on_bluetooth
from tests.screens.show import feed_of, screen_text, show
from tui.model.device import Device, RadioState
from tui.model.fleet import Fleet
from tui.model.link import Cause, Link, Phase
from tui.model.requests import Reconnect, ReconnectDevice, Request
from tui.model.settings import ScreenSettings
from tui.model.track import Track

SIZES = [(40, 24), (80, 24), (100, 30), (160, 45)]
ADDRESS = (("address", LEFT_MAC),)


def fleet(link: Link, age_s: float | None, device: Device = radios.CONNECTED) -> Fleet:
    """The left pack behind such a link, its newest values so old (`None`: it never had any)."""
    seen = live()
    left, right = seen.tracks
    setups = on_bluetooth(LEFT, LEFT_MAC), on_bluetooth(RIGHT, RIGHT_MAC)
    if age_s is None:
        troubled = replace(Track(setups[0]), link=link)
    else:
        troubled = replace(
            left, setup=setups[0], link=link, pack_at_s=NOW_S - age_s, cells_at_s=NOW_S - age_s + 0.1
        )
    radio = replace(radios.ON, devices=(device,))
    return replace(seen, tracks=(troubled, replace(right, setup=setups[1])), radio=radio)


def lost(cause: str, *args: tuple[str, str], attempt: int = 1, retry_in_s: float | None = 2.0) -> Link:
    """The wire failed eleven seconds ago."""
    retry_at_s = None if retry_in_s is None else NOW_S + retry_in_s
    why = Cause(cause, (*ADDRESS, *args))
    return Link(Phase.LOST, since_s=NOW_S - 11, cause=why, attempt=attempt, retry_at_s=retry_at_s)


def adapter_gone() -> Fleet:
    """It was pulled out: both packs are without a link."""
    gone = lost("ble-adapter-gone", attempt=2, retry_in_s=3.0)
    one = fleet(gone, 12.0)
    right = replace(one.tracks[1], link=gone, pack_at_s=NOW_S - 12, cells_at_s=NOW_S - 12)
    radio = replace(one.radio, state=RadioState.MISSING, adapter="", address="")
    return replace(one, tracks=(one.tracks[0], right), radio=radio)


AWAY = replace(radios.CONNECTED, connected=False)
NAMED = ("name", "JBD-SP25S003")
STATES = {
    "connecting": fleet(Link(Phase.CONNECTING, since_s=NOW_S - 3), None, AWAY),
    "attempt": fleet(lost("ble-timeout", ("seconds", "15"), attempt=3, retry_in_s=4.0), 40.0, AWAY),
    "out-of-range": fleet(lost("ble-not-found", attempt=6, retry_in_s=None), 300.0, AWAY),
    "taken-by-phone": fleet(lost("ble-lost"), 12.0, AWAY),
    "asleep": fleet(Link(Phase.ASLEEP, since_s=NOW_S - 20, cause=Cause("ble-silent", ADDRESS)), 30.0),
    "half-open": fleet(Link(Phase.UP, since_s=NOW_S - 600), 12.0),
    "adapter-gone": adapter_gone(),
    "locked": fleet(lost("ble-locked", attempt=2, retry_in_s=4.0), None, replace(AWAY, note="locked")),
    "tap": fleet(
        Link(Phase.TAP, since_s=NOW_S - 60, cause=Cause("ble-tap", (*ADDRESS, NAMED, ("minutes", "30")))),
        1900.0,
        replace(AWAY, requires_tap=True),
    ),
    "lent": fleet(
        Link(Phase.LENT, NOW_S - 13, Cause("ble-lent", (*ADDRESS, NAMED)), retry_at_s=NOW_S + 587.0),
        12.0,
        replace(AWAY, lent_until_s=NOW_S + 587.0),
    ),
}
WORDS = {
    "connecting": ("connecting", "--"),
    "attempt": ("lost", "try 3/5 in 4 s", "the radio signal is weak", "Come nearer"),
    "out-of-range": ("lost", "was not heard: it is out of range", "goes on looking by itself"),
    "taken-by-phone": ("lost", "try 1/5 in 2 s", "was taken over", "as soon as it is heard"),
    "asleep": ("asleep", "did not answer", "Wake it"),
    "half-open": ("stale", "12 s old"),
    "adapter-gone": ("lost", "adapter went away", "0 of 2 live"),
    "locked": ("lost", "is locked with a password", "six characters"),
    "tap": ("press R to reconnect", "for more than 30 min", "Press Reconnect"),
    "lent": ("lent, back in 9:47", "lent to a phone", "comes back by itself"),
}


def card(text: str) -> str:
    """The words of the left card, in one line."""
    return " ".join(" ".join(line.split("│")[0] for line in text.splitlines()).split())


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("state", STATES)
async def test_every_state_of_a_link_is_said_in_words(state: str, size: tuple[int, int]) -> None:
    """S0-14, S2-4, S2-23, X-8: what it is, why, and one thing to do; the right pack goes on."""
    async with show(STATES[state]).run_test(size=size) as pilot:
        await pilot.press("2")
        await pilot.pause()
        text = screen_text(pilot.app)  # type: ignore[arg-type]
        said = f"{text.splitlines()[1]} {card(text)}"
        missing = [words for words in WORDS[state] if words not in said]
        assert not missing, text
        assert ("● live" in text) is (state != "adapter-gone" and size[0] >= 80)


async def test_the_time_to_the_next_attempt_counts_down() -> None:
    """S0-14: without any news."""
    async with show(STATES["attempt"]).run_test(size=(100, 30)) as pilot:
        await pilot.press("2")
        feed_of(pilot.app).now += 3  # type: ignore[arg-type]
        pilot.app._look()  # type: ignore[attr-defined]
        await pilot.pause()
        assert "try 3/5 in 1 s" in screen_text(pilot.app)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "asked"),
    [
        ("out-of-range", Reconnect("left")),
        ("tap", ReconnectDevice(LEFT_MAC)),
        ("lent", ReconnectDevice(LEFT_MAC)),
    ],
)
async def test_reconnecting_is_the_tap_where_one_is_wanted(state: str, asked: Request) -> None:
    """X-9: trying the link again does not help while its device waits for a person."""
    fleet = STATES[state]
    devices = tuple(replace(device, track="left") for device in fleet.radio.devices)
    seen = replace(fleet, radio=replace(fleet.radio, devices=devices))
    async with show(seen).run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "R")
        await pilot.app.workers.wait_for_complete()
        assert feed_of(pilot.app).asked == [asked]  # type: ignore[arg-type]


@pytest.mark.parametrize("state", STATES)
async def test_pictures(state: str, looks_the_same: LooksTheSame) -> None:
    """Every state at every size, in letters and sixteen colours, and in French."""
    looks = [
        ("full", SIZES, {}),
        ("ascii", SIZES[1:2], {"glyphs": "ascii", "theme": "packdeck-ansi"}),
        ("french", SIZES[1:2], {"settings": ScreenSettings(language="fr")}),
    ]
    for name, sizes, options in looks:
        for size in sizes:
            async with show(STATES[state], **options).run_test(size=size) as pilot:
                await pilot.press("2")
                await pilot.pause()
                looks_the_same(picture(pilot.app), f"tracks-states/{state}/{name}-{size[0]}x{size[1]}")
