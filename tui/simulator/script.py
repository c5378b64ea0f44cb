"""`[[sim.script]]`: what happens to a simulation, and when."""

import difflib
import tomllib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tui.model.link import Cause
from tui.model.simulation import ClearFault, Connection, InjectFault, Mode, SetSimulation, Stage
from tui.simulator.faults import amount_of, kind_of
from tui.transports.transport import WireError

ALL = "all"
Asked = InjectFault | ClearFault | SetSimulation


class ScriptError(WireError):
    """A script cannot be played. Carries the cause in words."""


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One moment. `at_s` is on the clock of the simulation: seconds on the wall at speed 1."""

    at_s: float
    fault: str = ""
    clear: str = ""  # a fault, or "all"
    pack: str = ""
    where: int = 0
    amount: float | None = None
    for_s: float | None = None
    mode: Mode | None = None
    speed: float | None = None
    profile: str | None = None
    stage: Stage | None = None
    connection: Connection | None = None
    packs: int | None = None

    def requests(self) -> list[Asked]:
        """What is asked of the simulation at that moment, in order."""
        out: list[Asked] = []
        changes = (self.mode, self.speed, self.profile, self.stage, self.connection, self.packs)
        if any(change is not None for change in changes):
            out.append(SetSimulation(*changes, pack=self.pack))
        if self.clear:
            out.append(ClearFault("" if self.clear == ALL else self.clear, self.pack, self.where))
        if self.fault:
            out.append(InjectFault(self.fault, self.pack, self.where, self.amount, self.for_s))
        return out


def read_script(path: Path) -> tuple[Entry, ...]:
    """The entries of a file. ScriptError names the entry that cannot be played."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ScriptError(Cause("script-unreadable", (("path", str(path)), ("error", why)))) from None
    return parse(text, str(path))


def parse(text: str, file: str = "") -> tuple[Entry, ...]:
    """The entries of a text, checked. ScriptError."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScriptError(Cause("script-syntax", (("file", file), ("error", str(error))))) from None
    table = said.get("sim", {})
    entries = table.get("script", []) if isinstance(table, dict) else []
    if not isinstance(entries, list) or not entries:
        raise ScriptError(Cause("script-empty", (("file", file),)))
    return entries_of(entries, file)


def entries_of(entries: list[Any], file: str = "") -> tuple[Entry, ...]:
    """The same from tables that were read elsewhere."""
    out: list[Entry] = []
    for number, table in enumerate(entries, 1):
        _refuse_unknown(table, number, file)
        try:
            entry = msgspec.convert(table, Entry)
            if entry.fault:
                amount_of(kind_of(entry.fault), entry.amount)
            if entry.clear and entry.clear != ALL:
                kind_of(entry.clear)
        except msgspec.ValidationError as error:
            args = (("file", file), ("number", str(number)), ("error", str(error)))
            raise ScriptError(Cause("script-value", args)) from None
        if entry.at_s < (out[-1].at_s if out else 0.0):
            before = f"{out[-1].at_s:g}" if out else "0"
            when = (("at", f"{entry.at_s:g}"), ("before", before))
            raise ScriptError(Cause("script-order", (("file", file), ("number", str(number)), *when)))
        if not entry.requests():
            raise ScriptError(Cause("script-nothing", (("file", file), ("number", str(number)))))
        out.append(entry)
    return tuple(out)


def _refuse_unknown(table: Any, number: int, file: str) -> None:
    known = Entry.__struct_fields__
    for key in table if isinstance(table, dict) else ():
        if key not in known:
            near = "".join(difflib.get_close_matches(key, known, 1, 0.4))
            place = (("file", file), ("number", str(number)), ("key", key), ("near", near))
            raise ScriptError(Cause("script-key", (*place, ("keys", ", ".join(known)))))
