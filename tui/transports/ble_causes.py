"""From what Bluetooth libraries raise to a cause in words. Nothing of bleak leaves these files."""

import getpass
from dataclasses import dataclass

from tui.model.device import RadioState
from tui.model.link import Cause
from tui.transports.transport import WireError

PAIRING_CODES = (0x05, 0x08, 0x0C, 0x0F)  # ATT: authentication, authorization, key size, encryption
IN_PROGRESS = ("In Progress", "Operation already in progress")  # BlueZ 5.82, 5.66
NO_SERVICE = ("ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected", "ChildExited", "ExecFailed")
BUSY_KEY = "ble-busy"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it went wrong; fills the sentences."""

    address: str = ""
    adapter: str = ""
    timeout_s: float = 15.0

    def cause(self, key: str, **more: str) -> Cause:
        """A cause with the arguments its sentence needs."""
        args = {"address": self.address, "adapter": self.adapter, **more}
        return Cause(key, tuple(args.items()))

    def error(self, key: str, **more: str) -> WireError:
        """The same, to raise."""
        return WireError(self.cause(key, **more))


def cause_of(error: BaseException, place: Place) -> Cause:
    """The cause behind any exception of bleak, of the message bus or of asyncio."""
    if isinstance(error, WireError):
        return error.cause
    if isinstance(error, ImportError):
        return place.cause("ble-not-installed")
    if isinstance(error, TimeoutError):
        return place.cause("ble-timeout", seconds=f"{place.timeout_s:g}")
    if (name := dbus_name(error)) is not None:
        return _dbus_cause(name, _text(error), error, place)
    return _other_cause(error, place)


def dbus_name(error: BaseException) -> str | None:
    """The name of the D-Bus error ("org.bluez.Error.Failed"), `None` when it is another error."""
    from_bleak = getattr(error, "dbus_error", None)
    name = from_bleak if from_bleak is not None else getattr(error, "type", None)
    return name if isinstance(name, str) else None


def is_busy(cause: Cause) -> bool:
    """True when something else is using the device or the adapter at this moment."""
    return cause.key == BUSY_KEY


def radio_state_of(cause: Cause) -> RadioState | None:
    """The state of the adapter that this cause proves; `None`: it says nothing about the adapter."""
    return {
        "ble-off": RadioState.OFF,
        "ble-missing": RadioState.MISSING,
        "ble-adapter-missing": RadioState.MISSING,
        "ble-no-service": RadioState.MISSING,
        "ble-not-installed": RadioState.MISSING,
        "ble-adapter-gone": RadioState.MISSING,
        "ble-forbidden": RadioState.FORBIDDEN,
    }.get(cause.key)


def _text(error: BaseException) -> str:
    """What the other side said. bleak puts it second, after the name; dbus-fast alone."""
    words = [word for word in error.args if isinstance(word, str)]
    return words[-1] if words else ""


def _dbus_cause(name: str, text: str, error: BaseException, place: Place) -> Cause:
    last = name.rsplit(".", 1)[-1]
    if last == "InProgress" or text in IN_PROGRESS:
        return place.cause(BUSY_KEY)
    if last in NO_SERVICE or last.startswith("Spawn"):
        return place.cause("ble-no-service")
    if last == "AccessDenied":
        return forbidden(place)
    if last == "NotReady":
        return place.cause("ble-off")
    if last.startswith("Authentication"):
        return place.cause("ble-wrong-secret")
    if last == "NotAuthorized" or text == "Not paired":
        return place.cause("ble-needs-pairing")
    if last == "UnknownObject" or last == "DoesNotExist":
        return place.cause("ble-not-found")
    return _failed_cause(text, error, place)


def _failed_cause(text: str, error: BaseException, place: Place) -> Cause:
    """`org.bluez.Error.Failed`: only the text tells."""
    if text == "Input/output error" or text == "Resource Not Ready":
        return place.cause("ble-adapter-gone")
    if "abort" in text or "Connection refused" in text or "timed out" in text:
        return place.cause("ble-timeout", seconds=f"{place.timeout_s:g}")
    if text == "Not connected":
        return place.cause("ble-lost")
    return place.cause("ble-failed", reason=str(error))


def _other_cause(error: BaseException, place: Place) -> Cause:
    name, text = type(error).__name__, str(error)
    if name == "_StaleError":
        return place.cause("ble-not-found")
    reason = getattr(getattr(error, "reason", None), "name", "")
    code = getattr(error, "code", None)
    if reason:
        return _unavailable_cause(reason, place)
    if isinstance(code, int) and code in PAIRING_CODES:
        return place.cause("ble-needs-pairing")
    if name == "AuthError":
        return forbidden(place)
    if name == "BleakDeviceNotFoundError" or "device '" in text:
        return place.cause("ble-not-found")
    if "adapter '" in text:
        return place.cause("ble-adapter-missing")
    if "disconnected" in text or "Not connected" in text or "Service Discovery" in text:
        return place.cause("ble-lost")
    if isinstance(error, PermissionError):
        return forbidden(place)
    if isinstance(error, OSError | EOFError) or name in ("InvalidAddressError", "DBusError"):
        return place.cause("ble-no-service")
    return place.cause("ble-failed", reason=f"{name}: {text}")


def _unavailable_cause(reason: str, place: Place) -> Cause:
    if reason.startswith("DENIED"):
        return forbidden(place)
    if reason == "POWERED_OFF":
        return place.cause("ble-off")
    return place.cause("ble-missing")


def forbidden(place: Place) -> Cause:
    """This user may not use Bluetooth."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "?"  # a container without a name for its user
    return place.cause("ble-forbidden", user=user)
