"""What this screen remembers of one track's parameters: the page as read, staged changes, what is on show."""

import getpass
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tui.locale import say
from tui.model.link import Cause
from tui.model.register import Category, Danger, RegisterPage, RegisterValue, Tab, Value
from tui.model.register_archive import ChangeLogEntry
from tui.model.register_requests import WriteRegisters
from tui.model.register_review import Change, Problem, Review, Source
from tui.model.write_plan import WritePlan
from tui.widgets.register_table import Line
from tui.widgets.register_words import name_words


class View(StrEnum):
    """What stands between the path and the hint."""

    TABLE = "table"
    REVIEW = "review"
    COMPARE = "compare"
    PLAN = "plan"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Staged:
    """A wish, and what the device held when it was made."""

    value: Value
    base: Value | None


@dataclass(slots=True)
class Draft:
    """One track. Nothing of it is in the device before it was reviewed, confirmed and written."""

    page: RegisterPage | None = None
    cause: Cause | None = None  # why there is no newer page
    asked: object = None  # what was true when the page was last asked for
    is_stale: bool = False  # a plan came between: the page must be asked for again
    plan_read: str = ""  # how far the plan was when that was noticed
    view: View = View.TABLE
    key: str = ""
    top: int = 0
    changes: dict[str, Staged] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()  # of the engine against the changes
    source: Source | None = None  # all of another image is taken
    source_words: str = ""
    accept_other: bool = False
    review: Review | None = None
    why: tuple[str, ...] = ()  # why there is no review, or no plan of it
    written: WriteRegisters | None = None  # what this screen sent last
    is_mine: bool = False  # a plan of this screen is on its way
    plan_before: str = ""  # the plan that was there when it was sent: not this one
    seen: WritePlan | None = None  # of that plan, as it was last seen
    shown_plan: str = ""  # the plan that was shown by itself
    compared: Review | None = None
    compared_with: Source | None = None
    at: int = 0  # chosen difference of the comparison
    log: tuple[ChangeLogEntry, ...] | None = None
    has_lease: bool = False

    @property
    def wishes(self) -> tuple[Change, ...]:
        """The staged changes as a request wants them."""
        return tuple(Change(key, staged.value) for key, staged in self.changes.items())

    @property
    def is_empty(self) -> bool:
        """Nothing is staged."""
        return not self.changes and self.source is None

    def stage(self, one: RegisterValue, value: Value) -> None:
        """Want this value; the one that the device holds is no change."""
        if value == one.value:
            self.changes.pop(one.key, None)
        else:
            self.changes[one.key] = Staged(value, one.value)
        self.review = None

    def drop(self) -> None:
        """Want nothing any more."""
        self.changes.clear()
        self.problems, self.review, self.why = (), None, ()
        self.source, self.source_words, self.accept_other = None, "", False

    def moved(self) -> tuple[str, ...]:
        """Staged parameters that the device holds another value of than when they were staged."""
        page = self.page
        if page is None:
            return ()
        return tuple(
            key
            for key, staged in self.changes.items()
            if (one := page.row(key)) is not None and one.value != staged.base
        )

    def line(self, one: RegisterValue) -> Line:
        """A row with its wish."""
        staged = self.changes.get(one.key)
        if staged is None:
            return Line(one)
        is_wrong = any(p.is_error and p.key == one.key for p in self.problems)
        return Line(one, staged.value, staged.base, is_wrong)


@dataclass(slots=True)
class Choice:
    """What of a page is on show; the same for all tracks."""

    by_category: bool = False
    group: int = 0
    only: str = ""
    only_staged: bool = False
    experts: bool = False

    @property
    def groups(self) -> tuple[Tab | Category | None, ...]:
        """All groups; `None` is everything."""
        return (None, *(Category if self.by_category else Tab))

    def words(self) -> tuple[str, ...]:
        """Their names."""
        kind = "category" if self.by_category else "tab"
        return tuple(say("regs-all" if one is None else f"regs-{kind}-{one}") for one in self.groups)

    def has(self, one: RegisterValue) -> bool:
        """Whether a parameter belongs to the group on show."""
        group = self.groups[self.group]
        return group is None or group in (one.register.tab, one.register.category)


def chosen_lines(draft: Draft, choice: Choice) -> tuple[tuple[Line, ...], int]:
    """The rows on show, and how many more there are for experts only."""
    rows = draft.page.rows if draft.page is not None else ()
    found = [one for one in rows if choice.has(one) and matches(one, choice.only)]
    lines = [draft.line(one) for one in found]
    if choice.only_staged:
        return tuple(line for line in lines if line.is_staged), 0
    shown = [line for line in lines if choice.experts or line.is_staged or not _is_hidden(line)]
    return tuple(shown), len(lines) - len(shown)


def _is_hidden(line: Line) -> bool:
    return line.row.register.danger is Danger.EXPERT


def matches(one: RegisterValue, only: str) -> bool:
    """Every word of the filter is in its name, its number, its unit or its key."""
    register = one.register
    hay = f"{name_words(one.key)} {register.key} 0x{register.number:x} {register.address} {register.unit}"
    return all(word in hay.casefold() for word in only.casefold().split())


def this_person() -> str:
    """Who sits here, for the log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""


def this_screen(is_kiosk: bool) -> str:
    """Which screen this is, for the log and the lease: its kind and its process."""
    kinds = (("kiosk", is_kiosk), ("web", "WebDriver" in os.environ.get("TEXTUAL_DRIVER", "")))
    remote: Sequence[tuple[str, bool]] = (*kinds, ("ssh", "SSH_CONNECTION" in os.environ))
    kind = next((name for name, is_it in remote if is_it), "terminal")
    return f"{kind}-{os.getpid()}"
