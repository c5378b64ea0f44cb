"""One thread: a wire and a protocol become events."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from tui.engine.frame_book import FrameBook
from tui.engine.lent_line import Job, LentLine
from tui.engine.recognise import TRY_S, Recogniser
from tui.engine.reconnect import Ladder
from tui.engine.silence import Noise, Reopening, judge, noise_counts_s
from tui.engine.teller import Teller
from tui.engine.traffic import TrafficCounter
from tui.engine.wire_log import Explain
from tui.model import can
from tui.model.events import Event
from tui.model.frame import Direction
from tui.model.link import Cause, Phase
from tui.model.track import Setup
from tui.protocols.protocol import Answered, BatteryProtocol, Outcome, Refused, Rejected
from tui.transports.transport import HeldError, Transport, Visible, WireError

log = logging.getLogger(__name__)

READ_S = 0.2  # longest wait in one read: a command is obeyed after this
READ_MIN_S = 0.01
BREATH_S = 1.0  # longest pause of a job for the polling; a cycle takes 0.3 s on Bluetooth
QUIET_S = 0.15  # JBD protocol document: no byte for so long ends a frame on a serial line
LOOK_S = 2.0  # how often the device of a broken wire is looked for
RETRY_PRESENT_S = 30.0  # a device that is there, unchanged, and still cannot be opened

OpenWire = Callable[[Setup], Transport]
OpenProtocol = Callable[[Setup], BatteryProtocol]
ExplainOf = Callable[[Setup], Explain]


class Wake(Protocol):
    """What the worker needs of an event: tests replace it so that waiting moves their clock."""

    def set(self) -> None: ...
    def clear(self) -> None: ...
    def wait(self, timeout: float | None = None) -> bool: ...


class Worker:
    """Keeps one link alive and turns what it brings into events.

    `turn` is one round and the only thing the thread does: whatever goes wrong in it becomes `LinkChanged`
    with a cause, and the ladder says when to try again. Wire and protocol belong to this thread alone.
    """

    def __init__(
        self,
        setup: Setup,
        *,
        open_wire: OpenWire,
        open_protocol: OpenProtocol,
        publish: Callable[[Event], None],
        frames: FrameBook,
        explain_of: ExplainOf | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        wake: Wake | None = None,
    ) -> None:
        self.setup = setup
        self._open_wire, self._open_protocol = open_wire, open_protocol
        self._frames, self._clock = frames, clock
        self._wake: Wake = wake or threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"link {setup.name}", daemon=True)
        self._begun = self._stopping = self._asked = False
        self._polling = True
        self._jobs: deque[tuple[Job, Callable[[Cause], None]]] = deque()
        self._recogniser = Recogniser(setup)
        self._explain_of = explain_of
        self._number = 0  # of the newest frame
        self._wire: Transport | None = None
        self._protocol: BatteryProtocol | None = None
        self._is_open = self._has_answered = False
        self._ladder = Ladder(setup.attempts_max, setup.window_s)
        self._reopening = Reopening()
        self._counter = TrafficCounter()
        self._teller = Teller(setup, publish, self._ladder, self._counter, clock, wall)
        self._heard_at_s = self._looked_at_s = self._bytes_at_s = float("-inf")
        self._received_at_s: float | None = None  # newest bytes, until the line was quiet after them
        self._opened_at_s = float("-inf")
        frames.wire(setup.name, setup.is_bus, setup.bitrate if setup.is_bus else None)
        self._present: str | None = None
        self._tried_present_at_s = float("-inf")

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end and unblock its read. Does not wait: see `join`."""
        self._stopping = True
        self._wake.set()
        if self._wire is not None:
            self._wire.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; True when the thread is gone."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def reconnect(self) -> None:
        """Close the wire and open it at once, whatever the plan says. Returns before it happened."""
        self._asked = True
        self._wake.set()

    def switch_polling(self, on: bool) -> None:
        """Pause or resume the requests; the wire stays open."""
        self._polling = on
        self._wake.set()

    def work(self, job: Job, lost: Callable[[Cause], None]) -> None:
        """Lend the wire to `job`, in the link's thread, once nobody waits for an answer on it.

        Polling rests meanwhile. `lost` is called instead when the wire fails before the job has begun.
        """
        self._jobs.append((job, lost))
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            self.turn()
        self._lose_jobs(Cause("engine-closed"))
        self._shut()

    def turn(self) -> None:
        """One round; never raises."""
        try:
            self._turn()
        except HeldError as held:
            self._held(held)
        except WireError as error:
            if not self._stopping:
                self._failed(error.cause)
        except Exception as error:
            log.exception("%s: the link stopped for a reason inside this program", self.setup.name)
            self._failed(Cause("internal-error", (("error", f"{type(error).__name__}: {error}"),)))

    def _turn(self) -> None:
        now_s = self._clock()
        if self._asked:
            self._asked = False
            self._shut()
            self._recogniser.again()
            self._ladder.ask()
        if self._is_open:
            self._converse(now_s)
        elif not self._begun:
            self._begin(now_s)
        elif self._ladder.is_due(now_s):
            if self.setup.is_radio:  # an attempt takes seconds: it is seen under way
                self._teller.tell(Phase.CONNECTING, self._teller.link.cause)
            self._open(now_s)
            self._teller.tell(Phase.CONNECTING, None)
        else:
            self._wait(now_s)

    # opening and losing

    def _begin(self, now_s: float) -> None:
        self._begun = True
        self._ladder.start(now_s)
        self._teller.tell(Phase.CONNECTING, None)
        self._open(now_s)
        self._teller.tell(Phase.CONNECTING, None)

    def _open(self, now_s: float) -> None:
        speaks = self._recogniser.speaks
        if self._wire is None:
            self._wire = self._open_wire(speaks)
        if self._protocol is None:
            self._protocol = self._open_protocol(speaks)
            if self._explain_of is not None:
                self._frames.explained_by(self.setup.name, self._explain_of(speaks))
        self._tried_present_at_s, self._present = now_s, self._presence()
        self._wire.open()
        self._is_open, self._received_at_s, self._opened_at_s = True, None, self._clock()
        self._protocol.reset()
        self._ladder.opened(now_s)
        self._counter.opened()
        self._heard_at_s = self._clock()
        self._reopening.heard(self._heard_at_s)

    def _shut(self) -> None:
        self._is_open = False
        if self._wire is not None:
            try:
                self._wire.close()
            except Exception:  # a wire that cannot even be closed must not end the thread
                log.exception("%s: closing failed", self.setup.name)

    def _failed(self, cause: Cause) -> None:
        log.warning("%s: %s %s", self.setup.name, cause.key, dict(cause.args))
        self._lose_jobs(cause)
        self._shut()
        self._ladder.failed(self._clock())
        self._teller.tell(Phase.TAP if self._ladder.tap else Phase.LOST, cause)

    def _held(self, held: HeldError) -> None:
        log.info("%s: %s", self.setup.name, held.cause.key)
        self._lose_jobs(held.cause)
        self._shut()
        self._ladder.hold(held.until_s)
        self._teller.tell(Phase.TAP if held.until_s is None else Phase.LENT, held.cause)

    @property
    def _apart(self) -> Phase:
        """The phase of a link that is neither open nor being opened."""
        if self._ladder.tap:
            return Phase.TAP
        return Phase.LENT if self._teller.link.phase is Phase.LENT else Phase.LOST

    def _wait(self, now_s: float) -> None:
        """No wire, and the next attempt is not due: look for the device now and then."""
        before = self._ladder.tap, self._ladder.retry_at_s
        if now_s - self._looked_at_s >= LOOK_S:
            self._looked_at_s = now_s
            self._look(now_s)
        if (self._ladder.tap, self._ladder.retry_at_s) != before:
            self._teller.tell(self._apart, self._teller.link.cause)
        if not self._ladder.is_due(now_s):
            self._wake.wait(min(LOOK_S, max(0.0, (self._ladder.retry_at_s or now_s + LOOK_S) - now_s)))
            self._wake.clear()

    def _look(self, now_s: float) -> None:
        present = self._presence()
        anew = present is not None and present != self._present
        again = now_s - self._tried_present_at_s >= RETRY_PRESENT_S
        self._present = present
        if present is not None and (anew or again):
            self._ladder.seen(now_s, anew)
        else:
            self._ladder.time_passed(now_s)

    def _presence(self) -> str | None:
        return self._wire.presence() if isinstance(self._wire, Visible) else None

    # an open wire

    def _converse(self, now_s: float) -> None:
        wire, protocol = self._wire, self._protocol
        assert wire is not None and protocol is not None
        if self._jobs and not getattr(protocol, "is_waiting", False):
            self._lend(wire, protocol)
            return
        if self._polling:
            self._request(wire, protocol, now_s)
        else:
            self._heard_at_s = now_s  # nobody asked: silence means nothing
        due_in_s = protocol.next_due_s() - self._clock() if self._polling else READ_S
        self._take(protocol, wire.read(min(READ_S, max(READ_MIN_S, due_in_s))))
        self._judge(wire, protocol)
        if self.setup.is_bus:
            self._frames.dropped(self.setup.name, getattr(wire, "dropped", 0))
        self._teller.tell_traffic()

    def _lend(self, wire: Transport, protocol: BatteryProtocol) -> None:
        """What comes on the line now belongs to the job; afterwards the battery is as good as heard."""
        job, _ = self._jobs.popleft()
        try:
            job(
                LentLine(
                    wire,
                    self._note_sent,
                    self._note_heard,
                    self._clock,
                    lambda: self._stopping,
                    lambda: self._breathe(wire, protocol),
                )
            )
        finally:
            self._received_at_s, self._heard_at_s = None, self._clock()

    def _breathe(self, wire: Transport, protocol: BatteryProtocol) -> None:
        """In the middle of a long job: what is due is asked and answered, and no more."""
        if protocol.next_due_s() > self._clock():
            return
        until_s = self._clock() + BREATH_S
        while self._polling and (now_s := self._clock()) < until_s:
            self._request(wire, protocol, now_s)
            self._take(protocol, wire.read(READ_MIN_S))
            is_waiting = getattr(protocol, "is_waiting", False)
            if not is_waiting and protocol.next_due_s() > self._clock() + READ_MIN_S:
                break
        self._teller.tell_traffic()

    def _note_heard(self, data: bytes) -> None:
        self._bytes_at_s = self._clock()
        self._number = self._frames.add(self.setup.name, self._teller.time_us(), Direction.RX, data)

    def _lose_jobs(self, cause: Cause) -> None:
        while self._jobs:
            _, lost = self._jobs.popleft()
            lost(cause)

    def _request(self, wire: Transport, protocol: BatteryProtocol, now_s: float) -> None:
        if now_s < protocol.next_due_s():
            return
        self._take(protocol, wire.read(0.0))  # nothing old before the answer; the protocol counts it
        settled = protocol.requests_sent
        requests = protocol.requests_due(now_s)
        if not requests:
            return
        lost = self._counter.traffic.unanswered
        self._counter.asked(settled, protocol.requests_unanswered)
        if lost := self._counter.traffic.unanswered - lost:
            self._frames.error(self.setup.name, "unanswered", lost)
        self._counter.sent(protocol.requests_sent)
        for request in requests:
            self._note_sent(request)
            wire.write(request)

    def _note_sent(self, request: bytes) -> None:
        now_us = self._teller.time_us()
        if not self.setup.is_bus:
            self._frames.add(self.setup.name, now_us, Direction.TX, request)
            return
        for frame in can.unpack(request):
            self._frames.add(self.setup.name, now_us, Direction.TX, frame.data, frame.can_id)

    def _take(self, protocol: BatteryProtocol, data: bytes) -> None:
        now_s = self._clock()
        if data:
            self._received_at_s = self._bytes_at_s = now_s
            if self.setup.is_bus:
                self._take_bus(protocol, data)
                return
            self._number = self._frames.add(self.setup.name, self._teller.time_us(), Direction.RX, data)
            self._use(protocol.feed(data))
        elif self._received_at_s is not None and now_s - self._received_at_s >= QUIET_S:
            self._received_at_s = None
            self._use(protocol.line_went_quiet())

    def _take_bus(self, protocol: BatteryProtocol, records: bytes) -> None:
        """Frame by frame, so that each reading knows the frame it came with."""
        frames = foreign = 0
        for frame in can.unpack(records):
            direction = Direction.TX if frame.sent else Direction.RX
            self._number = self._frames.add(
                self.setup.name, frame.time_us, direction, frame.data, frame.can_id
            )
            at = frames * can.RECORD_BYTES
            frames += 1
            if outcomes := protocol.feed(records[at : at + can.RECORD_BYTES]):
                foreign = 0
                self._use(outcomes)
            else:
                foreign += 1
        self._counter.heard_bus(frames, foreign)

    def _use(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self._counter.count(outcome)
            if isinstance(outcome, Rejected):
                self._frames.error(self.setup.name, outcome.why, outcome.count)
            elif isinstance(outcome, Refused):
                self._frames.error(self.setup.name, "refused")
            if isinstance(outcome, Refused | Answered | Rejected):
                continue
            now_s = self._clock()
            self._heard_at_s, self._has_answered = now_s, True
            self._reopening.heard(now_s)
            self._ladder.data(now_s)
            if not self._recogniser.is_found:
                self._recogniser.found()
                self._teller.protocol = self._recogniser.speaks.protocol
            self._teller.tell_reading(outcome, self._number)
            if self._teller.link.phase is not Phase.UP:
                self._teller.tell(Phase.UP, None)

    def _judge(self, wire: Transport, protocol: BatteryProtocol) -> None:
        now_s = self._clock()
        is_noisy = now_s - self._bytes_at_s <= noise_counts_s(self.setup)
        phase, cause = judge(
            self.setup,
            self._teller.link.phase,
            now_s - self._heard_at_s,
            max(protocol.silent_cycles, self._recogniser.rounds),
            self._counter.noise if is_noisy else Noise(),
            self._has_answered,
        )
        self._teller.tell_if_new(phase, cause)
        if self._recogniser.is_searching and self._polling and now_s - self._opened_at_s >= TRY_S:
            self._try_next(wire)
        elif phase is not Phase.UP and self._polling and self._reopening.is_due(now_s):
            self._reopen(wire, protocol)

    def _try_next(self, wire: Transport) -> None:
        """Nobody answered: perhaps it is another kind of battery, at another speed."""
        wire.close()
        self._recogniser.next()
        self._counter.speaks_anew()
        self._wire = self._protocol = None
        heard_at_s = self._heard_at_s
        self._open(self._clock())
        self._heard_at_s = heard_at_s  # trying is not hearing

    def _reopen(self, wire: Transport, protocol: BatteryProtocol) -> None:
        """A silent wire: the adapter may have been plugged in again behind our back."""
        wire.close()
        wire.open()
        self._received_at_s = None
        protocol.reset()
        self._counter.opened()
        self._reopening.reopened(self._clock())
