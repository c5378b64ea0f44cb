"""A battery of another make as a wire: what is written asks the library, what is read is its answer."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.transports import other_makes
from tui.transports.ble_causes import Place
from tui.transports.ble_connect import Wish
from tui.transports.other_bms_link import OtherLink, connect
from tui.transports.transport import WireError

if TYPE_CHECKING:
    from tui.transports.radio import RadioLoop

ASK_S = 25.0  # one update; the library tries each of its questions for up to 10 s
LEAVE_S = 3.0
VALUES = b'{"ask":"values"}\n'
IDENTITY = b'{"ask":"identity"}\n'
KEYS = {VALUES: "values", IDENTITY: "identity"}


class OtherBmsTransport:
    """One battery; used by one thread, `close` and `presence` by any. Nothing is ever changed in it.

    Each answer is one line of JSON: `make`, and what the library gave as `values`, `identity` or `error`.
    `secret` is what the make itself asks for, or the pairing passkey; it reaches no log.
    """

    def __init__(
        self,
        radio: "RadioLoop",
        address: str,
        *,
        adapter: str = "",
        timeout_s: float = 15.0,
        secret: str = "",
        ask_s: float = ASK_S,
    ) -> None:
        self.address = address.upper()
        self._radio, self._secret, self._ask_s = radio, secret, ask_s
        self._place = Place(self.address, adapter, timeout_s)
        self._link: OtherLink | None = None
        self._owner: threading.Thread | None = None  # who opened; numbers of threads are given out again
        self._ending: Callable[[], None] | None = None  # waits for the end of the link before
        self._arrived = threading.Condition()
        self._inbox: list[bytes] = []
        self._broken: WireError | None = None
        self._closing = False

    def __repr__(self) -> str:
        return f"OtherBmsTransport({self.address!r})"

    def open(self) -> None:
        """Find, recognise the make, connect. Blocks. Raises WireError, also when the library is not here."""
        other_makes.require()
        self._owner = threading.current_thread()
        self.close()
        if self._ending is not None:
            self._ending()
        with self._arrived:
            self._inbox.clear()
            self._broken, self._closing = None, False
        try:
            self._link = self._connect(None)
        except WireError as error:
            if error.cause.key != "ble-needs-pairing" or not self._secret:
                raise
            self._link = self._connect(self._passkey())

    def read(self, timeout_s: float) -> bytes:
        """One record, whole; empty when none came in time or the wire was closed meanwhile."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._inbox or self._broken or self._closing, timeout_s)
            if self._inbox:
                return self._inbox.pop(0)
            link, broken, closing = self._link, self._broken, self._closing
        if closing or link is None:
            return b""
        if broken is not None:
            raise broken
        if not link.is_connected:  # the library tells nobody
            raise self._place.error("ble-lost")
        return b""

    def write(self, data: bytes) -> None:
        """Ask for VALUES or IDENTITY; other makes understand nothing else."""
        link = self._link
        if link is None or self._closing:
            raise self._place.error("ble-closed")
        link.ask(KEYS[data], self._ask_s, lambda said: self._on_said(link, said))

    def close(self) -> None:
        """Disconnect, and unblock a waiting `read` or `open`. Safe to call twice."""
        with self._arrived:
            self._closing = True
            self._arrived.notify_all()
        self._radio.abandon(self.address)
        link, self._link = self._link, None
        if link is not None:
            self._ending = link.begin_disconnect(LEAVE_S)
            if threading.current_thread() is self._owner:  # only the thread of the link has the two seconds
                self._ending()

    def presence(self) -> str | None:
        """Changes when the battery comes into sight again; `None`: out of sight."""
        return self._radio.presence(self.address)

    def _connect(self, passkey: int | None) -> OtherLink:
        wish = Wish(self._place, lambda data: None, lambda: None, passkey=passkey)
        secret = self._secret if passkey is None else ""
        return self._radio.connect_as(self.address, lambda station: connect(station, wish, secret))

    def _passkey(self) -> int:
        if not (self._secret.isdigit() and int(self._secret) <= 999_999):
            raise self._place.error("ble-wrong-secret")
        return int(self._secret)

    def _on_said(self, link: OtherLink, said: bytes | WireError) -> None:
        """In the radio's thread. What comes from a link before belongs to nobody."""
        with self._arrived:
            if link is not self._link:
                return
            if isinstance(said, WireError):
                self._broken = said
            else:
                self._inbox.append(said)
            self._arrived.notify_all()
