"""Open sockets end with what they stand on: the session, the account, the role."""

import time
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer

from accounts import sessions, store
from accounts.models import Person, Role
from accounts.permissions import Permission
from storage.database import Connection, Database, open_database
from tests.accounts.conftest import BOTH
from tests.product import MONDAY_MORNING, Client
from tests.staff import signed_in
from web.errors import errors
from web.guard import Guard
from web.origins import Origins
from web.proxies import Proxies
from web.rendering import Rendering

pytestmark = BOTH


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    origins = Origins((), "", Proxies())
    guard = Guard(
        database, Rendering(origins, lambda: {"en": "Us"}), origins, lambda: MONDAY_MORNING
    )

    async def talk(request: web.Request, person: Person) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async with guard.alive(request, socket):
            async for _ in socket:
                pass
        return socket

    app = web.Application(middlewares=[errors])
    app.add_routes([guard.socket("/talk", Permission.ANSWER, talk)])
    async with TestClient(TestServer(app)) as client:
        yield client


async def seconds_to_close(socket: ClientWebSocketResponse, code: int) -> float:
    began = time.monotonic()
    frame = await socket.receive(timeout=10)
    assert frame.type is WSMsgType.CLOSE
    assert frame.data == code
    return time.monotonic() - began


ENDS: dict[str, Callable[[Connection, Person], object]] = {
    "disabled": lambda c, p: store.set_disabled(c, p.id, True, MONDAY_MORNING),
    "role taken": lambda c, p: store.set_roles(
        c, p.id, frozenset({Role.CONTENT_EDITOR}), MONDAY_MORNING
    ),
    "signed out": lambda c, p: sessions.end_all(c, p.id),
    "without a notice": lambda c, p: c.execute("DELETE FROM sessions"),
}


@pytest.mark.parametrize("how", ENDS)
async def test_a_socket_closes_within_two_seconds(
    client: Client, database: Database, how: str
) -> None:
    async with (
        signed_in(client, database, Role.SALES_AGENT) as sam,
        signed_in(client, database, Role.SALES_AGENT) as other,
    ):
        socket = await sam.connect("/talk")
        untouched = await other.connect("/talk")
        await database.write(ENDS[how], sam.person)
        assert await seconds_to_close(socket, 4401) < 2
        if how != "without a notice":
            await untouched.ping()
            assert not untouched.closed
        await untouched.close()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_another_site_cannot_open_one(
    client: Client, database: Database, origin: str
) -> None:
    async with signed_in(client, database, Role.SALES_AGENT) as sam:
        with pytest.raises(WSServerHandshakeError) as refused:
            await sam.connect("/talk", Origin=origin)
        assert refused.value.status == 403


async def test_it_takes_a_session_and_the_permission(client: Client, database: Database) -> None:
    async with signed_in(client, database, Role.CONTENT_EDITOR) as erik:
        with pytest.raises(WSServerHandshakeError) as refused:
            await erik.connect("/talk")
        assert refused.value.status == 403
        erik.key = "nothing"
        with pytest.raises(WSServerHandshakeError) as refused:
            await erik.connect("/talk")
        assert refused.value.status == 401
