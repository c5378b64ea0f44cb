"""A battery on the radio as a wire: a GATT connection that looks like a stream of bytes."""

import logging
import threading
import time
from collections.abc import Callable

from tui.model.device import DeviceKind
from tui.model.link import Cause
from tui.transports import ble_unlock as unlock
from tui.transports.ble_causes import Place
from tui.transports.ble_doubled import Doubled
from tui.transports.ble_kinds import kind_of
from tui.transports.ble_link import EVERYBODYS, Characteristic, GattLink, services_said
from tui.transports.radio import RadioLoop
from tui.transports.transport import WireError

log = logging.getLogger(__name__)

PIECE_BYTES = 20  # what a link with the smallest MTU carries; JBD modules refuse a larger one
SETTLE_S = 0.4  # JBD protocol document: the first request soon after subscribing is never answered
GATT_S = 5.0  # one call; an unanswered one ends the link after 30 s
MODULE_S = 0.6  # the module itself answers within 60 ms
LEAVE_S = 3.0
ASK_AFTER_SILENT = 6  # unanswered requests, after which the module is asked whether it is locked
BOARDS = (("ff00", "ff01", "ff02"), ("fff0", "fff1", "fff2"))  # service, notifies, is written


class BleTransport:
    """One battery; used by one thread, `close` and `presence` by any.

    `secret` is the password of the module or its pairing passkey, whichever it asks for; it reaches no log.
    `timeout_s` is for one connect (row S0-12). Two tracks with one address are refused.
    """

    def __init__(
        self,
        radio: RadioLoop,
        address: str,
        *,
        adapter: str = "",
        timeout_s: float = 15.0,
        secret: str = "",
        settle_s: float = SETTLE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address = address.upper()
        self._radio, self._adapter, self._timeout_s = radio, adapter, timeout_s
        self._secret, self._settle_s, self._clock = secret, settle_s, clock
        self._place = Place(self.address, adapter, timeout_s)
        self._link: GattLink | None = None
        self._owner: threading.Thread | None = None  # who opened; numbers of threads are given out again
        self._ending: Callable[[], None] | None = None  # waits for the end of the link before
        self._writes: Characteristic | None = None
        self._inbox = bytearray()
        self._arrived = threading.Condition()
        self._lost = self._closing = False
        self._unanswered = 0  # requests since the last byte
        self._asked_lock = False
        self._newest_request = b""
        self._doubled = Doubled()

    def __repr__(self) -> str:
        return f"BleTransport({self.address!r})"

    # the face of every wire

    def open(self) -> None:
        """Find, connect, subscribe and unlock. Blocks. Raises WireError with the reason."""
        self._owner = threading.current_thread()
        self.close()
        if self._ending is not None:
            self._ending()
        self._closing = False
        try:
            self._connect_checked()
            self._wait(self._settle_s)
            if self._secret:
                self._unlock()
        except BaseException:
            self._let_go()
            raise

    def read(self, timeout_s: float) -> bytes:
        """Bytes as they come; empty when none came in time or the wire was closed meanwhile."""
        with self._arrived:
            if not self._inbox and not self._lost and not self._closing:
                self._arrived.wait(timeout_s)
            data = bytes(self._inbox)
            self._inbox.clear()
            doubled = self._doubled.is_certain
            lost = self._lost and not self._closing
        if doubled:
            raise self._place.error("ble-duplicated")
        if data:
            self._judge_answer(data)
            return data
        if lost:
            raise self._place.error("ble-lost")
        return b""

    def write(self, data: bytes) -> None:
        """Send all of it, in pieces."""
        if self._unanswered >= ASK_AFTER_SILENT and not self._asked_lock:
            self._ask_whether_locked()
        self._unanswered += 1
        self._newest_request = data
        with self._arrived:
            self._doubled.asked()
        self._send(data)

    def close(self) -> None:
        """Unsubscribe, disconnect, and unblock a waiting `read` or `open`. Safe to call twice."""
        with self._arrived:
            self._closing = True
            self._arrived.notify_all()
        self._radio.abandon(self.address)
        # The end of a link takes BlueZ two seconds: only the thread of the link itself has that time.
        self._let_go(waits=threading.current_thread() is self._owner)

    def presence(self) -> str | None:
        """Changes when the battery comes into sight again; `None`: out of sight."""
        return self._radio.presence(self.address)

    # connecting

    def _connect_checked(self) -> None:
        """Connect and find the two characteristics. BlueZ sometimes tells of them too late, or remembers
        wrongly: then once more, with everything it knew of the device removed."""
        for forget in (False, True):
            self._connect(forget)
            assert self._link is not None
            if found := _board_of(self._link):
                notifies, self._writes = found
                self._subscribe(notifies)
                return
            missing = self._what_it_is(self._link)
            self._let_go()
            log.info("%s: %s", self.address, missing.key)
        raise WireError(missing)

    def _connect(self, forget: bool, passkey: int | None = None) -> None:
        with self._arrived:
            self._inbox.clear()
            self._lost = self._asked_lock = False
            self._unanswered = 0
            self._doubled = Doubled()
        self._link = self._radio.connect(
            self.address,
            adapter=self._adapter,
            timeout_s=self._timeout_s,
            on_data=self._on_data,
            on_lost=self._on_lost,
            forget=forget,
            passkey=passkey,
        )

    def _subscribe(self, notifies: Characteristic) -> None:
        assert self._link is not None
        try:
            self._link.notify(notifies, GATT_S)
        except WireError as error:
            if error.cause.key != "ble-needs-pairing" or not self._secret:
                raise
            self._pair()

    def _pair(self) -> None:
        """The radio wants a passkey before it gives anything out."""
        if not (self._secret.isdigit() and int(self._secret) <= 999_999):
            raise self._place.error("ble-wrong-secret")
        self._let_go()
        self._connect(False, int(self._secret))
        assert self._link is not None
        found = _board_of(self._link)
        if found is None:
            raise self._place.error("ble-services-missing")
        notifies, self._writes = found
        self._link.notify(notifies, GATT_S)

    def _what_it_is(self, link: GattLink) -> Cause:
        has_board = any(service in link.services for service, _, _ in BOARDS)
        if has_board or not set(link.services) - EVERYBODYS:
            return self._place.cause("ble-services-missing")
        kind = kind_of(link.name, link.services, self.address)
        known = kind is DeviceKind.JBD
        return self._place.cause(
            "ble-not-a-battery",
            name=link.name or self.address,
            services=services_said(link.services),
            kind="unknown" if known else kind.value,
        )

    # locks

    def _unlock(self) -> None:
        """Give the password to a module that wants one; pair with one that wants that."""
        outcome = unlock.give_password(self._module, self.address, self._secret)
        if outcome is unlock.Outcome.WANTS_PAIRING:
            self._pair()
            self._wait(self._settle_s)
        elif outcome is unlock.Outcome.REFUSED:
            raise self._place.error("ble-wrong-secret")
        elif outcome is unlock.Outcome.SILENT:
            raise self._place.error("ble-locked")

    def _ask_whether_locked(self) -> None:
        """Locked modules keep silent. Asked once per connection; never with a guessed password."""
        self._asked_lock = True
        if unlock.is_locked(self._module):
            raise self._place.error("ble-locked")

    def _module(self, request: bytes, command: int) -> bytes | None:
        """Ask the radio module; `None`: no answer."""
        with self._arrived:
            self._inbox.clear()
        self._send(request)
        ends_s = self._clock() + MODULE_S
        with self._arrived:
            while True:
                if (answer := unlock.parse(bytes(self._inbox), command)) is not None:
                    self._inbox.clear()
                    return answer
                left_s = ends_s - self._clock()
                if left_s <= 0 or self._lost or self._closing:
                    return None
                self._arrived.wait(left_s)

    def _judge_answer(self, data: bytes) -> None:
        self._unanswered = 0
        if data == self._newest_request:
            raise self._place.error(
                "ble-needs-pairing"
            )  # modules repeat what they hear until they are paired

    # the wire

    def _send(self, data: bytes) -> None:
        link, writes = self._link, self._writes
        if link is None or writes is None or self._closing:
            raise self._place.error("ble-closed")
        response = "write-without-response" not in writes.properties
        for at in range(0, len(data), PIECE_BYTES):
            link.write(writes, data[at : at + PIECE_BYTES], response, GATT_S)

    def _on_data(self, data: bytes) -> None:
        with self._arrived:
            self._doubled.came(data)
            self._inbox += data
            self._arrived.notify_all()

    def _on_lost(self) -> None:
        with self._arrived:
            self._lost = True
            self._arrived.notify_all()

    def _wait(self, seconds: float) -> None:
        with self._arrived:
            self._arrived.wait_for(lambda: self._closing or self._lost, seconds)
            if self._lost:
                raise self._place.error("ble-lost")

    def _let_go(self, waits: bool = True) -> None:
        link, self._link = self._link, None
        self._writes = None
        if link is not None:
            self._ending = link.begin_disconnect(LEAVE_S)
            if waits:
                self._ending()


def _board_of(link: GattLink) -> tuple[Characteristic, Characteristic] | None:
    """What notifies and what is written, when both are there."""
    for service, notifies, writes in BOARDS:
        from_board, to_board = link.find(service, notifies), link.find(service, writes)
        if from_board is not None and to_board is not None:
            return from_board, to_board
    return None
