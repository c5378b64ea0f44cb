"""Commands to a battery's electronics, and the true state after each. Runs in the thread of the link.

Source: JBD protocol document (V11) and captures; Energus "Communication Protocols, Tiny BMS", Revision D.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from tui.engine.register_jbd import DENIED, INVALID, JbdTalk
from tui.engine.register_line import DeviceRefusedError, DeviceSilentError, Line, Talk, wait
from tui.engine.register_tinybms import TinyBmsTalk
from tui.engine.register_work import entered
from tui.model.link import Cause
from tui.model.sample import Protection
from tui.protocols import jbd_decode
from tui.protocols.jbd_exchange import BASIC, COUNTERS, PAGED
from tui.protocols.tinybms_frames import CLEAR_EVENTS, CLEAR_STATISTICS, RESTART

SETTLE_S = 0.8  # a switch has moved, and the board has measured again
MOSFETS, CHARGE, BALANCE, RESET, ACTIONS = 0xE1, 0xE0, 0xE2, 0xE3, 0x0A
REBOOT_ACTION, SLEEP_ACTION, RESET_KEY = b"\x03\x00", b"\x05\x00", b"\x43\x21"
IDLE_CALIBRATION, CHARGE_CALIBRATION, DISCHARGE_CALIBRATION = 0xAD, 0xAE, 0xAF
BALANCE_OFF = 3
SOC_RAW, SOH_RAW, SET_SOC, SET_SOH = 46, 45, 328, 323
EVENT_LOG = 200
_P = Protection
OPENS_CHARGE = frozenset((
    _P.CELL_OVERVOLTAGE, _P.PACK_OVERVOLTAGE, _P.CHARGE_OVERTEMPERATURE, _P.CHARGE_UNDERTEMPERATURE,
    _P.CHARGE_OVERCURRENT, _P.FRONTEND_IC_ERROR,
))  # fmt: skip
OPENS_DISCHARGE = frozenset((
    _P.CELL_UNDERVOLTAGE, _P.PACK_UNDERVOLTAGE, _P.DISCHARGE_OVERTEMPERATURE, _P.DISCHARGE_UNDERTEMPERATURE,
    _P.DISCHARGE_OVERCURRENT, _P.SHORT_CIRCUIT, _P.FRONTEND_IC_ERROR,
))  # fmt: skip


@dataclass(slots=True)
class Switches:
    """What was commanded off, as far as it is known. A board cannot be asked for it."""

    charge_off: bool
    discharge_off: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command came to. `actual` and `requested` are words of its form."""

    ok: bool
    requested: str = ""
    actual: str = ""
    reasons: tuple[str, ...] = ()
    cause: Cause | None = None


@dataclass(slots=True)
class Memory:
    """What is remembered between commands of one track."""

    switches: Switches | None = None
    tests_balance: bool = False  # factory mode is held open for it


def run(talk: Talk, line: Line, name: str, value: str, memory: Memory) -> Outcome:
    """One command. Raises what a talk raises; an unknown name is an outcome."""
    if isinstance(talk, JbdTalk):
        return _run_jbd(talk, line, name, value, memory)
    if isinstance(talk, TinyBmsTalk):
        return _run_tinybms(talk, name, value)
    return _absent(name)


def _absent(name: str) -> Outcome:
    return Outcome(False, cause=Cause("command-absent", (("command", name),)))


# JBD


def _run_jbd(talk: JbdTalk, line: Line, name: str, value: str, memory: Memory) -> Outcome:
    match name:
        case "charge_switch" | "discharge_switch":
            return _switch(talk, line, name, value == "1", memory)
        case "balance_test":
            return _balance_test(talk, line, int(value), memory)
        case "reset_soc":
            return _reset_soc(talk, line, float(value))
        case "clear_errors":
            return _clear_errors(talk)
        case "restart":
            return _restart(talk)
        case "sleep":
            return _sleep(talk)
        case "idle_calibration":
            return _calibrate(talk, IDLE_CALIBRATION, 0.0)
        case "charge_calibration":
            return _calibrate(talk, CHARGE_CALIBRATION, float(value))
        case "discharge_calibration":
            return _calibrate(talk, DISCHARGE_CALIBRATION, float(value))
    return _absent(name)


def derived(basic: jbd_decode.Decoded) -> Switches:
    """What is commanded off, from what the board says.

    Without the lock bit nothing is. With it a switch that is open although no protection explains it is;
    a switch that a protection holds open is taken as released, or it would stay locked for good.
    """
    acting = set(jbd_decode.protections(basic["protection_mask"]))
    if Protection.MOSFET_SOFTWARE_LOCK not in acting:
        return Switches(False, False)
    return Switches(
        not basic["charge_fet"] and not acting & OPENS_CHARGE,
        not basic["discharge_fet"] and not acting & OPENS_DISCHARGE,
    )


def _switch(talk: JbdTalk, line: Line, name: str, on: bool, memory: Memory) -> Outcome:
    basic = jbd_decode.basic(talk.ask(BASIC))
    is_locked = Protection.MOSFET_SOFTWARE_LOCK in jbd_decode.protections(basic["protection_mask"])
    wanted = memory.switches if memory.switches is not None and is_locked else derived(basic)
    wanted = Switches(wanted.charge_off, wanted.discharge_off)
    is_charge = name == "charge_switch"
    if is_charge:
        wanted.charge_off = not on
    else:
        wanted.discharge_off = not on
    word = bytes((0, int(wanted.charge_off) | int(wanted.discharge_off) << 1))
    _command_anywhere(talk, MOSFETS, word)
    memory.switches = wanted
    wait(line, SETTLE_S)
    basic = jbd_decode.basic(talk.ask(BASIC))
    actual = bool(basic["charge_fet" if is_charge else "discharge_fet"])
    stoppers = OPENS_CHARGE if is_charge else OPENS_DISCHARGE
    acting = jbd_decode.protections(basic["protection_mask"])
    reasons = tuple(p.value for p in acting if p in stoppers) if on and not actual else ()
    cause = None if actual == on else Cause("command-switch-back" if reasons else "command-no-effect")
    return Outcome(actual == on, _word(on), _word(actual), reasons, cause)


def _word(on: bool) -> str:
    return "on" if on else "off"


def _command_anywhere(talk: JbdTalk, register: int, data: bytes) -> None:
    """Some boards obey at once, others in factory mode only. A refusal changed nothing: say it again."""
    try:
        talk.command(register, data)
    except DeviceRefusedError as error:
        if error.status not in (DENIED, INVALID):
            raise
        with entered(talk):
            talk.command(register, data)


def _balance_test(talk: JbdTalk, line: Line, code: int, memory: Memory) -> Outcome:
    """Factory mode is held while it runs: leaving it ends the test."""
    requested = {1: "odd", 2: "even"}.get(code, "off")
    talk.begin()
    talk.command(BALANCE, bytes((0, code)))
    memory.tests_balance = code != BALANCE_OFF
    if not memory.tests_balance:
        talk.end(save=False)
    wait(line, SETTLE_S)
    bled = set(jbd_decode.basic(talk.ask(BASIC))["balancing_cells"])
    actual = (
        "off"
        if not bled
        else "odd"
        if all(n % 2 for n in bled)
        else "even"
        if not any(n % 2 for n in bled)
        else "?"
    )
    return Outcome(actual == requested or requested == "off", requested, actual)


def _reset_soc(talk: JbdTalk, line: Line, percent: float) -> Outcome:
    basic = jbd_decode.basic(talk.ask(BASIC))
    steps_per_ah = 10 if basic["fet_mask"] & jbd_decode.UNIT_FLAG else 100
    raw = round(basic["nominal_ah"] * percent / 100 * steps_per_ah)
    with entered(talk):
        talk.command(CHARGE, min(raw, 0xFFFF).to_bytes(2, "big"))
    wait(line, SETTLE_S)
    soc_pct = jbd_decode.basic(talk.ask(BASIC))["soc_pct"]
    ok = abs(soc_pct - percent) <= 1
    return Outcome(ok, f"{percent:g}", str(soc_pct), cause=None if ok else Cause("command-no-effect"))


def _clear_errors(talk: JbdTalk) -> Outcome:
    """Leaving factory mode with 28 28 zeroes the counters."""
    talk.begin()
    talk.end(save=True)
    left = sum(jbd_decode.counters(talk.ask(COUNTERS))["error_counts"].values())
    return Outcome(left == 0, "0", str(left), cause=None if left == 0 else Cause("command-no-effect"))


def _has_pages(talk: JbdTalk) -> bool:
    """Only boards that answer FA have the actions of 0A; on others the same number means something else."""
    try:
        talk.ask(PAGED, b"\x00\x00\x01")
    except (DeviceRefusedError, DeviceSilentError):
        return False
    return True


def _restart(talk: JbdTalk) -> Outcome:
    register, data = (ACTIONS, REBOOT_ACTION) if _has_pages(talk) else (RESET, RESET_KEY)
    with contextlib.suppress(DeviceSilentError):  # it may restart before it answers
        talk.command(register, data)
    talk.ask(BASIC)
    return Outcome(True)


def _sleep(talk: JbdTalk) -> Outcome:
    if not _has_pages(talk):
        return _absent("sleep")
    talk.command(ACTIONS, SLEEP_ACTION)
    return Outcome(True)


def _calibrate(talk: JbdTalk, register: int, amperes: float) -> Outcome:
    with entered(talk):
        talk.command(register, round(amperes * 100).to_bytes(2, "big"))
    current_a = jbd_decode.basic(talk.ask(BASIC))["current_a"]
    return Outcome(True, f"{amperes:.2f}", f"{current_a:.2f}")


# TinyBMS


def _run_tinybms(talk: TinyBmsTalk, name: str, value: str) -> Outcome:
    simple: dict[str, Callable[[], Outcome]] = {
        "clear_events": lambda: _clear(talk, CLEAR_EVENTS),
        "clear_statistics": lambda: _clear(talk, CLEAR_STATISTICS),
        "restart": lambda: _restart_unit(talk),
        "reset_soc": lambda: _set_charge(talk, float(value)),
        "set_soh": lambda: _set_health(talk, float(value)),
    }
    return simple[name]() if name in simple else _absent(name)


def _clear(talk: TinyBmsTalk, option: int) -> Outcome:
    talk.words(300, 1)  # a sleeping unit would lose the command, and it is sent only once
    talk.command(option)
    if option == CLEAR_EVENTS:
        left = sum(word != 0 for word in talk.words(EVENT_LOG, 98)[1::2])
        return Outcome(left == 0, "0", str(left))
    return Outcome(True)


def _restart_unit(talk: TinyBmsTalk) -> Outcome:
    talk.words(300, 1)
    with contextlib.suppress(DeviceSilentError):  # the acknowledgement may be lost in the restart
        talk.command(RESTART)
    talk.wake()
    return Outcome(True)


def _set_charge(talk: TinyBmsTalk, percent: float) -> Outcome:
    talk.begin()
    talk.write(SET_SOC, round(percent * 500).to_bytes(2, "big"))
    low, high = talk.words(SOC_RAW, 2)
    actual = (low | high << 16) / 1_000_000
    ok = abs(actual - percent) <= 1
    return Outcome(ok, f"{percent:g}", f"{actual:.1f}", cause=None if ok else Cause("command-no-effect"))


def _set_health(talk: TinyBmsTalk, percent: float) -> Outcome:
    talk.begin()
    talk.write(SET_SOH, round(percent * 500).to_bytes(2, "big"))
    actual = talk.words(SOH_RAW, 1)[0] / 500
    ok = abs(actual - percent) <= 1
    return Outcome(ok, f"{percent:g}", f"{actual:.1f}", cause=None if ok else Cause("command-no-effect"))
