"""Which class serves which word of the configuration. Each is imported only when used."""

from collections.abc import Callable

from tui.engine.recognise import BAUDRATES
from tui.engine.wire_log import Explain
from tui.model.can import CanFrame
from tui.model.frame import Direction, Frame
from tui.model.link import Cause
from tui.model.track import Setup
from tui.protocols.protocol import BatteryProtocol, Explained
from tui.transports.transport import Transport, WireError


def open_wire(setup: Setup) -> Transport:
    """The wire of a track, not yet opened. Raises WireError for an unknown kind."""
    match setup.transport:
        case "uart":
            from tui.transports.uart import UartTransport

            return UartTransport(setup.address, setup.baudrate or BAUDRATES.get(setup.protocol, 9600))
        case "can":
            from tui.transports.can import CanTransport

            may_send = setup.may_send or setup.protocol == "tinybms_can"  # it says nothing unasked
            return CanTransport(setup.address, setup.bitrate, may_send=may_send, filters=setup.filters)
        case "replay":
            from tui.engine.replayed import open_replay

            return open_replay(setup)
    raise WireError(Cause("transport-unknown", (("transport", setup.transport),)))


def open_protocol(setup: Setup) -> BatteryProtocol:
    """The language of a track. Raises WireError for an unknown one."""
    match setup.protocol:
        case "jbd":
            from tui.protocols.jbd import JbdProtocol

            return JbdProtocol(poll_s=setup.poll_s)
        case "tinybms":
            from tui.protocols.tinybms import TinyBmsProtocol

            return TinyBmsProtocol(poll_s=setup.poll_s)
        case "can":
            from tui.protocols.battery_can import BatteryCanProtocol

            return BatteryCanProtocol(profile=setup.profile, poll_s=setup.poll_s)
        case "tinybms_can":
            from tui.protocols.tinybms_can import TinyBmsCanProtocol

            return TinyBmsCanProtocol(node=setup.node, poll_s=setup.poll_s)
        case "aiobmsble":
            if setup.transport not in ("ble", "replay"):
                raise WireError(Cause("protocol-needs-ble", (("protocol", setup.protocol),)))
            from tui.protocols.other_bms import OtherBmsProtocol

            return OtherBmsProtocol(poll_s=setup.poll_s)
    raise WireError(Cause("protocol-unknown", (("protocol", setup.protocol),)))


def explain_of(setup: Setup) -> Explain:
    """What explains the frames of a track. Raises WireError when its DBC cannot be read."""
    if setup.is_bus:
        return _explain_bus(setup)
    words = _words_of(setup.protocol)

    def explain(frame: Frame, request: bytes | None) -> Explained:
        return words(frame.data, request)

    return explain


def _words_of(protocol: str) -> Callable[[bytes, bytes | None], Explained]:
    if protocol == "aiobmsble":
        from tui.protocols import other_bms_record

        return other_bms_record.explain
    from tui.protocols import jbd_explain

    if protocol != "tinybms":
        return jbd_explain.explain
    from tui.protocols import tinybms_explain

    return tinybms_explain.explain


def _explain_bus(setup: Setup) -> Explain:
    from tui.protocols.can_explain import explain_can
    from tui.protocols.user_dbc import DbcError, UserDbc

    dbc = None
    if setup.dbc:
        try:
            dbc = UserDbc(setup.dbc)
        except DbcError as error:
            args = (("file", setup.dbc), ("line", str(error.line or "?")), ("reason", error.reason))
            raise WireError(Cause("dbc-unreadable", args)) from error

    def explain(frame: Frame, request: bytes | None) -> Explained:
        sent = frame.direction is Direction.TX
        return explain_can(CanFrame(frame.time_us, frame.can_id or 0, frame.data, sent), dbc, setup.profile)

    return explain


def same_wire(one: Setup, other: Setup) -> bool:
    """True when two tracks cannot both be served because they name one port.

    A bus carries many: only two of one language on it are the same.
    """
    if one.transport != other.transport or wire_name(one) != wire_name(other):
        return False
    if one.transport == "can" and not wire_name(one).startswith("slcan:"):
        return (one.protocol, one.node) == (other.protocol, other.node)
    return one.transport != "replay"


def wire_name(setup: Setup) -> str:
    """The port behind links such as /dev/serial/by-id/…, in one spelling."""
    import os

    if setup.transport != "uart":
        return setup.address.casefold()
    return os.path.normcase(setup.address) if os.name == "nt" else os.path.realpath(setup.address)
