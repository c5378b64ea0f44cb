"""What a device seems to be (rows S0-35, S2-34): names, services and addresses as they are announced."""

import pytest

from tui.model.device import DeviceKind
from tui.transports.ble_kinds import kind_of, short_of, uuid_of

FF00 = "0000ff00-0000-1000-8000-00805f9b34fb"


@pytest.mark.parametrize(
    ("name", "services", "address", "kind"),
    [
        ("xiaoxiang BMS", (), "", DeviceKind.JBD),
        ("JBD-SP04S034", (), "", DeviceKind.JBD),
        ("SP04S034L4S200A", (), "", DeviceKind.JBD),
        ("DP04S007L4S100A", (), "", DeviceKind.JBD),
        ("my camper", (FF00,), "", DeviceKind.JBD),
        ("my camper", ("FF00", "1801"), "", DeviceKind.JBD),
        ("", (), "a4:c1:37:04:2d:be", DeviceKind.JBD),
        ("DL-40D2111003AC", (), "", DeviceKind.OTHER_BMS),
        ("JK-B2A24S", (FF00,), "", DeviceKind.OTHER_BMS),
        ("DWF-1234", (FF00,), "", DeviceKind.OTHER_BMS),
        ("Smart BMS 12", (), "", DeviceKind.OTHER_BMS),
        ("TinyBMS", (), "", DeviceKind.TINYBMS),
        ("SoundGuys Beacon", (), "", DeviceKind.BEACON),
        ("", ("feaa",), "", DeviceKind.BEACON),
        ("Pixel 9", ("180f",), "", DeviceKind.UNKNOWN),
        ("", (), "", DeviceKind.UNKNOWN),
        ("Mi Band", (), "A4:C1:38:00:00:01", DeviceKind.UNKNOWN),
    ],
)
def test_kind(name: str, services: tuple[str, ...], address: str, kind: DeviceKind) -> None:
    assert kind_of(name, services, address) is kind


def test_numbers_and_uuids_are_two_spellings_of_one_thing() -> None:
    assert uuid_of("FF00") == FF00
    assert short_of(FF00.upper()) == "ff00"
    own = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
    assert short_of(own) == own == uuid_of(own)
