"""The whole product as it is served, over a fresh database and the shipped knowledge base."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from app import create_app
from config import Settings
from installation import build_matcher
from knowledge.building import Builder
from knowledge.encoder import load_encoder
from knowledge.files import Content
from knowledge.matcher import Matcher
from knowledge.matching import InThread
from knowledge.swapping import OpenMatcher
from tests.bot.channel import APP_ID, APP_PASSWORD, Channel

MONDAY_MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 10:00 in Singapore
SUNDAY = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CACHE = Path("data/cache")

Client = TestClient[web.Request, web.Application]


@dataclass
class Clock:
    now: datetime = MONDAY_MORNING

    def __call__(self) -> datetime:
        return self.now

    def goes_on(self, by: timedelta) -> None:
        self.now += by


_matchers: dict[tuple[str, str], Matcher] = {}


def matcher_once(content: Content, settings: Settings) -> Matcher:
    """Matchers are immutable, so all tests of a process share one for the same content."""
    key = (content.hash, settings.encoder)
    if key not in _matchers:
        _matchers[key] = build_matcher(content, settings)
    return _matchers[key]


def in_thread(settings: Settings) -> OpenMatcher:
    """Spares the tests a process for each product they start."""
    encoder = load_encoder(settings.encoder)
    limits = (settings.max_wrong_answers, settings.max_turned_away)
    builder = Builder(encoder, settings.cache, *limits)

    async def opened(content: Content) -> InThread:
        if await asyncio.to_thread(lambda: builder.has_full(content) or not builder.has(content)):
            return InThread(await asyncio.to_thread(matcher_once, content, settings))
        return InThread(*await asyncio.to_thread(builder.start, content))

    return opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


Start = Callable[..., Awaitable[Client]]


@pytest.fixture
async def start(database_url: str, clock: Clock) -> AsyncIterator[Start]:
    """Start the product; again with the same database after the client was closed."""
    async with AsyncExitStack() as stack:

        async def begin(**changes: Any) -> Client:
            settings = Settings(
                **{
                    "database_url": database_url,
                    "cache": CACHE,
                    "dev": True,
                    "tokens_per_minute": 1000,
                    **changes,
                }
            )
            app = await create_app(settings, clock, in_thread(settings))
            return await stack.enter_async_context(TestClient(TestServer(app)))

        yield begin


@pytest.fixture
async def client(start: Start) -> Client:
    return await start()


@pytest.fixture
async def channel() -> AsyncIterator[Channel]:
    async with Channel() as channel:
        yield channel


@pytest.fixture
async def teams_client(start: Start, channel: Channel) -> Client:
    """The product registered with the loopback channel."""
    known = channel.settings()
    return await start(
        app_id=APP_ID,
        app_password=APP_PASSWORD,
        openid_metadata_url=known.openid_metadata_url,
        token_url=known.token_url,
        service_url_hosts=known.service_url_hosts,
    )
