"""System (9): the machine, the engine and its self-tests; what happened; what the engine logs."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input

from tui.screens.log_sheet import LogSheet
from tui.screens.system_orders import SystemOrders
from tui.screens.system_pictures import BUTTONS
from tui.widgets.confirm import Buttons
from tui.widgets.log_list import LogList
from tui.widgets.sim_list import RowTapped
from tui.widgets.system_bar import BarTapped
from tui.widgets.system_value import VIEWS

FAR = 100_000  # rows: further than anything is long


class System(SystemOrders):
    """A bar with the views, and the view on show."""

    NAME: ClassVar[str] = "system"
    AUTO_FOCUS = ""
    SCOPED_CSS = False
    DEFAULT_CSS = """
    System #system-area { height: 1fr; layout: vertical; }
    System #system-area > * { display: none; }
    System #system-area > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    System.-diagnostics #system-diagnostics, System.-events #system-events,
    System.-log #system-area > LogBar, System.-log #system-area > LogList { display: block; }
    System #system-filter { display: none; height: 1; }
    System #system-filter Input {
        width: 1fr; height: 1; border: none; padding: 0; background: $surface; color: $foreground;
    }
    System > #body > Buttons { display: none; height: 3; }
    .-kiosk System.-h-m > #body > Buttons, .-kiosk System.-h-l > #body > Buttons { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v,right,l,tab", "next_view(1)", show=False, id="system.view"),
        Binding("V,left,h,shift+tab", "next_view(-1)", show=False, id="system.view-back"),
        Binding("down,j", "move(1)", show=False, id="system.down"),
        Binding("up,k", "move(-1)", show=False, id="system.up"),
        Binding("pagedown", "page(1)", show=False, id="system.page-down"),
        Binding("pageup", "page(-1)", show=False, id="system.page-up"),
        Binding("home", "end(-1)", show=False, id="system.first"),
        Binding("end", "end(1)", show=False, id="system.last"),
        Binding("enter", "open", show=False, id="system.open"),
        Binding("t", "test", show=False, id="system.test"),
        Binding("D", "debug", show=False, id="system.debug"),
        Binding("f", "follow", show=False, id="system.follow"),
        Binding("slash", "filter", show=False, id="system.filter"),
        Binding("c", "next_kind(1)", show=False, id="system.kind"),
        Binding("C", "next_kind(-1)", show=False, id="system.kind-back"),
        Binding("x", "switch_kind", show=False, id="system.kind-switch"),
        Binding("escape", "back", show=False, id="system.back"),
    ]

    # --- views ---

    def action_next_view(self, step: int) -> None:
        """The next or previous view."""
        self.action_view(VIEWS[(VIEWS.index(self.view) + step) % len(VIEWS)])

    def action_view(self, name: str) -> None:
        """Show that view."""
        self._close_filter()
        self.remove_class(f"-{self.view}")
        self.view = name
        self.add_class(f"-{name}")
        self._look_soon()
        self.ask()

    # --- moving ---

    def action_move(self, step: int) -> None:
        """Scroll; in the log choose the newest entry, then others, and the list stands still."""
        if self.view != "log":
            self.query_one(f"#system-{self.view}", VerticalScroll).scroll_relative(y=step, animate=False)
            return
        count = len(self.entries)
        if count:
            at = count - 1 if self.wish.at is None else min(self.wish.at, count - 1) + step
            self._choose(max(0, min(at, count - 1)))

    def action_page(self, step: int) -> None:
        """A screenful further."""
        if self.view == "log":
            self.action_move(step * max(1, self.query_one(LogList).room - 1))
        else:
            area = self.query_one(f"#system-{self.view}", VerticalScroll)
            self.action_move(step * max(1, area.size.height - 1))

    def action_end(self, step: int) -> None:
        """The beginning or the end; at the end of the log it follows again."""
        if self.view == "log" and step > 0:
            self.action_follow()
        elif self.view == "log" and self.entries:
            self._choose(0)
        else:
            self.action_move(step * FAR)

    def _choose(self, at: int) -> None:
        self.wish.at = at
        self.look_again()

    def action_follow(self) -> None:
        """Go with what is written again."""
        if self.view == "log":
            self.wish.follow()
            self.answers.log.again = True
            self.look_again()
            self.ask()

    # --- the log ---

    def action_open(self) -> None:
        """The chosen entry in full; without one the newest."""
        entries = self.entries if self.view == "log" else ()
        if entries:
            at = len(entries) - 1 if self.wish.at is None else min(self.wish.at, len(entries) - 1)
            self.app.push_screen(LogSheet(entries[at]))

    def action_next_kind(self, step: int) -> None:
        """Mark another kind; `x` switches it."""
        page = self.answers.log.value
        if self.view == "log" and page is not None:
            count = len(page.kinds) + 1
            self.wish.mark = (self.wish.mark + 1 + step) % count - 1
            self.look_again()

    def action_switch_kind(self) -> None:
        """The marked kind, on or off."""
        page = self.answers.log.value
        if self.view == "log" and page is not None:
            self.action_kind(page.kinds[self.wish.mark] if 0 <= self.wish.mark < len(page.kinds) else "")

    def action_kind(self, kind: str) -> None:
        """That kind, on or off; nothing: all of them."""
        self.wish.switch(kind)
        self._look_soon()
        self.ask()

    def action_filter(self) -> None:
        """Open the line to type in."""
        if self.view == "log":
            self.query_one("#system-filter").display = True
            line = self.query_one(Input)
            line.value = self.wish.only
            line.focus()

    def _close_filter(self) -> None:
        self.set_focus(None)
        self.query_one("#system-filter").display = False

    def action_back(self) -> None:
        """Close the line without a change; then follow; then everything again."""
        if self.query_one("#system-filter").display:
            self._close_filter()
        elif self.view == "log" and self.wish.at is not None:
            self.action_follow()
        elif self.view == "log" and (self.wish.only or self.wish.kinds):
            self.wish.only = ""
            self.action_kind("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: from now on only these; an empty line shows all."""
        event.stop()
        self.wish.only = " ".join(event.value.split())
        self.wish.follow()
        self._close_filter()
        self._look_soon()
        self.ask()

    # --- fingers ---

    async def on_bar_tapped(self, message: BarTapped) -> None:
        """A view, a kind, the filter, the debug switch."""
        await self.run_action(message.action)

    def on_row_tapped(self, message: RowTapped) -> None:
        """A tap chooses an entry, a second one opens it."""
        if message.index == self.wish.at:
            self.action_open()
        else:
            self._choose(message.index)

    def on_buttons_pressed(self, message: Buttons.Pressed) -> None:
        """The large buttons of the kiosk."""
        actions: dict[str, Callable[[], None]] = {
            "view": lambda: self.action_next_view(1),
            "up": lambda: self.action_page(-1) if self.view != "log" else self.action_move(-1),
            "down": lambda: self.action_page(1) if self.view != "log" else self.action_move(1),
            "test": self.action_test,
            "open": self.action_open,
            "follow": self.action_follow,
            "debug": self.action_debug,
        }
        names = BUTTONS[self.view]
        if message.index < len(names):
            actions[names[message.index].removeprefix("system-button-")]()
