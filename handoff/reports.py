"""What the desk's reports say. A figure is a condition on requests for a person, and every number
shown for it is made from exactly the rows which that condition finds.

Its name and its definition for people stand under its id in web/words/reports.yaml.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from statistics import mean, median
from typing import Any, Self
from zoneinfo import ZoneInfo

from handoff.queue import OpenTime
from handoff.satisfaction import SCORES
from storage.database import Connection
from storage.times import stored_time


@dataclass(frozen=True, slots=True)
class Figure:
    """`now`: about this moment, so the period asked for does not count."""

    id: str
    condition: str
    now: bool = False


def _had(action: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM handoff_changes x WHERE x.handoff_id = h.id"
        f" AND x.action = '{action}')"
    )


FIGURES: Mapping[str, Figure] = {
    figure.id: figure
    for figure in (
        Figure(
            "waiting", "h.status = 'waiting' AND h.contact = '' AND h.snoozed_until = ''", now=True
        ),
        Figure("requests", "1 = 1"),
        Figure("claim", "h.claimed_at <> '' AND h.contact = ''"),
        Figure("reply", "h.replied_at <> '' AND h.contact = ''"),
        Figure("late", _had("late")),
        Figure("resolved", "h.status = 'resolved'"),
        Figure("abandoned", "h.status = 'abandoned'"),
        Figure("expired", "h.status = 'expired'"),
        Figure("reopened", _had("reopen")),
        Figure("left", "h.contact <> ''"),
        Figure("satisfaction", "r.score IS NOT NULL"),
        Figure("comments", "r.comment <> ''"),
    )
}

_NARROWED = {
    "channel": "c.channel",
    "language": "c.language",
    "role": "h.role",
    "reason": "h.reason",
    "agent": "h.agent_id",
    "score": "r.score",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Requests asked from `start` up to `end`; an empty field leaves nothing out."""

    start: datetime
    end: datetime
    channel: str = ""
    language: str = ""
    role: str = ""
    reason: str = ""
    agent: str = ""
    score: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """One request; `score` is 0 when it was not rated."""

    id: str
    conversation_id: str
    customer: str
    channel: str
    language: str
    topic: str
    role: str
    reason: str
    status: str
    agent_id: str
    agent_name: str
    asked_at: datetime
    claimed_at: datetime | None
    replied_at: datetime | None
    score: int
    comment: str

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            **{name: row[name] for name in cls.__slots__ if not name.endswith("_at")},
            asked_at=datetime.fromisoformat(row["created_at"]),
            claimed_at=_time(row["claimed_at"]),
            replied_at=_time(row["replied_at"]),
        )


@dataclass(frozen=True, slots=True)
class Spread:
    """`ninety`: nine of ten took at most this long (nearest rank)."""

    median: timedelta
    ninety: timedelta

    @classmethod
    def of(cls, lengths: Iterable[timedelta]) -> "Spread | None":
        ordered = sorted(lengths)
        if not ordered:
            return None
        return cls(median(ordered), ordered[ceil(0.9 * len(ordered)) - 1])  # type: ignore[type-var]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long it took by the clock (`wall`), and of that in opening hours (`open`)."""

    wall: Spread | None
    open: Spread | None

    @classmethod
    def of(cls, cases: Iterable[Case], moment: str, open_time: OpenTime) -> "Timing":
        ends = [(case.asked_at, at) for case in cases if (at := getattr(case, moment))]
        return cls(
            Spread.of(end - start for start, end in ends),
            Spread.of(open_time(start, end) for start, end in ends),
        )


@dataclass(frozen=True, slots=True)
class Group:
    """What one agent or one role did."""

    key: str
    name: str
    requests: int
    claim: Timing
    reply: Timing
    ratings: int
    score: float


@dataclass(frozen=True, slots=True)
class Report:
    """`found` holds the rows of every figure."""

    found: Mapping[str, Sequence[Case]]
    claim: Timing
    reply: Timing
    days: Mapping[date, int]
    reasons: Mapping[str, int]
    scores: Mapping[int, int]
    agents: Sequence[Group]
    roles: Sequence[Group]

    @property
    def score(self) -> float:
        """The mean of the ratings, 0 without any."""
        return _mean(self.found["satisfaction"])


def cases(connection: Connection, figure: Figure, scope: Scope) -> list[Case]:
    """The rows a figure counts, the oldest first."""
    given = {name: getattr(scope, name) for name in _NARROWED if getattr(scope, name)}
    conditions = [figure.condition, *(f"{_NARROWED[name]} = %({name})s" for name in given)]
    if not figure.now:
        conditions.append("h.created_at >= %(start)s AND h.created_at < %(end)s")
    rows = connection.execute(
        "SELECT h.id, h.conversation_id, c.user_name AS customer, c.channel, c.language, h.topic,"
        " h.role, h.reason, h.status, h.agent_id, h.agent_name, h.created_at, h.claimed_at,"
        " h.replied_at, COALESCE(r.score, 0) AS score, COALESCE(r.comment, '') AS comment"
        " FROM handoffs h JOIN conversations c ON c.id = h.conversation_id"
        " LEFT JOIN help_ratings r ON r.handoff_id = h.id"
        f" WHERE {' AND '.join(conditions)} ORDER BY h.created_at, h.id",
        start=stored_time(scope.start),
        end=stored_time(scope.end),
        **given,
    )
    return [Case.from_row(row) for row in rows]


def report(connection: Connection, scope: Scope, open_time: OpenTime, zone: ZoneInfo) -> Report:
    """`zone`: whose midnights begin the days."""
    found = {figure.id: cases(connection, figure, scope) for figure in FIGURES.values()}
    grouped = _Grouping(found, open_time)
    return Report(
        found,
        Timing.of(found["claim"], "claimed_at", open_time),
        Timing.of(found["reply"], "replied_at", open_time),
        per_day(found["requests"], scope, zone),
        dict(Counter(case.reason for case in found["requests"]).most_common()),
        {
            score: sum(case.score == score for case in found["satisfaction"])
            for score in SCORES[::-1]
        },
        grouped.by("agent_id", lambda case: case.agent_name),
        grouped.by("role", lambda case: case.role),
    )


def per_day(found: Iterable[Case], scope: Scope, zone: ZoneInfo) -> dict[date, int]:
    """Every day of the period, also those on which nobody asked."""
    counted = Counter(case.asked_at.astimezone(zone).date() for case in found)
    first = scope.start.astimezone(zone).date()
    last = (scope.end - timedelta(microseconds=1)).astimezone(zone).date()
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return {day: counted[day] for day in days}


def choices(connection: Connection) -> dict[str, list[str]]:
    """What requests can be narrowed to, as far as there are any."""
    return {
        name: [
            str(row["value"])
            for row in connection.execute(
                f"SELECT DISTINCT {column} AS value FROM handoffs h JOIN conversations c"
                f" ON c.id = h.conversation_id WHERE {column} <> '' ORDER BY 1"
            )
        ]
        for name, column in _NARROWED.items()
        if name in ("channel", "language", "role")
    }


class _Grouping:
    """The same figures again, for each value of a column."""

    def __init__(self, found: Mapping[str, Sequence[Case]], open_time: OpenTime) -> None:
        self._found = found
        self._open_time = open_time

    def by(self, column: str, name: Callable[[Case], str]) -> list[Group]:
        """Those with the most requests first; requests that nobody ever had are nobody's."""
        names = {getattr(case, column): name(case) for case in self._found["requests"]}
        groups = [self._group(column, key, names[key]) for key in names if key]
        return sorted(groups, key=lambda group: (-group.requests, group.name))

    def _group(self, column: str, key: str, name: str) -> Group:
        def of(figure: str) -> list[Case]:
            return [case for case in self._found[figure] if getattr(case, column) == key]

        rated = of("satisfaction")
        return Group(
            key,
            name,
            len(of("requests")),
            Timing.of(of("claim"), "claimed_at", self._open_time),
            Timing.of(of("reply"), "replied_at", self._open_time),
            len(rated),
            _mean(rated),
        )


def _mean(rated: Sequence[Case]) -> float:
    return mean(case.score for case in rated) if rated else 0.0


def _time(stored: str) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None
