"""The episodes behind a figure, with what each adds to it; and as a file."""

import json
from collections.abc import Mapping, Sequence

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission, may
from conversations.episodes import SHOWN, Episode, Place, questions_in
from conversations.metrics import FIGURES, Figure, Unit
from knowledge.learning.missed import masked
from storage.database import Connection
from web.csv_files import csv_text
from web.errors import Problem, Refused
from web.guard import form
from web.learn_figures import DASHBOARD, Figures, Named, Say, parts
from web.learn_pages import Learn, download

COLUMNS = ("language", "channel", "entries", "missed", "rating", "reasons", "score", "contained")
Texts = Mapping[Place, Sequence[str]]


class Rows:
    def __init__(self, learn: Learn) -> None:
        self._figures = Figures(learn)
        self._learn = learn

    def routes(self) -> list[web.RouteDef]:
        guard = self._learn.guard
        return [
            guard.get(f"{DASHBOARD}/rows", Permission.EDIT_CONTENT, self.page),
            guard.post(f"{DASHBOARD}/rows/export", Permission.EXPORT, self.export),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        figure, rest = _figure(request.query), bool(request.query.get("rest"))
        asked = self._figures.asked(request.query)
        report = await self._figures.report(asked)
        found = report.rows(figure, rest)
        texts = await self._learn.database.read(_texts, found[:SHOWN], _rating(figure, rest))
        say = self._figures.say(request, person)
        return await self._figures.page(
            request,
            person,
            "learn/rows.html",
            asked,
            figure=figure,
            number=report.value(figure),
            rest=rest,
            asks=say(_asks(figure)),
            counted=_heads(figure, say),
            found=[(each, texts[each.place], _counts(figure, each)) for each in found[:SHOWN]],
            count=len(found),
            has_rest=figure.unit is Unit.SHARE,
            may_export=may(person, Permission.EXPORT),
        )

    async def export(self, request: web.Request, person: Person) -> web.Response:
        fields = await form(request)
        figure, rest = _figure(fields), bool(fields.get("rest"))
        asked = self._figures.asked(fields)
        found = (await self._figures.report(asked)).rows(figure, rest)
        texts = await self._learn.database.read(_texts, found, _rating(figure, rest))
        say, named = self._figures.say(request, person), self._figures.named(request, person)
        heads = [say("learn.row.began"), say(_asks(figure)), *_heads(figure, say)]
        table: list[list[object]] = [[*heads, *(say(f"learn.row.{each}") for each in COLUMNS)]]
        table += [_cells(figure, each, texts[each.place], named, say) for each in found]
        details = asked.query | {"rows": len(table)}
        await self._learn.exported(person, f"dashboard/{figure.id}", details)
        return download(asked.file(figure.id), csv_text(table).encode(), "text/csv")


def _figure(given: Mapping[str, str]) -> Figure:
    found = FIGURES.get(given.get("figure", ""))
    if found is None:
        raise Refused(Problem.BAD_REQUEST)
    return found


def _rating(figure: Figure, rest: bool) -> int:
    """Of the answers whose questions stand for an episode; 0 where its first message does."""
    return 0 if figure.id != "wrong" else 1 if rest else -1


def _asks(figure: Figure) -> str:
    return "learn.row.rated" if figure.id == "wrong" else "learn.row.question"


def _heads(figure: Figure, say: Say) -> list[str]:
    return parts(figure, say) or [say(f"learn.figure.{figure.id}")]


def _counts(figure: Figure, episode: Episode) -> list[int]:
    """What it adds to the figure: the sums of these columns are the figure's counts."""
    part, whole = int(figure.part(episode)), int(figure.whole(episode))
    return [part] if figure.unit is Unit.COUNT else [part, whole]


def _cells(
    figure: Figure, episode: Episode, texts: Sequence[str], named: Named, say: Say
) -> list[object]:
    return [
        episode.began_at,
        " / ".join(texts),
        *_counts(figure, episode),
        named("language", episode.language),
        named("channel", episode.channel),
        ", ".join(f"{id} × {n}" if n > 1 else id for id, n in episode.entries.items()),
        episode.missed,
        ", ".join(str(each.rating) for each in episode.answers if each.rating),
        ", ".join(named("reason", each.reason) for each in episode.handoffs),
        ", ".join(map(str, episode.scores)),
        say("learn.yes") if episode.contained else say("learn.no"),
    ]


def _texts(connection: Connection, found: Sequence[Episode], rating: int) -> dict[Place, list[str]]:
    """What was asked in each, masked."""
    texts: dict[Place, list[str]] = {}
    for begin in range(0, len(found), SHOWN):
        bodies = questions_in(connection, found[begin : begin + SHOWN], rating)
        for place, asked in bodies.items():
            texts[place] = [masked(str(json.loads(body).get("text") or "")) for body in asked]
    return texts
