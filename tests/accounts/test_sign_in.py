"""Signing in with a password, and staying signed in."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts import store
from accounts.models import Person, Role
from accounts.passwords import Passwords
from tests.product import MONDAY_MORNING, Client, Clock, Start
from tests.staff import database_of, signed_in

PASSWORD = "correct horse battery staple"
ANN = Person("ann", "Ann Field", "Ann@partner.example", frozenset({Role.HELPDESK_AGENT}), "en")
PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def hashed() -> str:
    return Passwords()._hasher.hash(PASSWORD)


@pytest.fixture
async def client(start: Start, hashed: str) -> Client:
    client = await start()
    await database_of(client).write(store.add, ANN, hashed, MONDAY_MORNING)
    return client


async def test_it(client: Client) -> None:
    answer = await client.get("/account/start", headers=PAGE, allow_redirects=False)
    assert answer.status == 303
    print(answer.headers["Location"])
    page = await client.get(answer.headers["Location"], headers=PAGE)
    assert page.status == 200, await page.text()
    origin = str(client.make_url("/")).rstrip("/")
    done = await client.post(
        "/sign-in",
        data={"email": "ann@PARTNER.example", "password": PASSWORD},
        headers={"Origin": origin, **PAGE},
        allow_redirects=False,
    )
    assert done.status == 303, await done.text()
    print(done.headers)
    async with signed_in(client, database_of(client), Role.USER_ADMIN) as uma:
        answer = await uma.post("/sign-out")
        assert answer.status == 303
