"""How well the assistant does. A figure counts episodes, and every number shown for it is made from
exactly the episodes that it counts.

A figure's name and its definition for people stand under its id in web/words/learn.yaml.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from conversations.episodes import Episode, episodes
from storage.database import Connection

NONE = ""  # the group of episodes that have no value there


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"  # of `part` in `whole`
    MEAN = "mean"  # of `part` over `whole`


@dataclass(frozen=True, slots=True)
class Figure:
    """What each episode adds to the number, and to what it is divided by."""

    id: str
    unit: Unit
    part: Callable[[Episode], int]
    whole: Callable[[Episode], int] = lambda episode: 1


FIGURES: Mapping[str, Figure] = {
    figure.id: figure
    for figure in (
        Figure("episodes", Unit.COUNT, lambda e: 1),
        Figure("questions", Unit.COUNT, lambda e: e.questions),
        Figure("coverage", Unit.SHARE, lambda e: bool(e.answers), lambda e: e.questions > 0),
        Figure("containment", Unit.SHARE, lambda e: e.contained, lambda e: e.questions > 0),
        Figure("wrong", Unit.SHARE, lambda e: e.wrong, lambda e: e.rated),
        Figure("handoff", Unit.SHARE, lambda e: bool(e.handoffs)),
        Figure("satisfaction", Unit.MEAN, lambda e: sum(e.scores), lambda e: len(e.scores)),
        Figure("missed", Unit.COUNT, lambda e: e.missed),
    )
}


@dataclass(frozen=True, slots=True)
class Value:
    """A figure's number: `part` of `whole`; a count is `part` alone."""

    part: int
    whole: int

    @property
    def ratio(self) -> float | None:
        """None where there is nothing to divide by."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Scope:
    """Episodes that began from `start` up to `end`; an empty field leaves nothing out."""

    start: datetime
    end: datetime
    language: str = ""
    channel: str = ""
    topic: str = ""
    entry: str = ""
    reason: str = ""


DIMENSIONS = ("language", "channel", "topic", "entry", "reason")


@dataclass(frozen=True)
class Report:
    """`topics` says the topic of each entry."""

    scope: Scope
    topics: Mapping[str, str]
    episodes: Sequence[Episode] = field(repr=False)

    def value(self, figure: Figure) -> Value:
        return value(figure, self.episodes)

    def value_of(self, figure: Figure, dimension: str, found: Sequence[Episode]) -> Value:
        """Of a group of `by`. In each episode of a reason a person was asked for: its handoff rate
        is the share of all episodes."""
        if (figure.id, dimension) == ("handoff", "reason"):
            return Value(len(found), len(self.episodes))
        return value(figure, found)

    def rows(self, figure: Figure, rest: bool = False) -> list[Episode]:
        """The episodes that it counts, newest first; the rest are those which it might have."""
        return [
            each
            for each in reversed(self.episodes)
            if (not figure.part(each) and figure.whole(each) if rest else figure.part(each))
        ]

    def by(self, dimension: str) -> dict[str, list[Episode]]:
        """The episodes of each language, channel, topic, entry or reason; most episodes first. One
        that has several topics stands under each of them, with what belongs to it."""
        groups: defaultdict[str, list[Episode]] = defaultdict(list)
        for episode in self.episodes:
            for key in self._keys(episode, dimension):
                groups[key].append(self._part(episode, dimension, key))
        return dict(sorted(groups.items(), key=lambda each: (-len(each[1]), each[0])))

    def over_time(self, figure: Figure, zone: ZoneInfo, step: int = 1) -> dict[date, Value]:
        """By the first day of each `step` days of the period, also where nobody asked."""
        first = self.scope.start.astimezone(zone).date()
        last = (self.scope.end - timedelta(microseconds=1)).astimezone(zone).date()
        steps: dict[int, list[Episode]] = {n: [] for n in range((last - first).days // step + 1)}
        for episode in self.episodes:
            day = datetime.fromisoformat(episode.began_at).astimezone(zone).date()
            steps[(day - first).days // step].append(episode)
        return {first + timedelta(n * step): value(figure, found) for n, found in steps.items()}

    def _keys(self, episode: Episode, dimension: str) -> Iterable[str]:
        match dimension:
            case "language":
                return (episode.language,)
            case "channel":
                return (episode.channel,)
            case "entry":
                return dict.fromkeys(each.entry_id for each in episode.answers)
            case "reason":
                return dict.fromkeys(each.reason for each in episode.handoffs)
        topics = [self.topics.get(each.entry_id, NONE) for each in episode.answers]
        topics += [each.topic for each in episode.handoffs if each.topic]
        return dict.fromkeys(topics or [NONE])

    def _part(self, episode: Episode, dimension: str, key: str) -> Episode:
        """Of an episode about two things, the answers that are about this one."""
        if dimension == "entry":
            chosen = tuple(each for each in episode.answers if each.entry_id == key)
        elif dimension == "topic":
            chosen = tuple(
                each for each in episode.answers if self.topics.get(each.entry_id, NONE) == key
            )
        else:
            return episode
        return replace(episode, answers=chosen)


def value(figure: Figure, found: Iterable[Episode]) -> Value:
    part = whole = 0
    for each in found:
        part += figure.part(each)
        whole += figure.whole(each)
    return Value(part, whole)


def report(connection: Connection, scope: Scope, topics: Mapping[str, str]) -> Report:
    """What the period holds, narrowed as asked; takes about a second for 100,000 activities."""
    whole = Report(scope, topics, episodes(connection, scope.start, scope.end))
    for dimension in DIMENSIONS:
        if wanted := getattr(scope, dimension):
            whole = replace(whole, episodes=whole.by(dimension).get(wanted, []))
    return whole
