"""A look at one device, step by step, for a person who wonders why it does not work."""

import threading
import time
from typing import TYPE_CHECKING

from tui.model.device import DeviceKind, ProbeReport, ProbeStep
from tui.model.link import Cause
from tui.transports.ble_kinds import kind_of
from tui.transports.ble_link import GattLink, services_said
from tui.transports.transport import WireError

if TYPE_CHECKING:
    from tui.transports.radio import RadioLoop

READ_BASIC = bytes.fromhex("dda50300fffd77")  # JBD protocol document, section 5: one question without effect
BOARDS = (("ff00", "ff01", "ff02"), ("fff0", "fff1", "fff2"))
KEYS = ("connect", "services", "subscribe", "read")
GATT_S = 5.0
ANSWER_S = 2.0
TRIES = 3  # the first request soon after subscribing is never answered
EXCERPT_BYTES = 20


class _Steps:
    """Takes the time of each step."""

    def __init__(self) -> None:
        self.done: list[ProbeStep] = []
        self._from_s = time.monotonic()

    @property
    def next_key(self) -> str:
        """The step that comes next, and failed if nothing came."""
        return KEYS[min(len(self.done), len(KEYS) - 1)]

    def add(self, key: str, ok: bool, text: str = "") -> None:
        now_s = time.monotonic()
        self.done.append(ProbeStep(key, round((now_s - self._from_s) * 1000), ok, text))
        self._from_s = now_s


def probe(radio: "RadioLoop", address: str, timeout_s: float) -> ProbeReport:
    """Connect, list the services, subscribe, ask once, disconnect. Never raises."""
    steps = _Steps()
    answer = bytearray()
    came = threading.Event()

    def on_data(data: bytes) -> None:
        answer.extend(data)
        came.set()

    try:
        link = radio.connect(address, timeout_s=timeout_s, on_data=on_data, on_lost=came.set)
    except WireError as error:
        steps.add("connect", False)
        return ProbeReport(address, tuple(steps.done), cause=error.cause)
    steps.add("connect", True, link.name)
    cause: Cause | None = None
    try:
        cause = _talk(link, steps, answer, came)
    except WireError as error:
        steps.add(steps.next_key, False)
        cause = error.cause
    finally:
        link.disconnect(GATT_S)
    steps.add("disconnect", True)
    kind = kind_of(link.name, link.services, address)
    if answer[:1] == b"\xdd" and answer[1:2] == b"\x03":
        kind = DeviceKind.JBD
    return ProbeReport(address, tuple(steps.done), link.services, kind, cause)


def _talk(link: GattLink, steps: _Steps, answer: bytearray, came: threading.Event) -> Cause | None:
    steps.add("services", bool(link.services), ", ".join(link.services))
    for service, notifies, writes in BOARDS:
        source, target = link.find(service, notifies), link.find(service, writes)
        if source is not None and target is not None:
            break
    else:
        return _not_a_battery(link)
    link.notify(source, GATT_S)
    steps.add("subscribe", True, notifies)
    response = "write-without-response" not in target.properties
    for _ in range(TRIES):
        link.write(target, READ_BASIC, response, GATT_S)
        if came.wait(ANSWER_S):
            break
    steps.add("read", bool(answer), bytes(answer[:EXCERPT_BYTES]).hex(" "))
    if answer:
        return None
    return Cause("ble-silent", (("address", link.address),))


def _not_a_battery(link: GattLink) -> Cause | None:
    """Its name and services say what it is. A beacon, and the battery of another make, are no mistake."""
    kind = kind_of(link.name, link.services, link.address)
    if kind in (DeviceKind.BEACON, DeviceKind.OTHER_BMS):
        return None
    args = {
        "name": link.name or link.address,
        "address": link.address,
        "kind": "unknown" if kind is DeviceKind.JBD else kind.value,
        "services": services_said(link.services),
    }
    return Cause("ble-not-a-battery", tuple(args.items()))
