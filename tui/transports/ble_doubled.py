"""Notices that another program reads the same battery: BlueZ then delivers every chunk once per reader. Pure.

Cell values repeat, so equal chunks alone prove nothing. The first chunk of an answer does: it begins with the
register and the length, and no second chunk of the same answer is equal to it.
"""

CERTAIN = 3  # answers in a row
HEAD = 0xDD


class Doubled:
    """Told of each request and each chunk in order."""

    def __init__(self) -> None:
        self._first: bytes | None = None
        self._chunks = 0
        self._in_a_row = 0

    @property
    def is_certain(self) -> bool:
        """True when several answers in a row came doubled."""
        return self._in_a_row >= CERTAIN

    def asked(self) -> None:
        """A request goes out: the next chunk is the first of an answer."""
        self._first, self._chunks = None, 0

    def came(self, chunk: bytes) -> None:
        """A chunk arrived."""
        self._chunks += 1
        if self._chunks == 1:
            self._first = chunk
        elif self._chunks == 2:
            is_double = chunk == self._first and chunk[:1] == bytes((HEAD,))
            self._in_a_row = self._in_a_row + 1 if is_double else 0
