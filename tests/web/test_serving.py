"""What happens around a call: slow bodies, and what is written about it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.web.conftest import BASE, Channel
from tests.web.refusals import assert_refused, bearer
from web.access_log import AccessLog
from web.errors import Problem, errors


async def test_a_body_that_never_ends_is_not_waited_for(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.bodies.MAX_SECONDS", 0.05)
    me = await channel.begin()
    answered = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        await answered.wait()

    headers = bearer(me.token) | {"Content-Type": "application/json"}
    path = f"{me.path}/activities"
    await assert_refused(channel, Problem.TIMEOUT, "POST", path, data=body(), headers=headers)
    answered.set()


async def test_the_log_of_calls_has_no_token_and_no_line_of_a_stranger() -> None:
    app = web.Application(middlewares=[errors])
    server = TestServer(app)
    await server.start_server(access_log_class=AccessLog)
    async with TestClient(server) as client:
        with structlog.testing.capture_logs() as logged:
            await client.get(f"{BASE}/a%0d%0aforged/stream?watermark=&t=very-secret")
    (line,) = [entry for entry in logged if entry["event"] == "request"]
    assert (line["path"], line["status"]) == (f"{BASE}/a%0D%0Aforged/stream", 404)
    assert "very-secret" not in str(logged)
