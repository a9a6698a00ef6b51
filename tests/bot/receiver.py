"""Somebody else's web server on loopback, that keeps what it gets and answers as it is told."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web


@dataclass(frozen=True)
class Got:
    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """`answers` come first, then 200; "reset" cuts the connection after the body was taken."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: deque[int | str] = deque()
        self._arrived = asyncio.Condition()
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/hook"
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()

    async def arrived(self, number: int) -> list[Got]:
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.got) >= number)
        return self.got

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        async with self._arrived:
            self.got.append(Got(request.path, dict(request.headers), body))
            self._arrived.notify_all()
        answer: Any = self.answers.popleft() if self.answers else 200
        if answer == "reset" and request.transport:
            request.transport.abort()
            answer = 200
        return web.Response(status=answer, headers={"Location": self.url})
