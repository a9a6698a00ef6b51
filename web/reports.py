"""The desk's reports: figures with their definitions, the rows behind each, and both as a file."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from accounts import audit
from accounts.models import Person, Role
from accounts.permissions import Permission
from handoff import reports
from handoff.reports import FIGURES, Case, Figure, Report, Scope
from knowledge.live import Live
from storage.database import Connection, Database
from web import charts
from web.csv_files import csv_text
from web.errors import Problem, Refused
from web.guard import Guard, form
from web.rendering import Rendering
from web.report_period import PATH, Period

PERIODS = (7, 30, 90)
SHOWN = 500
EXPORTED = "report.exported"
COUNTED = ("late", "abandoned", "expired", "reopened", "left", "resolved")
COLUMNS = ("asked", "customer", "channel", "language", "topic", "reason", "role", "status", "agent",
           "claim", "claim_open", "reply", "reply_open", "score", "comment")  # fmt: skip
LENGTHS = ("claim", "claim_open", "reply", "reply_open")

Say = Callable[..., str]


class Reports:
    def __init__(
        self,
        database: Database,
        guard: Guard,
        rendering: Rendering,
        live: Live,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._guard = guard
        self._rendering = rendering
        self._live = live
        self._now = now

    def routes(self) -> list[web.RouteDef]:
        return [
            self._guard.get(PATH, Permission.REPORTS, self.page),
            self._guard.get(f"{PATH}/rows", Permission.REPORTS, self.rows),
            self._guard.post(f"{PATH}/export", Permission.EXPORT, self.export),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        period = Period.of(request.query, self._zone, self._now())
        policy = self._live.knowledge.policy
        report, choices = await self._database.read(
            _read, period.scope, policy.open_time, self._zone
        )
        return await self._page(
            request,
            person,
            "agent/reports.html",
            period,
            report=report,
            choices=choices,
            counted=COUNTED,
            periods=[(days, self._since(days)) for days in PERIODS],
            bar=charts.bar,
            shares=dict(
                zip(report.scores, charts.shares(list(report.scores.values())), strict=True)
            ),
            longest=self._longest(report),
            chart=self._chart(request, person, report),
            top=charts.ceiling(list(report.days.values())),
        )

    async def rows(self, request: web.Request, person: Person) -> web.Response:
        figure = _figure(request.query.get("figure", ""))
        period = Period.of(request.query, self._zone, self._now())
        found = await self._database.read(reports.cases, figure, period.scope)
        return await self._page(
            request,
            person,
            "agent/report_rows.html",
            period,
            figure=figure,
            lengths=LENGTHS,
            found=found[-SHOWN:][::-1],
            count=len(found),
            columns=COLUMNS,
            took=self._took,
        )

    async def export(self, request: web.Request, person: Person) -> web.Response:
        fields = await form(request)
        figure = _figure(fields.get("figure", ""))
        period = Period.of(fields, self._zone, self._now())
        found = await self._database.read(reports.cases, figure, period.scope)
        details = {**period.query, "rows": len(found)}
        await self._database.write(
            audit.record, person.id, EXPORTED, figure.id, details, self._now()
        )
        language = self._rendering.language(request, person)
        said = self._rendering.say(language)
        table = [[_heading(name, said) for name in COLUMNS]]
        table += [list(self._cells(case, language, said)) for case in found]
        name = f"{figure.id}-{period.first}-{period.last}.csv"
        return web.Response(
            text=csv_text(table),
            content_type="text/csv",
            charset="utf-8",
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def _page(
        self, request: web.Request, person: Person, template: str, period: "Period", **values: Any
    ) -> web.Response:
        said = self._wording(request, person)
        language = self._rendering.language(request, person)
        return await self._rendering.page(
            request,
            person,
            template,
            period=period,
            named=_named(said),
            role_name=lambda role: self._role(role, language, said),
            spoken=lambda length: spoken(length, said),
            link=period.link,
            **values,
        )

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._live.knowledge.policy.support.hours.time_zone)

    def _wording(self, request: web.Request, person: Person) -> Say:
        return self._rendering.say(self._rendering.language(request, person))

    def _since(self, days: int) -> str:
        last = self._now().astimezone(self._zone).date()
        return urlencode({"from": last - timedelta(days=days - 1), "to": last})

    def _role(self, role: str, language: str, said: Say) -> str:
        """As our pages call it, or the policy, whose roles can be others than ours."""
        known = {each.id: each.name for each in self._live.knowledge.policy.roles}
        if role in set(Role):
            return said(f"role.{role}")
        return known[role].get(language, role) if role in known else role

    def _longest(self, report: Report) -> timedelta | None:
        waiting = report.found["waiting"]
        return self._now() - waiting[0].asked_at if waiting else None

    def _chart(self, request: web.Request, person: Person, report: Report) -> str:
        said, values = self._wording(request, person), list(report.days.values())
        most = max(report.days, key=lambda day: report.days[day])
        about = said("reports.days.about", total=sum(values), most=max(values), day=most)
        return charts.line(values, "days", said("reports.days"), about)

    def _took(self, case: Case, moment: str, opened: bool = False) -> timedelta | None:
        end: datetime | None = getattr(case, moment)
        if end is None:
            return None
        open_time = self._live.knowledge.policy.open_time
        return open_time(case.asked_at, end) if opened else end - case.asked_at

    def _cells(self, case: Case, language: str, said: Say) -> Iterator[str]:
        """In the order of COLUMNS; lengths in minutes, for a spreadsheet to count with."""
        named = _named(said)
        yield case.asked_at.astimezone(self._zone).isoformat(" ", "seconds")
        yield case.customer
        for area in ("channel", "language", "topic", "reason"):
            yield named(area, getattr(case, area))
        yield self._role(case.role, language, said)
        yield named("status", case.status)
        yield case.agent_name
        for moment in ("claimed_at", "replied_at"):
            for opened in (False, True):
                length = self._took(case, moment, opened)
                yield "" if length is None else f"{length.total_seconds() / 60:.1f}"
        yield str(case.score or "")
        yield case.comment


def spoken(length: timedelta | None, said: Say) -> str:
    """The two largest units: 45 s, 12 min, 1 h 20 min, 2 d 3 h."""
    if length is None:
        return "–"
    seconds = round(length.total_seconds())
    if seconds < 60:
        return said("reports.seconds", count=seconds)
    minutes = round(seconds / 60)
    if minutes < 60:
        return said("reports.minutes", count=minutes)
    if minutes < 24 * 60:
        return said("reports.hours", hours=minutes // 60, minutes=minutes % 60)
    return said("reports.long", days=minutes // 1440, hours=minutes % 1440 // 60)


def _named(said: Say) -> Callable[[str, str], str]:
    """What people call a value; a new one that has no words yet is its own name."""

    def named(area: str, value: str) -> str:
        try:
            text = said(f"agent.{area}.{value}" if value != "active" else "reports.status.active")
        except KeyError:
            return value
        return text

    return named


def _heading(column: str, said: Say) -> str:
    text = said(f"reports.column.{column}")
    return f"{text} ({said('reports.column.unit')})" if column in LENGTHS else text


def _figure(name: str) -> Figure:
    if name not in FIGURES:
        raise Refused(Problem.NOT_FOUND)
    return FIGURES[name]


def _read(
    connection: Connection, scope: Scope, open_time: Any, zone: ZoneInfo
) -> tuple[Report, dict[str, list[str]]]:
    return reports.report(connection, scope, open_time, zone), reports.choices(connection)
