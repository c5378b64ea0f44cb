"""The sheet in which a person chooses the kind of battery that is simulated."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList

from tui.locale import say
from tui.widgets.confirm import Buttons, ButtonsValue
from tui.widgets.sheet import ActionList, SheetHead, option
from tui.widgets.threshold_sheet import HelpLines


class ProfileSheet(ModalScreen[tuple[str, bool] | None]):
    """Gives the profile and whether it is for the chosen pack alone; `None` when all stays as it is."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    ProfileSheet HelpLines { margin-bottom: 1; }
    ProfileSheet ActionList { margin-bottom: 1; }
    .-kiosk ProfileSheet Buttons { height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,p", "leave", show=False, id="profile.close"),
        Binding("o", "only", show=False, id="profile.only"),
    ]

    def __init__(self, profiles: Sequence[str], now: str, pack: str) -> None:
        """`pack` is the name of the chosen one; empty when there are no others."""
        super().__init__()
        self._profiles, self._now, self._pack = tuple(profiles), now, pack

    def compose(self) -> ComposeResult:
        """Title, what comes of it, the profiles, buttons."""
        only = ("sim-profile-only",) if self._pack else ()
        with Vertical(classes="sheet"):
            yield SheetHead(say("sim-profile-title"))
            yield HelpLines(
                say("sim-profile-text", pack=self._pack) if self._pack else say("sim-profile-one")
            )
            yield ActionList()
            yield Buttons(ButtonsValue(("sim-profile-all", *only, "sim-cancel")))

    def on_mount(self) -> None:
        """The one in use is under the cursor."""
        rows, tall = self.query_one(OptionList), self.app.has_class("-kiosk")
        for i, name in enumerate(self._profiles):
            words = f"{name}   {say('sim-profile-now')}" if name == self._now else name
            rows.add_option(option("", words, f"profile-{i}", True, tall))
        rows.highlighted = self._profiles.index(self._now) if self._now in self._profiles else 0
        rows.focus()

    def _take(self, only: bool) -> None:
        at = self.query_one(OptionList).highlighted
        self.dismiss(None if at is None or not self._profiles else (self._profiles[at], only))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a tap: all packs."""
        event.stop()
        self._take(False)

    def action_only(self) -> None:
        """The chosen pack alone."""
        if self._pack:
            self._take(True)

    def action_leave(self) -> None:
        """As it was."""
        self.dismiss(None)

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """All, this one, or none."""
        count = 3 if self._pack else 2
        if message.index == count - 1:
            self.dismiss(None)
        else:
            self._take(message.index == 1)

    def on_click(self, event: events.Click) -> None:
        """A tap beside the sheet leaves it."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.dismiss(None)
