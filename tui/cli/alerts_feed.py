"""Who answers about alerts when no engine runs: the configuration for limits, the database for what was."""

from typing import TYPE_CHECKING, cast

from tui.cli import tracks
from tui.cli.refusal import NO_ENGINE, Refusal, refuse
from tui.host import paths
from tui.locale import say
from tui.model.requests import (
    AlertHistory,
    Answer,
    CountAlerts,
    Request,
    SetThreshold,
    TestNotify,
    Thresholds,
)

if TYPE_CHECKING:
    from tui.store.database import Database


def ask_nobody(request: Request, *, is_simulated: bool = False) -> Answer:
    """The answer without any engine. Refusal for what only a running engine can do."""
    if isinstance(request, AlertHistory | CountAlerts):
        return _from_file(request, is_simulated)
    if isinstance(request, Thresholds | SetThreshold | TestNotify):
        return _from_configuration(request)
    raise Refusal(say("cli-no-engine"), NO_ENGINE)


def _from_configuration(request: Thresholds | SetThreshold | TestNotify) -> Answer:
    """Rules as an engine would have them if it started now; a change goes into the file."""
    from tui.engine.alert_keeper import AlertKeeper, save_to
    from tui.model.events import FleetStarted
    from tui.model.fleet import Fleet
    from tui.model.fold import fold

    config = tracks.configured()
    fleet = fold(Fleet(), FleetStarted(config.setups, 0))
    keeper = AlertKeeper(
        config.setups,
        config.alerts,
        fleet=lambda: fleet,
        publish=lambda event: None,
        save=save_to(paths.config_file()),
    )
    return keeper.ask(request)  # never started: it has no thread, and opens nothing


def _from_file(request: AlertHistory | CountAlerts, is_simulated: bool) -> Answer:
    from tui.store.alert_log import AlertLog
    from tui.store.database import DatabaseError, DatabaseFile

    class Finished(DatabaseFile):
        """A file that nobody writes: nothing is on its way into it."""

        def settle(self, timeout_s: float = 0.0) -> bool:
            return True

    log = AlertLog(cast("Database", Finished(paths.database_file(is_simulated))))
    try:
        if isinstance(request, AlertHistory):
            return Answer(True, alerts=log.page(request))
        return Answer(True, alert_statistics=log.statistics())
    except DatabaseError as error:
        raise refuse(error.cause) from error
