"""Links, invitations, roles, disabling: through the pages, with the rules that protect admins."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from accounts import changes, links
from accounts.models import Role
from tests.accounts.conftest import BOTH, PASSWORD, Add, Door, rows
from tests.product import Clock
from tests.staff import database_of, signed_in

pytestmark = BOTH
NEW = {"name": "Ann Field", "password": PASSWORD, "again": PASSWORD}


async def key_in(page: str) -> str:
    found = re.search(r"/join\?key=([\w-]+)", page)
    assert found, page
    return found[1]


async def test_the_first_link_makes_the_global_admin_once(door: Door, clock: Clock) -> None:
    database, key = database_of(door.client), links.new_key()
    assert await database.write(changes.first_admin_link, key, clock())
    assert (await door.opens(f"/join?key={key}")).status == 200
    answer = await door.sends("/join", NEW | {"key": key, "email": "ann@partner.example"})
    assert answer.status == 303
    again = await door.sends("/join", NEW | {"key": key, "email": "eve@partner.example"})
    assert again.status == 410
    assert not await database.write(changes.first_admin_link, links.new_key(), clock())
    assert key not in str(await rows(door.client, "SELECT * FROM links"))


async def test_a_link_gets_too_old(door: Door, clock: Clock) -> None:
    key = links.new_key()
    await database_of(door.client).write(changes.admin_link, key, clock())
    clock.goes_on(timedelta(hours=24))
    assert (await door.opens(f"/join?key={key}")).status == 410


async def test_an_invitation_says_the_address_and_the_roles(door: Door) -> None:
    async with signed_in(door.client, database_of(door.client), Role.USER_ADMIN) as uma:
        made = await uma.post(
            "/admin/people/invite", {"email": "ann@partner.example", "role.sales_agent": "on"}
        )
    fields = NEW | {"key": await key_in(await made.text()), "email": "eve@partner.example"}
    assert (await door.sends("/join", fields | {"role.global_admin": "on"})).status == 303
    ann = await door.enters("ann@partner.example")
    assert ann.person.roles == {Role.SALES_AGENT}


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaaaaaa", "i am annfield indeed", "x" * 257]
)
async def test_a_weak_password_is_refused_and_the_link_stays_good(
    door: Door, clock: Clock, password: str
) -> None:
    key = links.new_key()
    await database_of(door.client).write(changes.admin_link, key, clock())
    fields = NEW | {"key": key, "email": "annfield@partner.example"}
    weak = fields | {"password": password, "again": password}
    assert (await door.sends("/join", weak)).status == 422
    assert (await door.sends("/join", fields | {"again": "other"})).status == 422
    assert (await door.sends("/join", fields)).status == 303


async def test_of_two_who_use_a_link_one_gets_in(door: Door, clock: Clock) -> None:
    key = links.new_key()
    await database_of(door.client).write(changes.admin_link, key, clock())
    tries = [NEW | {"key": key, "email": f"ann{n}@partner.example"} for n in range(3)]
    answers = await asyncio.gather(*(door.sends("/join", each) for each in tries))
    assert sorted(answer.status for answer in answers) == [303, 410, 410]


async def test_a_reset_link_ends_every_session(door: Door, add: Add) -> None:
    await add("ann", Role.SALES_AGENT)
    ann = await door.enters("ann@partner.example")
    async with signed_in(door.client, database_of(door.client), Role.USER_ADMIN) as uma:
        made = await uma.post("/admin/people/ann/reset")
    new = "another long sentence"
    fields = {"key": await key_in(await made.text()), "password": new, "again": new}
    assert (await door.sends("/join", fields)).status == 303
    assert (await ann.get("/account")).status == 303
    assert (await door.signs_in("ann@partner.example")).status == 403
    assert (await door.signs_in("ann@partner.example", new)).status == 303


async def test_changing_the_password_ends_every_session_and_begins_a_new_one(
    door: Door, add: Add
) -> None:
    await add("ann")
    here, there = [await door.enters("ann@partner.example") for _ in range(2)]
    new = {"password": "another long sentence", "again": "another long sentence"}
    assert (await here.post("/account/password", new | {"current": "wrong"})).status == 422
    changed = await here.post("/account/password", new | {"current": PASSWORD})
    assert (changed.status, changed.headers["Location"]) == (303, "/account?done=password")
    for old in (here, there):
        assert (await old.get("/account")).status == 303
    afresh = replace(here, key=changed.cookies["session"].value)
    assert afresh.key != here.key
    assert "The password is changed" in await (await afresh.get("/account?done=password")).text()
    profile = {"name": "Ann", "language": "en", "theme": ""}
    assert (await afresh.post("/account/profile", profile)).status == 303


async def test_sessions_are_listed_and_ended_but_only_ones_own(door: Door, add: Add) -> None:
    await add("ann")
    await add("bob")
    here, there = [await door.enters("ann@partner.example") for _ in range(2)]
    bob = await door.enters("bob@partner.example")
    listed = re.findall(r'name="session" value="(\w+)"', await (await here.get("/account")).text())
    assert len(listed) == 1
    await bob.post("/account/sessions/end", {"session": listed[0]})
    assert (await there.get("/account")).status == 200
    await here.post("/account/sessions/end", {"session": listed[0]})
    assert (await there.get("/account")).status == 303
    assert (await here.get("/account")).status == 200


async def test_a_user_admin_neither_makes_nor_touches_a_global_admin(door: Door) -> None:
    database = database_of(door.client)
    async with (
        signed_in(door.client, database, Role.GLOBAL_ADMIN) as grace,
        signed_in(door.client, database, Role.USER_ADMIN) as uma,
    ):
        one = f"/admin/people/{grace.person.id}"
        for path in ("/roles", "/disable", "/reset", "/sign-out", "/enable"):
            assert (await uma.post(one + path, {"role.sales_agent": "on"})).status == 403, path
        own = f"/admin/people/{uma.person.id}/roles"
        assert (await uma.post(own, {"role.global_admin": "on"})).status == 403
        invited = {"email": "x@partner.example", "role.global_admin": "on"}
        assert (await uma.post("/admin/people/invite", invited)).status == 403
        assert (await grace.get("/account")).status == 200
        unknown = await uma.post(own, {"role.owner": "on"})
        assert unknown.status == 400


async def test_the_last_global_admin_stays(door: Door) -> None:
    database = database_of(door.client)
    async with signed_in(door.client, database, Role.GLOBAL_ADMIN) as grace:
        one = f"/admin/people/{grace.person.id}"
        for path in ("/roles", "/disable"):
            answer = await grace.post(one + path, {"role.sales_agent": "on"})
            assert answer.headers["Location"].endswith("?problem=last_admin")
        assert (await grace.get("/admin/people")).status == 200


async def test_two_who_take_the_role_from_each_other_leave_one(door: Door) -> None:
    database = database_of(door.client)
    async with (
        signed_in(door.client, database, Role.GLOBAL_ADMIN) as grace,
        signed_in(door.client, database, Role.GLOBAL_ADMIN) as gus,
    ):
        await asyncio.gather(
            grace.post(f"/admin/people/{gus.person.id}/disable"),
            gus.post(f"/admin/people/{grace.person.id}/disable"),
        )
        kept = await rows(door.client, "SELECT id FROM people WHERE disabled = 0")
        assert len(kept) == 1


async def test_who_is_disabled_is_out_at_the_next_click(door: Door, add: Add) -> None:
    await add("ann", Role.SALES_AGENT)
    ann = await door.enters("ann@partner.example")
    async with signed_in(door.client, database_of(door.client), Role.USER_ADMIN) as uma:
        await uma.post("/admin/people/ann/disable")
        assert (await ann.get("/account")).status == 303
        await uma.post("/admin/people/ann/enable")
    assert (await ann.get("/account")).status == 303
    assert (await door.signs_in("ann@partner.example")).status == 303
