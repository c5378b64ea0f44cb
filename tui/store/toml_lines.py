"""In which line of a TOML file a key stands; the parser of the standard library does not say."""

import re

_PART = r"""(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")


def line_of(text: str, path: tuple[str, ...]) -> int:
    """The line, from 1, of a key or table; of the longest part of its path that is found. At least 1."""
    best, best_line = 0, 1
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _HEADER.match(line):
            table = here = _parts(match[1])
        elif match := _KEY.match(line):
            here = table + _parts(match[1])
        else:
            continue
        shared = _shared(here, path)
        if len(here) >= shared > best and (len(here) <= len(path) or shared == len(path)):
            best, best_line = shared, number
    return best_line


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
