"""What is kept of registers: images, presets, documents, and the log of every change."""

from dataclasses import dataclass, field

from tui.model.link import Cause
from tui.model.register import Device, Image, Words


@dataclass(frozen=True, slots=True)
class Backup:
    """An image that was kept. `reason`: `before-write`, `asked`. `counters` are lost when a board saves."""

    id: str
    track: str
    at_ms: int
    device: Device
    words: Words = ()
    reason: str = "asked"
    note: str = ""
    counters: tuple[tuple[str, int], ...] = ()

    @property
    def image(self) -> Image:
        """Register number to bytes."""
        return {number: bytes.fromhex(text) for number, text in self.words}


@dataclass(frozen=True, slots=True)
class PresetInfo:
    """A set of values by name. `cells` and `current_a` of a board; 0 where it does not say."""

    name: str
    family: str
    cells: int = 0
    current_a: float = 0.0
    registers: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A file to be saved by whoever asked for it."""

    name: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangeLogEntry:
    """One register that was written, or one command. Old and new are values in the unit of the register."""

    at_ms: int
    track: str
    who: str
    screen: str
    key: str  # of the parameter; of a command its name
    number: int | None
    old: str
    new: str
    result: str  # "written", "refused", "undone", "differs", "unknown", "obeyed"
    plan: str = ""
    cause: Cause | None = None
