"""The whole product on a real port, which can be stopped and started again there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from app import DATABASE, create_app, utc_now
from config import Settings
from storage.database import Database
from tests.product import CACHE, in_threads


class Served:
    def __init__(self, folder: Path, now: Callable[[], datetime] = utc_now, **changes: Any) -> None:
        self.now = now
        self.port = unused_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = Settings(
            **{
                "database_url": f"sqlite:///{folder / 'billing.db'}",
                "cache": CACHE,
                "dev": True,
                "tokens_per_minute": 1000,
                **changes,
            }
        )

    def allowing(self, *sites: str) -> Self:
        """Before the start: these sites may show the chat."""
        self._settings = replace(self._settings, widget_origins=sites)
        return self

    async def start(self, *routes: web.RouteDef) -> None:
        """Also with routes of the caller's own, so that other pages share its origin."""
        app = await create_app(self._settings, self.now, in_threads(self._settings))
        self.database: Database = app[DATABASE]
        app.add_routes(routes)
        self._server = TestServer(app, port=self.port)
        await self._server.start_server()

    async def stop(self) -> None:
        await self._server.close()
