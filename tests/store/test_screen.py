"""screen.toml: kept, and never a reason not to start."""

from pathlib import Path

import pytest

from tui.model.settings import ScreenSettings
from tui.store import atomic
from tui.store.atomic import write_atomically
from tui.store.screen import read_screen, write_screen


def test_settings_come_back_as_they_were_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "screen.toml"
    kept = ScreenSettings(theme="console-red", glyphs="ascii", language="fr", fps=4, bell=False)
    write_screen(path, kept)
    assert read_screen(path) == (kept, None)
    assert [p.name for p in path.parent.iterdir()] == ["screen.toml"]


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    assert read_screen(tmp_path / "screen.toml") == (ScreenSettings(), None)


@pytest.mark.parametrize("damage", [b"theme = ", b"bell = 1", b"fps = true", b"theme = '\xff'", b"\0\0\0"])
def test_a_damaged_file_is_kept_aside_and_said(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "screen.toml"
    path.write_bytes(damage)
    settings, cause = read_screen(path)
    assert settings == ScreenSettings()
    assert cause is not None
    assert cause.key == "screen-damaged"
    assert Path(cause.values()["aside"]).read_bytes() == damage
    assert read_screen(path) == (ScreenSettings(), None)


def test_keys_of_a_newer_version_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "screen.toml"
    path.write_text('theme = "day"\nshape = "round"\n')
    assert read_screen(path) == (ScreenSettings(theme="day"), None)


def test_a_failing_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "screen.toml"
    write_atomically(path, "old")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "screen.toml"
    link.symlink_to(real)
    write_atomically(link, "text")
    assert link.is_symlink()
    assert real.read_text() == "text"
