"""How a screen asks: in a short thread, one round at a time, the answers back in the screen's own."""

from collections.abc import Callable, Sequence

from textual.dom import DOMNode

from tui.feed.feed import Feed
from tui.locale import say
from tui.model.link import Cause
from tui.model.requests import Answer, Request

SILENT = Answer(False, Cause("engine-silent"))


def ask(node: DOMNode, feed: Feed, requests: Sequence[Request], done: Callable[[list[Answer]], None]) -> None:
    """`done` gets an answer to each request, in their order, whatever happens."""

    def asked() -> None:
        answers: list[Answer] = []
        try:
            for request in requests:
                answers.append(feed.ask(request))
        finally:
            answers += [SILENT] * (len(requests) - len(answers))
            node.call_later(done, answers)

    node.run_worker(asked, thread=True, exit_on_error=False)


def ask_one(node: DOMNode, feed: Feed, request: Request, done: Callable[[Answer], None]) -> None:
    """The same for a single request."""
    ask(node, feed, (request,), lambda answers: done(answers[0]))


def tell_refusal(node: DOMNode, answer: Answer) -> None:
    """A toast that says why it was refused, and what to do."""
    node.app.notify(" ".join(why_not(answer)), severity="warning", markup=False)


def why_not(answer: Answer) -> tuple[str, ...]:
    """The cause of a refusal and what to do, in words."""
    cause = answer.cause or Cause("engine-silent")
    return say(f"cause-{cause.key}", **cause.values()), say(f"cause-{cause.key}-do", **cause.values())
