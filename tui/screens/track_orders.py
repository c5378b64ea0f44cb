"""The orders to links that every place takes: try the selected track now, pause or resume asking."""

from typing import TYPE_CHECKING

from tui.locale import say
from tui.model.requests import Answer, Reconnect, ReconnectDevice, Request, SwitchPolling
from tui.screens.asking import ask_one, tell_refusal

if TYPE_CHECKING:
    from tui.app import PackdeckApp


def reconnect(app: "PackdeckApp") -> None:
    """Try the selected track's link now. Of a battery that waits for a person, or is lent: the tap."""
    if not app.selected:
        return
    request: Request = Reconnect(app.selected)
    for device in app.feed.fleet().radio.devices:
        if device.track == app.selected and (device.requires_tap or device.lent_until_s is not None):
            request = ReconnectDevice(device.address)
    _order(app, request, say("asked-reconnect"))


def switch_polling(app: "PackdeckApp") -> None:
    """Pause or resume asking the batteries, for every screen."""
    _order(app, SwitchPolling(not app.feed.fleet().polling), "")


def _order(app: "PackdeckApp", request: Request, done: str) -> None:
    def answered(answer: Answer) -> None:
        if not answer.ok:
            tell_refusal(app, answer)
        elif done:
            app.notify(done)

    ask_one(app, app.feed, request, answered)
