"""What customers could not get answered, grouped by meaning, until it is answered."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from knowledge.learning.grouping import Meanings, group
from knowledge.learning.missed import Missed, from_row
from knowledge.matcher import Band, Result
from knowledge.text import normalise
from knowledge.versions import Who
from storage.database import Connection, Row
from storage.times import stored_time

EXAMPLES = 5
COMPARED = 30  # questions of a group that new ones are compared with
CANDIDATES = 3
REPLIES = 10  # of agents, read for a group
ANSWERED_SHARE = 0.5  # of a group's questions that have to hit


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
    examples: tuple[str, ...]  # the newest different ones, masked
    candidates: tuple[str, ...]  # entries the bot thought of, most often first
    weeks: tuple[tuple[date, int], ...]
    first_missed_at: str
    last_missed_at: str
    closed_at: str
    closed_version: int | None

    @property
    def days_to_answer(self) -> float | None:
        """From the first miss until it was answered."""
        if not self.closed_at:
            return None
        took = datetime.fromisoformat(self.closed_at) - datetime.fromisoformat(self.first_missed_at)
        return took / timedelta(days=1)


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
            " ON CONFLICT (id) DO UPDATE SET state = 'open', changed_at = excluded.changed_at,"
            " closed_at = '', closed_version = NULL WHERE missed_clusters.state = 'closed'"
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
    """Biggest first."""
    wanted = set(states)
    rows = {row["id"]: row for row in connection.execute("SELECT * FROM missed_clusters")}
    members: dict[str, list[Missed]] = {}
    for each in _missed(connection, "cluster <> '' AND accepted = '' ORDER BY missed_at", 100_000):
        members.setdefault(each.cluster, []).append(each)
    found = [
        _cluster(row, members[name])
        for name, row in rows.items()
        if State(row["state"]) in wanted and name in members
    ]
    return sorted(found, key=lambda cluster: (-cluster.count, cluster.first_missed_at, cluster.id))


def set_state(
    connection: Connection,
    cluster_id: str,
    state: State,
    who: Who,
    now: datetime,
    entry_id: str = "",
    version: int | None = None,
) -> None:
    """Drafted for an entry, not ours, open again; closed names the version that answers it."""
    closed = state is State.CLOSED
    connection.execute(
        "UPDATE missed_clusters SET state = %(state)s, changed_by = %(who)s, changed_at = %(at)s,"
        " entry_id = CASE WHEN %(entry)s = '' THEN entry_id ELSE %(entry)s END,"
        " closed_at = %(closed_at)s, closed_version = %(version)s WHERE id = %(id)s",
        state=state,
        who=who.id,
        at=stored_time(now),
        entry=entry_id,
        closed_at=stored_time(now) if closed else "",
        version=version if closed else None,
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


def is_answered(results: Sequence[Result], entry_id: str) -> bool:
    """Asked again: half of the questions are answered, or asked back about first, by the entry
    it was drafted for; by any entry, and at once, where none was named."""
    hits = sum(
        bool(result.matches)
        and (
            result.band is Band.ANSWER
            if not entry_id
            else result.band is not Band.NONE and result.matches[0].entry_id == entry_id
        )
        for result in results
    )
    return bool(results) and hits >= ANSWERED_SHARE * len(results)


def _cluster(row: Row, members: Sequence[Missed]) -> Cluster:
    newest = list(reversed(members))
    thought = Counter(entry for each in members for entry, _ in each.candidates[:CANDIDATES])
    weeks = Counter(_monday(each.missed_at) for each in members)
    examples = {normalise(each.question): each.question for each in reversed(newest)}
    latest = dict.fromkeys(normalise(each.question) for each in newest)
    return Cluster(
        id=row["id"],
        state=State(row["state"]),
        entry_id=row["entry_id"],
        question=row["question"],
        language=row["language"],
        count=len(members),
        languages=Counter(each.language for each in members),
        kinds=Counter(str(each.kind) for each in members),
        examples=tuple(examples[text] for text in list(latest)[:EXAMPLES]),
        candidates=tuple(entry for entry, _ in thought.most_common(CANDIDATES)),
        weeks=tuple(sorted(weeks.items())),
        first_missed_at=row["first_missed_at"],
        last_missed_at=members[-1].missed_at,
        closed_at=row["closed_at"],
        closed_version=row["closed_version"],
    )


def _monday(stored: str) -> date:
    day = datetime.fromisoformat(stored).date()
    return day - timedelta(days=day.weekday())


def _missed(connection: Connection, which: str, most: int) -> list[Missed]:
    rows = connection.execute(
        f"SELECT * FROM missed_questions WHERE {which}, conversation_id, number LIMIT %(most)s",
        most=most,
    )
    return [from_row(row) for row in rows]
