"""Episodes: from a customer's first message until a person resolved it, or the customer was silent
for a day; and what happened in each."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from conversations.languages import spoken
from storage.database import Connection, Row
from storage.times import stored_time

IDLE = timedelta(hours=24)
SHOWN = 200  # episodes at once

Place = tuple[str, int]  # a conversation and the number of an activity in it


@dataclass(frozen=True, slots=True)
class Given:
    """An answer of the knowledge base. `rating` is 1, -1, or 0 when it was not rated; `number` is
    the activity's."""

    entry_id: str
    rating: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A person was asked for; `score` is 1 to 5, 0 when the help was not rated."""

    reason: str
    topic: str
    score: int = 0


@dataclass(frozen=True, slots=True)
class Episode:
    """`number` is the first message's; `returned`: the same customer began another one within a
    day of the last message here."""

    conversation_id: str
    number: int
    channel: str
    language: str
    began_at: str
    last_at: str
    answers: tuple[Given, ...] = ()
    missed: int = 0
    handoffs: tuple[Asked, ...] = ()
    returned: bool = False

    @property
    def place(self) -> Place:
        return self.conversation_id, self.number

    @property
    def entries(self) -> Counter[str]:
        """How often each answered."""
        return Counter(each.entry_id for each in self.answers)

    @property
    def questions(self) -> int:
        return len(self.answers) + self.missed

    @property
    def rated(self) -> int:
        return sum(each.rating != 0 for each in self.answers)

    @property
    def wrong(self) -> int:
        return sum(each.rating < 0 for each in self.answers)

    @property
    def scores(self) -> list[int]:
        return [each.score for each in self.handoffs if each.score]

    @property
    def contained(self) -> bool:
        return bool(self.answers) and not self.handoffs and not self.wrong and not self.returned


def episodes(connection: Connection, start: datetime, end: datetime) -> list[Episode]:
    """Those that began in that time, oldest first."""
    begun = _begun(connection, start)
    found = _with_what_happened(connection, begun, start)
    first, last = stored_time(start), stored_time(end)
    inside = (each for each in found if first <= each.began_at < last)
    return sorted(inside, key=lambda each: (each.began_at, each.conversation_id))


def questions_in(
    connection: Connection, found: Sequence[Episode], rating: int = 0
) -> dict[Place, list[str]]:
    """The stored bodies of what stands for each episode in a list: the questions whose answers got
    that rating, or its first message."""
    conversations = {f"c{n}": each.conversation_id for n, each in enumerate(found)}
    if not conversations:
        return {}
    rows = connection.execute(
        "SELECT conversation_id, number, body FROM activities"
        " WHERE author = 'customer' AND type = 'message'"
        f" AND conversation_id IN ({', '.join(f'%({name})s' for name in conversations)})"
        " ORDER BY conversation_id, number",
        **conversations,
    )
    said: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for row in rows:
        said[row["conversation_id"]][int(row["number"])] = str(row["body"])
    return {each.place: _asked(each, said[each.conversation_id], rating) for each in found}


def _asked(episode: Episode, said: Mapping[int, str], rating: int) -> list[str]:
    """`said` is what the customer wrote, by its number, in order."""
    if not rating:
        return [said[episode.number]] if episode.number in said else []
    numbers = list(said)
    places = (bisect_left(numbers, e.number) for e in episode.answers if e.rating == rating)
    return [said[numbers[place - 1]] for place in places if place]


@dataclass(slots=True)
class _Begun:
    """An episode in the making."""

    number: int
    channel: str
    language: str
    user: str
    began_at: str
    last_at: str
    answers: list[Given] = field(default_factory=list)
    missed: int = 0
    handoffs: list[Asked] = field(default_factory=list)


def _begun(connection: Connection, start: datetime) -> dict[str, list[_Begun]]:
    """By conversation, in order. What began a day before `start` is needed to know what goes on."""
    resolved = _resolved(connection, start)
    found: dict[str, list[_Begun]] = {}
    rows = connection.execute(
        "SELECT a.conversation_id, a.number, a.created_at, c.channel, c.language, c.user_id"
        " FROM activities a JOIN conversations c ON c.id = a.conversation_id"
        " WHERE c.updated_at >= %(since)s AND a.created_at >= %(since)s"
        " AND a.author = 'customer' AND a.type = 'message'"
        """ AND a.body NOT LIKE '%"action":"rate%'"""
        " ORDER BY a.conversation_id, a.number",
        since=stored_time(start - IDLE),
    )
    for row in rows:
        there = found.setdefault(row["conversation_id"], [])
        at = row["created_at"]
        if there and not _ended(there[-1].last_at, at, resolved.get(row["conversation_id"], ())):
            there[-1].last_at = at
        else:
            user = row["user_id"] or row["conversation_id"]
            channel, language = row["channel"], row["language"]
            there.append(_Begun(int(row["number"]), channel, language, user, at, at))
    return found


def _resolved(connection: Connection, start: datetime) -> dict[str, list[str]]:
    rows = connection.execute(
        "SELECT conversation_id, closed_at FROM handoffs"
        " WHERE status = 'resolved' AND closed_at >= %(since)s",
        since=stored_time(start - IDLE),
    )
    return _grouped(rows, lambda row: str(row["closed_at"]))


def _ended(last: str, now: str, resolved: Iterable[str]) -> bool:
    if any(last < closed <= now for closed in resolved):
        return True
    if last[:10] == now[:10]:
        return False
    return datetime.fromisoformat(now) - datetime.fromisoformat(last) >= IDLE


def _with_what_happened(
    connection: Connection, begun: Mapping[str, list[_Begun]], start: datetime
) -> list[Episode]:
    starts = {name: [each.number for each in there] for name, there in begun.items()}

    def of(row: Row) -> _Begun | None:
        """The episode that the activity with this number belongs to."""
        numbers = starts.get(row["conversation_id"], [])
        place = bisect_right(numbers, int(row["number"])) - 1
        return begun[row["conversation_id"]][place] if place >= 0 else None

    since = stored_time(start - IDLE)
    for row in connection.execute(_ANSWERS, since=since):
        if episode := of(row):
            rating = {"positive": 1, "negative": -1}.get(row["rating"] or "", 0)
            episode.answers.append(Given(row["entry_id"], rating, int(row["number"])))
    for row in connection.execute(_MISSED, since=since):
        if episode := of(row):
            episode.missed += 1
    for row in connection.execute(_HANDOFFS, since=since):
        if episode := of(row):
            episode.handoffs.append(Asked(row["reason"], row["topic"], int(row["score"] or 0)))
    _tell_languages(connection, begun)
    return _made(begun)


def _tell_languages(connection: Connection, begun: Mapping[str, list[_Begun]]) -> None:
    """The conversation's language is that of its last episode."""
    earlier = [
        (each, (conversation_id, each.number, after.number))
        for conversation_id, there in begun.items()
        for each, after in pairwise(there)
    ]
    told = spoken(connection, [span for _, span in earlier])
    for (each, _), language in zip(earlier, told, strict=True):
        each.language = language or each.language


_ANSWERS = (
    "SELECT a.conversation_id, a.number, a.entry_id, r.rating FROM activities a"
    " LEFT JOIN ratings r ON r.conversation_id = a.conversation_id AND r.number = a.number"
    " WHERE a.created_at >= %(since)s AND a.author = 'bot' AND a.entry_id IS NOT NULL"
    " ORDER BY a.conversation_id, a.number"
)
_MISSED = (
    "SELECT conversation_id, number FROM missed_questions"
    " WHERE missed_at >= %(since)s AND given = '' AND kind <> 'proposed' AND accepted = ''"
)
_HANDOFFS = (
    "SELECT h.conversation_id, h.number, h.reason, h.topic, r.score FROM handoffs h"
    " LEFT JOIN help_ratings r ON r.handoff_id = h.id WHERE h.created_at >= %(since)s"
    " ORDER BY h.created_at, h.id"
)


def _made(begun: Mapping[str, list[_Begun]]) -> list[Episode]:
    starts: defaultdict[str, list[str]] = defaultdict(list)
    for there in begun.values():
        for each in there:
            starts[each.user].append(each.began_at)
    for times in starts.values():
        times.sort()
    return [
        Episode(
            conversation_id,
            each.number,
            each.channel,
            each.language,
            each.began_at,
            each.last_at,
            tuple(each.answers),
            each.missed,
            tuple(each.handoffs),
            _came_back(each, starts[each.user]),
        )
        for conversation_id, there in begun.items()
        for each in there
    ]


def _came_back(episode: _Begun, starts: Sequence[str]) -> bool:
    place = bisect_right(starts, episode.began_at)
    if place == len(starts):
        return False
    later = datetime.fromisoformat(starts[place]) - datetime.fromisoformat(episode.last_at)
    return later < IDLE


def _grouped(rows: Iterable[Row], value: Callable[[Row], str]) -> dict[str, list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        groups[row["conversation_id"]].append(value(row))
    return groups
