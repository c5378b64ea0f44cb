"""The simulator: processor time for each simulated pack-second, banks in real time, and the highest speed.

python -m tests.benchmarks.bench_simulator [--quick]
"""

import resource
import sys
import time

from tui.model.simulation import Connection
from tui.simulator.as_can import CanBattery
from tui.simulator.as_jbd import JbdDevice
from tui.simulator.battery import Battery
from tui.simulator.simulation import Plan, Simulation

CELLS = (4, 16, 32)
PACKS = 100
ASK_BASIC, ASK_CELLS = bytes.fromhex("DDA50300FFFD77"), bytes.fromhex("DDA50400FFFC77")
LOOK_S = 0.25


def used_s() -> float:
    """Processor time of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def laboratory(packs: int, cells: int, **plan: object) -> Simulation:
    """So many packs on the ten-minute cycle, at the beginning of their lives."""
    made = Simulation(Plan(cells=cells, **plan))  # type: ignore[arg-type]
    for number in range(packs):
        made.add(f"pack-{number + 1}")
    made.live(0.0)
    return made


def model(cells: int, seconds: int) -> float:
    """Milliseconds of processor for one second of one pack on the cycle."""
    made = laboratory(1, cells)
    began_s = used_s()
    for second in range(1, seconds + 1):
        made.live(float(second))
    return (used_s() - began_s) / seconds * 1000


def bank(connection: Connection, seconds: int) -> float:
    """Share of one core for a hundred packs of 16 cells, looked at four times a second."""
    made = laboratory(PACKS, 16, connection=connection)
    began_s = used_s()
    for n in range(1, round(seconds / LOOK_S) + 1):
        made.live(n * LOOK_S)
    return (used_s() - began_s) / seconds * 100


def fast(speed: float, seconds: float) -> float:
    """Share of one core for one pack of 16 cells at that speed."""
    made = laboratory(1, 16, speed=speed)
    began_s = used_s()
    for n in range(1, round(seconds / LOOK_S) + 1):
        made.live(n * LOOK_S)
    return (used_s() - began_s) / seconds * 100


def faces(seconds: int) -> float:
    """Share of one core for one pack read by JBD at 2 Hz and sending on CAN at 10 Hz, the model included."""
    battery = Battery(16)
    board, sender = JbdDevice(battery), CanBattery(battery)
    began_s = used_s()
    for n in range(seconds * 20):
        sender.frames(n / 20)
        if n % 10 == 0:
            board.receive(ASK_BASIC, n / 20)
            board.receive(ASK_CELLS, n / 20)
    return (used_s() - began_s) / seconds * 100


def main() -> None:
    """Print the table."""
    length = 5 if "--quick" in sys.argv else 60
    began_s = time.perf_counter()
    for cells in CELLS:
        print(
            f"model, {cells:2} cells           {model(cells, length * 10):8.3f} ms of processor a pack-second"
        )
    for connection in Connection:
        print(
            f"{PACKS} x 16, {connection:<12}     {bank(connection, length):8.1f} % of one core in real time"
        )
    for speed in (1.0, 10.0, 100.0, 1000.0):
        print(f"1 x 16, speed {speed:<8.0f}     {fast(speed, length / 5):8.2f} % of one core")
    print(f"1 x 16, JBD 2 Hz, CAN 10 Hz  {faces(length):8.2f} % of one core")
    print(f"took {time.perf_counter() - began_s:.0f} s")


if __name__ == "__main__":
    main()
