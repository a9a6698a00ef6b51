"""The whole product as it is served, over a fresh database and the shipped knowledge base."""

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
from installation import build_matcher, builder_of
from knowledge.files import Content
from knowledge.matcher import Matcher
from knowledge.matching import InThread
from tests.bot.channel import APP_ID, APP_PASSWORD, Channel
from tests.matchers import InThreads

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


def in_threads(settings: Settings) -> InThreads:
    builder = builder_of(settings)

    def given(content: Content) -> InThread:
        if builder.has(content.basis) and not builder.has_full(content.basis):
            return InThread(*builder.start(content.basis))
        return InThread(matcher_once(content, settings))

    return InThreads(given)


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
            app = await create_app(settings, clock, in_threads(settings))
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
