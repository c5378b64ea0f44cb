"""Which class serves which word of the configuration. Each is imported only when used."""

from tui.model.link import Cause
from tui.model.track import Setup
from tui.protocols.protocol import BatteryProtocol
from tui.transports.transport import Transport, WireError


def open_wire(setup: Setup) -> Transport:
    """The wire of a track, not yet opened. Raises WireError for an unknown kind."""
    if setup.transport == "uart":
        from tui.transports.uart import UartTransport

        return UartTransport(setup.address, setup.baudrate)
    raise WireError(Cause("transport-unknown", (("transport", setup.transport),)))


def open_protocol(setup: Setup) -> BatteryProtocol:
    """The language of a track. Raises WireError for an unknown one."""
    if setup.protocol == "jbd":
        from tui.protocols.jbd import JbdProtocol

        return JbdProtocol(poll_s=setup.poll_s)
    raise WireError(Cause("protocol-unknown", (("protocol", setup.protocol),)))


def same_wire(one: Setup, other: Setup) -> bool:
    """True when two tracks cannot both be served because they name one port."""
    return one.transport == other.transport and wire_name(one) == wire_name(other)


def wire_name(setup: Setup) -> str:
    """The port behind links such as /dev/serial/by-id/…, in one spelling."""
    import os

    if setup.transport != "uart":
        return setup.address.casefold()
    return os.path.normcase(setup.address) if os.name == "nt" else os.path.realpath(setup.address)
