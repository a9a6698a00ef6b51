"""What the dashboard and the rows behind its figures share: what the address asks for, and how a
figure is shown."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from accounts.models import Person
from conversations import metrics
from conversations.metrics import FIGURES, Figure, Report, Scope, Unit, Value
from web.learn_pages import PATH, Learn
from web.report_period import Period

DASHBOARD = f"{PATH}/dashboard"
NARROWED = ("language", "channel", "topic", "entry", "reason")

Named = Callable[[str, str], str]  # a dimension and a key of it, for people
Say = Callable[..., str]


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

    def file(self, name: str) -> str:
        return f"{name}-{self.period.first}-{self.period.last}.csv"


@dataclass(frozen=True, slots=True)
class Figures:
    learn: Learn

    def asked(self, given: Mapping[str, str]) -> Asked:
        period = Period.of(given, self.learn.zone, self.learn.now())
        narrowed = {name: given.get(name, "")[:200] for name in NARROWED}
        return Asked(period, Scope(period.scope.start, period.scope.end, **narrowed))

    async def report(self, asked: Asked) -> Report:
        topics = {entry.id: entry.topic for entry in self.learn.knowledge.content.entries}
        return await self.learn.database.read(metrics.report, asked.scope, topics)

    async def page(
        self, request: web.Request, person: Person, template: str, asked: Asked, **values: Any
    ) -> web.Response:
        return await self.learn.rendering.page(
            request,
            person,
            template,
            asked=asked,
            named=self.named(request, person),
            shown=lambda name, number: shown(FIGURES[name], number),
            **values,
        )

    def named(self, request: web.Request, person: Person) -> Named:
        language = self.learn.language(request, person)
        say = self.learn.rendering.say(language)

        def named(dimension: str, key: str) -> str:
            if dimension == "entry":
                return self.learn.title(key, language)
            if not key or dimension == "topic":
                return key or say("learn.none")
            try:
                return say(f"learn.{dimension}.{key}")
            except KeyError:
                return key

        return named

    def say(self, request: web.Request, person: Person) -> Say:
        return self.learn.rendering.say(self.learn.language(request, person))


def shown(figure: Figure, number: Value) -> str:
    if figure.unit is Unit.COUNT:
        return f"{number.part:,}"
    if number.ratio is None:
        return "–"
    return f"{100 * number.ratio:.0f} %" if figure.unit is Unit.SHARE else f"{number.ratio:.1f}"


def parts(figure: Figure, say: Say) -> list[str]:
    """What the two counts of a share or a mean are called."""
    if figure.unit is Unit.COUNT:
        return []
    name = say(f"learn.figure.{figure.id}")
    return [say("learn.counted", name=name), say("learn.counted_of", name=name)]
