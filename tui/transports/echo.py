"""Takes our own bytes out of what a half-duplex adapter hears."""


class EchoFilter:
    """Removes bytes equal to what was just sent, and only directly after sending.

    Some RS-485 and one-wire adapters hear themselves. Bytes that look like the beginning of an echo are held
    until it is complete (gone) or differs (given back).
    """

    def __init__(self) -> None:
        self._expected = b""
        self._held = b""

    def sent(self, data: bytes) -> None:
        """These bytes went out now; an echo of earlier ones is no longer expected."""
        self._expected = data

    def heard(self, data: bytes) -> bytes:
        """What is left of received bytes."""
        if not self._expected or not data:
            return data
        together = self._held + data
        if together.startswith(self._expected):
            rest = together[len(self._expected) :]
            self.forget()
            return rest
        if self._expected.startswith(together):
            self._held = together
            return b""
        self.forget()
        return together

    def given_back(self) -> bytes:
        """Nothing more came: what was held was no echo."""
        held = self._held
        if held:
            self.forget()
        return held

    def forget(self) -> None:
        """Expect no echo."""
        self._expected = self._held = b""
