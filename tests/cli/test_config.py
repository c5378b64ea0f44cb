"""`packdeck config`: a sample, a check, and never a lost file."""

from tests.cli.runs import House


def test_the_sample_is_written_once(home: House) -> None:
    assert home.run("config", "path").stdout.strip() == str(home.config)
    first = home.run("config", "init")
    assert first.returncode == 0
    assert first.stdout.strip() == str(home.config)
    assert home.run("config", "check").returncode == 0
    home.write_config("# mine\n")
    second = home.run("config", "init")
    assert second.returncode == 1
    assert "--force" in second.stderr
    assert home.config.read_text() == "# mine\n"
    assert home.run("config", "init", "--force").returncode == 0
    assert "tracks.left" in home.config.read_text()


def test_mistakes_are_said_each_on_its_line(home: House) -> None:
    home.write_config('[tracks.left]\nport = "/dev/a"\nbaudrat = 9600\ncells = 0\n')
    for words in (["config", "check"], ["serve"], ["status"], []):
        done = home.run(*words)
        assert done.returncode == 1 or not words
        if words:
            first, second = done.stderr.splitlines()
            assert first.startswith(f"packdeck: {home.config}, line 3: ")
            assert "tracks.left.baudrate" in first
            assert ", line 4: " in second
        assert "Traceback" not in done.stderr


def test_what_is_in_force_can_be_shown(home: House) -> None:
    home.write_config('[tracks.left]\nport = "/dev/a"\nmodel = "SP25S003"\n')
    shown = home.run("config", "show").stdout.splitlines()
    assert "tracks.left.address = /dev/a" in shown
    assert "tracks.left.cells = 16" in shown
    assert "tracks.left.attempts_max = 5" in shown


def test_a_folder_that_cannot_be_written_is_said_so(home: House) -> None:
    (home.folder / "config").write_text("a file in the way")
    done = home.run("config", "init")
    assert done.returncode == 1
    assert "PACKDECK_CONFIG_DIR" in done.stderr
