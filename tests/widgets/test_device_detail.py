"""Everything about one device, and small sheets."""

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult

from tests import radios
from tests.fleets import NOW_S, WALL_S
from tui.model.device import Device, DeviceKind
from tui.model.link import Traffic
from tui.style.glyphs import GLYPHS
from tui.style.themes import OWN_VARIABLES
from tui.widgets.action_sheet import first_choice
from tui.widgets.confirm import Buttons, ButtonsValue, Confirm, Question
from tui.widgets.device_detail import (
    DetailValue,
    advice,
    detail_rows,
    errors_rows,
    help_rows,
    probe_rows,
    short_service,
)
from tui.widgets.device_sheet import DeviceSheet, actions_of
from tui.widgets.device_table import DeviceView
from tui.widgets.form_field import FormField
from tui.widgets.rows import plain, width

FULL = GLYPHS["full"]


def view(device: Device, **more: object) -> DeviceView:
    """A device at the moment of all pictures."""
    return replace(DeviceView(device, NOW_S, WALL_S), **more)


@pytest.mark.parametrize("cells", [38, 76, 98, 158])
@pytest.mark.parametrize("device", radios.MANY.devices, ids=lambda d: d.name or "nameless")
def test_facts_fit_and_say_that_nothing_is_secured(device: Device, cells: int) -> None:
    """S0-8: in every unit's panel; S2-21: its last sight."""
    rows = detail_rows(DetailValue(view(device)), cells, FULL)
    assert all(width(line) <= cells for line in rows)
    text = plain(rows)
    assert "basic BLE" in text and "SEEN" in text and device.address in text


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (radios.TAP, "press r"),
        (radios.LENT, "comes back by itself"),
        (radios.LOCKED, "passkey"),
        (replace(radios.LOCKED, note="wrong-secret"), "enter the right one"),
        (replace(radios.LOCKED, note="not-found"), ""),
        (radios.STRANGER, "make it ours"),
        (radios.device("AA", "x", None, paired=True), "A phone that holds it"),
        (radios.WAITING, ""),
        (radios.CONNECTED, ""),
    ],
)
def test_advice_is_one_thing_to_do(device: Device, words: str) -> None:
    """S2-23, S0-7."""
    said = advice(view(device))[1]
    assert words in said if words else not said


def test_a_secret_is_only_said_to_be_there() -> None:
    """Stored, never shown."""
    assert "stored, never shown" in plain(detail_rows(DetailValue(view(radios.LENT)), 98, FULL))


def test_errors_are_named() -> None:
    """Every count that is not zero, or none at all."""
    named = plain(errors_rows(Traffic(unanswered=2, late=1), "text")[:1])
    assert named == "unanswered 2, late answers 1"
    assert plain(errors_rows(Traffic(), "text")) == "no errors"


def test_a_probe_has_its_steps_its_times_and_its_services() -> None:
    """S2-27: and the cause when it failed."""
    text = plain(probe_rows(radios.REPORT, 76, FULL))
    assert "812 ms" in text and "JBD, services: 3" in text and "(1800, ff00" in text
    failed = plain(probe_rows(replace(radios.FAILED_REPORT, kind=DeviceKind.UNKNOWN), 38, FULL))
    assert "le-connection-abort" in failed and "asleep" in failed and "services" not in failed
    assert short_service(radios.LONG_ID) == radios.LONG_ID.lower()


def test_steps_to_try_are_numbered_and_fit() -> None:
    """S2-28: five of them."""
    rows = help_rows(38)
    assert all(width(line) <= 38 for line in rows)
    assert [n for n in "12345" if f" {n}. " in plain(rows)] == list("12345")


def test_actions_keep_their_rows() -> None:
    """CL-35: the same list for every device, with other words and greys."""
    enabled = {d.name: [a.key for a in actions_of(view(d)) if a.enabled] for d in radios.MANY.devices}
    assert enabled["JBD-SP25S003"] == ["a", "l", "p", "u", "A"]
    assert enabled["shed pack"] == ["a", "r", "l", "p", "u", "A"]
    assert enabled["Tag [7]"] == ["a", "p", "A"]
    busy = actions_of(view(radios.TAP, busy="reconnect"))
    assert [a.key for a in busy if a.enabled] == ["A"] and busy[1].words == "Reconnecting..."
    first = [first_choice(one, DeviceSheet.NOT_FIRST) for one in (busy, actions_of(view(radios.TAP)))]
    assert first == [0, 0]
    assert actions_of(view(radios.LENT))[2].words == "Take back from the phone"
    assert actions_of(view(radios.STRANGER))[0].words.startswith("Connect Device")
    assert actions_of(view(radios.STRANGER, busy="pair"))[0].words == "Connecting..."


class Sheets(App[None]):
    """Asks one question."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[bool | None] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colours."""
        return OWN_VARIABLES

    def compose(self) -> ComposeResult:
        """A line to type in, behind."""
        yield FormField("pair-secret", secret=True)

    def ask(self) -> None:
        """Once more."""
        self.push_screen(Confirm(Question("Really?", "It is far.")), self.answers.append)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], False),
        (["escape"], False),
        (["n"], False),
        (["y"], True),
        (["left", "enter"], True),
        (["tab", "tab", "enter"], False),
    ],
)
async def test_a_question_is_answered_by_keys(keys: list[str], answer: bool) -> None:
    """No unless somebody says yes."""
    async with Sheets().run_test(size=(60, 20)) as pilot:
        pilot.app.ask()  # type: ignore[attr-defined]
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        assert pilot.app.answers == [answer]  # type: ignore[attr-defined]


async def test_a_field_gives_its_text_once() -> None:
    """It shows dots, and is empty after it was taken."""
    async with Sheets().run_test(size=(60, 20)) as pilot:
        await pilot.press("tab", *"abc")
        field = pilot.app.query_one(FormField)
        assert "abc" not in repr(field) and field.value == "abc"
        assert (field.take(), field.value) == ("abc", "")


def test_buttons_have_marks_as_well_as_colours() -> None:
    """In one row and in three; nothing is cut."""
    value = ButtonsValue(("confirm-yes", "confirm-no"), at=1)
    assert "[ Yes ]" in plain(Buttons().draw(value, 40, 1, FULL)) and "> No <" in plain(
        Buttons().draw(value, 40, 1, FULL)
    )
    framed = plain(Buttons().draw(value, 40, 3, GLYPHS["ascii"])).splitlines()
    assert len(framed) == 3 and "> No <" in framed[1] and framed[0].startswith("+--")
