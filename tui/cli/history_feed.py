"""Who answers questions about the past: the engine that runs, else the file that it left, only read."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from tui.cli import tracks
from tui.cli.engine_feed import obeyed, running, without_tracks
from tui.cli.refusal import Refusal, refuse
from tui.cli.when import now_ms
from tui.feed.feed import Feed
from tui.host import paths
from tui.locale import say
from tui.model.fleet import Fleet
from tui.model.history import (
    CellHeat,
    EnergyTable,
    HistoryFiles,
    HistoryPage,
    HistoryQuestion,
    LookAtStorage,
    SampleTable,
    StorageFigures,
)
from tui.model.requests import Answer


class Asked(Protocol):
    """Answers questions about the history. `simulated` names tracks without a real battery behind them."""

    def ask(self, question: HistoryQuestion) -> Answer: ...

    @property
    def simulated(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class RunningHistory:
    """The history of the engine behind a feed."""

    feed: Feed

    def ask(self, question: HistoryQuestion) -> Answer:
        """Its answer. Refusal with the cause when it has none."""
        return obeyed(self.feed, question)

    @property
    def simulated(self) -> frozenset[str]:
        """As the tracks say themselves."""
        return frozenset(track.name for track in self.feed.fleet().tracks if track.simulated)


class HistoryFile:
    """The history of an engine that does not run. Never writes, needs no lock, starts nothing."""

    def __init__(self, *, is_simulated: bool = False) -> None:
        from tui.store.history_archives import Archives
        from tui.store.history_reader import HistoryReader, OnlyRead
        from tui.store.history_writer import HistoryWriter

        self.path = paths.database_file(is_simulated)
        self.is_simulated = is_simulated
        file = OnlyRead(self.path)
        self._journal = HistoryWriter(file)  # it knows what is in the file and not in blocks yet
        self._reader = HistoryReader(file, self._journal.newest)
        self._archives = Archives(paths.archives_dir(is_simulated))
        self._history = tracks.configured().history

    @property
    def simulated(self) -> frozenset[str]:
        """All tracks, or none: simulated batteries have a file of their own."""
        if not self.is_simulated:
            return frozenset()
        self._journal.load()
        return frozenset(self._reader.tracks())

    def ask(self, question: HistoryQuestion) -> Answer:
        """What the engine would answer. Refusal when the file cannot be read, or there is none."""
        from tui.store.database import DatabaseError
        from tui.store.history_archives import ArchiveError

        try:
            if not isinstance(question, HistoryFiles) and not getattr(question, "archive", ""):
                self._journal.load()
            return self._answer(question)
        except (DatabaseError, ArchiveError) as error:
            raise refuse(error.cause) from error

    def _answer(self, question: HistoryQuestion) -> Answer:
        match question:
            case HistoryPage():
                return Answer(True, chart=self._reader.chart(question, now_ms()))
            case SampleTable(archive=name) if name:
                page, cause = self._archives.page(question)
                return Answer(True, cause, samples=page)
            case SampleTable() if self._history is not None:
                interval_ms, capacity = self._history.interval_s * 1000, self._history.live_entries
                page = self._reader.page(question, interval_ms=interval_ms, capacity=capacity)
                return Answer(True, samples=page)
            case SampleTable():
                return Answer(True, samples=self._reader.page(question))
            case EnergyTable():
                return Answer(True, energy=self._reader.energy(question, now_ms()))
            case CellHeat():
                return Answer(True, heat=self._reader.heat(question, now_ms()))
            case HistoryFiles():
                return Answer(True, files=self._archives.files())
            case LookAtStorage():
                return Answer(True, storage=self._figures())

    def _figures(self) -> StorageFigures:
        samples, first_ms, last_ms = self._reader.count()
        size_bytes = self.path.stat().st_size
        return StorageFigures(str(self.path), size_bytes, None, samples, first_ms, last_ms)


@contextmanager
def history_here(*, is_simulated: bool = False) -> Iterator[Asked]:
    """The history of the engine that runs, else that of its file; `is_simulated` asks for the demo's file."""
    if is_simulated:
        yield HistoryFile(is_simulated=True)
        return
    with running() as feed:
        yield HistoryFile() if feed is None else RunningHistory(feed)


def operator() -> AbstractContextManager[Feed]:
    """A feed that may change what is kept: the engine that runs, else one of our own without any track."""
    return without_tracks(lambda config: replace(config, black_box_mb=0))


def track_named(fleet: Fleet, name: str) -> None:
    """Refusal for a track that the engine does not have."""
    if name and fleet.track(name) is None:
        names = " ".join(track.name for track in fleet.tracks)
        raise Refusal(say("cli-no-track", name=name, names=names))
