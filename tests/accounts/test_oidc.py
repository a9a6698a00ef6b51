"""Signing in through a provider: the good one gets in, every bad token ends in no session."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse

from accounts.models import Role
from tests.accounts.conftest import BOTH, Door, rows
from tests.accounts.provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    LoopbackProvider,
    hs256_with_the_public_key,
    new_key,
    rs256,
    unsigned,
)
from tests.product import Clock, Start
from tests.staff import Staff, database_of, signed_in

ROLES = (("Support.Agent", "helpdesk_agent"), ("Billing.Admin", "billing_admin"))


@pytest.fixture
async def provider(clock: Clock) -> AsyncIterator[LoopbackProvider]:
    provider = LoopbackProvider(lambda: clock().timestamp())
    await provider.start()
    yield provider
    await provider.stop()


@pytest.fixture
async def door(start: Start, provider: LoopbackProvider) -> Door:
    return Door(
        await start(
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT_ID,
            oidc_client_secret=CLIENT_SECRET,
            oidc_roles=ROLES,
        )
    )


class Trip:
    """One browser's way to the provider and back."""

    def __init__(self, door: Door, provider: LoopbackProvider) -> None:
        self.door, self.provider = door, provider

    async def leaves(self, query: str = "") -> "Trip":
        self.door.client.session.cookie_jar.clear()
        answer = await self.door.opens(f"/sign-in/provider{query}")
        assert answer.status == 303
        self.location = answer.headers["Location"]
        self.cookie = answer.cookies["sign-in"].value
        self.door.client.session.cookie_jar.clear()
        return self

    @property
    def state(self) -> str:
        return self.location.partition("state=")[2].partition("&")[0]

    async def returns(
        self, code: str = "", state: str | None = None, cookie: str | None = None, **claims: Any
    ) -> ClientResponse:
        code = code or self.provider.approves(self.location, **claims)
        state = self.state if state is None else state
        cookies = {"sign-in": self.cookie if cookie is None else cookie}
        answer = await self.door.opens(
            f"/sign-in/callback?code={code}&state={state}", cookies=cookies
        )
        self.door.client.session.cookie_jar.clear()
        return answer


@pytest.fixture
def trip(door: Door, provider: LoopbackProvider) -> Trip:
    return Trip(door, provider)


async def no_session(door: Door, answer: ClientResponse, status: int = 403) -> None:
    assert answer.status == status, await answer.text()
    assert "session" not in answer.cookies
    assert await rows(door.client, "SELECT id FROM sessions") == []


async def test_who_is_proven_gets_in_with_the_roles_given_there(door: Door, trip: Trip) -> None:
    await trip.leaves("?next=/account")
    assert "code_challenge_method=S256" in trip.location
    answer = await trip.returns()
    assert (answer.status, answer.headers["Location"]) == (303, "/account")
    (person,) = await rows(door.client, "SELECT * FROM people")
    assert (person["name"], person["roles"]) == ("Olga Petrov", "helpdesk_agent")
    assert (person["login"], person["password"]) == (None, "")
    page = await door.opens("/account", cookies={"session": answer.cookies["session"].value})
    assert page.status == 200
    assert 'name="current"' not in await page.text()


@BOTH
async def test_roles_are_taken_anew_each_time(door: Door, trip: Trip) -> None:
    await (await trip.leaves()).returns()
    await (await trip.leaves()).returns(roles=["Billing.Admin", "Unknown"], name="Other")
    (person,) = await rows(door.client, "SELECT * FROM people")
    assert person["roles"] == "billing_admin"


async def test_who_loses_every_role_there_is_out_here(door: Door, trip: Trip) -> None:
    await (await trip.leaves()).returns()
    answer = await (await trip.leaves()).returns(roles=[])
    await no_session(door, answer)


BAD: dict[str, Callable[[dict[str, Any]], object]] = {
    "wrong nonce": lambda c: c.update(nonce="other"),
    "no nonce": lambda c: c.pop("nonce"),
    "wrong audience": lambda c: c.update(aud="somebody-else"),
    "no audience": lambda c: c.pop("aud"),
    "several audiences without azp": lambda c: c.update(aud=[CLIENT_ID, "other"]),
    "azp of another": lambda c: c.update(aud=[CLIENT_ID, "other"], azp="other"),
    "wrong issuer": lambda c: c.update(iss="https://evil.example"),
    "issuer with a slash more": lambda c: c.update(iss=c["iss"] + "/"),
    "no issuer": lambda c: c.pop("iss"),
    "wrong tenant": lambda c: c.update(tid="99999999-2222-3333-4444-555555555555"),
    "no tenant": lambda c: c.pop("tid"),
    "expired": lambda c: c.update(exp=c["iat"] - 61),
    "no expiry": lambda c: c.pop("exp"),
    "expiry as text": lambda c: c.update(exp="9999999999"),
    "expiry of true": lambda c: c.update(exp=True),
    "not yet valid": lambda c: c.update(nbf=c["iat"] + 120),
    "issued in the future": lambda c: c.update(iat=c["iat"] + 120),
    "no time of issue": lambda c: c.pop("iat"),
    "no subject": lambda c: c.pop("sub"),
    "empty subject": lambda c: c.update(sub=""),
    "subject as number": lambda c: c.update(sub=7),
    "no roles": lambda c: c.pop("roles"),
    "unknown role": lambda c: c.update(roles=["Everything"]),
    "roles as text": lambda c: c.update(roles="Support.Agent"),
    "our own name of a role": lambda c: c.update(roles=["global_admin"]),
}


@pytest.mark.parametrize("bad", BAD)
async def test_a_bad_claim_ends_in_no_session(
    door: Door, trip: Trip, provider: LoopbackProvider, bad: str
) -> None:
    provider.mends = lambda claims: (BAD[bad](claims), None)[1]
    await no_session(door, await (await trip.leaves()).returns())


SIGNED_BADLY: dict[str, Callable[[LoopbackProvider, dict[str, Any]], str]] = {
    "alg none": unsigned,
    "HS256 with the public key": hs256_with_the_public_key,
    "another key under the same id": lambda p, c: rs256(new_key("first"), c),
    "a key nobody published": lambda p, c: rs256(new_key("other"), c),
    "its own key in the header": lambda p, c: rs256(
        key := new_key("first"), c, jwk=key.as_dict(private=False)
    ),
    "cut off": lambda p, c: rs256(p.key, c)[:-8],
    "no token": lambda p, c: "nonsense",
    "claims changed afterwards": lambda p, c: ".".join(
        part if n != 1 else unsigned(p, {**c, "sub": "admin"}).split(".")[1]
        for n, part in enumerate(rs256(p.key, c).split("."))
    ),
}


@pytest.mark.parametrize("bad", SIGNED_BADLY)
async def test_a_bad_signature_ends_in_no_session(
    door: Door, trip: Trip, provider: LoopbackProvider, bad: str
) -> None:
    provider.signs = SIGNED_BADLY[bad]
    await no_session(door, await (await trip.leaves()).returns())


async def test_a_wrong_or_missing_state_ends_in_no_session(door: Door, trip: Trip) -> None:
    for state in ("wrong", "", "%F0%9F%92%A9"):
        await no_session(door, await (await trip.leaves()).returns(state=state))


async def test_another_browser_cannot_finish_it(door: Door, trip: Trip) -> None:
    """The state of one with the cookie of another, or with none, or one made up."""
    other = (await Trip(door, trip.provider).leaves()).cookie
    await trip.leaves()
    for cookie in (other, "", "eyJhbGciOiJub25lIn0.e30.", trip.cookie[:-3] + "abc"):
        await no_session(door, await trip.returns(cookie=cookie))


async def test_a_sign_in_begun_too_long_ago_ends_in_no_session(
    door: Door, trip: Trip, clock: Clock
) -> None:
    await trip.leaves()
    clock.goes_on(timedelta(minutes=11))
    await no_session(door, await trip.returns())


async def test_a_code_is_good_once(door: Door, trip: Trip) -> None:
    await trip.leaves()
    code = trip.provider.approves(trip.location)
    assert (await trip.returns(code)).status == 303
    assert (await trip.returns(code)).status == 403
    assert len(await rows(door.client, "SELECT id FROM sessions")) == 1


async def test_somebody_elses_code_ends_in_no_session(door: Door, trip: Trip) -> None:
    """PKCE and nonce: a code for another browser's sign-in is put into this one."""
    other = await Trip(door, trip.provider).leaves()
    code = trip.provider.approves(other.location)
    await no_session(door, await (await trip.leaves()).returns(code))


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_it_leads_nowhere_else(trip: Trip, elsewhere: str) -> None:
    answer = await (await trip.leaves(f"?next={elsewhere}")).returns()
    assert (answer.status, answer.headers["Location"].startswith("/")) == (303, True)
    assert "evil" not in answer.headers["Location"]


async def test_the_email_of_another_is_no_way_into_their_account(door: Door, trip: Trip) -> None:
    database = database_of(door.client)
    async with signed_in(door.client, database, Role.GLOBAL_ADMIN) as grace:
        answer = await (await trip.leaves()).returns(email=grace.person.email)
        assert answer.status == 303
        olga = replace(grace.person, id="")
        staff = Staff(door.client, olga, answer.cookies["session"].value)
        assert (await staff.get("/admin/people")).status == 403
        (kept,) = await rows(door.client, "SELECT COUNT(*) AS n FROM people")
        assert kept["n"] == 2


async def test_who_is_disabled_here_stays_out(door: Door, trip: Trip) -> None:
    await (await trip.leaves()).returns()
    (olga,) = await rows(door.client, "SELECT id FROM people")
    async with signed_in(door.client, database_of(door.client), Role.USER_ADMIN) as uma:
        assert (await uma.post(f"/admin/people/{olga['id']}/disable")).status == 303
    answer = await (await trip.leaves()).returns()
    assert answer.status == 403 and "session" not in answer.cookies


async def test_keys_are_kept_and_read_again_once_for_a_new_one(
    trip: Trip, provider: LoopbackProvider
) -> None:
    for _ in range(3):
        assert (await (await trip.leaves()).returns()).status == 303
    assert provider.key_reads == 1
    provider.key = new_key("second")
    provider.published = [provider.key]
    assert (await (await trip.leaves()).returns()).status == 303
    assert provider.key_reads == 2


async def test_a_provider_that_is_down_is_told_and_password_still_works(
    door: Door, provider: LoopbackProvider
) -> None:
    provider.down = True
    answer = await door.opens("/sign-in/provider")
    assert answer.status == 503
    assert 'name="password"' in await answer.text()


async def test_an_error_from_the_provider_ends_in_no_session(door: Door, trip: Trip) -> None:
    await trip.leaves()
    answer = await door.opens(
        f"/sign-in/callback?error=access_denied&state={trip.state}",
        cookies={"sign-in": trip.cookie},
    )
    await no_session(door, answer)


async def test_local_accounts_can_be_switched_off(start: Start, provider: LoopbackProvider) -> None:
    door = Door(
        await start(
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT_ID,
            oidc_client_secret=CLIENT_SECRET,
            local_accounts=False,
        )
    )
    assert 'name="password"' not in await (await door.opens("/sign-in")).text()
    assert (await door.signs_in("ann@partner.example")).status == 404
    assert (await door.opens("/join?key=x")).status == 404
