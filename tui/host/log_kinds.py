"""The classes of lines of the log (row S2-31), and the transports that they can be chosen by (row S0-39)."""

import logging
from collections.abc import Mapping

FILES_KEPT = 2  # older ones beside the log
# Each class with a mark, a word, and on a terminal a colour.
MARKS = {"ble": ("~", 36), "conn": (">", 34), "ok": ("+", 32), "err": ("!", 31), "": (" ", 0)}
CLASSES = tuple(kind for kind in MARKS if kind)
TRANSPORTS = ("ble", "uart", "can")
CHOICES = (*TRANSPORTS, *(kind for kind in CLASSES if kind not in TRANSPORTS))
_BLUETOOTH = ("tui.transports.ble", "tui.transports.radio", "tui.engine.bluetooth", "tui.engine.pairing")
_CONNECTIONS = ("tui.transports", "tui.engine.worker", "tui.engine.teller", "tui.feed", "tui.api")
_BY_MODULE = (
    *((name, "ble") for name in (*_BLUETOOTH, "tui.transports.other_bms")),
    ("tui.transports.uart", "uart"),
    ("tui.transports.can", "can"),
)
_LINK = "link "  # how the thread of a track's link is called, before the name of the track


def kind_of(record: logging.LogRecord) -> str:
    """The class of a line: what went wrong, what its writer calls it, or where it comes from."""
    if record.levelno >= logging.WARNING:
        return "err"
    said = getattr(record, "kind", "")
    if said in MARKS and said:
        return str(said)
    if record.name.startswith(_BLUETOOTH):
        return "ble"
    return "conn" if record.name.startswith(_CONNECTIONS) else ""


def transport_of(source: str, tracks: Mapping[str, str]) -> str:
    """The transport that a line is about, by its thread and module; empty when it is about none.

    `tracks` gives the transport of each track: what the thread of a link says belongs to that.
    """
    thread, _, module = source.rpartition(" ")
    if thread.startswith(_LINK):
        return tracks.get(thread.removeprefix(_LINK), "")
    return next((transport for name, transport in _BY_MODULE if module.startswith(name)), "")
