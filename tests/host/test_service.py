"""Services of the system: their texts, checked by systemd itself, and files that nobody loses."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.bluez.bus import private_bus
from tests.bluez.fake_bluez import ADAPTER, FakeBluez
from tests.bluez.stage import needs_bus
from tui.host import service_units as units
from tui.host.service import System, UnitState, language, look, program_here, states, who_may_enter
from tui.host.service_files import Before, ServiceError, backup_of, before, remove_all, write_all
from tui.host.service_plan import (
    PARTS,
    RULES,
    SYSUSERS,
    TMPFILES,
    UNITS,
    Plan,
    Wanted,
    carry_out,
    installed,
    to_install,
    to_install_for_user,
    to_uninstall,
    to_uninstall_for_user,
)
from tui.host.service_units import DISPLAY, KIOSK, Site, assigned, marked, part_of, quoted

ANALYZE, BUSCTL = shutil.which("systemd-analyze"), shutil.which("busctl")
PASSWD = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n"
GROUPS = "root:x:0:\ndialout:x:20:\nbluetooth:x:111:\ninput:x:112:\n"
TOOLS = ("systemctl", "systemd-sysusers", "systemd-tmpfiles", "udevadm", "install", "busctl", "setterm")
SITE = Site(("/opt/packdeck/bin/packdeck",), groups=frozenset({"dialout", "bluetooth", "input"}))
EVERYTHING = Wanted(PARTS, buses=(("can0", 500_000),))


class Recorder:
    """A systemd that obeys everything, and remembers it."""

    def __init__(self, **answers: tuple[int, str, str] | Exception) -> None:
        self.ran: list[tuple[str, ...]] = []
        self.answers = answers

    def __call__(self, words: Sequence[str], timeout_s: float) -> tuple[int, str, str]:
        assert timeout_s > 0
        self.ran.append(tuple(words))
        answer = self.answers.get(words[1] if len(words) > 1 else words[0], (0, "", ""))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def lines(self) -> list[str]:
        return [" ".join(words) for words in self.ran]


def write(root: Path, path: str, text: str = "") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.fixture
def system(tmp_path: Path) -> System:
    """A machine with systemd and the program in /opt."""
    write(tmp_path, "etc/passwd", PASSWD)
    write(tmp_path, "etc/group", GROUPS)
    for name in TOOLS:
        write(tmp_path, f"usr/bin/{name}")
    write(tmp_path, "opt/packdeck/bin/packdeck")
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    for folder in (tmp_path, *tmp_path.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o755)
    return System(
        Recorder(),
        tmp_path,
        "linux",
        0,
        ("/opt/packdeck/bin/packdeck",),
        "/usr/bin/python3",
        lambda path: 1000,
    )


def done(system: System) -> list[str]:
    assert isinstance(system.run, Recorder)
    return system.run.lines()


def settings_of(text: str) -> dict[str, list[str]]:
    """Every key of a unit with its values, in order."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


# --- the texts ---


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze here")
@pytest.mark.parametrize("groups", [frozenset[str](), SITE.groups], ids=["no groups", "all groups"])
def test_systemd_finds_no_fault(tmp_path: Path, groups: frozenset[str]) -> None:
    """S0-20, S0-23: unknown keys, wrong values and missing programs would be told."""
    site = replace(
        SITE,
        program=(_odd_program(tmp_path),),
        groups=groups,
        font="/f.psf",
        setfont="/bin/true",
        setterm="/bin/true",
        rfkill="/bin/true",
        busctl="/bin/true",
    )
    texts = {
        DISPLAY: units.display(site),
        KIOSK: units.kiosk(site),
        "btbms-bluetooth.service": units.bluetooth(site),
        "own.service": units.display_of_user(site, [("PACKDECK_STATE_DIR", "/a b/100%/$HOME")]),
        "bluetooth.service": "[Service]\nExecStart=/bin/true\n",
    }
    files = [write(tmp_path, f"units/{name}", marked("x", text)) for name, text in texts.items()]
    run = subprocess.run(
        [ANALYZE or "", "verify", "--man=no", *map(str, files)], capture_output=True, text=True, check=False
    )
    ours = [line for line in (run.stdout + run.stderr).splitlines() if str(tmp_path) in line]
    ours += [line for line in run.stderr.splitlines() if any(name in line for name in texts)]
    assert (ours, run.returncode) == ([], 0), run.stderr


def _odd_program(folder: Path) -> str:
    program = write(folder, "a folder 100%/pack$deck", "#!/bin/sh\n")
    program.chmod(0o755)
    return str(program)


def test_the_display_service() -> None:
    """S0-23, S3-16: after network, simple, always again after 10 s, at boot; it may end within 5 s."""
    said = settings_of(units.display(SITE))
    assert said["ExecStart"] == ["/opt/packdeck/bin/packdeck serve"]
    assert "network.target" in said["After"][0].split()
    assert (said["Type"], said["Restart"], said["RestartSec"]) == (["simple"], ["always"], ["10"])
    assert said["WantedBy"] == ["multi-user.target"]
    assert int(said["StartLimitBurst"][0]) * 10 < int(said["StartLimitIntervalSec"][0]), "no limit at all"
    assert said["TimeoutStopSec"] == ["5"]
    assert said["SupplementaryGroups"] == ["dialout bluetooth"]
    for word in ("RUNTIME_DIR=/run/packdeck", "CONFIG_DIR=/etc/packdeck", "STATE_DIR=/var/lib/packdeck"):
        assert f"PACKDECK_{word}" in said["Environment"][-1].split()
    assert said["RuntimeDirectory"] == said["StateDirectory"] == ["packdeck"]


@pytest.mark.parametrize("text", [units.display(SITE), units.kiosk(SITE)], ids=["display", "kiosk"])
def test_what_would_take_the_wires_away_is_not_used(text: str) -> None:
    said = settings_of(text)
    for key in ("PrivateDevices", "ProtectClock", "DevicePolicy", "DeviceAllow", "PrivateUsers",
                "PrivateNetwork", "MemoryDenyWriteExecute"):  # fmt: skip
        assert key not in said
    assert said["NoNewPrivileges"] == ["yes"]
    assert said["ProtectSystem"] == ["strict"]


def test_the_engine_reaches_every_kind_of_wire() -> None:
    families = settings_of(units.display(SITE))["RestrictAddressFamilies"][0].split()
    assert {"AF_UNIX", "AF_INET", "AF_INET6", "AF_CAN", "AF_BLUETOOTH", "AF_NETLINK"} == set(families)


def test_the_kiosk_service() -> None:
    """S0-23: full screen on the console; it takes the login's place and does not end with the engine."""
    said = settings_of(units.kiosk(replace(SITE, console=3, setterm="/usr/bin/setterm")))
    assert said["ExecStart"] == ["/opt/packdeck/bin/packdeck --kiosk --no-quit"]
    assert said["TTYPath"] == ["/dev/tty3"]
    assert said["Conflicts"] == ["getty@tty3.service"]
    assert "getty@tty3.service" in said["After"][0].split(), "the login must have let go of the console"
    assert (said["StandardInput"], said["StandardOutput"]) == (["tty-force"], ["tty"])
    assert said["StandardError"] == ["inherit"], "the screen is drawn there"
    assert said["Wants"] == [DISPLAY]
    assert "Requires" not in said
    assert "BindsTo" not in said
    assert DISPLAY not in said["After"][0].split()
    assert (said["Restart"], said["StartLimitIntervalSec"]) == (["always"], ["0"])
    assert said["TimeoutStopSec"] == ["5"]
    assert said["ExecStartPre"] == ["-+/usr/bin/setterm --term linux --blank 0 --powersave off --msg off"]
    assert "COLORTERM" in said["UnsetEnvironment"][0].split()
    assert all("/etc/packdeck" not in line for line in said["Environment"]), "its settings are its own"


def test_the_console_font_is_loaded_where_there_is_one() -> None:
    site = replace(SITE, font="/f.psf")
    assert "setfont" not in units.kiosk(site)
    said = settings_of(units.kiosk(replace(site, setfont="/usr/bin/setfont")))
    assert said["ExecStartPre"] == ["-+/usr/bin/setfont -C /dev/tty1 /f.psf"]


def test_only_groups_of_the_machine_are_named() -> None:
    """One that is not there would stop the service from starting."""
    assert "SupplementaryGroups" not in units.display(replace(SITE, groups=frozenset()))
    said = settings_of(units.display(replace(SITE, groups=frozenset({"dialout"}))))
    assert said["SupplementaryGroups"] == ["dialout"]


def test_the_bluetooth_service() -> None:
    """S0-20: one-shot, after and requiring bluetooth, 5 s, hci0 up, remains active, at boot."""
    said = settings_of(units.bluetooth(SITE))
    assert (said["Type"], said["RemainAfterExit"]) == (["oneshot"], ["yes"])
    assert said["After"] == said["Requires"] == ["bluetooth.service"]
    assert said["ExecStartPre"] == ["/bin/sleep 5"]
    assert "/org/bluez/hci0" in said["ExecStart"][0]
    assert said["WantedBy"] == ["multi-user.target"]


@needs_bus
@pytest.mark.skipif(BUSCTL is None, reason="no busctl here")
def test_its_command_turns_the_adapter_on() -> None:
    """S0-20: what the unit runs, run against a BlueZ whose adapter is off."""
    words = settings_of(units.bluetooth(replace(SITE, busctl=BUSCTL or "")))["ExecStart"][0].split()
    with private_bus() as address, FakeBluez() as bluez:
        bluez.power(False)
        ask = [BUSCTL or "", f"--address={address}", "get-property", "org.bluez", "/org/bluez/hci0", ADAPTER]

        def powered() -> str:
            return subprocess.run(
                [*ask, "Powered"], capture_output=True, text=True, check=True
            ).stdout.strip()

        assert powered() == "b false"
        subprocess.run([words[0], f"--address={address}", *words[1:]], check=True)
        assert powered() == "b true"


def test_the_udev_rule() -> None:
    """S0-18."""
    assert (
        units.bluetooth_rule() == 'SUBSYSTEM=="bluetooth", KERNEL=="hci0", GROUP="bluetooth", MODE="0664"\n'
    )


def test_serial_bridges_are_left_alone_by_modem_programs() -> None:
    lines = units.serial_rule().splitlines()
    assert len(lines) == len(units.BRIDGES)
    assert all('GROUP="dialout", MODE="0660", ENV{ID_MM_PORT_IGNORE}="1"' in line for line in lines)


def test_each_can_interface_comes_up_with_its_speed() -> None:
    lines = units.can_rule(SITE, [("can0", 500_000), ("can1", 250_000)]).splitlines()
    assert 'KERNEL=="can1"' in lines[1]
    assert 'RUN+="/usr/sbin/ip link set can1 up type can bitrate 250000 restart-ms 100"' in lines[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("/a/b", "serve"), "/a/b serve"),
        (("/a b/c", "serve"), '"/a b/c" serve'),
        (("/100%/$x", "$HOME"), "/100%%/$x $$HOME"),
        (('/a"b\\c',), r'"/a\"b\\c"'),
    ],
)
def test_words_are_quoted_for_systemd(words: tuple[str, ...], expected: str) -> None:
    assert quoted(words) == expected


def test_a_variable_is_taken_as_it_is() -> None:
    assert assigned("A", "/a b/$c%") == 'Environment="A=/a b/$c%%"\n'


# --- this machine ---


def test_the_program_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = write(tmp_path, "bin/packdeck")
    script.chmod(0o755)
    python = str(write(tmp_path, "other/python"))
    monkeypatch.chdir(tmp_path)
    assert program_here("bin/packdeck", python) == (str(script),)
    assert program_here("tui/__main__.py", python) == (python, "-m", "tui")
    assert program_here("tui/__main__.py", str(tmp_path / "bin/python")) == (str(script),)


def test_the_services_have_an_account_of_their_own(system: System) -> None:
    site = look(system)
    assert (site.account, site.home) == ("packdeck", "yes")
    assert site.groups == {"root", "dialout", "bluetooth", "input"}
    assert site.setterm == "/usr/bin/setterm"
    assert site.setfont == ""


def in_a_home(system: System, number: int) -> System:
    write(system.root, "home/ada/.venv/bin/packdeck")
    (system.root / "home/ada").chmod(0o700)
    program = ("/home/ada/.venv/bin/packdeck",)
    return replace(system, program=program, owner_of=lambda path: number)


def test_a_program_in_a_closed_home_runs_as_its_owner(system: System) -> None:
    private = in_a_home(system, 1000)
    assert who_may_enter(private, (Path(private.program[0]),)) == "ada"
    site = look(private)
    assert (site.account, site.home) == ("ada", "read-only")
    assert units.accounts(site) == "g packdeck -\n"
    assert units.folders(site) == "d /etc/packdeck 0750 ada packdeck -\n"


@pytest.mark.parametrize(("number", "account"), [(1000, "packdeck"), (0, "")])
def test_a_program_that_cannot_be_reached_is_refused(system: System, number: int, account: str) -> None:
    with pytest.raises(ServiceError) as refused:
        look(in_a_home(system, number), account=account)
    assert refused.value.cause.key == "service-private"
    assert refused.value.cause.values()["account"] == "packdeck"


def test_a_program_that_is_gone_after_a_restart_is_refused(system: System) -> None:
    with pytest.raises(ServiceError) as refused:
        look(replace(system, program=("/tmp/venv/bin/packdeck",)))
    assert refused.value.cause.key == "service-temporary"


def test_an_unknown_account_is_refused(system: System) -> None:
    with pytest.raises(ServiceError) as refused:
        look(system, account="eve")
    assert refused.value.cause.key == "service-no-account"
    assert look(system, account="ada").account == "ada"


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("etc/default/locale", 'LANG="fr_FR.UTF-8"\n', "fr_FR.UTF-8"),
        ("etc/locale.conf", "# LANG=x\nLC_ALL=C\nLANG=de_DE.utf8\n", "de_DE.utf8"),
        ("etc/locale.conf", "LANG=fr_FR@euro\n", "C.UTF-8"),
        ("etc/other", "", "C.UTF-8"),
    ],
)
def test_the_language_of_the_machine(system: System, file: str, text: str, expected: str) -> None:
    write(system.root, file, text)
    assert language(system) == expected


SHOWN = """Id=packdeck-display.service
LoadState=loaded
ActiveState=failed
SubState=failed
UnitFileState=enabled
NRestarts=30
ExecMainStatus=1

Id=packdeck-kiosk.service
LoadState=not-found
ActiveState=inactive
SubState=dead
NRestarts=0
"""


def test_states_of_services(system: System) -> None:
    """S0-24."""
    run = Recorder(show=(0, SHOWN, ""))
    assert states(replace(system, run=run), [DISPLAY, KIOSK]) == [
        UnitState(DISPLAY, "loaded", "failed", "failed", "enabled", 30, 1),
        UnitState(KIOSK, "not-found", "inactive", "dead", "", 0, None),
    ]
    assert run.lines()[0].endswith(f" {DISPLAY} {KIOSK}")
    assert states(replace(system, run=run), []) == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((1, "", "warning\nno bus\n"), "no bus"),
        ((4, "", ""), "4"),
        (FileNotFoundError(2, "No such file"), "No such file"),
        (TimeoutError(), "no answer within 60 s"),
    ],
)
def test_a_systemd_that_refuses_is_quoted(
    system: System, answer: tuple[int, str, str] | Exception, reason: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        states(replace(system, run=Recorder(show=answer)), [DISPLAY])
    assert refused.value.cause.key == "service-command"
    assert refused.value.cause.values()["reason"] == reason


# --- files ---


def test_a_mark_tells_whose_a_file_is_and_whether_it_was_changed(tmp_path: Path) -> None:
    text = marked("kiosk", "[Unit]\n")
    file = write(tmp_path, "x.service", text)
    assert part_of(text) == "kiosk"
    assert part_of("[Unit]\n") == ""
    assert before(file, text) is Before.SAME
    assert before(file, marked("kiosk", "[Unit]\nnew\n")) is Before.OLDER
    file.write_text(text + "Wants=mine\n")
    assert before(file, text) is Before.CHANGED
    assert before(tmp_path / "none", text) is Before.NEW


def test_what_somebody_changed_is_kept_every_time(tmp_path: Path) -> None:
    file, text = tmp_path / "x.service", marked("display", "[Unit]\n")
    for number, name in ((1, "x.service.kept"), (2, "x.service.kept-2"), (3, "x.service.kept-3")):
        file.write_text(f"mine {number}")
        assert backup_of(file).name == name
        assert write_all([(file, text)]) == {file: tmp_path / name}
        assert (tmp_path / name).read_text() == f"mine {number}"
        assert file.read_text() == text
    assert file.stat().st_mode & 0o777 == 0o644
    assert len(list(tmp_path.iterdir())) == 4, "nothing temporary is left"


def test_a_link_is_kept_and_what_it_points_to_is_not_written(tmp_path: Path) -> None:
    real = write(tmp_path, "real", "mine")
    file = tmp_path / "x.service"
    file.symlink_to(real)
    kept = write_all([(file, marked("display", ""))])
    assert kept[file].is_symlink()
    assert real.read_text() == "mine"
    assert not file.is_symlink()


def test_all_files_are_written_or_none(tmp_path: Path) -> None:
    """The second cannot be: its folder is a file."""
    write(tmp_path, "wall")
    first = write(tmp_path, "first", marked("x", "old"))
    with pytest.raises(ServiceError) as refused:
        write_all([(first, marked("x", "new")), (tmp_path / "wall" / "second", "text")])
    assert refused.value.cause.key == "service-file"
    assert refused.value.cause.values()["path"] == str(tmp_path / "wall" / "second")
    assert first.read_text() == marked("x", "old")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "wall"]


def test_a_masked_service_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / DISPLAY
    file.symlink_to(os.devnull)
    with pytest.raises(ServiceError) as refused:
        before(file, "x")
    assert refused.value.cause.key == "service-masked"


def test_removing_keeps_what_was_changed(tmp_path: Path) -> None:
    ours, changed = write(tmp_path, "a", marked("x", "1")), write(tmp_path, "b", "mine")
    assert remove_all([ours, changed, tmp_path / "none"]) == {changed: tmp_path / "b.kept"}
    assert [path.name for path in tmp_path.iterdir()] == ["b.kept"]


# --- plans ---


def paths(plan: Plan) -> list[str]:
    return [str(file.path) for file, _now in plan.files]


def commands(plan: Plan) -> list[str]:
    return [" ".join(command.words) for command in (*plan.first, *plan.then)]


def test_installing_display_and_kiosk(system: System) -> None:
    """S0-23: both are written, enabled at boot, and started; the account first."""
    plan = to_install(system, SITE, Wanted())
    assert paths(plan) == [f"{UNITS}/{DISPLAY}", f"{UNITS}/{KIOSK}", str(SYSUSERS), str(TMPFILES)]
    assert carry_out(system, plan) == {}
    assert done(system) == [
        f"systemd-sysusers {SYSUSERS}",
        f"systemd-tmpfiles --create {TMPFILES}",
        "systemctl daemon-reload",
        "systemctl disable getty@tty1.service",
        f"systemctl enable {DISPLAY} {KIOSK}",
        f"systemctl restart --no-block {DISPLAY}",
        f"systemctl restart --no-block {KIOSK}",
    ]
    assert system.at(UNITS / DISPLAY).read_text() == marked("display", units.display(SITE))


def test_the_bluetooth_rule_alone(system: System) -> None:
    """S0-18: written, rules read again, and nothing else."""
    plan = to_install(system, SITE, Wanted(("udev",)))
    assert paths(plan) == [f"{RULES}/99-bluetooth.rules"]
    assert commands(plan) == ["udevadm control --reload", "udevadm trigger --subsystem-match=bluetooth"]


def test_the_bluetooth_service_alone_with_another_name(system: System) -> None:
    """S0-20."""
    plan = to_install(system, SITE, Wanted(("bluetooth",), bluetooth_unit="radio.service"))
    assert paths(plan) == [f"{UNITS}/radio.service"]
    assert "systemctl enable radio.service" in commands(plan)
    carry_out(system, plan)
    assert [file.path.name for file in installed(system)] == ["radio.service"]
    assert paths(to_uninstall(system, PARTS)) == [f"{UNITS}/radio.service"]


@pytest.mark.parametrize("name", ["bluetooth", "packdeck-kiosk", "../x", "", "a b", "-x"])
def test_a_name_that_cannot_be_is_refused(system: System, name: str) -> None:
    with pytest.raises(ServiceError) as refused:
        to_install(system, SITE, Wanted(("bluetooth",), bluetooth_unit=name))
    assert refused.value.cause.key == "service-name"


def test_an_interface_that_would_run_a_command_is_refused(system: System) -> None:
    with pytest.raises(ServiceError) as refused:
        to_install(system, SITE, Wanted(("can",), buses=(('can0"; reboot', 1),)))
    assert refused.value.cause.key == "service-interface"


def test_a_second_time_disturbs_nothing(system: System) -> None:
    carry_out(system, to_install(system, SITE, EVERYTHING))
    files = {path: path.stat().st_mtime_ns for path in (system.root / "etc").rglob("*") if path.is_file()}
    plan = to_install(system, SITE, EVERYTHING)
    assert {now for _file, now in plan.files} == {Before.SAME}
    assert carry_out(system, plan) == {}
    assert files == {path: path.stat().st_mtime_ns for path in files}
    assert f"systemctl start --no-block {DISPLAY}" in commands(plan)
    assert not any("restart" in line for line in commands(plan))


def test_nothing_is_started_when_not_wanted(system: System) -> None:
    plan = to_install(system, SITE, replace(EVERYTHING, starts=False))
    assert not [line for line in commands(plan) if "start" in line or "trigger" in line]
    assert any("enable" in line for line in commands(plan))


def test_the_callers_configuration_is_where_the_services_begin(system: System) -> None:
    """Copied once; what is in force is never replaced."""
    wanted = Wanted(config=Path("/home/ada/.config/packdeck/config.toml"))
    copy = f"install -m 0640 -o packdeck -g packdeck {wanted.config} /etc/packdeck/config.toml"
    assert copy in commands(to_install(system, SITE, wanted))
    write(system.root, "etc/packdeck/config.toml")
    assert copy not in commands(to_install(system, SITE, wanted))


def test_a_missing_program_stops_it_before_anything_is_written(system: System) -> None:
    (system.root / "usr/bin/udevadm").unlink()
    with pytest.raises(ServiceError) as refused:
        carry_out(system, to_install(system, SITE, EVERYTHING))
    assert refused.value.cause.key == "service-no-tool"
    assert done(system) == []
    assert installed(system) == []


def test_a_command_that_fails_is_told_and_it_can_be_done_again(system: System) -> None:
    failing = replace(system, run=Recorder(enable=(1, "", "no\n")))
    with pytest.raises(ServiceError) as refused:
        carry_out(failing, to_install(failing, SITE, EVERYTHING))
    assert refused.value.cause.values()["command"].startswith("systemctl enable")
    assert carry_out(system, to_install(system, SITE, EVERYTHING)) == {}


def test_uninstalling_takes_everything_back(system: System) -> None:
    """S0-23: stopped before the files go, and the console gets its login again."""
    site = replace(SITE, console=2)
    carry_out(system, to_install(system, site, EVERYTHING))
    write(system.root, "etc/packdeck/config.toml", "mine")
    other = write(system.root, "etc/systemd/system/mine.service", "mine")
    run = Recorder()
    plan = to_uninstall(system, PARTS)
    assert carry_out(replace(system, run=run), plan) == {}
    assert installed(system) == []
    assert other.exists()
    assert (system.root / "etc/packdeck/config.toml").read_text() == "mine"
    lines = run.lines()
    assert lines.index(f"systemctl disable --now {KIOSK}") < lines.index("systemctl daemon-reload")
    assert lines[-1] == "systemctl enable --now --no-block getty@tty2.service"
    assert not to_uninstall(system, PARTS).files


def test_uninstalling_one_part_leaves_the_others(system: System) -> None:
    carry_out(system, to_install(system, SITE, EVERYTHING))
    carry_out(system, to_uninstall(system, ["kiosk", "can"]))
    left = {file.part for file in installed(system)}
    assert left == {"display", "udev", "bluetooth", "serial", "accounts", "folders"}


def test_uninstalling_goes_on_when_a_command_has_nothing_to_do(system: System) -> None:
    carry_out(system, to_install(system, SITE, EVERYTHING))
    (system.root / "usr/bin/udevadm").unlink()
    run = Recorder(disable=(1, "", "not loaded"), control=FileNotFoundError(2, "No such file"))
    run.answers["reset-failed"] = (1, "", "not loaded")
    carry_out(replace(system, run=run), to_uninstall(system, PARTS))
    assert installed(system) == []


def test_a_changed_service_is_renamed_when_it_is_removed(system: System) -> None:
    carry_out(system, to_install(system, SITE, Wanted(("display",))))
    file = system.at(UNITS / DISPLAY)
    file.write_text("[Service]\nExecStart=/mine\n")
    kept = carry_out(system, to_uninstall(system, PARTS))
    assert kept == {file: file.with_name(f"{DISPLAY}.kept")}
    assert not file.exists()


def test_a_service_of_one_user(system: System) -> None:
    home = Path("/home/ada/.config")
    said = {"PACKDECK_CONFIG_DIR": "/home/ada/a b", "PATH": "/bin", "PACKDECK_STATE_DIR": ""}
    plan = to_install_for_user(system, SITE, home, said)
    carry_out(system, plan)
    text = system.at(home / "systemd/user" / DISPLAY).read_text()
    assert 'Environment="PACKDECK_CONFIG_DIR=/home/ada/a b"' in text
    assert "STATE_DIR" not in text
    assert "WantedBy=default.target" in text
    assert all(" --user " in line for line in done(system))
    carry_out(system, to_uninstall_for_user(system, home))
    assert not system.at(home / "systemd/user" / DISPLAY).exists()
    assert to_uninstall_for_user(system, home).files == ()


@pytest.fixture(autouse=True)
def _nothing_outside(tmp_path: Path) -> Iterator[Any]:
    """No test of this file may touch the machine it runs on."""
    watched = [UNITS / DISPLAY, UNITS / KIOSK, SYSUSERS, TMPFILES, RULES / "99-bluetooth.rules"]
    there = [path.exists() for path in watched]
    yield
    assert [path.exists() for path in watched] == there
