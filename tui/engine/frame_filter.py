"""What a person types to see some frames only: `351`, `370-382`, `name~limit`, `!305`, `rx`, `err`. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tui.model.frame import Direction, Trust

_HEX = re.compile(r"(?:0x)?([0-9a-f]{1,8})", re.IGNORECASE)
_RANGE = re.compile(r"(?:0x)?([0-9a-f]{1,8})-(?:0x)?([0-9a-f]{1,8})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """The parts of a frame that a filter looks at."""

    key: str
    direction: Direction
    name: str
    text: str
    data: bytes
    trust: Trust


Test = Callable[[Seen], bool]


def conditions_of(words: str) -> list[Test]:
    """One test for each word; a frame is shown when all hold. Any text is a filter: nothing is refused."""
    return [_test(word) for word in words.split()]


def passes(seen: Seen, tests: list[Test]) -> bool:
    """True when all tests hold."""
    return all(test(seen) for test in tests)


def _test(word: str) -> Test:
    if word.startswith("!") and len(word) > 1:
        inner = _test(word[1:])
        return lambda seen: not inner(seen)
    lower = word.casefold()
    if lower in ("rx", "tx"):
        return lambda seen: seen.direction.value.casefold() == lower
    if lower == "err":
        return lambda seen: seen.trust is Trust.BAD
    if lower.startswith("name~"):
        return lambda seen: lower[5:] in seen.name.casefold()
    if match := _RANGE.fullmatch(word):
        low, high = int(match[1], 16), int(match[2], 16)
        return lambda seen: low <= _number(seen.key) <= high
    return _word(lower)


def _word(lower: str) -> Test:
    """A number is an identifier; whatever it is, it may also be a part of the text or of the bytes."""
    match = _HEX.fullmatch(lower)
    number = int(match[1], 16) if match else -1
    explicit = lower.startswith("0x") or lower.isdecimal()

    def test(seen: Seen) -> bool:
        if number >= 0 and _number(seen.key) == number:
            return True
        if explicit and match and len(match[1]) <= len(seen.key):
            return False
        return lower in seen.name.casefold() or lower in seen.text.casefold() or lower in seen.data.hex()

    return test


def _number(key: str) -> int:
    try:
        return int(key, 16)
    except ValueError:
        return -1
