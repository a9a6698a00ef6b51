"""Every route for every role and for nobody; the routes are the router's own."""

import json
import re
from itertools import product
from pathlib import Path

import pytest
from aiohttp import web

from accounts.models import Role
from accounts.permissions import ALLOWED, Permission
from tests.accounts.conftest import Door
from tests.handoff.office import MEI, Office
from tests.product import MONDAY_MORNING, Start
from tests.staff import database_of, signed_in
from tests.web.agents import AgentPage, Json
from web.guard import PERMISSION, PUBLIC, PUBLIC_ELSEWHERE
from web.oidc import CALLBACK

README = Path(__file__).parents[2] / "README.md"


VALUES = ("none", "1", "json", "html", "txt", "csv", "xlsx", "md", "en", "nothing-here")
"""What may stand for a part of a path; the first that its pattern takes does."""


def routes(app: web.Application) -> list[tuple[str, str, object]]:
    """Method, path and what the route declares; None for what declares nothing."""
    return [
        (route.method, filled(route.resource), getattr(route.handler, PERMISSION, None))
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    ]


def filled(resource: web.AbstractResource) -> str:
    info = resource.get_info()
    if "pattern" not in info:
        return resource.canonical
    names = list(info["pattern"].groupindex)
    for values in product(VALUES, repeat=len(names)):
        path: str = info["formatter"].format(**dict(zip(names, values, strict=True)))
        if info["pattern"].fullmatch(path):
            return path
    raise AssertionError(f"VALUES has nothing for {resource.canonical}")


def is_public_elsewhere(path: str) -> bool:
    """By the beginning of the path; "/" is the one page."""
    return path == "/" or any(
        path == begins or path.startswith(f"{begins}/") for begins in PUBLIC_ELSEWHERE
    )


@pytest.fixture
async def door(start: Start) -> Door:
    """With every way in that the settings can open."""
    return Door(
        await start(
            oidc_issuer="https://login.partner.example/v2.0",
            oidc_client_id="billing",
            oidc_client_secret="never asked for",
            webhook_secret=("a secret that is at least 32 characters long",),
        )
    )


async def test_every_route_declares_who_may_use_it(door: Door) -> None:
    assert door.client.app is not None
    undeclared = [
        (method, path)
        for method, path, declared in routes(door.client.app)
        if declared is None and not is_public_elsewhere(path)
    ]
    assert undeclared == []


async def test_public_routes_are_the_few_that_must_be(door: Door) -> None:
    assert door.client.app is not None
    public = {path for _, path, declared in routes(door.client.app) if declared == PUBLIC}
    assert public == {"/sign-in", "/join", "/sign-in/provider", CALLBACK}


async def test_figures_are_the_editors_and_what_customers_wrote_takes_an_export(
    door: Door,
) -> None:
    assert door.client.app is not None
    declared = {(method, path): needed for method, path, needed in routes(door.client.app)}
    assert declared["POST", "/editor/dashboard/export"] is Permission.EDIT_CONTENT
    assert declared["POST", "/editor/dashboard/rows/export"] is Permission.EXPORT


async def test_no_session_opens_a_hook_and_no_hook_takes_an_unsigned_call(door: Door) -> None:
    assert door.client.app is not None
    hooks = [path for _, path, _ in routes(door.client.app) if path.startswith("/hooks/")]
    assert hooks
    async with signed_in(door.client, database_of(door.client), Role.GLOBAL_ADMIN) as grace:
        for path in hooks:
            assert (await grace.post(path, accept="application/json", json={})).status == 401
    assert (await door.opens(f"{CALLBACK}?code=x&state=y")).cookies.get("session") is None


async def test_nobody_gets_in_without_a_session(door: Door) -> None:
    assert door.client.app is not None
    for method, path, declared in routes(door.client.app):
        if isinstance(declared, Permission):
            for accept, status in (("text/html", 303), ("application/json", 401)):
                answer = await door.client.request(
                    method, path, headers={"Accept": accept}, allow_redirects=False
                )
                assert answer.status == status, (method, path)


@pytest.mark.parametrize("role", [*Role, None])
async def test_each_role_reaches_what_its_permissions_say(door: Door, role: Role | None) -> None:
    """What is allowed may still be refused for what it asks, but never with these words."""
    assert door.client.app is not None
    roles = [role] if role else []
    allowed = ALLOWED[role] if role else {Permission.ACCOUNT}
    database = database_of(door.client)
    for method, path, declared in routes(door.client.app):
        if not isinstance(declared, Permission) or path == "/sign-out":
            continue
        async with signed_in(door.client, database, *roles) as staff:
            call = staff.get if method == "GET" else staff.post
            answer = await call(path, accept="application/json")
            text = await answer.text()
            refused = answer.status == 403 and "Your roles do not allow this" in text
            if declared not in allowed:
                assert refused, (method, path, role)
            elif not path.startswith("/admin/people/none/"):
                assert not refused, (method, path, role)
            assert answer.status != 401


@pytest.mark.parametrize("role", [*Role, None])
async def test_a_socket_tells_each_role_of_the_conversations_it_may_see(
    door: Door, role: Role | None
) -> None:
    """A request about billing: who may not see it hears nothing of it but that the list changed."""
    database = database_of(door.client)
    office = Office(database)
    handoff = await office.asks(now=MONDAY_MORNING)
    async with signed_in(door.client, database, *([role] if role else [])) as staff:
        page = AgentPage(staff)
        answer = await staff.post("/agent/ticket", accept="application/json", json={})
        if Permission.ANSWER not in (ALLOWED[role] if role else ()):
            assert answer.status == 403
            return
        line = await page.connects()
        await line.watches(handoff)
        sees = role in (Role.BILLING_ADMIN, Role.GLOBAL_ADMIN)
        await line.hears("lines" if sees else "gone")
        number = await office.says("My card number is secret", now=MONDAY_MORNING)
        await database.write(office.desk.claim, handoff, MEI, MONDAY_MORNING)
        await database.write(office.desk.note, handoff, MEI, "secret", "1", MONDAY_MORNING)
        if sees:
            assert (await line.lines_until(number))[-1]["text"] == "My card number is secret"
        await line.watches("nothing|1")
        told: list[Json] = []
        while not told or (told[-1]["type"], told[-1].get("id")) != ("gone", "nothing|1"):
            told.append((await line.socket.receive()).json())
        if not sees:
            assert {frame["type"] for frame in told} <= {"queue", "gone"}
            assert "secret" not in json.dumps(told) and "carla" not in json.dumps(told[:-1])
        await line.socket.close()


async def test_every_change_needs_our_origin_and_the_token(door: Door) -> None:
    assert door.client.app is not None
    database = database_of(door.client)
    async with signed_in(door.client, database, Role.GLOBAL_ADMIN) as grace:
        forged = (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"X-CSRF-Token": ""},
            {"X-CSRF-Token": "0" * 40},
            {"Origin": ""},
        )
        for method, path, declared in routes(door.client.app):
            if method == "POST" and isinstance(declared, Permission):
                for headers in forged:
                    answer = await grace.post(path, accept="application/json", headers=headers)
                    assert answer.status == 403, (path, headers)
        assert (await grace.get("/account")).status == 200


async def test_the_public_changes_need_our_origin(door: Door) -> None:
    for path in ("/sign-in", "/join"):
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert (await door.sends(path, {}, **headers)).status == 403


async def test_no_page_is_kept_framed_or_runs_what_is_not_ours(door: Door) -> None:
    async with signed_in(door.client, database_of(door.client), Role.GLOBAL_ADMIN) as grace:
        answers = [
            await grace.get(path)
            for path in ("/account", "/admin/people", "/admin/audit", "/admin/people/none")
        ]
    for answer in [*answers, await door.opens("/sign-in"), await door.opens("/join?key=x")]:
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        text = await answer.text()
        nonce = re.search(r"'nonce-([^']+)'", policy)
        assert nonce and set(re.findall(r'nonce="([^"]+)"', text)) == {nonce[1]}
        assert not re.search(r"<style|\son\w+=|\sstyle=", text)


def test_the_readme_shows_the_same_table() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    head = next(line for line in lines if line.startswith("| role |"))
    names = [cell.strip() for cell in head.strip("|").split("|")][1:]
    assert names == list(Permission)
    for role in Role:
        (row,) = [line for line in lines if line.startswith(f"| {role} |")]
        cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
        said = {name for name, cell in zip(names, cells, strict=True) if cell == "yes"}
        assert said == ALLOWED[role], role
