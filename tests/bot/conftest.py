from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.inbound import Inbound, InvokeAnswer
from bot.teams import TeamsChannel, teams_routes
from tests.bot.channel import Channel

Client = TestClient[web.Request, web.Application]


@dataclass
class Recorder:
    """Stands in for the turn engine and keeps what reaches it."""

    received: list[Inbound] = field(default_factory=list)
    answer: InvokeAnswer = InvokeAnswer(200, None)
    error: Exception | None = None

    async def receive(self, inbound: Inbound) -> str:
        if self.error:
            raise self.error
        self.received.append(inbound)
        return inbound.external_id

    async def invoke(self, inbound: Inbound) -> InvokeAnswer:
        await self.receive(inbound)
        return self.answer


@dataclass
class Bot:
    """The bot's door with a recorder behind it, and the channel that knocks."""

    client: Client
    channel: Channel
    recorder: Recorder
    teams: TeamsChannel

    async def post(
        self, activity: dict[str, Any] | None = None, token: str | None = None, **request: Any
    ) -> tuple[int, Any]:
        """Status and JSON body (None if empty) of one POST; by default all is as it should be."""
        headers = {"Authorization": f"Bearer {token or self.channel.token()}"}
        headers |= request.pop("headers", {})
        if "data" not in request:
            request["json"] = activity if activity is not None else self.channel.activity()
        async with self.client.post("/api/messages", headers=headers, **request) as response:
            text = await response.text()
            return response.status, await response.json() if text else None


@pytest.fixture
async def channel() -> AsyncIterator[Channel]:
    async with Channel() as channel:
        yield channel


@pytest.fixture
async def bot(channel: Channel) -> AsyncIterator[Bot]:
    teams, recorder = TeamsChannel(channel.settings()), Recorder()
    app = web.Application()
    app.add_routes(teams_routes(teams, recorder))
    async with TestClient(TestServer(app)) as client:
        yield Bot(client, channel, recorder, teams)
    await teams.close()
