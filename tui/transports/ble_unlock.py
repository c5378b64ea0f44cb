"""Passwords of JBD radio modules: frames `FF AA`. Pure. Source: JBD protocol document, section 4.1."""

from collections.abc import Callable
from enum import Enum, auto

APPLICATION_KEY = b"000000"
VENDOR_KEY = bytes.fromhex("4a4244627470776421402332303233")
APPLICATION, RANDOM, PASSWORD, VENDOR = 0x15, 0x17, 0x18, 0x1D
ACCEPTED, OPEN = b"\0", b"\2"
PASSWORD_CHARACTERS = 6

Ask = Callable[[bytes, int], bytes | None]  # a request and its command; the data of the answer


class Outcome(Enum):
    """What the module made of the password."""

    UNLOCKED = auto()  # or there is no lock
    WANTS_PAIRING = auto()
    REFUSED = auto()
    SILENT = auto()  # it has a lock and stopped answering half way


def give_password(ask: Ask, address: str, secret: str) -> Outcome:
    """The handshake. One attempt: a refused password is never tried again or varied."""
    answer = ask(frame(APPLICATION, APPLICATION_KEY), APPLICATION)
    if answer is None or answer[:1] == OPEN:
        return Outcome.UNLOCKED  # modules without a lock ignore the question
    if answer == APPLICATION_KEY:
        return Outcome.WANTS_PAIRING  # and some repeat everything until they are paired
    if answer[:1] != ACCEPTED or not is_password(secret):
        return Outcome.REFUSED
    random = ask(frame(RANDOM), RANDOM)
    if not random:
        return Outcome.SILENT
    result = ask(password_frame(address, secret, random[0]), PASSWORD)
    if result is None:
        return Outcome.SILENT
    if result[:1] != ACCEPTED:
        return Outcome.REFUSED
    # Without this step some modules carry reading only; one that does not know it keeps silent.
    ask(vendor_frame(address, random[0]), VENDOR)
    return Outcome.UNLOCKED


def is_locked(ask: Ask) -> bool:
    """True when the module says that it waits for a password."""
    answer = ask(frame(APPLICATION, APPLICATION_KEY), APPLICATION)
    return answer is not None and answer[:1] == ACCEPTED


def frame(command: int, data: bytes = b"") -> bytes:
    """`FF AA command n data sum`."""
    body = bytes((command, len(data))) + data
    return b"\xff\xaa" + body + bytes((sum(body) & 0xFF,))


def parse(data: bytes, command: int) -> bytes | None:
    """The data of a whole answer to that command anywhere in what came; `None`: there is none."""
    at = data.find(bytes((0xFF, 0xAA, command)))
    if at < 0 or len(data) < at + 5:
        return None
    ends = at + 5 + data[at + 3]
    body = data[at + 2 : ends - 1]
    if len(data) < ends or sum(body) & 0xFF != data[ends - 1]:
        return None
    return data[at + 4 : ends - 1]


def is_password(secret: str) -> bool:
    """True for what the module takes: six ASCII characters."""
    return len(secret) == PASSWORD_CHARACTERS and secret.isascii()


def password_frame(address: str, secret: str, random: int) -> bytes:
    """The user's password, hidden with the address and the module's random byte."""
    return frame(PASSWORD, _hidden(_mac(address), secret.encode("ascii"), random))


def vendor_frame(address: str, random: int) -> bytes:
    """The second step, which some modules want before they carry every command."""
    return frame(VENDOR, _hidden(_mac(address).ljust(len(VENDOR_KEY), b"\0"), VENDOR_KEY, random))


def _hidden(mac: bytes, text: bytes, random: int) -> bytes:
    return bytes(((m ^ t) + random) & 0xFF for m, t in zip(mac, text, strict=True))


def _mac(address: str) -> bytes:
    return bytes.fromhex(address.replace(":", "").replace("-", ""))[:6]
