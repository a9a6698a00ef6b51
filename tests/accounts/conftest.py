"""The product on SQLite, with people in it, and what a browser does at the door."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from accounts import store
from accounts.models import Person, Role
from accounts.passwords import Passwords
from app import create_app
from config import Settings
from knowledge.encoder import load_encoder
from knowledge.files import Content, load
from knowledge.matcher import Matcher
from knowledge.matching import InThread
from storage.database import Connection
from tests.matchers import InThreads
from tests.product import MONDAY_MORNING, Client, Clock, Start
from tests.staff import Staff, database_of

PASSWORD = "correct horse battery staple"
PAGE = {"Accept": "text/html"}
_hashed: list[str] = []


BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
"""For what the databases could do differently; the rest is tested on SQLite."""


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    return url


@pytest.fixture
async def password_hash() -> str:
    if not _hashed:
        _hashed.append(await Passwords().hash(PASSWORD))
    return _hashed[0]


@functools.cache
def small_matcher() -> Matcher:
    entries = load(Settings().content).entries[:3]
    return Matcher.build(entries, load_encoder("none"), ["What is the weather like?"])


def nobody_asks(content: Content) -> InThread:
    """So three entries are enough and fitted at once."""
    return InThread(small_matcher())


@pytest.fixture
async def start(database_url: str, clock: Clock) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def begin(**changes: Any) -> Client:
            settings = Settings(**{"database_url": database_url, "dev": True, **changes})
            app = await create_app(settings, clock, InThreads(nobody_asks))
            return await stack.enter_async_context(TestClient(TestServer(app)))

        yield begin


@dataclass
class Door:
    """A browser that is not signed in; it keeps no cookies by itself."""

    client: Client

    @property
    def origin(self) -> str:
        return str(self.client.make_url("/")).rstrip("/")

    async def opens(self, path: str, **options: Any) -> ClientResponse:
        return await self.client.get(path, headers=PAGE, allow_redirects=False, **options)

    async def sends(self, path: str, data: dict[str, str], **headers: str) -> ClientResponse:
        self.client.session.cookie_jar.clear()
        return await self.client.post(
            path, data=data, headers=PAGE | {"Origin": self.origin} | headers, allow_redirects=False
        )

    async def signs_in(
        self, email: str, password: str = PASSWORD, going_to: str = "", **headers: str
    ) -> ClientResponse:
        fields = {"email": email, "password": password, "next": going_to}
        return await self.sends("/sign-in", fields, **headers)

    async def enters(self, email: str, password: str = PASSWORD) -> Staff:
        answer = await self.signs_in(email, password)
        assert answer.status == 303, await answer.text()
        key = answer.cookies["session"].value
        self.client.session.cookie_jar.clear()
        found = await database_of(self.client).read(store.with_password, email)
        assert found is not None
        return Staff(self.client, found[0], key)


@pytest.fixture
async def door(start: Start) -> AsyncIterator[Door]:
    yield Door(await start())


Add = Callable[..., Awaitable[Person]]


@pytest.fixture
async def add(door: Door, password_hash: str) -> Add:
    """Add somebody who signs in with PASSWORD."""

    async def added(name: str, *roles: Role, now: datetime = MONDAY_MORNING) -> Person:
        person = Person(name, name.title(), f"{name}@partner.example", frozenset(roles), "en")
        await database_of(door.client).write(store.add, person, password_hash, now)
        return person

    return added


async def rows(client: Client, sql: str) -> list[dict[str, Any]]:
    def read(connection: Connection) -> list[dict[str, Any]]:
        return connection.execute(sql)

    return await database_of(client).read(read)
