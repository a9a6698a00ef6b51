"""What customers could not get answered, grouped by meaning, until it is answered."""

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from knowledge import versions
from knowledge.learning.grouping import Meanings, group
from knowledge.learning.missed import Missed, from_row
from knowledge.text import normalise
from knowledge.versions import Who
from storage.database import Connection, Row
from storage.times import stored_time

EXAMPLES = 5
COMPARED = 30  # newest questions of a group that new ones are compared with, and that stand for it
CANDIDATES = 3
REPLIES = 10  # of agents, read for a group

K = TypeVar("K", bound=Hashable)


class State(StrEnum):
    OPEN = "open"
    DRAFTED = "drafted"
    NOT_OURS = "not_ours"
    CLOSED = "closed"  # asked again after publishing, it hits; a new miss opens it again


@dataclass(frozen=True, slots=True)
class Cluster:
    """Times are as stored. `weeks` are Mondays with the misses of that week, oldest first."""

    id: str
    state: State
    entry_id: str  # what answers it, or is to; empty when nobody has said
    question: str  # the first that was missed
    language: str
    count: int
    languages: Mapping[str, int]
    kinds: Mapping[str, int]
    newest: tuple[Missed, ...]  # of the different questions
    candidates: tuple[str, ...]  # entries the bot thought of, most often first
    weeks: tuple[tuple[date, int], ...]
    first_missed_at: str
    last_missed_at: str
    closed_at: str
    closed_version: int | None
    drafted_version: int | None  # in force when it was last put into a draft
    reopened_at: str  # when it was missed although it had been answered

    @property
    def examples(self) -> tuple[str, ...]:
        return tuple(each.question for each in self.newest)

    @property
    def asked_again(self) -> tuple[Missed, ...]:
        """What has to hit before it is answered (again)."""
        since = tuple(each for each in self.newest if each.missed_at >= self.reopened_at)
        return since or self.newest

    @property
    def days_to_answer(self) -> float | None:
        """From the first miss until it was answered."""
        return _days(self.first_missed_at, self.closed_at) if self.closed_at else None


def ungrouped(connection: Connection, most: int = 1000) -> list[Missed]:
    """Oldest first. What was asked back and taken is no miss."""
    return _missed(connection, "cluster = '' AND accepted = '' ORDER BY missed_at", most)


def compared(connection: Connection) -> dict[str, list[str]]:
    """The groups' newest questions."""
    rows = connection.execute(
        "SELECT cluster, question FROM (SELECT cluster, question, ROW_NUMBER() OVER"
        " (PARTITION BY cluster ORDER BY missed_at DESC, conversation_id, number) AS place"
        " FROM missed_questions WHERE cluster <> '') AS ranked WHERE place <= %(most)s"
        " ORDER BY cluster, place",
        most=COMPARED,
    )
    groups: dict[str, list[str]] = {}
    for row in rows:
        groups.setdefault(row["cluster"], []).append(row["question"])
    return groups


def grouped(
    new: Sequence[Missed], known: Mapping[str, Sequence[str]], meanings: Meanings
) -> list[str]:
    """The group of each; slow with many new ones, it encodes: not on the event loop."""
    named = [(f"{each.conversation_id}|{each.number}", each.question) for each in new]
    return group(named, known, meanings)


def keep(
    connection: Connection, new: Sequence[Missed], groups: Sequence[str], now: datetime
) -> None:
    """A closed group that is missed again is open again."""
    for each, name in zip(new, groups, strict=True):
        connection.execute(
            "UPDATE missed_questions SET cluster = %(cluster)s"
            " WHERE conversation_id = %(id)s AND number = %(number)s AND cluster = ''",
            cluster=name,
            id=each.conversation_id,
            number=each.number,
        )
        connection.execute(
            "INSERT INTO missed_clusters (id, state, question, language, first_missed_at,"
            " changed_at) VALUES (%(id)s, 'open', %(question)s, %(language)s, %(missed)s, %(at)s)"
            " ON CONFLICT (id) DO UPDATE SET state = 'open', entry_id = '',"
            " changed_at = excluded.changed_at,"
            " closed_at = '', closed_version = NULL, reopened_at = %(missed)s"
            " WHERE missed_clusters.state = 'closed'"
            " AND missed_clusters.closed_at < %(missed)s",
            id=name,
            question=each.question,
            language=each.language,
            missed=each.missed_at,
            at=stored_time(now),
        )
    if new:
        connection.notify("unanswered", "")


def clusters(connection: Connection, states: Iterable[State] = (State.OPEN,)) -> list[Cluster]:
    """Biggest first. Counted where they are kept, and only the newest of each group are read."""
    names = {f"s{number}": state for number, state in enumerate(states)}
    which = f"c.state IN ({', '.join(f'%({name})s' for name in names)})"
    rows = connection.execute(f"SELECT c.* FROM missed_clusters c WHERE {which}", **names)
    sums = _by_cluster(
        connection.execute(
            "SELECT m.cluster, m.language, m.kind, SUBSTR(m.missed_at, 1, 10) AS day,"
            " COUNT(*) AS count, MAX(m.missed_at) AS last FROM missed_questions m"
            f" JOIN missed_clusters c ON c.id = m.cluster WHERE {which} AND m.accepted = ''"
            " GROUP BY m.cluster, m.language, m.kind, SUBSTR(m.missed_at, 1, 10)",
            **names,
        )
    )
    newest = _by_cluster(
        connection.execute(
            "SELECT * FROM (SELECT m.*, ROW_NUMBER() OVER (PARTITION BY m.cluster"
            " ORDER BY m.missed_at DESC, m.conversation_id, m.number) AS place"
            " FROM missed_questions m JOIN missed_clusters c ON c.id = m.cluster"
            f" WHERE {which} AND m.accepted = '') AS ranked WHERE place <= %(most)s"
            " ORDER BY cluster, place",
            most=COMPARED,
            **names,
        )
    )
    found = [_cluster(row, sums[row["id"]], newest[row["id"]]) for row in rows if row["id"] in sums]
    return sorted(found, key=lambda cluster: (-cluster.count, cluster.first_missed_at, cluster.id))


@dataclass(frozen=True, slots=True)
class Tally:
    counts: Mapping[State, int]
    days_to_answer: tuple[float, ...]  # of those that were answered


def tally(connection: Connection) -> Tally:
    """Of all groups."""
    rows = connection.execute(
        "SELECT state, first_missed_at, closed_at FROM missed_clusters c WHERE EXISTS (SELECT 1"
        " FROM missed_questions m WHERE m.cluster = c.id AND m.accepted = '')"
    )
    counts = Counter(State(row["state"]) for row in rows)
    took = (_days(row["first_missed_at"], row["closed_at"]) for row in rows if row["closed_at"])
    return Tally({state: counts[state] for state in State}, tuple(took))


def set_state(
    connection: Connection,
    cluster_id: str,
    state: State,
    who: Who,
    now: datetime,
    entry_id: str = "",
    version: int | None = None,
) -> None:
    """Drafted for an entry, not ours, open again (for none); closed names the version that answers
    it."""
    closed, drafted = state is State.CLOSED, state is State.DRAFTED
    connection.execute(
        "UPDATE missed_clusters SET state = %(state)s, changed_by = %(who)s, changed_at = %(at)s,"
        " entry_id = CASE WHEN %(state)s = 'open' OR %(entry)s <> '' THEN %(entry)s"
        " ELSE entry_id END,"
        " closed_at = %(closed_at)s, closed_version = %(version)s, drafted_version = %(drafted)s"
        " WHERE id = %(id)s",
        state=state,
        who=who.id,
        at=stored_time(now),
        entry=entry_id,
        closed_at=stored_time(now) if closed else "",
        version=version if closed else None,
        drafted=versions.head(connection).version if drafted else None,
        id=cluster_id,
    )
    connection.notify("unanswered", cluster_id)


def questions_of(connection: Connection, cluster_id: str) -> list[Missed]:
    """All that were missed, with the conversations to open; oldest first."""
    rows = connection.execute(
        "SELECT * FROM missed_questions WHERE cluster = %(id)s ORDER BY missed_at", id=cluster_id
    )
    return [from_row(row) for row in rows]


def replies_of_agents(connection: Connection, cluster_id: str) -> list[str]:
    """What people answered after these questions, newest conversation first: a draft's start."""
    rows = connection.execute(
        "SELECT a.body FROM missed_questions m JOIN activities a"
        " ON a.conversation_id = m.conversation_id AND a.number > m.number"
        " WHERE m.cluster = %(id)s AND a.author = 'agent' AND a.type = 'message'"
        " ORDER BY m.missed_at DESC, a.number LIMIT %(most)s",
        id=cluster_id,
        most=REPLIES,
    )
    texts = (str(json.loads(row["body"]).get("text") or "").strip() for row in rows)
    return list(dict.fromkeys(text for text in texts if text))


def _by_cluster(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["cluster"], []).append(row)
    return found


def _summed(rows: Iterable[Row], key: Callable[[Row], K]) -> Counter[K]:
    found: Counter[K] = Counter()
    for row in rows:
        found[key(row)] += int(row["count"])
    return found


def _cluster(row: Row, sums: Sequence[Row], newest_rows: Sequence[Row]) -> Cluster:
    newest = [from_row(each) for each in newest_rows]
    thought = Counter(entry for each in newest for entry, _ in each.candidates[:CANDIDATES])
    weeks = _summed(sums, lambda each: _monday(each["day"]))
    different: dict[str, Missed] = {}
    for each in newest:
        different.setdefault(normalise(each.question), each)
    return Cluster(
        id=row["id"],
        state=State(row["state"]),
        entry_id=row["entry_id"],
        question=row["question"],
        language=row["language"],
        count=weeks.total(),
        languages=_summed(sums, lambda each: str(each["language"])),
        kinds=_summed(sums, lambda each: str(each["kind"])),
        newest=tuple(different.values())[:EXAMPLES],
        candidates=tuple(entry for entry, _ in thought.most_common(CANDIDATES)),
        weeks=tuple(sorted(weeks.items())),
        first_missed_at=row["first_missed_at"],
        last_missed_at=max(each["last"] for each in sums),
        closed_at=row["closed_at"],
        closed_version=row["closed_version"],
        drafted_version=row["drafted_version"],
        reopened_at=row["reopened_at"],
    )


def _days(first: str, last: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)) / timedelta(days=1)


def _monday(stored: str) -> date:
    day = date.fromisoformat(stored)
    return day - timedelta(days=day.weekday())


def _missed(connection: Connection, which: str, most: int) -> list[Missed]:
    rows = connection.execute(
        f"SELECT * FROM missed_questions WHERE {which}, conversation_id, number LIMIT %(most)s",
        most=most,
    )
    return [from_row(row) for row in rows]
