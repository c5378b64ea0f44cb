"""What a device on the radio seems to be, from what it announces. Pure.

Sources: JBD protocol document, section 3.3 (names, address prefixes); names of other makers as their modules
announce them. Names can be changed by their owner, so a service counts more than a name.
"""

import re
from collections.abc import Iterable

from tui.model.device import DeviceKind

BASE_UUID = "0000{}-0000-1000-8000-00805f9b34fb"
JBD_SERVICES = ("ff00", "fff0")  # the second on DH04SC02 and similar
NORDIC_UART = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
BEACON_SERVICES = ("feaa",)  # Eddystone
APPLE = 0x004C  # its manufacturer data carries iBeacons, but phones as well: no proof by itself

_JBD_NAMES = re.compile(
    r"xiaoxiang|jbd-|sp\d\ds\d{3}|dp04s007l4s|ap2[15]s|lt-|lt40ah|dxdb|bt lp|gj-|sx1|sx60|sj-...-|sbl-"
    r"|(12|24)...bl|n-.....bl|ogr-|tz-h|lsg-|titan-|@ksm:|up16s|dl\d\ds\d",
    re.IGNORECASE,
)
_JBD_PREFIXES = (
    "A4:C1:37", "A4:C1:38", "A5:C2:37", "A5:C2:39", "A5:C2:3A",
    "AA:C2:37", "A2:C2:37", "70:3E:97", "10:A5:62",
)  # fmt: skip
_TINYBMS_NAMES = re.compile(r"tiny ?bms|enepaq|energus|ens-", re.IGNORECASE)
_BEACON_NAMES = re.compile(r"soundguys beacon|nano 33 ble", re.IGNORECASE)
_OTHER_NAMES = re.compile(
    r"jk[-_]|dl-|dwf|ant-?bms|antbms|seplos|smartbms|daly|basen|heltec|bms|lifepo|li-?ion", re.IGNORECASE
)


def uuid_of(short: str) -> str:
    """The long form of a 16-bit service or characteristic number ("ff00")."""
    return BASE_UUID.format(short.lower()) if len(short) == 4 else short.lower()


def short_of(uuid: str) -> str:
    """The 16-bit number of a registered UUID, or the UUID itself when it has none."""
    uuid = uuid.lower()
    return uuid[4:8] if uuid == BASE_UUID.format(uuid[4:8]) else uuid


def kind_of(name: str, services: Iterable[str] = (), address: str = "") -> DeviceKind:
    """What it is. `services` in either form; matched by "contains", because BlueZ adds what it discovered."""
    short = {short_of(uuid) for uuid in services}
    name = name.strip()
    if _BEACON_NAMES.match(name):
        return DeviceKind.BEACON
    if _TINYBMS_NAMES.match(name):
        return DeviceKind.TINYBMS
    if _is_jbd(name, short, address):
        return DeviceKind.JBD
    if _OTHER_NAMES.match(name) or "bms" in name.lower():
        return DeviceKind.OTHER_BMS
    return DeviceKind.BEACON if short & set(BEACON_SERVICES) else DeviceKind.UNKNOWN


def _is_jbd(name: str, short: set[str], address: str) -> bool:
    if _OTHER_NAMES.match(name) and not _JBD_NAMES.match(name):
        return False  # other makers use the same service and sometimes the same radio module
    if "ff00" in short or _JBD_NAMES.match(name):
        return True
    known = address.upper().startswith(_JBD_PREFIXES)
    return known and (not name or "fff0" in short)
