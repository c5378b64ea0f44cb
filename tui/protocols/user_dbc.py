"""A user's own DBC file: names and values for frames that this program does not know.

Read with cantools, which is imported only when somebody has such a file.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.model.can import EXTENDED, CanFrame, id_words
from tui.model.frame import Trust
from tui.protocols.protocol import Explained

if TYPE_CHECKING:
    from cantools.database import Message
    from cantools.database.can.signal import Signal

_SYNTAX = re.compile(r"^Invalid syntax at line (\d+), column \d+: \"(.*)\"$", re.DOTALL)
_IN_MESSAGE = re.compile(r"in message (\S+)$")
FLOAT_DIGITS = 7  # what a 32-bit number holds


class DbcError(Exception):
    """The file cannot be used. `line` counts from 1, `None` where it is not known; `reason` says why."""

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.line, self.reason = line, reason


class UserDbc:
    """The messages of one file by identifier and format. A `str` with a line break is the text, else a path.

    DbcError when it cannot be read. A file with contradictions that else can be used (signals that overlap
    or reach beyond their message, an identifier used twice) is used, and `complaints` tells each of them.
    """

    def __init__(self, text_or_path: str | Path) -> None:
        text = _text(text_or_path)
        self.complaints: tuple[DbcError, ...] = ()
        self._messages: dict[int, Message] = {}
        for message in self._load(text):
            key = message.frame_id | (EXTENDED if message.is_extended_frame else 0)
            if key in self._messages:
                reason = f"{message.name} has the identifier of {self._messages[key].name}, {id_words(key)}"
                self.complaints += (DbcError(_line_of(text, message.name), reason),)
            else:
                self._messages[key] = message

    def __contains__(self, can_id: int) -> bool:
        return can_id in self._messages

    def __len__(self) -> int:
        return len(self._messages)

    def explain(self, frame: CanFrame) -> Explained | None:
        """Its signals by name, with units; `None` when the file does not have it. Never raises.

        A frame may be shorter than the file says: signals that were not sent are missing.
        """
        message = self._messages.get(frame.can_id)
        if message is None:
            return None
        key = id_words(frame.can_id)
        try:
            values = message.decode(frame.data, allow_truncated=True)
        except Exception as error:  # cantools raises many kinds, and the file may be anything
            return Explained(key, message.name, (("error", str(error)),), Trust.BAD)
        if not isinstance(values, dict):
            return Explained(key, message.name, (), Trust.BAD)
        signals = {signal.name: signal for signal in message.signals}
        fields = tuple(
            (name, _words(value, signals[name])) for name, value in values.items() if name in signals
        )
        return Explained(key, message.name, fields, Trust.GOOD if fields or not signals else Trust.BAD)

    def _load(self, text: str) -> "list[Message]":
        """Strictly; a contradiction becomes a complaint and is then tolerated, a wrong syntax is not."""
        from cantools.database.can.formats import dbc

        if not text.strip():
            raise DbcError(None, "the file is empty")
        try:
            return list(dbc.load_string(text).messages)
        except Exception as error:  # its reader raises many kinds, some of another package
            complaint = _complaint(text, error)
        try:
            messages = list(dbc.load_string(text, strict=False).messages)
        except Exception as error:
            raise _complaint(text, error) from error
        self.complaints += (complaint,)
        return messages


def _text(text_or_path: str | Path) -> str:
    if isinstance(text_or_path, str) and ("\n" in text_or_path or not text_or_path):
        return text_or_path
    try:
        raw = Path(text_or_path).read_bytes()
    except (OSError, ValueError) as error:
        raise DbcError(None, getattr(error, "strerror", None) or str(error)) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")  # what most editors of such files write


def _complaint(text: str, error: Exception) -> DbcError:
    """What the reader says, with the line it means."""
    said = str(error).rstrip(".") or type(error).__name__
    syntax = _SYNTAX.match(said)
    if syntax is not None:
        before, _, after = syntax[2].partition(">>!<<")
        where = f'at "{after.strip()}"' if after.strip() else f'after "{before.strip()}"'
        return DbcError(int(syntax[1]), f"cannot be read {where}")
    found = _IN_MESSAGE.search(said)
    return DbcError(_line_of(text, found[1]) if found else None, " ".join(said.split()))


def _line_of(text: str, message: str) -> int | None:
    """Where a message is declared, the last time if twice."""
    declared = re.compile(rf"\s*BO_\s+\d+\s+{re.escape(message)}\s*:")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if declared.match(line)]
    return lines[-1] if lines else None


def _words(value: Any, signal: "Signal") -> str:
    """A value without binary noise, and its unit. A named value is its name."""
    if isinstance(value, bool | int):
        number = str(int(value))
    elif isinstance(value, float):
        number = _number(value, signal)
    else:
        return str(value)
    return f"{number} {signal.unit}" if signal.unit else number


def _number(value: float, signal: "Signal") -> str:
    if signal.is_float:
        return f"{value:.{FLOAT_DIGITS}g}"
    return str(round(value, max(_digits(signal.scale), _digits(signal.offset))))


def _digits(step: float) -> int:
    """Digits behind the point that a step needs: 1 for 0.1, none for 5."""
    exponent = Decimal(repr(step)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
