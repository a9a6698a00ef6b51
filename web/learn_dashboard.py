"""How well the assistant does: figures with their definitions, over time and by what they are made
of, and all of it as files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission
from conversations.metrics import FIGURES, Figure, Report, Unit, Value
from web import charts
from web.csv_files import csv_text
from web.errors import Problem, Refused
from web.guard import form
from web.learn_charts import line
from web.learn_figures import DASHBOARD, NARROWED, Asked, Figures, Named, Say, parts, shown
from web.learn_pages import Learn, download
from web.report_period import Period

PERIODS = (7, 30, 90)
DAILY_UP_TO = 31  # days; longer periods are drawn by the week
SHARES_DAILY_UP_TO = 7
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
    "reason": ("episodes", "handoff", "satisfaction"),
}
BEST = 5  # of a satisfaction


class Dashboard:
    def __init__(self, learn: Learn) -> None:
        self._figures = Figures(learn)
        self._learn = learn

    def routes(self) -> list[web.RouteDef]:
        guard = self._learn.guard
        return [
            guard.get(DASHBOARD, Permission.EDIT_CONTENT, self.page),
            guard.post(f"{DASHBOARD}/export", Permission.EDIT_CONTENT, self.export),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        asked = self._figures.asked(request.query)
        report = await self._figures.report(asked)
        say = self._figures.say(request, person)
        return await self._figures.page(
            request,
            person,
            "learn/dashboard.html",
            asked,
            figures=FIGURES,
            values={name: report.value(figure) for name, figure in FIGURES.items()},
            drawn={name: self._drawn(report, asked, FIGURES[name], say) for name in DRAWN},
            tables={name: report.by(name) for name in NARROWED},
            columns=COLUMNS,
            value=lambda by, name, found: report.value_of(FIGURES[name], by, found),
            bar=charts.bar,
            periods=[(count, self._since(count)) for count in PERIODS],
            filters={name: self._choices(name, request, person) for name in FILTERS},
        )

    async def export(self, request: web.Request, person: Person) -> web.Response:
        """A table of the page: figures, and no word of a customer."""
        fields = await form(request)
        asked, by = self._figures.asked(fields), fields.get("by", "")
        if by not in COLUMNS:
            raise Refused(Problem.BAD_REQUEST)
        report = await self._figures.report(asked)
        named, say = self._figures.named(request, person), self._figures.say(request, person)
        table = list(self._table(report, by, named, say))
        await self._learn.exported(person, f"dashboard/{by}", asked.query | {"rows": len(table)})
        return download(asked.file(by), csv_text(table).encode(), "text/csv")

    def _since(self, days: int) -> str:
        """The address of the last so many days."""
        given = {"to": str(self._learn.now().astimezone(self._learn.zone).date())}
        last = Period.of(given, self._learn.zone, self._learn.now()).last
        first = last.fromordinal(last.toordinal() - days + 1)
        return urlencode({"from": str(first), "to": str(last)})

    def _drawn(self, report: Report, asked: Asked, figure: Figure, say: Say) -> dict[str, Any]:
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

    def _table(self, report: Report, by: str, named: Named, say: Say) -> Iterator[list[object]]:
        """A share has its two counts beside it, so that it can be worked with."""
        names = COLUMNS[by]
        heads = [[say(f"learn.figure.{name}"), *parts(FIGURES[name], say)] for name in names]
        yield [say(f"learn.by.{by}"), *flat(heads)]
        if by == "time":
            over = {name: report.over_time(FIGURES[name], self._learn.zone) for name in names}
            for day in over["episodes"]:
                numbers = (_cells(FIGURES[name], over[name][day]) for name in names)
                yield [day, *flat(numbers)]
            return
        for key, found in report.by(by).items():
            numbers = (
                _cells(FIGURES[name], report.value_of(FIGURES[name], by, found)) for name in names
            )
            yield [named(by, key), *flat(numbers)]

    def _choices(self, name: str, request: web.Request, person: Person) -> list[tuple[str, str]]:
        named, knowledge = self._figures.named(request, person), self._learn.knowledge
        ids: Mapping[str, Sequence[str]] = {
            "language": list(knowledge.policy.partner.languages),
            "channel": ["web", "msteams"],
            "topic": self._learn.topics(),
            "entry": [entry.id for entry in knowledge.content.entries],
        }
        return sorted(((each, named(name, each)) for each in ids[name]), key=lambda each: each[1])


def flat(groups: Iterable[Sequence[object]]) -> list[object]:
    return [cell for group in groups for cell in group]


def _cells(figure: Figure, number: Value) -> list[object]:
    if figure.unit is Unit.COUNT:
        return [number.part]
    ratio = "" if number.ratio is None else f"{number.ratio:.4f}"
    return [ratio, number.part, number.whole]
