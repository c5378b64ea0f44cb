"""Which words of the configuration lead to which wire and language."""

from pathlib import Path

import pytest

from tui.engine.wires import open_protocol, open_wire, same_wire
from tui.model.link import Cause
from tui.model.track import Setup
from tui.transports.transport import WireError
from tui.transports.uart import UartTransport


def test_a_serial_port_with_its_speed() -> None:
    wire = open_wire(Setup("left", address="/dev/ttyUSB0", baudrate=19200))
    assert isinstance(wire, UartTransport)
    assert (wire.port, wire.baudrate) == ("/dev/ttyUSB0", 19200)


def test_unknown_words_are_named() -> None:
    with pytest.raises(WireError) as caught:
        open_wire(Setup("left", transport="telepathy"))
    assert caught.value.cause == Cause("transport-unknown", (("transport", "telepathy"),))
    with pytest.raises(WireError) as caught:
        open_protocol(Setup("left", protocol="jdb"))
    assert caught.value.cause == Cause("protocol-unknown", (("protocol", "jdb"),))


def test_one_port_under_two_names_is_one_port(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    link = tmp_path / "by-id"
    link.symlink_to(port)
    left, right = Setup("left", address=str(port)), Setup("right", address=str(link))
    assert same_wire(left, right)
    assert not same_wire(left, Setup("right", address=str(tmp_path / "ttyUSB1")))
