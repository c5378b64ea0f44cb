"""Parameters of a battery's electronics: what they are, and what one device holds of them.

A `Register` is one parameter as a person edits it; several of them may share one register of the device, of
which each then owns some bits. What a device holds is an image: register number to bytes, written as
hexadecimal text. A comparison, a backup and a plan work on images, so that nothing is lost in translation.
"""

from dataclasses import dataclass
from enum import StrEnum

from tui.model.link import Cause

Value = int | float | str
Image = dict[int, bytes]  # what a device holds
Words = tuple[tuple[int, str], ...]  # the same, frozen: number and hexadecimal bytes


class Category(StrEnum):
    """What a parameter is about (row CL-28)."""

    SYSTEM = "system"
    BATTERY = "battery"
    PROTECTION = "protection"
    COMMUNICATION = "communication"
    CALIBRATION = "calibration"


class Tab(StrEnum):
    """Where an editor shows it (row CL-47)."""

    SETTINGS = "settings"
    SAFETY = "safety"
    PERIPHERALS = "peripherals"
    MAINTENANCE = "maintenance"


class Kind(StrEnum):
    """What its value is."""

    NUMBER = "number"
    CHOICE = "choice"  # one of `choices`; the value is the number of the choice
    FLAG = "flag"  # 0 or 1
    TEXT = "text"
    DATE = "date"  # "2022-03-28", or "" for a device that has none


class Access(StrEnum):
    """What can be done with it."""

    READ = "read"
    WRITE = "write"  # and read
    COMMAND = "command"  # never part of a plan: it cannot be read back, a command sets it


class Danger(StrEnum):
    """What a wrong value does. Each names the sentence `danger-<danger>`."""

    NONE = "none"
    HARMFUL = "harmful"  # can damage the pack or switch a protection off
    EXPERT = "expert"  # hidden until asked for


class Coding(StrEnum):
    """How the number lies in the device, beyond `shift`, `bits`, `scale` and `offset`."""

    PLAIN = "plain"
    SIGNED = "signed"
    SHUNT = "shunt"  # JBD 2C: 0.1 mΩ; with the highest bit set 0.01 mΩ
    TEXT = "text"  # a length byte and ASCII
    DATE = "date"  # JBD: seven bits of years since 2000, four of months, five of days


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice. With a `key` it is said by the sentence `choice-<key>`, else by its text."""

    value: int
    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """One parameter. Its name is the sentence `reg-<key>`, its help `reg-<key>-help` where there is one.

    value = (raw + `offset`) / `scale`; a negative scale tells a device that stores the negative of it. `low`
    and `high` are in the unit. `bits` of 0 means all of its data. `needs_firmware` is compared with the
    firmware byte of a JBD board.
    """

    key: str
    number: int
    kind: Kind = Kind.NUMBER
    category: Category = Category.SYSTEM
    tab: Tab = Tab.SETTINGS
    unit: str = ""
    scale: int = 1
    offset: int = 0
    low: float | None = None
    high: float | None = None
    choices: tuple[Choice, ...] = ()
    access: Access = Access.WRITE
    danger: Danger = Danger.NONE
    shift: int = 0
    bits: int = 0
    size: int = 2  # bytes in the device; of a text the longest, its length byte included
    coding: Coding = Coding.PLAIN
    default: Value | None = None
    is_current: bool = False  # in tenths instead of hundredths when the unit flag of a JBD board is set
    tool_key: str = ""  # its name in the files of the JBD desktop tools
    restarts: bool = False  # a change restarts the device
    is_hex: bool = True  # its number is written so in the documents of its family

    @property
    def sentence(self) -> str:
        """The key of its name."""
        return "reg-" + self.key.replace("_", "-")

    @property
    def decimals(self) -> int:
        """Digits behind the point that its steps need."""
        return max(0, len(str(abs(self.scale))) - 1)

    @property
    def address(self) -> str:
        """Its number as the documents write it: hexadecimal for JBD, decimal for TinyBMS."""
        return f"{self.number:02X}" if self.is_hex else str(self.number)


@dataclass(frozen=True, slots=True)
class RegisterValue:
    """A parameter as it is now. `low` and `high` follow the other fields; `bound_by` names those by key.

    `raw` is the data of its whole register, hexadecimal. `absent`: this device does not have it.
    """

    register: Register
    value: Value | None = None
    raw: str = ""
    low: float | None = None
    high: float | None = None
    bound_by: tuple[str, ...] = ()
    absent: bool = False
    cause: Cause | None = None  # why there is no value

    @property
    def key(self) -> str:
        """Of its register."""
        return self.register.key


@dataclass(frozen=True, slots=True)
class Device:
    """Whose image it is. What is not known is empty."""

    family: str = ""  # "jbd" or "tinybms"
    model: str = ""
    firmware: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class CommandForm:
    """A command this device knows. Its name is the sentence `regcommand-<name>`, what it does `…-help`.

    `choices` or the bounds say what its value may be; without either it has none.
    """

    name: str
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    low: float | None = None
    high: float | None = None
    danger: Danger = Danger.NONE


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """All parameters of one track, in the order of the table. `digest` names exactly this image."""

    track: str
    device: Device = Device()
    read_ms: int | None = None
    rows: tuple[RegisterValue, ...] = ()
    commands: tuple[CommandForm, ...] = ()
    digest: str = ""

    def row(self, key: str) -> RegisterValue | None:
        """The parameter of that key."""
        return next((row for row in self.rows if row.key == key), None)
