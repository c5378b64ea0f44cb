"""Where an engine can be reached on this machine."""

import json
import socket
from dataclasses import dataclass
from pathlib import Path

PATH = "/feed"
TRY_S = 1.0


@dataclass(frozen=True, slots=True)
class DoorKey:
    """What stands in the file of a loopback door; only its owner can read it."""

    port: int
    token: str


@dataclass(frozen=True, slots=True)
class Door:
    """A Unix socket; or, where there is none, a file with a loopback port and a token."""

    path: Path
    loopback: bool = not hasattr(socket, "AF_UNIX")

    def key(self) -> DoorKey:
        """Port and token of a loopback door. OSError when nobody has opened it, or it cannot be read."""
        try:
            said = json.loads(self.path.read_text(encoding="utf-8"))
            return DoorKey(int(said["port"]), str(said["token"]))
        except (ValueError, KeyError, TypeError) as error:
            raise FileNotFoundError(f"{self.path}: {error}") from error

    def connect(self, timeout_s: float = TRY_S) -> socket.socket:
        """A connection to whoever is behind the door. OSError when there is nobody."""
        if self.loopback:
            return socket.create_connection(("127.0.0.1", self.key().port), timeout_s)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(timeout_s)
            connection.connect(str(self.path))
        except OSError:
            connection.close()
            raise
        return connection

    def headers(self) -> dict[str, str]:
        """What a visitor must show at the door. OSError as in `key`."""
        return {"Authorization": f"Bearer {self.key().token}"} if self.loopback else {}

    def answers(self) -> bool:
        """True when somebody listens behind it."""
        try:
            self.connect().close()
        except OSError:
            return False
        return True
