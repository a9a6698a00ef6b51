"""Who did what: the newest first, by kind, page by page."""

from aiohttp import web

from accounts import audit
from accounts.models import Person
from accounts.permissions import Permission
from storage.database import Database
from web.guard import Guard
from web.rendering import Rendering

PATH = "/admin/audit"
NEWEST = ("9", "")


class AuditPage:
    def __init__(self, database: Database, guard: Guard, rendering: Rendering) -> None:
        self._database = database
        self._guard = guard
        self._rendering = rendering

    def routes(self) -> list[web.RouteDef]:
        return [self._guard.get(PATH, Permission.AUDIT, self.page)]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        action = request.query.get("action", "")
        time, _, event_id = request.query.get("before", "").partition(",")
        before = (time, event_id) if time else NEWEST
        events = await self._database.read(audit.page, before, action)
        last = events[-1] if len(events) == audit.PAGE else None
        return await self._rendering.page(
            request,
            person,
            "staff/audit.html",
            events=events,
            action=action,
            actions=await self._database.read(audit.actions),
            older=f"{last.created_at},{last.id}" if last else "",
            is_first=before == NEWEST,
        )
