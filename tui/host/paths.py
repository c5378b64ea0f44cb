"""Where configuration, log, lock and socket live. The only file that knows."""

import contextlib
import getpass
import os
import sys
import warnings
from pathlib import Path

import platformdirs

from tui.model.link import Cause

APP = "packdeck"
RUNTIME_VARIABLE = "PACKDECK_RUNTIME_DIR"
CONFIG_VARIABLE = "PACKDECK_CONFIG_DIR"
STATE_VARIABLE = "PACKDECK_STATE_DIR"
SERVICE_RUNTIME = Path("/run/packdeck")  # of the engine that runs as a service of the system
PRIVATE = 0o700
# The system's limit for the name of a Unix socket, its closing zero included.
SOCKET_PATH_BYTES = 108 if sys.platform == "linux" else 104


class PathError(Exception):
    """A folder cannot be used. Carries the cause in words for every language."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.key} {dict(cause.args)}")
        self.cause = cause


def runtime_dir() -> Path:
    """Socket and lock; gone after a restart of the machine. Not created here."""
    if folder := _folder(RUNTIME_VARIABLE):
        return folder
    with warnings.catch_warnings():  # without a login session there is a fallback, and that is no news
        warnings.simplefilter("ignore")
        return platformdirs.user_runtime_path(APP, appauthor=False)


def config_dir() -> Path:
    """What a person has set. Not created here."""
    return _folder(CONFIG_VARIABLE) or platformdirs.user_config_path(APP, appauthor=False)


def state_dir() -> Path:
    """What the program writes for itself. Not created here."""
    return _folder(STATE_VARIABLE) or platformdirs.user_state_path(APP, appauthor=False)


def config_file() -> Path:
    """Devices, limits and names: the engine's."""
    return config_dir() / "config.toml"


def screen_file() -> Path:
    """Theme, glyphs and language: the viewer's."""
    return config_dir() / "screen.toml"


def log_file() -> Path:
    """What the program has to say about itself."""
    return state_dir() / "packdeck.log"


def kept_dir(simulated: bool = False) -> Path:
    """What was measured, changed and paired. Simulated batteries have a folder of their own."""
    return state_dir() / "simulated" if simulated else state_dir()


def black_box_dir(simulated: bool = False) -> Path:
    """The newest traffic, in a ring of files."""
    return kept_dir(simulated) / "blackbox"


def database_file(simulated: bool = False) -> Path:
    """Samples, alerts and paired devices. For this user's eyes only."""
    return kept_dir(simulated) / "history.db"


def archives_dir(simulated: bool = False) -> Path:
    """Days of samples as compressed CSV files, in a folder for each track."""
    return kept_dir(simulated) / "archives"


def service_socket() -> Path | None:
    """The socket of an engine that runs as a service of the system, for whoever has not chosen another.

    `None` when there is none. PathError when this user is not in the group that may use it.
    """
    if _folder(RUNTIME_VARIABLE):
        return None
    path = SERVICE_RUNTIME / "engine.sock"
    try:
        path.stat()
    except PermissionError as error:
        raise PathError(Cause("service-group", (("group", APP), ("user", _user())))) from error
    except OSError:
        return None
    if not os.access(path, os.W_OK):
        raise PathError(Cause("service-group", (("group", APP), ("user", _user()))))
    return path


def _user() -> str:
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return str(os.getuid())


def lock_path() -> Path:
    """Held by the one engine."""
    return runtime_dir() / "engine.lock"


def socket_path() -> Path:
    """The Unix socket of the engine. PathError when the system cannot have a socket with so long a name."""
    path = runtime_dir() / "engine.sock"
    size = len(os.fsencode(path)) + 1
    if size > SOCKET_PATH_BYTES:
        args = (("path", str(path)), ("bytes", str(size)), ("limit", str(SOCKET_PATH_BYTES)))
        raise PathError(Cause("socket-path-long", args))
    return path


def door_file() -> Path:
    """Port and token of the engine, where there are no Unix sockets."""
    return runtime_dir() / "engine.door"


def make_runtime_dir() -> Path:
    """The runtime folder, made for this user alone when it is missing. PathError when it is not ours."""
    folder = runtime_dir()
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        owners = [folder.stat().st_uid]
        if not os.environ.get(RUNTIME_VARIABLE):
            owners.append(folder.parent.stat().st_uid)
    except OSError as error:
        args = (("path", str(folder)), ("reason", error.strerror or str(error)))
        raise PathError(Cause("folder-unusable", args)) from error
    if sys.platform != "win32":
        # In a shared place somebody else could have made it first, to listen in.
        for owner in owners:
            if owner not in (os.getuid(), 0):
                raise PathError(Cause("folder-foreign", (("path", str(folder)), ("owner", str(owner)))))
    if not os.access(folder, os.W_OK | os.X_OK):
        args = (("path", str(folder)), ("reason", os.strerror(13)))
        raise PathError(Cause("folder-unusable", args))
    return folder


def _folder(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value).expanduser().absolute() if value else None
