"""Signing in with a password: who gets in, who waits, and what a session is."""

import asyncio
import statistics
import time
from datetime import timedelta

import pytest

from accounts import store
from accounts.models import Person, Role
from tests.accounts.conftest import BOTH, PASSWORD, Add, Door, rows
from tests.product import MONDAY_MORNING, Clock, Start
from tests.staff import database_of, signed_in


async def test_a_page_asks_to_sign_in_and_comes_back(door: Door, add: Add) -> None:
    await add("ann", Role.USER_ADMIN)
    asked = await door.opens("/admin/people?done=roles")
    assert asked.status == 303
    assert asked.headers["Location"] == "/sign-in?next=%2Fadmin%2Fpeople%3Fdone%3Droles"
    page = await (await door.opens(asked.headers["Location"])).text()
    assert 'value="/admin/people?done=roles"' in page
    answer = await door.signs_in("Ann@Partner.example", going_to="/admin/people?done=roles")
    assert (answer.status, answer.headers["Location"]) == (303, "/admin/people?done=roles")


async def test_a_script_is_told_in_the_one_shape_of_errors(door: Door) -> None:
    answer = await door.client.get("/account", headers={"Accept": "application/json"})
    assert answer.status == 401
    assert (await answer.json())["error"]["code"] == "Unauthorized"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/%0d%0aSet-Cookie: a=b\r\n",
        " //evil.example",
        "/" + "a" * 2000,
        "///evil.example",
    ],
)
async def test_it_leads_nowhere_else(door: Door, add: Add, elsewhere: str) -> None:
    await add("ann", Role.USER_ADMIN)
    answer = await door.signs_in("ann@partner.example", going_to=elsewhere)
    assert (answer.status, answer.headers["Location"]) == (303, "/agent")


async def test_the_cookie_is_for_this_host_alone(door: Door, add: Add) -> None:
    await add("ann")
    plain = await door.signs_in("ann@partner.example")
    assert (
        "HttpOnly" in plain.headers["Set-Cookie"] and "SameSite=Lax" in plain.headers["Set-Cookie"]
    )
    assert "Domain" not in plain.headers["Set-Cookie"]


async def test_over_https_the_cookie_is_bound_to_the_host(start: Start, password_hash: str) -> None:
    secure = Door(await start(public_url="https://billing.example"))
    person = Person("ann", "Ann", "ann@partner.example", frozenset(), "en")
    await database_of(secure.client).write(store.add, person, password_hash, MONDAY_MORNING)
    answer = await secure.signs_in("ann@partner.example", Origin="https://billing.example")
    key = answer.cookies["__Host-session"]
    assert key["secure"] and key["path"] == "/" and key["httponly"] and not key["domain"]
    plain = await secure.opens("/account", cookies={"session": key.value})
    assert plain.status == 303


async def test_unknown_wrong_and_disabled_get_the_same_answer(door: Door, add: Add) -> None:
    await add("ann")
    await add("bob")
    async with signed_in(door.client, database_of(door.client), Role.USER_ADMIN) as uma:
        await uma.post("/admin/people/bob/disable")
    wrong = await door.signs_in("ann@partner.example", "wrong wrong wrong")
    unknown = await door.signs_in("eve@partner.example", "wrong wrong wrong")
    disabled = await door.signs_in("bob@partner.example")
    texts = [
        (await answer.text()).replace(name, "").split("<form")[0].partition("<body")[2]
        for answer, name in ((wrong, "ann"), (unknown, "eve"), (disabled, "bob"))
    ]
    assert {wrong.status, unknown.status, disabled.status} == {403}
    assert len(set(texts)) == 1
    assert not any("Set-Cookie" in answer.headers for answer in (wrong, unknown, disabled))


async def test_unknown_takes_as_long_as_wrong(door: Door, add: Add) -> None:
    """A hash takes a hundred times as long as the rest, so half is far from what a leak shows."""
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(4):
        await add(f"known{number}")
        for kind, spent in times.items():
            began = time.perf_counter()
            await door.signs_in(f"{kind}{number}@partner.example", "wrong wrong wrong")
            spent.append(time.perf_counter() - began)
    ratio = statistics.median(times["unknown"]) / statistics.median(times["known"])
    assert 0.5 < ratio < 2


@BOTH
async def test_after_five_wrong_the_account_waits_even_for_the_right_one(
    door: Door, add: Add, clock: Clock
) -> None:
    await add("ann")
    for _ in range(5):
        assert (await door.signs_in("ann@partner.example", "wrong wrong wrong")).status == 403
    blocked = await door.signs_in("ANN@partner.example")
    assert blocked.status == 429
    assert 0 < int(blocked.headers["Retry-After"]) <= 15 * 60
    clock.goes_on(timedelta(minutes=15, seconds=1))
    assert (await door.signs_in("ann@partner.example")).status == 303


@BOTH
async def test_many_at_once_are_no_way_around_the_limit(door: Door, add: Add) -> None:
    await add("ann")
    tries = [door.signs_in("ann@partner.example", f"wrong wrong {n}") for n in range(12)]
    statuses = [answer.status for answer in await asyncio.gather(*tries)]
    assert sorted(statuses) == [403] * 5 + [429] * 7


@BOTH
async def test_an_address_may_be_wrong_twenty_times(door: Door, add: Add) -> None:
    await add("ann")
    for number in range(20):
        await door.signs_in(f"guess{number}@partner.example", "wrong wrong wrong")
    assert (await door.signs_in("ann@partner.example")).status == 429


async def test_signing_in_right_costs_nothing(door: Door, add: Add) -> None:
    await add("ann")
    for _ in range(22):
        assert (await door.signs_in("ann@partner.example")).status == 303


async def test_a_session_gets_a_new_key_and_ends_the_old_one(door: Door, add: Add) -> None:
    await add("ann")
    first = await door.enters("ann@partner.example")
    again = await door.signs_in("ann@partner.example", Cookie=f"session={first.key}")
    assert again.cookies["session"].value != first.key
    assert (await first.get("/account")).status == 303


async def test_a_key_chosen_by_somebody_else_is_not_taken_over(door: Door, add: Add) -> None:
    await add("ann")
    answer = await door.signs_in("ann@partner.example", Cookie="session=fixed")
    assert answer.cookies["session"].value != "fixed"


async def test_keys_are_kept_hashed(door: Door, add: Add) -> None:
    await add("ann")
    ann = await door.enters("ann@partner.example")
    kept = str(await rows(door.client, "SELECT * FROM sessions"))
    assert ann.key not in kept
    people = str(await rows(door.client, "SELECT * FROM people"))
    assert PASSWORD not in people and "$argon2id$v=19$m=19456,t=2,p=1$" in people


async def test_signing_out_ends_it_on_the_server(door: Door, add: Add) -> None:
    await add("ann")
    ann = await door.enters("ann@partner.example")
    assert (await ann.post("/sign-out")).headers["Location"] == "/sign-in"
    assert (await ann.get("/account")).status == 303


@BOTH
async def test_a_session_ends_when_it_sleeps_or_is_old(door: Door, add: Add, clock: Clock) -> None:
    await add("ann")
    ann = await door.enters("ann@partner.example")
    for _ in range(11):
        clock.goes_on(timedelta(hours=1))
        assert (await ann.get("/account")).status == 200
    clock.goes_on(timedelta(hours=1))
    assert (await ann.get("/account")).status == 303
    ann = await door.enters("ann@partner.example")
    clock.goes_on(timedelta(hours=2, seconds=1))
    assert (await ann.get("/account")).status == 303


async def test_the_audit_log_says_who_came_and_who_did_not(door: Door, add: Add) -> None:
    await add("ann")
    await door.signs_in("ann@partner.example", "wrong wrong wrong")
    ann = await door.enters("ann@partner.example")
    await ann.post("/sign-out")
    kept = await rows(door.client, "SELECT action FROM audit ORDER BY created_at, id")
    assert {row["action"] for row in kept} == {"sign_in_failed", "signed_in", "signed_out"}
    assert "wrong wrong" not in str(await rows(door.client, "SELECT * FROM audit"))
