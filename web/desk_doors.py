"""Every way in that an agent has: the console, its actions, its socket, the reports, what is
stuck."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from conversations.streams import Streams
from handoff.desk import Desk
from handoff.escalations import Escalations
from knowledge.live import Live
from storage.database import Database
from web.agent_actions import AgentActions
from web.agent_console import AgentConsole
from web.agent_socket import AgentSockets
from web.guard import Guard
from web.rendering import Rendering
from web.reports import Reports
from web.undelivered import UndeliveredPages


class DeskDoors:
    """`secret` signs the sockets' tickets."""

    def __init__(
        self,
        database: Database,
        guard: Guard,
        rendering: Rendering,
        streams: Streams,
        live: Live,
        desk: Desk,
        escalations: Escalations,
        secret: str,
        now: Callable[[], datetime],
    ) -> None:
        self._sockets = AgentSockets(database, guard, rendering, streams, live, secret, now)
        stir = self._sockets.stir
        self._routes = [
            *AgentConsole(database, guard, rendering, live, now).routes(),
            *AgentActions(database, guard, rendering, live, desk, escalations, stir, now).routes(),
            *self._sockets.routes(),
            *Reports(database, guard, rendering, live, now).routes(),
            *UndeliveredPages(database, guard, rendering, now).routes(),
        ]

    def routes(self) -> list[web.RouteDef]:
        return self._routes

    async def stop(self, app: web.Application) -> None:
        """Pages come back by themselves, at the number they have."""
        await self._sockets.stop(app)
