"""The whole chain: our TinyBMS protocol on the simulated unit, on a clock that jumps."""

import pytest

from tests.protocols.tinybms_unit import Talk
from tests.simulator.test_as_tinybms import unit
from tui.model.sample import Cells, Counters, Identity, Pack, Protection, UnitLog
from tui.model.track import SIMULATED_NAME
from tui.protocols.protocol import Rejected
from tui.protocols.tinybms_frames import write_some
from tui.simulator.as_tinybms import TinyBmsDevice
from tui.simulator.battery import Battery, Phase


def chain(device: TinyBmsDevice, poll_s: float = 0.5, piece: int = 0) -> Talk:
    talk = Talk(poll_s=poll_s, piece=piece)
    talk.unit = lambda asked: device.receive(asked, talk.now_s)
    return talk


@pytest.mark.parametrize("cells", [4, 8, 14, 16])
def test_whole_chain(cells: int) -> None:
    """S1-6, S1-10: our protocol on this unit at 2 Hz, asleep at first: every reading, none rejected."""
    battery = Battery(cells, 100.0, 64.0, phase=Phase.CHARGE, charge_a=12.0)
    device = TinyBmsDevice(battery, is_asleep=True)
    talk = chain(device, piece=7).pass_s(30)
    assert len(talk.said(Pack)) >= 60 and talk.said(Rejected) == []
    pack, seen = talk.said(Pack)[-1], talk.said(Cells)[-1]
    assert pack.status == "charging" and pack.current_a == pytest.approx(battery.current_a, abs=0.1)
    assert pack.soc_pct == pytest.approx(battery.mean_soc_pct, abs=0.01)
    assert pack.nominal_ah == 100.0 and pack.remaining_ah == pytest.approx(battery.remaining_ah, abs=0.02)
    assert pack.cell_count == cells == len(seen.mv) and pack.doubts == () == seen.doubts
    assert seen.mv == pytest.approx([c.mv for c in battery.cells], abs=2)
    assert len(pack.temperatures_c) == (3 if cells > 8 else 2)
    assert all(
        name.hardware is None or name.hardware.startswith(SIMULATED_NAME) for name in talk.said(Identity)
    )
    assert dict(talk.said(Counters)[-1].counts)["chargings_started"] == 1
    assert [e.code for e in talk.said(UnitLog)[-1].events] == [0x62, 0x64, 0x66, 0x61]


def test_balanced_cells_keep_their_numbers() -> None:
    """The bits follow the positions of the cells."""
    device = unit(8)
    device.battery.cells[2].is_bled = True
    (pack,) = chain(device).until(1).said(Pack)
    assert pack.balancing == pack.needs_balancing == (3,)


def test_a_fault_and_its_end_in_the_chain() -> None:
    """A protection of the battery becomes status, event and reason, and goes again."""
    device = unit()
    talk = chain(device, poll_s=1.0).pass_s(3)
    assert talk.said(Pack)[-1].status == "idle"
    device.battery.protections.add(Protection.CHARGE_OVERCURRENT)
    talk.pass_s(1.5)
    assert talk.said(Pack)[-1].protections == (Protection.CHARGE_OVERCURRENT,)
    assert talk.said(Pack)[-1].status == "fault"
    device.battery.protections.clear()
    talk.pass_s(1.5)
    assert talk.said(Pack)[-1].protections == () and talk.said(Pack)[-1].status == "idle"
    assert [e.code for e in talk.said(UnitLog)[-1].events][:2] == [0x76, 0x06]


def test_broadcast_in_the_chain() -> None:
    """Text between the answers costs no reading; its bytes are counted."""
    device = unit()
    device.receive(write_some({342: 3, 343: 1}), 0.0)
    talk = chain(device).pass_s(10)
    assert len(talk.said(Pack)) >= 20 and talk.protocol.requests_unanswered == 0
    assert sum(r.count for r in talk.said(Rejected)) > 1000
