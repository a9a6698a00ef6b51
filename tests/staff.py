"""People who are signed in, with what their browser would send."""

import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aiohttp import ClientResponse, ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient

from accounts import sessions, store
from accounts.models import Person, Role
from accounts.sessions import Browser, Lifetimes
from app import DATABASE
from storage.database import Connection, Database
from tests.product import MONDAY_MORNING

Client = TestClient[web.Request, web.Application]

NAMES = {
    Role.GLOBAL_ADMIN: "Grace Adams",
    Role.USER_ADMIN: "Uma Pillai",
    Role.HELPDESK_AGENT: "Henry Okafor",
    Role.BILLING_ADMIN: "Mei Lin",
    Role.SALES_AGENT: "Sam Ortiz",
    Role.CONTENT_EDITOR: "Erik Lund",
    Role.CONTENT_PUBLISHER: "Paula Novak",
}


@dataclass
class Staff:
    """One signed-in browser. Redirects are not followed."""

    client: Client
    person: Person
    key: str

    @property
    def origin(self) -> str:
        return str(self.client.make_url("/")).rstrip("/")

    @property
    def cookies(self) -> dict[str, str]:
        return {"session": self.key}

    @property
    def csrf(self) -> str:
        return sessions.csrf_token(self.key)

    async def get(self, path: str, accept: str = "text/html", **options: Any) -> ClientResponse:
        return await self.client.get(
            path,
            headers={"Accept": accept, **options.pop("headers", {})},
            cookies=self.cookies,
            allow_redirects=False,
            **options,
        )

    async def post(
        self,
        path: str,
        data: Mapping[str, Any] | list[tuple[str, str]] | None = None,
        accept: str = "text/html",
        **options: Any,
    ) -> ClientResponse:
        """A form with the token; with `json=` or a FormData in `data`, a script's call."""
        headers = {"Accept": accept, "Origin": self.origin, "X-CSRF-Token": self.csrf}
        return await self.client.post(
            path,
            data=data,
            headers=headers | options.pop("headers", {}),
            cookies=self.cookies,
            allow_redirects=False,
            **options,
        )

    async def connect(self, path: str, **headers: str) -> ClientWebSocketResponse:
        return await self.client.session.ws_connect(
            self.client.make_url(path),
            headers={"Origin": self.origin, "Cookie": f"session={self.key}"} | headers,
        )


def database_of(client: Client) -> Database:
    app = client.app
    assert app is not None
    return app[DATABASE]


@asynccontextmanager
async def signed_in(
    client: Client,
    database: Database,
    *roles: Role,
    now: datetime = MONDAY_MORNING,
    **changes: Any,
) -> AsyncIterator[Staff]:
    """A new person with these roles and an open session; `changes` are fields of Person.

    `database` is the one of the product (`database_of(client)`), `now` its clock's time.
    """
    key = sessions.new_key()
    person = replace(_person(roles), **changes)
    await database.write(_sign_in, person, key, now)
    yield Staff(client, person, key)


def _person(roles: tuple[Role, ...]) -> Person:
    name = NAMES[roles[0]] if roles else "Nina Roth"
    unique = secrets.token_hex(4)
    email = f"{re.sub('[^a-z]', '.', name.lower())}.{unique}@partner.example"
    return Person(f"person-{unique}", name, email, frozenset(roles), "en")


def _sign_in(connection: Connection, person: Person, key: str, now: datetime) -> None:
    store.add(connection, person, "", now)
    sessions.begin(connection, key, person.id, Browser("Tests"), now, Lifetimes())
