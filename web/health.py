"""For load balancers and people who look after the machine."""

from aiohttp import web

from knowledge.live import Live
from storage.database import Connection, Database


def health_routes(database: Database, live: Live) -> list[web.RouteDef]:
    async def health(request: web.Request) -> web.Response:
        """200 when the database answers; a StorageError becomes 503."""
        await database.read(_ask)
        return web.json_response({"status": "ok", "knowledge_version": live.knowledge.version})

    return [web.get("/health", health)]


def _ask(connection: Connection) -> None:
    connection.execute("SELECT 1")
