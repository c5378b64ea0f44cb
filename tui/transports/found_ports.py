"""Which serial ports this machine has."""

from pathlib import Path

BY_ID = Path("/dev/serial/by-id")


def found_ports() -> list[str]:
    """Ports worth trying, the names that last first. Empty when there are none."""
    from serial.tools import list_ports

    lasting = sorted(BY_ID.iterdir()) if BY_ID.is_dir() else []
    known = {str(path.resolve()) for path in lasting}
    others = sorted(port.device for port in list_ports.comports() if port.device not in known)
    return [*map(str, lasting), *others]
