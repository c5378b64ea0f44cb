"""Rows, words and figures of alerts, without a screen."""

from dataclasses import replace

import pytest

from tests import alert_views, fleets
from tests.alert_views import CURRENT, HIGH, PAST, SPREAD, TRIP
from tests.fleets import NOW_S, WALL_S
from tui.cli.alerts_json import record_line
from tui.engine.alert_rules import FACTS, RULES
from tui.locale import language, messages, use
from tui.model.alert import Alert, AlertRecord, AlertStatistics, Severity, Trip
from tui.model.link import State
from tui.model.settings import ALERT_SETTINGS
from tui.style.glyphs import GLYPHS
from tui.widgets.alert_bar import AlertBarValue, placed
from tui.widgets.alert_detail import AlertDetailValue, advice_of, detail_rows, meaning_of
from tui.widgets.alert_figures import AlertFigures, FiguresValue
from tui.widgets.alert_list import (
    AlertList,
    AlertsValue,
    AlertView,
    lasted_words,
    seen_words,
    two_rows,
    what_words,
    when_words,
)
from tui.widgets.notify_list import WAYS, NotifyList, NotifyValue
from tui.widgets.rows import plain, width
from tui.widgets.status_band import BandValue, band
from tui.widgets.threshold_table import problem, shown, source_words
from tui.widgets.trip_line import ahead_rows, soonest, trip_span, trip_words, with_trip
from tui.widgets.view import TrackView

FULL = GLYPHS["full"]
WIDTHS = [38, 40, 60, 80, 100, 160]
KEYS = sorted({rule.key for rule in RULES} | set(FACTS))


def view(alert: Alert, **more: object) -> AlertView:
    """An active alert at the moment of all pictures."""
    return replace(AlertView(AlertRecord(alert), NOW_S, WALL_S), **more)


VIEWS = tuple(view(one) for one in (HIGH, SPREAD, TRIP, CURRENT))


@pytest.mark.parametrize("spoken", ["en", "fr"])
@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize("is_history", [False, True])
def test_no_row_is_wider_than_its_list(cells: int, is_history: bool, spoken: str) -> None:
    """CL-49: in both languages, active and past."""
    use(spoken)
    past = tuple(AlertView(record, NOW_S, WALL_S) for record in PAST)
    value = AlertsValue(past if is_history else VIEWS, VIEWS[0].key, title="x", is_history=is_history)
    for glyphs in (FULL, GLYPHS["ascii"]):
        rows = AlertList().draw(value, cells, 40, glyphs)
        assert all(width(line) <= cells for line in rows)
    detail = detail_rows(AlertDetailValue(VIEWS[0]), cells, FULL)
    assert all(width(line) <= cells for line in detail)


@pytest.mark.parametrize("spoken", ["en", "fr"])
@pytest.mark.parametrize("key", KEYS)
def test_every_kind_has_a_sentence_a_short_name_and_an_advice(key: str, spoken: str) -> None:
    """What, and one thing to do: for every rule and fact that the engine knows."""
    use(spoken)
    alert = Alert("left", key, Severity.WARNING, 3)
    assert f"alert-{key}" in messages(language()) and not what_words(alert).startswith("alert-")
    assert f"alert-do-{meaning_of(alert)}" in messages(language()), meaning_of(alert)
    assert len(advice_of(alert)) > 20


def test_information_asks_for_nothing() -> None:
    """States and the unit's own log."""
    for key in ("state-full", "unit-37"):
        assert advice_of(Alert("left", key, Severity.INFO)).startswith("Nothing to do")
    assert advice_of(Alert("left", "protection-short-circuit", Severity.CRITICAL)).startswith(
        "The battery has"
    )


@pytest.mark.parametrize("key", [setting.key for setting in ALERT_SETTINGS])
@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_every_limit_has_a_name_that_fits(key: str, spoken: str) -> None:
    """CL-42: 20 cells in the narrowest table."""
    name = messages(spoken)[f"limit-{key.removeprefix('alerts.').replace('_', '-')}"]
    assert 0 < len(name) <= 20


def test_who_has_seen_it_in_words() -> None:
    """Row CL-41: active, acknowledged, over, cleared."""
    assert seen_words(view(HIGH)) == ("not seen yet", "alarm")
    assert seen_words(view(SPREAD)) == ("by anna", "ok")
    assert seen_words(view(CURRENT))[0] == "over, unseen"
    assert seen_words(view(HIGH, busy=True))[0] == "asking ..."
    assert seen_words(view(replace(HIGH, acknowledged_ms=1)))[0] == "by somebody"
    assert seen_words(view(replace(HIGH, severity=Severity.INFO)))[0] == ""


def test_ages_come_from_the_right_clock() -> None:
    """Active ones by the engine's steady clock, past ones by what was written down."""
    assert view(HIGH).age_s == 12.0 and lasted_words(view(HIGH)) == "active"
    assert lasted_words(AlertView(PAST[0], NOW_S, WALL_S)) == "4 min"
    assert lasted_words(AlertView(PAST[2], NOW_S, WALL_S)) == ""  # what only happened has no length
    assert view(replace(HIGH, since_s=0.0)).age_s == pytest.approx(12.0, abs=0.01)


def test_moments_of_today_have_seconds_older_ones_a_date() -> None:
    assert when_words(HIGH.since_ms, WALL_S) == "12:07:19"
    assert when_words(HIGH.since_ms - 2 * 86_400_000, WALL_S) == "16 Oct 12:07"


def test_two_rows_keep_the_word_of_the_severity() -> None:
    """On a phone: what and age above, how bad, value and who below; the limit goes before the word."""
    first, second = plain(two_rows(view(HIGH), ">", 40, GLYPHS["ascii"])).splitlines()
    assert first.startswith(">! left cell 7 high") and first.endswith("12 s")
    assert "critical 3.662 V" in second and second.endswith("not seen yet")
    lost = plain(two_rows(view(HIGH, lost=True), " ", 60, FULL))
    assert lost.startswith(" ? left") and "> 3.650" in lost


def test_the_bar_fits_every_size_and_says_the_silence() -> None:
    """Short names on a phone, the countdown below them."""
    value = AlertBarValue("history", 6, 3552.0)
    for cells in WIDTHS:
        for spoken in ("en", "fr"):
            use(spoken)
            lines = placed(value, cells, FULL)
            assert all(sum(len(text) for text, _, _ in line) <= cells for line in lines)
            assert "59:12" in "".join(text for line in lines for text, _, _ in line)
    use("en")
    assert len(placed(value, 40, FULL)) == 2 and len(placed(AlertBarValue(), 40, FULL)) == 1


# --- figures ---


def test_statistics_say_every_count() -> None:
    """S4-40: total, active, by severity, and how long until seen."""
    value = FiguresValue(alert_views.STATISTICS, PAST, WALL_S)
    text = plain(AlertFigures().draw(value, 100, 40, FULL))
    rows = dict(line.split()[:2] for line in text.splitlines()[1:4])
    assert rows == {"critical": "5", "warning": "34", "info": "95"}
    assert "134 in all" in text and "4 min" in text
    assert "imbalance" in text and "Sat 18" in text and "too many at once" not in text
    crowded = FiguresValue(replace(alert_views.STATISTICS, crowded_out=3), PAST, WALL_S)
    assert "too many at once" in plain(AlertFigures().draw(crowded, 100, 40, FULL))


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize(
    "value", [FiguresValue(AlertStatistics(), (), WALL_S), FiguresValue(why="Gone. Wait.")]
)
def test_without_alerts_the_figures_are_calm(value: FiguresValue, cells: int) -> None:
    """Nothing divided by nothing."""
    rows = AlertFigures().draw(value, cells, 20, FULL)
    assert rows and len(rows) <= 20 and all(width(line) <= cells for line in rows)


# --- limits ---


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3650", ""),
        (" 3650 ", ""),
        ("500", ""),
        ("5000", ""),
        ("5001", "outside 500 to 5000; 3650 mV stays"),
        ("-1", "outside"),
        ("499", "outside"),
        ("", "Type a whole number from 500 to 5000"),
        ("3.65", "3.65 is no whole number"),
        ("12e3", "no whole number"),
        ("٣٦٥٠", "no whole number"),
        ("1" * 5000, "outside"),
    ],
)
def test_a_value_is_checked_as_it_is_typed(text: str, words: str) -> None:
    """Named, and the old value kept; anything may be typed."""
    one = next(t for t in alert_views.thresholds() if t.key == "cell_voltage_max_mv")
    said = problem(text, one)
    assert words in said if words else not said


def test_where_a_limit_comes_from() -> None:
    """Battery, track, set here, default."""
    right = {t.key: t for t in alert_views.thresholds("right", {"soc_min_pct": 12})}
    assert source_words(right["charge_max_a"])[0] == "battery"
    assert (
        source_words(right["soc_min_pct"])[0] == "set here" and source_words(right["enabled"])[0] == "default"
    )
    left = {t.key: t for t in alert_views.thresholds("left")}
    assert source_words(left["temperature_max_c"])[0] == "this track"
    assert shown(1, left["enabled"]) == "on" and shown(45.5, right["charge_max_a"]) == "45.5 A"


def test_every_way_of_telling_stays_on_show_where_there_is_little_room() -> None:
    """The chosen one in full, the others in a row each."""
    for at in range(len(WAYS)):
        rows = NotifyList().draw(NotifyValue(at=at), 40, 16, FULL)
        assert len(rows) <= 16
        assert all(word in plain(rows) for word in ("bell", "band", "command", "POST", "desktop"))


# --- time to trip ---


@pytest.mark.parametrize(
    ("left_s", "words", "role"),
    [
        (20.0, "■ cell 2 low in < 1 min", "alarm"),
        (299.0, "■ cell 2 low in 4 min", "alarm"),
        (720.0, "▲ cell 2 low in 12 min", "warn"),
        (2520.0, "▼ cell 2 low in 42 min", "text"),
        (-5.0, "■ cell 2 low in < 1 min", "alarm"),
    ],
)
def test_the_nearer_the_limit_the_louder(left_s: float, words: str, role: str) -> None:
    """A mark, words and a role; nothing pretends to be exact."""
    trip = Trip("cell-low", 2, 2.955, 2.9, "V", NOW_S + left_s)
    assert trip_span(trip, NOW_S, FULL) == (words, role)


@pytest.mark.parametrize("key", ["cell-low", "cell-high", "pack-low", "pack-high", "soc-low", "soc-high"])
@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_every_limit_ahead_has_words(key: str, spoken: str) -> None:
    """All that the engine may foresee."""
    use(spoken)
    trip = Trip(key, 2 if key.startswith("cell") else None, 50.0, 48.0, "V", NOW_S + 600)
    assert "10 min" in trip_words(trip, NOW_S) and "trip-" not in trip_words(trip, NOW_S)
    assert "trip-" not in trip_span(trip, NOW_S, FULL, short=True)[0]


def test_the_line_takes_what_fits() -> None:
    """Beside the extremes, shorter, or instead of them."""
    track = alert_views.ahead().tracks[0]
    live = TrackView(track, State.LIVE, NOW_S)
    line = ((" min 07 3.311   max 14 3.329 V", "text"),)
    assert plain([with_trip(line, live, 60, FULL)]).endswith("cell 14 high in 48 min")
    assert plain([with_trip(line, live, 48, FULL)]).endswith("V  ▲ 14 high 48 min")
    assert plain([with_trip(line, live, 39, FULL)]) == " ▲ cell 14 high in 48 min"
    for state in (State.STALE, State.LOST):
        assert with_trip(line, TrackView(track, state, NOW_S), 60, FULL) == line
    assert with_trip(line, TrackView(fleets.live().tracks[0], State.LIVE, NOW_S), 60, FULL) == line


def test_the_soonest_limit_is_that_of_a_live_battery() -> None:
    """Of a silent one nothing is foreseen."""
    fleet = alert_views.ahead()
    first = soonest(fleet, NOW_S)
    assert first is not None and first[0] == "right" and first[1].where == 2
    silent = replace(fleet, tracks=(fleet.tracks[0], replace(fleet.tracks[1], pack_at_s=NOW_S - 60)))
    later = soonest(silent, NOW_S)
    assert later is not None and later[0] == "left"
    assert soonest(fleets.live(), NOW_S) is None
    assert "2.955 -> 2.900 V" in plain(ahead_rows(fleet, NOW_S, 60, FULL, {"right": "right"}))
    assert "2.955" not in plain(ahead_rows(silent, NOW_S, 60, FULL, {}))


def test_the_band_says_that_an_alert_is_over() -> None:
    """Not "for 03:31", as if it still held, and with the value that was beyond the limit."""
    over = replace(HIGH, value=3.3, worst=3.671, ended_ms=1, acknowledged_ms=None)
    for alert, words in (
        (over, "over, unseen"),
        (replace(over, acknowledged_ms=2), "over"),
        (replace(over, ended_ms=None, value=3.66), "for 00:"),
    ):
        fleet = replace(fleets.live(), alerts=(alert,))
        line = plain([band(BandValue(fleet, NOW_S, NOW_S), 100, FULL)])
        assert words in line, line
        assert ("3.671 V > " in line) == (alert.ended_ms is not None)


def test_the_command_line_says_that_an_alert_is_over_and_names_no_empty_track() -> None:
    over = replace(HIGH, track="", value=3.3, worst=3.671, ended_ms=1, acknowledged_ms=None)
    line = record_line(AlertRecord(over))
    assert "over, unseen" in line and "3.671 V > " in line
    assert ": :" not in line
