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
        self._is_compared = False
        self._in_a_row = 0

    @property
    def is_certain(self) -> bool:
        """True when several answers in a row came doubled."""
        return self._in_a_row >= CERTAIN

    def asked(self) -> None:
        """A request goes out: an answer begins anew."""
        self._first, self._is_compared = None, False

    def came(self, chunk: bytes) -> None:
        """A chunk arrived. What is left of an older answer does not begin like one."""
        if self._first is None:
            self._first = chunk if chunk[:1] == bytes((HEAD,)) else None
        elif not self._is_compared:
            self._is_compared = True
            self._in_a_row = self._in_a_row + 1 if chunk == self._first else 0
