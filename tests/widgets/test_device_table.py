"""Words and rows of devices."""

from dataclasses import replace

import pytest

from tests import radios
from tests.fleets import NOW_S, WALL_S
from tui.locale import use
from tui.model.device import Device
from tui.model.link import Link, Phase, Traffic
from tui.model.track import Track
from tui.style.glyphs import GLYPHS
from tui.style.numbers import minutes_words
from tui.widgets.device_table import (
    DevicesValue,
    DeviceTable,
    DeviceView,
    bars,
    device_columns,
    note_words,
    quality_row,
    range_words,
    seen_short,
    standing_of,
)
from tui.widgets.rows import plain, width

FULL = GLYPHS["full"]


def view(device: Device, **more: object) -> DeviceView:
    """A device at the moment of all pictures."""
    return replace(DeviceView(device, NOW_S, WALL_S), **more)


@pytest.mark.parametrize(
    ("rssi", "shown", "words"),
    [
        (-40, "▂▄▆█", "near"),
        (-60, "▂▄▆█", "near"),
        (-61, "▂▄▆_", "in range"),
        (-80, "▂▄__", "in range"),
        (-81, "▂___", "weak"),
        (-110, "▂___", "weak"),
        (-127, "____", "in range"),
        (None, "____", "in range"),
    ],
)
def test_a_signal_is_bars_and_a_word(rssi: int | None, shown: str, words: str) -> None:
    """S0-7: near, in range, weak; -127 is what radios say when they do not know."""
    seen = view(radios.device("AA", "x", rssi_dbm=rssi))
    assert (bars(seen.rssi_dbm, FULL), range_words(seen)) == (shown, words)


def test_an_old_signal_means_nothing() -> None:
    """S0-7: out of sight, whatever it was."""
    seen = view(radios.device("AA", "x", 61.0, rssi_dbm=-40))
    assert seen.rssi_dbm is None and range_words(seen) == "out of sight"


def test_bars_without_eighths_are_strokes() -> None:
    """Every tier has some."""
    assert bars(-70, GLYPHS["ascii"]) == "|||." and bars(None, GLYPHS["common"]) == "...."


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (radios.CONNECTED, "connected"),
        (radios.WAITING, "paired, back within 24 min"),
        (radios.TAP, "tap to reconnect"),
        (radios.LENT, "lent, back in 9:40"),
        (replace(radios.LENT, requires_tap=True), "lent, back in 9:40"),
        (replace(radios.LENT, lent_until_s=NOW_S - 1), "paired, back within 40 min"),
        (replace(radios.BEACON, paired=True), "paired"),
        (radios.LOCKED, "locked"),
        (replace(radios.LOCKED, note="needs-pairing"), "wants a passkey"),
        (replace(radios.LOCKED, note="not-found"), "paired, back within 30 min"),  # the window tells more
        (replace(radios.STRANGER, note="missing"), "not ours"),  # the adapter has a line of its own
        (radios.STRANGER, "not ours"),
        (radios.device("AA", "x", None, paired=True), "not seen yet"),
        (radios.device("AA", "x", 1800.0, paired=True), "tap to reconnect"),
        (radios.device("AA", "x", 1799.0, paired=True), "paired, back within 1 min"),
    ],
)
def test_what_needs_a_person_comes_first(device: Device, words: str) -> None:
    """S2-22, S2-23, X-9."""
    assert standing_of(view(device), FULL).words[0] == words


def test_a_link_under_way_tells_its_attempt() -> None:
    """S0-14, X-8: attempt 3/5, where there is room."""
    left = radios.fleet().tracks[1]
    seen = standing_of(view(radios.WAITING, track=left), FULL)
    assert seen.fitting(40) == "paired, back within 24 min, attempt 3/5"
    assert seen.fitting(28) == "paired, back within 24 min"
    assert seen.fitting(10) == "back within 24 min"
    over = replace(left, link=Link(Phase.LOST, attempt=6))
    assert "attempt" not in standing_of(view(radios.WAITING, track=over), FULL).words[0]


def test_a_question_under_way_and_a_lost_engine_come_before_everything() -> None:
    """CL-35; nothing is called connected that may not be."""
    assert standing_of(view(radios.TAP, busy="reconnect"), FULL).words == ("Reconnecting...",)
    lost = standing_of(view(radios.CONNECTED, lost=True), FULL)
    assert lost.role == "stale" and lost.words[0] == "before: connected"


def test_the_age_of_a_device_seen_before_a_restart() -> None:
    """S2-21: Unix time is kept over restarts."""
    device = Device("AA", seen_ms=int((WALL_S - 7200) * 1000))
    assert view(device).age_s == pytest.approx(7200, abs=0.01)
    assert [seen_short(s) for s in (None, 0.4, 99, 100, 5999, 6000, 90000)] == [
        "--", "0 s", "99 s", "1 min", "99 min", "1 h", "25 h",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("percent", "words"),
    [(None, "--"), (100, "100 % good"), (95, "95 % good"), (94, "94 % fair"), (79, "79 % poor")],
)
def test_link_quality_is_a_number_and_a_word(percent: int | None, words: str) -> None:
    """Answered requests of the last hundred."""
    assert plain([quality_row(Traffic(quality_pct=percent))]) == words
    assert plain([quality_row(None)]) == "--"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_all_words_of_narrow_cells_fit(language: str) -> None:
    """No word is cut at 40 columns, in any language."""
    use(language)
    for device in radios.MANY.devices:
        seen = standing_of(view(device), FULL)
        assert any(len(words) <= 18 for words in seen.words), seen.words
        assert len(range_words(view(device))) <= 12
    for percent in (100, 90, 10):
        assert width(quality_row(Traffic(quality_pct=percent))) <= 11


@pytest.mark.parametrize("cells", [38, 40, 60, 75, 76, 80, 100, 120, 160, 240])
def test_rows_are_never_wider_than_the_table(cells: int) -> None:
    """And names, states and addresses are whole or not there."""
    views = tuple(view(device) for device in (*radios.MANY.devices, Device(radios.LONG_ID, "Mac")))
    rows = DeviceTable().draw(DevicesValue(views, radios.TAP.address), cells, 12, FULL)
    assert all(width(line) <= cells for line in rows)
    assert "address" not in {c.name for c, _ in device_columns(views, cells)} or radios.LONG_ID in plain(rows)


def test_a_long_table_keeps_the_selected_row_in_sight() -> None:
    """With how many there are."""
    views = tuple(view(device) for device in radios.crowd().radio.devices)
    text = plain(DeviceTable().draw(DevicesValue(views, views[-1].device.address), 100, 10, FULL))
    assert ">sensor 39" in text and "8 of 47" in text


def test_names_and_notes_without_words() -> None:
    """A device without a name is its track, or nameless. A note that needs nobody is not shown."""
    assert view(Device("AA", track="left")).name == "left"
    assert view(Device("AA")).name == "(no name)"
    assert note_words("whatever") == "" and note_words("") == "" and note_words("silent") == "no answer"
    assert minutes_words(59.2) == "1:00"
    assert view(radios.CONNECTED, track=Track(radios.LEFT)).traffic == Traffic()
