"""What the Alerts place asks its engine, and the answers it has."""

from dataclasses import dataclass, field, replace

from tui.model.alert import AlertPage, AlertStatistics, Severity, Threshold
from tui.model.link import Cause
from tui.model.requests import AlertHistory, Answer, CountAlerts, Request, Thresholds

PAGE = 50  # row S4-39
NEWEST = 1000  # records that tell about kinds and days
AGAIN_S = 5.0
SEVERITIES = (None, Severity.CRITICAL, Severity.WARNING, Severity.INFO)
RANGES_S = (0, 86_400, 7 * 86_400, 30 * 86_400)  # 0: everything


@dataclass(frozen=True, slots=True)
class Wish:
    """Which part of the history is wanted."""

    track: str = ""
    severity: Severity | None = None
    range_s: int = 0
    key: str = ""
    page: int = 0

    @property
    def is_filtered(self) -> bool:
        """True when some alerts are left out."""
        return replace(self, page=0) != Wish()

    def request(self, wall_s: float) -> AlertHistory:
        """Whole hours, so that the same wish is the same question for a while."""
        since_ms = int(wall_s // 3600 * 3600 - self.range_s) * 1000 if self.range_s else None
        return AlertHistory(PAGE, self.page * PAGE, self.track, self.key, self.severity, since_ms)


@dataclass(slots=True)
class Answers:
    """The newest answer to each question. Times on the steady clock of this process."""

    kept: dict[Request, tuple[Answer, float]] = field(default_factory=dict)
    cause: Cause | None = None  # why the newest question had no answer

    def due(self, questions: tuple[Request, ...], now_s: float) -> tuple[Request, ...]:
        """What must be asked, or asked again."""
        return tuple(q for q in questions if q not in self.kept or abs(now_s - self.kept[q][1]) >= AGAIN_S)

    def take(self, question: Request, answer: Answer, now_s: float) -> None:
        """Keep a good answer; of a bad one only the cause."""
        if not answer.ok:
            self.cause = answer.cause or Cause("engine-silent")
            kept = self.kept.get(question)
            self.kept[question] = (kept[0] if kept else answer, now_s)
            return
        self.cause = None
        self.kept[question] = (answer, now_s)
        while len(self.kept) > 12:
            self.kept.pop(next(iter(self.kept)))

    def forget(self) -> None:
        """Something changed: ask everything again, and show what is known meanwhile."""
        self.kept = {question: (answer, float("-inf")) for question, (answer, _) in self.kept.items()}

    def get(self, question: Request) -> Answer | None:
        """The answer, if there is a good one."""
        answer = self.kept.get(question)
        return answer[0] if answer is not None and answer[0].ok else None

    def page(self, question: AlertHistory) -> AlertPage | None:
        """Some of the history."""
        answer = self.get(question)
        return answer.alerts if answer is not None else None

    def statistics(self) -> AlertStatistics | None:
        """The counts."""
        answer = self.get(CountAlerts())
        return answer.alert_statistics if answer is not None else None

    def thresholds(self, track: str) -> tuple[Threshold, ...]:
        """Limits and switches as they hold for a track."""
        answer = self.get(Thresholds(track))
        return answer.thresholds or () if answer is not None else ()


def questions(view: str, wish: Wish, track: str, wall_s: float) -> tuple[Request, ...]:
    """What a view needs. The page of the history also tells the recordings of active alerts."""
    newest = AlertHistory(PAGE)
    if view == "history":
        return (wish.request(wall_s),)
    if view == "statistics":
        return CountAlerts(), AlertHistory(NEWEST)
    if view == "limits":
        return (Thresholds(track),)
    return (newest,) if view == "active" else ()
