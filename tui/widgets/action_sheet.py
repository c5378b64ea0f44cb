"""The sheet of one thing: what can be done with it, and everything about it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.widgets import OptionList

from tui.widgets.drawing import Drawing
from tui.widgets.sheet import ActionList, Sheet, SheetHead, option

LOOK_S = 0.5
SHEET_WIDTHS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-broad")]

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the list of actions."""

    name: str
    key: str
    words: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Seen(Generic[Facts]):
    """One look at the thing. Without actions it is nowhere any more."""

    title: str
    facts: Facts
    actions: tuple[Action, ...]


class ActionSheet(Sheet[None], Generic[Facts]):
    """Over the place; it keeps looking, so that ages and states move on. Subclasses know at what."""

    DETAIL: ClassVar[type[Drawing[Any]]]  # draws the facts
    NOT_FIRST: ClassVar[str]  # the action on which the cursor never begins: it is about more than this thing
    SCOPED_CSS = False
    HORIZONTAL_BREAKPOINTS = SHEET_WIDTHS
    DEFAULT_CSS = """
    ActionSheet .sheet-parts { height: auto; layout: vertical; }
    ActionSheet OptionList { width: 1fr; }
    ActionSheet .sheet-facts { height: auto; max-height: 76vh; scrollbar-size-vertical: 1; }
    ActionSheet.-narrow .sheet-facts { max-height: 50vh; }
    ActionSheet.-broad .sheet-parts { layout: horizontal; }
    ActionSheet.-broad .sheet-facts { width: 1fr; }
    """

    def __init__(self, act: Callable[[str], None]) -> None:
        super().__init__()
        self._act = act
        self._shown: tuple[Action, ...] = ()

    def seen(self) -> Seen[Facts]:
        """The newest state."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Title, actions, facts."""
        seen = self.seen()
        with Vertical(classes="sheet -wide"):
            yield SheetHead(seen.title)
            with Container(classes="sheet-parts"):
                yield ActionList()
                with VerticalScroll(classes="sheet-facts", can_focus=False):
                    yield self.DETAIL(seen.facts, classes="-whole")

    def on_mount(self) -> None:
        """Begin to look."""
        self.look_again()
        self.query_one(OptionList).focus()
        self.set_interval(LOOK_S, self.look_again)

    def look_again(self) -> None:
        """The newest state; it closes when the thing is gone."""
        if not (self.is_attached and self.query(self.DETAIL)):
            return  # still being made, or gone already
        seen = self.seen()
        if not seen.actions:
            if self.is_active:  # not twice, and not what lies above it
                self.dismiss()
            return
        detail = self.query_one(self.DETAIL)
        before = _rows_of(detail)
        detail.show(seen.facts)
        if _rows_of(detail) != before:
            detail.refresh(layout=True)
        self._fill(seen.actions)

    def _fill(self, actions: tuple[Action, ...]) -> None:
        """Write the list anew only when it says something else; the cursor stays."""
        if actions == self._shown:
            return
        rows, tall = self.query_one(OptionList), self.app.has_class("-kiosk")
        at, self._shown = rows.highlighted, actions
        rows.clear_options()
        rows.add_options([option(a.key, a.words, a.name, a.enabled, tall) for a in actions])
        rows.highlighted = first_choice(actions, self.NOT_FIRST) if at is None else at

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a tap."""
        if event.option_id:
            self.action_act(event.option_id)

    def action_act(self, name: str) -> None:
        """Do it, if it makes sense now."""
        if any(a.name == name and a.enabled for a in self._shown):
            self._act(name)

    def action_scroll_facts(self, step: int) -> None:
        """A page of facts."""
        facts = self.query_one(".sheet-facts")
        facts.scroll_relative(y=step * max(1, facts.size.height - 1), animate=False)


def _rows_of(detail: Drawing[Any]) -> int:
    return detail.get_content_height(detail.size, detail.size, detail.size.width)


def first_choice(actions: Sequence[Action], but: str) -> int:
    """Where the cursor begins: never on `but`, even while everything else is grey."""
    return next((i for i, one in enumerate(actions) if one.enabled and one.name != but), 0)


def sheet_keys(thing: str, place: str, actions: Iterable[tuple[str, str]]) -> list[BindingType]:
    """The keys of a sheet: away, also with the key of its place; each action; a page of facts."""
    return [
        Binding(f"escape,q,{place}", "dismiss", show=False, id=f"{thing}.close"),
        *(Binding(key, f"act('{name}')", show=False, id=f"{thing}.{name}") for key, name in actions),
        Binding("pageup", "scroll_facts(-1)", show=False, priority=True, id=f"{thing}.facts-up"),
        Binding("pagedown", "scroll_facts(1)", show=False, priority=True, id=f"{thing}.facts-down"),
    ]
