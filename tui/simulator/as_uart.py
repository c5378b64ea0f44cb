"""The serial line of a simulated TinyBMS as a listener hears it: twice a second an exchange, told as JSON.

Rows S1-10, S1-64, X-7. The bytes are true frames of the unit (TinyBMS commands and Modbus in turn), not the
invented ones of the documented test server; the message can be read by the names of both documents (S1-64's
`data` with `raw` and `decoded`, S4-59's `raw` and `parsed`). About 2 % have a wrong checksum (row CL-30),
told and counted.
"""

import time
from collections.abc import Callable
from typing import Any

from tui.protocols import tinybms_frames as tiny
from tui.protocols.modbus import CRC_BYTES, has_good_crc
from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.battery import Battery
from tui.simulator.line import Line, is_tinybms_write
from tui.simulator.simulation import Simulation

HZ = 2.0  # row S1-10
HEAD_BYTES = 2  # unit and command
ASKED = (
    *(tiny.request(command) for command in (tiny.VOLTAGE, tiny.CURRENT, tiny.SOC, tiny.STATUS)),
    tiny.read_registers(0, 16),  # the cells
    *(tiny.request(command) for command in (tiny.LOWEST_CELL, tiny.HIGHEST_CELL, tiny.TEMPERATURES)),
    tiny.read_registers(36, 12),  # voltage, current, extremes, temperature, health, charge
)


class UartTeller:
    """Asks a unit of its own on the pack's wire, one request after the other, and tells the answers.

    What goes wrong on the wire of the pack goes wrong here: an answer that is lost is not told of.
    """

    def __init__(
        self,
        battery: Battery,
        simulation: Simulation,
        pack: str,
        *,
        hz: float = HZ,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.pack, self.every_s = pack, 1.0 / hz
        self.crc_errors = 0
        self._line = Line(TinyBmsDevice(battery), simulation, pack, is_tinybms_write)
        self._wall = wall
        self._sequence = 0

    def message(self, now_s: float) -> dict[str, Any] | None:
        """The next exchange; `None` when no answer came."""
        asked = ASKED[self._sequence % len(ASKED)]
        self._sequence += 1
        answer = self._line.receive(asked, now_s)
        if len(answer) < HEAD_BYTES + CRC_BYTES:
            return None
        is_good = has_good_crc(answer)
        self.crc_errors += not is_good
        return self._told(asked, answer, is_good)

    def _told(self, asked: bytes, answer: bytes, is_good: bool) -> dict[str, Any]:
        """Both documents' names for the same frame."""
        time_ms, raw = int(self._wall() * 1000), answer.hex().upper()
        payload = answer[HEAD_BYTES:-CRC_BYTES]
        decoded = {
            "sequence": self._sequence,
            "direction": "rx",
            "timestamp_ms": time_ms,
            "address": answer[0],
            "command": answer[1],
            "payload_length": len(payload),
            "payload_hex": payload.hex().upper(),
            "crc_valid": is_good,
        }
        return {
            "type": "uart_frame",
            "pack": self.pack,
            "timestamp_ms": time_ms,
            "direction": "rx",
            "raw": raw,
            "parsed": {"command": answer[1], "length": len(answer), "request": asked.hex().upper()},
            "crc_errors": self.crc_errors,
            "data": {"raw": raw, "decoded": decoded},
        }
