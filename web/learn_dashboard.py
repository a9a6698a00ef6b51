"""How well the assistant does: figures with their definitions, over time and by what they are made
of, the episodes behind each, and all of it as files."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission, may
from conversations import metrics
from conversations.episodes import SHOWN, Episode, first_questions
from conversations.metrics import FIGURES, Figure, Report, Scope, Unit, Value, value
from knowledge.learning.missed import masked
from storage.database import Connection
from web import charts
from web.csv_files import csv_text
from web.errors import Problem, Refused
from web.guard import form
from web.learn_charts import line
from web.learn_pages import PATH, Learn, download
from web.report_period import Period

DASHBOARD = f"{PATH}/dashboard"
PERIODS = (7, 30, 90)
DAILY_UP_TO = 31  # days; longer periods are drawn by the week
SHARES_DAILY_UP_TO = 7
NARROWED = ("language", "channel", "topic", "entry", "reason")
FILTERS = ("language", "channel", "topic", "entry")
DRAWN = ("questions", "coverage", "containment", "handoff", "wrong", "satisfaction")
OF_ALL = ("episodes", "questions", "coverage", "containment", "wrong", "handoff", "satisfaction")
OF_ANSWERS = ("episodes", "questions", "containment", "wrong", "handoff", "satisfaction")
COLUMNS: Mapping[str, Sequence[str]] = {
    "time": (*OF_ALL, "missed"),
    "language": (*OF_ALL, "missed"),
    "channel": (*OF_ALL, "missed"),
    "topic": OF_ANSWERS,
    "entry": OF_ANSWERS,
    "reason": ("episodes", "satisfaction"),
}
ROW_COLUMNS = ("began", "question", "language", "channel", "entries", "missed", "rating",
               "reasons", "score", "contained")  # fmt: skip
BEST = 5  # of a satisfaction


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    period: Period
    scope: Scope

    @cached_property
    def query(self) -> dict[str, str]:
        narrowed = {name: str(asdict(self.scope)[name]) for name in NARROWED}
        days = {"from": str(self.period.first), "to": str(self.period.last)}
        return days | {name: text for name, text in narrowed.items() if text}

    def link(self, figure: str, **more: str) -> str:
        return f"{DASHBOARD}/rows?{urlencode({'figure': figure, **self.query, **more})}"


class Dashboard:
    def __init__(self, learn: Learn) -> None:
        self._learn = learn

    def routes(self) -> list[web.RouteDef]:
        guard = self._learn.guard
        return [
            guard.get(DASHBOARD, Permission.EDIT_CONTENT, self.page),
            guard.get(f"{DASHBOARD}/rows", Permission.EDIT_CONTENT, self.rows),
            guard.post(f"{DASHBOARD}/export", Permission.EXPORT, self.export),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        asked = self._asked(request.query)
        report = await self._report(asked)
        say = self._say(request, person)
        tables = {name: report.by(name) for name in NARROWED}
        return self._page(
            request,
            person,
            "learn/dashboard.html",
            asked,
            values={name: report.value(figure) for name, figure in FIGURES.items()},
            drawn={name: self._drawn(report, asked, FIGURES[name], say) for name in DRAWN},
            tables=tables,
            columns=COLUMNS,
            value=lambda name, found: value(FIGURES[name], found),
            periods=[(count, self._since(count)) for count in PERIODS],
            filters={name: self._choices(name, request, person) for name in FILTERS},
        )

    async def rows(self, request: web.Request, person: Person) -> web.Response:
        figure, rest = _figure(request.query), bool(request.query.get("rest"))
        asked = self._asked(request.query)
        found = (await self._report(asked)).rows(figure, rest)
        shown = found[:SHOWN]
        texts = await self._learn.database.read(_questions, shown)
        return self._page(
            request,
            person,
            "learn/rows.html",
            asked,
            figure=figure,
            rest=rest,
            found=[(each, texts.get((each.conversation_id, each.number), "")) for each in shown],
            count=len(found),
            has_rest=figure.unit is Unit.SHARE,
        )

    async def export(self, request: web.Request, person: Person) -> web.Response:
        """A table of the page (`by`), or the episodes behind a figure."""
        fields = await form(request)
        asked, by = self._asked(fields), fields.get("by", "")
        report = await self._report(asked)
        named = self._named(request, person)
        if by in COLUMNS:
            name, table = by, list(self._table(report, by, named, self._say(request, person)))
        else:
            figure = _figure(fields)
            found = report.rows(figure, bool(fields.get("rest")))
            name = figure.id
            texts = await self._learn.database.read(_questions, found)
            say = self._say(request, person)
            table = [[say(f"learn.row.{each}") for each in ROW_COLUMNS]]
            table += [self._cells(each, texts, named, say) for each in found]
        await self._learn.exported(person, f"dashboard/{name}", asked.query | {"rows": len(table)})
        file = f"{name}-{asked.period.first}-{asked.period.last}.csv"
        return download(file, csv_text(table).encode(), "text/csv")

    async def _report(self, asked: Asked) -> Report:
        topics = {entry.id: entry.topic for entry in self._learn.knowledge.content.entries}
        return await self._learn.database.read(metrics.report, asked.scope, topics)

    def _asked(self, given: Mapping[str, str]) -> Asked:
        period = Period.of(given, self._learn.zone, self._learn.now())
        narrowed = {name: given.get(name, "")[:200] for name in NARROWED}
        return Asked(period, Scope(period.scope.start, period.scope.end, **narrowed))

    def _since(self, days: int) -> str:
        """The address of the last so many days."""
        given = {"to": str(self._learn.now().astimezone(self._learn.zone).date())}
        last = Period.of(given, self._learn.zone, self._learn.now()).last
        first = last.fromordinal(last.toordinal() - days + 1)
        return urlencode({"from": str(first), "to": str(last)})

    def _page(
        self, request: web.Request, person: Person, template: str, asked: Asked, **values: Any
    ) -> web.Response:
        return self._learn.rendering.page(
            request,
            person,
            template,
            asked=asked,
            figures=FIGURES,
            named=self._named(request, person),
            shown=lambda name, number: shown(FIGURES[name], number),
            bar=charts.bar,
            may_export=may(person, Permission.EXPORT),
            **values,
        )

    def _drawn(
        self, report: Report, asked: Asked, figure: Figure, say: Callable[..., str]
    ) -> dict[str, Any]:
        """The picture, and the numbers at its scale. A share of few is nothing to look at, so
        shares are drawn by the week."""
        days = (asked.period.last - asked.period.first).days + 1
        daily = days <= (DAILY_UP_TO if figure.unit is Unit.COUNT else SHARES_DAILY_UP_TO)
        points = report.over_time(figure, self._learn.zone, 1 if daily else 7)
        parts = [each.part for each in points.values()]
        top, values = float(charts.ceiling(parts)), [float(part) for part in parts]
        scale = [f"{top:g}", f"{top / 2:g}", "0"]
        gaps: list[float | None] = [*values]
        if figure.unit is not Unit.COUNT:
            top = 1.0 if figure.unit is Unit.SHARE else float(BEST)
            gaps = [each.ratio for each in points.values()]
            scale = ["100 %", "50 %", "0"] if figure.unit is Unit.SHARE else ["5", "2.5", "0"]
        told = ", ".join(f"{day} {shown(figure, each)}" for day, each in points.items())
        title = f"{say(f'learn.figure.{figure.id}')}: {told}"
        return {"chart": line(gaps, top, title), "scale": scale, "daily": daily}

    def _table(
        self, report: Report, by: str, named: Callable[[str, str], str], say: Callable[..., str]
    ) -> Iterator[list[object]]:
        """A share has its two counts beside it, so that it can be worked with."""
        names = COLUMNS[by]
        heads = [[say(f"learn.figure.{name}"), *_parts(FIGURES[name], say)] for name in names]
        yield [say(f"learn.by.{by}"), *flat(heads)]
        if by == "time":
            over = {name: report.over_time(FIGURES[name], self._learn.zone) for name in names}
            for day in over["episodes"]:
                numbers = (_cells(FIGURES[name], over[name][day]) for name in names)
                yield [day, *flat(numbers)]
            return
        for key, found in report.by(by).items():
            numbers = (_cells(FIGURES[name], value(FIGURES[name], found)) for name in names)
            yield [named(by, key), *flat(numbers)]

    def _cells(
        self,
        episode: Episode,
        texts: Mapping[tuple[str, int], str],
        named: Callable[[str, str], str],
        say: Callable[..., str],
    ) -> list[object]:
        return [
            episode.began_at,
            texts.get((episode.conversation_id, episode.number), ""),
            named("language", episode.language),
            named("channel", episode.channel),
            ", ".join(dict.fromkeys(each.entry_id for each in episode.answers)),
            episode.missed,
            ", ".join(str(each.rating) for each in episode.answers if each.rating),
            ", ".join(named("reason", each.reason) for each in episode.handoffs),
            ", ".join(map(str, episode.scores)),
            say("learn.yes") if episode.contained else say("learn.no"),
        ]

    def _choices(self, name: str, request: web.Request, person: Person) -> list[tuple[str, str]]:
        named, knowledge = self._named(request, person), self._learn.knowledge
        ids: Mapping[str, Sequence[str]] = {
            "language": list(knowledge.policy.partner.languages),
            "channel": ["web", "msteams"],
            "topic": self._learn.topics(),
            "entry": [entry.id for entry in knowledge.content.entries],
        }
        return sorted(((each, named(name, each)) for each in ids[name]), key=lambda each: each[1])

    def _named(self, request: web.Request, person: Person) -> Callable[[str, str], str]:
        language = self._learn.language(request, person)
        say = self._learn.rendering.say(language)

        def named(dimension: str, key: str) -> str:
            if dimension == "entry":
                return self._learn.title(key, language)
            if not key or dimension == "topic":
                return key or say("learn.none")
            try:
                return say(f"learn.{dimension}.{key}")
            except KeyError:
                return key

        return named

    def _say(self, request: web.Request, person: Person) -> Callable[..., str]:
        return self._learn.rendering.say(self._learn.language(request, person))


def shown(figure: Figure, number: Value) -> str:
    if figure.unit is Unit.COUNT:
        return f"{number.part:,}"
    if number.ratio is None:
        return "–"
    return f"{100 * number.ratio:.0f} %" if figure.unit is Unit.SHARE else f"{number.ratio:.1f}"


def flat(groups: Iterable[Sequence[object]]) -> list[object]:
    return [cell for group in groups for cell in group]


def _parts(figure: Figure, say: Callable[..., str]) -> list[str]:
    if figure.unit is Unit.COUNT:
        return []
    name = say(f"learn.figure.{figure.id}")
    return [say("learn.counted", name=name), say("learn.counted_of", name=name)]


def _cells(figure: Figure, number: Value) -> list[object]:
    if figure.unit is Unit.COUNT:
        return [number.part]
    ratio = "" if number.ratio is None else f"{number.ratio:.4f}"
    return [ratio, number.part, number.whole]


def _figure(given: Mapping[str, str]) -> Figure:
    found = FIGURES.get(given.get("figure", ""))
    if found is None:
        raise Refused(Problem.BAD_REQUEST)
    return found


def _questions(connection: Connection, found: Sequence[Episode]) -> dict[tuple[str, int], str]:
    """What each episode began with, masked."""
    texts: dict[tuple[str, int], str] = {}
    for begin in range(0, len(found), SHOWN):
        for place, body in first_questions(connection, found[begin : begin + SHOWN]).items():
            texts[place] = masked(str(json.loads(body).get("text") or ""))
    return texts
