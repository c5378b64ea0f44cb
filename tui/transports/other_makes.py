"""aiobmsble, the library that knows other makes: is it here, which make is a device, what did it say.

The only file that imports it. It needs Python 3.12 and comes with the extra `more-bms`.
"""

import logging
import sys
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from tui.model.link import Cause
from tui.transports.ble_air import NO_RSSI, Seen
from tui.transports.transport import WireError

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

_SUFFIX = "_bms"  # of the library's modules: "jbd_bms", "daly_bms"


class Make(Protocol):
    """What is used of one battery of the library (its `BaseBMS`). It finds no device and connects itself."""

    INFO: Mapping[str, str]
    accept_secret: bool

    @property
    def is_connected(self) -> bool: ...
    async def __aenter__(self) -> object: ...
    async def async_update(self, raw: bool = False) -> Mapping[str, Any]: ...
    async def device_info(self) -> Mapping[str, str]: ...
    async def disconnect(self, reset: bool = False) -> None: ...


def require() -> None:
    """Load the library with all its makes, which takes a moment. Raises WireError when it is not here."""
    try:
        from aiobmsble.utils import load_bms_plugins

        load_bms_plugins()
    except (ImportError, SyntaxError) as error:  # not installed; too old; or copied to an older Python
        python = ".".join(map(str, sys.version_info[:2]))
        raise WireError(Cause("more-bms-missing", (("python", python),))) from error


def make_of(device: "BLEDevice", seen: Seen | None, secret: str) -> Make | None:
    """The battery behind that device, not yet connected; `None` when no make of the library announces so.

    Call it in the radio's loop after `require`.
    """
    from aiobmsble import BMSConfig
    from aiobmsble.utils import bms_supported, load_bms_plugins

    said = advertised(device, seen)
    for module in sorted(load_bms_plugins(), key=lambda module: module.__name__):
        if bms_supported(module.BMS, said, device.address):
            if secret:
                _hush()
            config = BMSConfig(secret=secret if module.BMS.accept_secret else "")
            made: Make = module.BMS(device, config)
            return made
    return None


def advertised(device: "BLEDevice", seen: Seen | None) -> "AdvertisementData":
    """What the device announces: all of it where BlueZ remembers, elsewhere what the list of devices has."""
    from bleak.backends.scanner import AdvertisementData

    details = device.details if isinstance(device.details, dict) else {}
    props: Mapping[str, Any] = details.get("props") or {}
    makers = {number: bytes(data) for number, data in props.get("ManufacturerData", {}).items()}
    if not props and seen is not None:
        makers = dict.fromkeys(seen.manufacturers, b"")
    return AdvertisementData(
        local_name=props.get("Name") or (seen.name if seen else "") or device.name,
        manufacturer_data=makers,
        service_data={uuid: bytes(data) for uuid, data in props.get("ServiceData", {}).items()},
        service_uuids=list(props.get("UUIDs") or (seen.services if seen else ())),
        tx_power=None,
        rssi=NO_RSSI,
        platform_data=(),
    )


def _hush() -> None:
    """For debugging both log every byte that is written, and a secret goes out in plain bytes."""
    for name in ("aiobmsble", "bleak"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.INFO))


def name_of(make: Make) -> str:
    """The library's word for a make: "jbd", "daly"."""
    return type(make).__module__.rpartition(".")[2].removesuffix(_SUFFIX)


def record(make: Make, key: str, said: object) -> bytes:
    """One line of JSON with exactly what the library gave, under `key`: values, identity or error."""
    return msgspec.json.encode({"make": name_of(make), key: _plain(said)}) + b"\n"


def _plain(said: object) -> object:
    """The library's own types in words; numbers stay as they are."""
    if isinstance(said, Enum):
        return said.name.lower()
    if isinstance(said, Mapping):
        return {key: _plain(value) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [_plain(part) for part in said]
    if hasattr(said, "value") and hasattr(said, "type"):  # a temperature and what was measured
        return {"c": said.value, "of": _plain(said.type)}
    return said
