"""Every track at the desk of the registers: what is known of it, who may edit, and the way to its wire."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from tui.engine import register_commands
from tui.engine.register_jbd import JbdTalk
from tui.engine.register_line import DeviceRefusedError, DeviceSilentError, Line, Talk
from tui.engine.register_tinybms import TinyBmsTalk
from tui.engine.register_work import Snapshot, read_everything
from tui.model.events import Event
from tui.model.fleet import Fleet
from tui.model.link import Cause, Phase
from tui.model.register import Device
from tui.model.track import Track
from tui.model.write_plan import LEASE_S, Desk, DeskChanged, Lease
from tui.protocols.parameter_tables import TABLES
from tui.protocols.parameters import Table, text_of
from tui.store.backups import KeepError
from tui.transports.transport import WireError

WAIT_S = 8.0  # longest a question waits for the device: a screen gives up after 10 s
MODEL = 0xA1  # of a JBD board: its name in clear
TALKS: Mapping[str, Callable[[Line, str], Talk]] = {"jbd": JbdTalk, "tinybms": TinyBmsTalk}


class Carrier(Protocol):
    """What the desk needs of a worker."""

    def work(self, job: Callable[[Line], None], lost: Callable[[Cause], None]) -> None:
        """Do this on the wire as soon as it is free, or say why that is not to be."""
        ...


class NoError(Exception):
    """A question has no answer. Carries the cause in words for every language."""

    def __init__(self, key: str, *args: tuple[str, str]) -> None:
        super().__init__(key)
        self.cause = Cause(key, args)


@dataclass(slots=True)
class Post:
    """One track at the desk."""

    desk: Desk
    snapshot: Snapshot | None = None
    is_busy: bool = False
    memory: register_commands.Memory = field(default_factory=register_commands.Memory)

    def forget(self) -> None:
        """The link was lost: another battery may come back."""
        self.snapshot, self.memory = None, register_commands.Memory()


class Posts:
    """Used from any thread; jobs run in the threads of the links."""

    def __init__(
        self,
        fleet: Callable[[], Fleet],
        carriers: Mapping[str, Carrier],
        publish: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._fleet, self._carriers, self._publish = fleet, carriers, publish
        self._clock, self._wall = clock, wall
        self._posts = {track: Post(Desk(track)) for track in carriers}
        self._lock = threading.RLock()

    @property
    def tracks(self) -> tuple[str, ...]:
        """All that have a link."""
        return tuple(self._posts)

    def post(self, track: str) -> Post:
        """The post of a track. Raises NoError when there is no such track."""
        if track not in self._posts:
            raise NoError("track-unknown", ("track", track))
        return self._posts[track]

    def track(self, name: str) -> Track:
        """What the fleet knows of it. Raises NoError."""
        track = self._fleet().track(name)
        if track is None or name not in self._posts:
            raise NoError("track-unknown", ("track", name))
        return track

    def table(self, name: str) -> Table:
        """The parameters of its kind of battery. Raises NoError."""
        protocol = self.track(name).protocol
        if protocol not in TABLES:
            raise NoError("reg-no-registers", ("track", name), ("protocol", protocol))
        return TABLES[protocol]

    def device(self, name: str) -> Device:
        """Whose registers a track has, as far as the battery has said it."""
        track = self.track(name)
        said, snapshot = track.identity, self.post(name).snapshot
        named = snapshot.image.get(MODEL, b"") if snapshot is not None and track.protocol == "jbd" else b""
        model = text_of(named) or said.model or said.hardware or ""
        return Device(track.protocol, model, said.firmware or "", said.serial or "")

    def time_ms(self) -> int:
        """Unix time."""
        return int(self._wall() * 1000)

    def stamp(self, form: str) -> str:
        """Universal time in words."""
        return time.strftime(form, time.gmtime(self._wall()))

    def change(self, post: Post, **what: object) -> None:
        """Something new at a post: every screen sees it."""
        with self._lock:
            post.desk = replace(post.desk, **what)  # type: ignore[arg-type]
            self._publish(DeskChanged(post.desk))

    def talk(self, track: str, line: Line, password: str = "") -> Talk:
        """The language of its parameters on a wire."""
        return TALKS[self.table(track).family](line, password)

    # reading

    def read(self, name: str, *, fresh: bool = False, password: str = "") -> Snapshot:
        """What the device holds; waits for it when it was never read. Raises NoError."""
        self.table(name)
        post = self.post(name)
        before = post.snapshot
        if before is not None and not fresh:
            return before
        done = threading.Event()
        causes: list[Cause] = []

        def job(line: Line) -> None:
            post.snapshot = read_everything(self.talk(name, line, password), self.progress(post))
            self.change(post, read_ms=self.time_ms(), reading=None)

        self.carry(post, job, causes.append, done)
        if not done.wait(WAIT_S):
            if before is not None:
                return before
            raise NoError("reg-reading")
        if causes or post.snapshot is None:
            raise NoError(causes[0].key, *causes[0].args) if causes else NoError("reg-reading")
        return post.snapshot

    def progress(self, post: Post) -> Callable[[int, int], None]:
        """Tells how much was read."""

        def tell(at: int, of: int) -> None:
            self.change(post, reading=(at, of) if at < of else None)

        return tell

    # the wire

    def carry(
        self,
        post: Post,
        job: Callable[[Line], None],
        lost: Callable[[Cause], None],
        done: threading.Event,
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        """Give a job to the link. A bad end of it is told to `lost`; `finished` and `done` come after any.

        Raises NoError when there is no link, or another job has not ended.
        """
        with self._lock:
            if post.is_busy:
                raise NoError("reg-busy")
            if self.track(post.desk.track).link.phase not in (Phase.UP, Phase.ASLEEP):
                raise NoError("reg-no-link", ("track", post.desk.track))
            post.is_busy = True

        def over(cause: Cause | None) -> None:
            post.is_busy = False
            if cause is not None:
                lost(cause)
            if post.desk.reading is not None:
                self.change(post, reading=None)
            finished()
            done.set()

        def guarded(line: Line) -> None:
            try:
                job(line)
            except (DeviceRefusedError, DeviceSilentError, NoError, KeepError) as error:
                over(error.cause)
            except WireError as error:
                over(error.cause)
                raise
            except Exception as error:
                over(Cause("internal-error", (("error", f"{type(error).__name__}: {error}"),)))
                raise
            else:
                over(None)

        self._carriers[post.desk.track].work(guarded, over)

    # leases

    def take_lease(self, track: str, screen: str, who: str) -> None:
        """Begin to edit, or go on. Raises NoError while another screen does."""
        with self._lock:
            post = self.post(track)
            held, now_s = post.desk.lease, self._clock()
            if held is not None and held.screen != screen and held.until_s > now_s:
                left = str(max(1, round(held.until_s - now_s)))
                raise NoError("reg-lease-held", ("who", held.who or held.screen), ("seconds", left))
            self.change(post, lease=Lease(screen, who, now_s + LEASE_S))

    def drop_lease(self, track: str, screen: str) -> None:
        """Stop editing; nothing happens when another screen has the lease."""
        with self._lock:
            post = self.post(track)
            if post.desk.lease is not None and post.desk.lease.screen == screen:
                self.change(post, lease=None)
