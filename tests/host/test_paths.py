"""Where things live, and who may look."""

import os
import stat
from pathlib import Path

import pytest

from tui.host import paths


def test_the_environment_says_where_things_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (paths.RUNTIME_VARIABLE, paths.CONFIG_VARIABLE, paths.STATE_VARIABLE):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    assert paths.socket_path() == tmp_path / paths.RUNTIME_VARIABLE / "engine.sock"
    assert paths.lock_path() == tmp_path / paths.RUNTIME_VARIABLE / "engine.lock"
    assert paths.config_file() == tmp_path / paths.CONFIG_VARIABLE / "config.toml"
    assert paths.screen_file() == tmp_path / paths.CONFIG_VARIABLE / "screen.toml"
    assert paths.log_file() == tmp_path / paths.STATE_VARIABLE / "packdeck.log"


def test_the_runtime_folder_is_made_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(paths.RUNTIME_VARIABLE, str(tmp_path / "run"))
    folder = paths.make_runtime_dir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert paths.make_runtime_dir() == folder


def test_a_socket_name_that_is_too_long_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.RUNTIME_VARIABLE, str(tmp_path / ("x" * 100)))
    with pytest.raises(paths.PathError) as refusal:
        paths.socket_path()
    assert refusal.value.cause.key == "socket-path-long"
    assert refusal.value.cause.values()["limit"] == str(paths.SOCKET_PATH_BYTES)


def test_the_longest_allowed_socket_name_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import socket

    room = paths.SOCKET_PATH_BYTES - 1 - len(str(tmp_path)) - len("//engine.sock")
    monkeypatch.setenv(paths.RUNTIME_VARIABLE, str(tmp_path / ("x" * room)))
    paths.make_runtime_dir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(paths.socket_path()))


def test_a_file_in_the_way_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").write_text("in the way")
    monkeypatch.setenv(paths.RUNTIME_VARIABLE, str(tmp_path / "run"))
    with pytest.raises(paths.PathError) as refusal:
        paths.make_runtime_dir()
    assert refusal.value.cause.key == "folder-unusable"


def test_the_engine_of_a_service_is_found_by_who_may_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S0-23: `packdeck` over SSH attaches to the engine that the service runs."""
    monkeypatch.delenv(paths.RUNTIME_VARIABLE, raising=False)
    monkeypatch.setattr(paths, "SERVICE_RUNTIME", tmp_path)
    assert paths.service_socket() is None
    (tmp_path / "engine.sock").touch()
    assert paths.service_socket() == tmp_path / "engine.sock"
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(paths.PathError) as refused:
        paths.service_socket()
    assert refused.value.cause.key == "service-group"
    monkeypatch.setenv(paths.RUNTIME_VARIABLE, str(tmp_path / "own"))
    assert paths.service_socket() is None, "somebody chose another"


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a shared place somebody else could make it first, and read what screens and engine say."""
    monkeypatch.setenv(paths.RUNTIME_VARIABLE, str(tmp_path))
    owner = tmp_path.stat().st_uid
    if owner == 0:
        os.chown(tmp_path, 12345, -1)
    else:
        monkeypatch.setattr(paths.os, "getuid", lambda: owner + 1)
    with pytest.raises(paths.PathError) as refusal:
        paths.make_runtime_dir()
    assert refusal.value.cause.key == "folder-foreign"
