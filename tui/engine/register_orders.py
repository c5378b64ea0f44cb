"""Commands at the desk: checked, sent to the wire, told to every screen, written down."""

import threading

from tui.engine import register_commands
from tui.engine.register_line import Line
from tui.engine.register_posts import WAIT_S, NoError, Posts
from tui.model.link import Cause
from tui.model.register import CommandForm
from tui.model.register_archive import ChangeLogEntry
from tui.model.register_requests import RunCommand
from tui.model.requests import Answer
from tui.model.write_plan import CommandResult
from tui.store.change_log import ChangeLogFile


class Orders:
    """One command at a time for each track."""

    def __init__(self, posts: Posts, change_log: ChangeLogFile | None) -> None:
        self._posts, self._log = posts, change_log

    def run(self, request: RunCommand) -> Answer:
        """Run a command and wait for what it came to, a few seconds. Raises NoError."""
        table, post = self._posts.table(request.track), self._posts.post(request.track)
        form = next((form for form in table.commands if form.name == request.name), None)
        if form is None:
            raise NoError("command-absent", ("command", request.name))
        value = checked_value(form, request.value)
        if post.desk.plan is not None and post.desk.plan.state.is_open:
            raise NoError("reg-plan-open")
        self._posts.take_lease(request.track, request.screen, request.who)
        done = threading.Event()
        told: list[CommandResult] = []

        def end(outcome: register_commands.Outcome) -> None:
            result = CommandResult(
                request.track,
                request.name,
                outcome.ok,
                outcome.requested,
                outcome.actual,
                outcome.reasons,
                outcome.cause,
                self._posts.time_ms(),
                request.who,
                request.screen,
            )
            told.append(result)
            self._posts.change(post, command=result)
            self._note_command(result, value)

        def job(line: Line) -> None:
            talk = self._posts.talk(request.track, line, request.password)
            end(register_commands.run(talk, line, request.name, value, post.memory))

        def lost(cause: Cause) -> None:
            end(register_commands.Outcome(False, value, cause=cause))

        self._posts.carry(post, job, lost, done)
        if not done.wait(WAIT_S):
            return Answer(True)  # it goes on; what it came to is seen in the fleet
        return Answer(told[0].ok, told[0].cause, command=told[0])

    def _note_command(self, result: CommandResult, value: str) -> None:
        if self._log is None:
            return
        word = "obeyed" if result.ok else "refused"
        entry = ChangeLogEntry(
            result.at_ms,
            result.track,
            result.who,
            result.screen,
            result.name,
            None,
            "",
            result.requested or value,
            word,
            "",
            result.cause,
        )
        self._log.add((entry,))


def checked_value(form: CommandForm, value: str) -> str:
    """What a command is given, as its form wants it. Raises NoError."""
    said = value.strip()
    if form.choices:
        known = {c.text.casefold(): c.value for c in form.choices} | {
            str(c.value): c.value for c in form.choices
        }
        if said.casefold() not in known:
            allowed = ", ".join(c.text for c in form.choices)
            raise NoError("command-choice", ("command", form.name), ("value", said), ("allowed", allowed))
        return str(known[said.casefold()])
    if form.low is None or form.high is None:
        return ""
    try:
        number = float(said.replace(",", "."))
    except ValueError:
        number = float("nan")
    if not form.low <= number <= form.high:
        args = (("low", f"{form.low:g}"), ("high", f"{form.high:g}"), ("unit", form.unit))
        raise NoError("command-range", ("command", form.name), ("value", said), *args)
    return f"{number:g}"
