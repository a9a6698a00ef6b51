"""Signing in with a password, and signing out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from accounts import attempts, audit, sessions, store
from accounts.audit import Action
from accounts.models import Person
from accounts.passwords import Passwords
from accounts.permissions import Permission
from accounts.sessions import Browser, Lifetimes
from storage.database import Connection, Database
from web.errors import Problem, Refused
from web.guard import PERSON, SESSION, Guard, form
from web.local_paths import local_path
from web.proxies import Proxies
from web.rendering import Rendering

MAX_EMAIL = 254


@dataclass(frozen=True, slots=True)
class SignIn:
    """`provider` is what the sign-in page calls the OpenID provider, "" when there is none."""

    database: Database
    guard: Guard
    rendering: Rendering
    passwords: Passwords
    proxies: Proxies
    now: Callable[[], datetime]
    local: bool = True
    provider: str = ""

    def routes(self) -> list[web.RouteDef]:
        return [
            self.guard.public("GET", "/sign-in", self.page),
            self.guard.public("POST", "/sign-in", self.sign_in),
            self.guard.post("/sign-out", Permission.ACCOUNT, self.sign_out),
            self.guard.get("/account/start", Permission.ACCOUNT, self.start),
        ]

    async def page(self, request: web.Request) -> web.Response:
        going_to = local_path(request.query.get("next", ""))
        person = request.get(PERSON)
        if person is not None:
            return see_other(going_to or self.rendering.home(request, person))
        return await self._page(request, going_to)

    async def start(self, request: web.Request, person: Person) -> web.Response:
        return see_other(self.rendering.home(request, person))

    async def sign_in(self, request: web.Request) -> web.Response:
        """Wrong, unknown and disabled are one answer after the same work."""
        if not self.local:
            raise Refused(Problem.NOT_FOUND)
        fields = await form(request)
        email, going_to = fields.get("email", "")[:MAX_EMAIL], local_path(fields.get("next", ""))
        address = self.proxies.address(request)
        counted = attempts.for_account(email), attempts.for_address(address)
        wait = await self.database.write(attempts.take, counted, self.now())
        if wait:
            return await self._too_many(request, going_to, email, wait)
        found = await self.database.read(store.with_password, email)
        right = await self.passwords.verify(found[1] if found else None, fields.get("password", ""))
        if found is None or not right or found[0].disabled:
            person_id = found[0].id if found else ""
            await self.database.write(_note_failure, person_id, address, self.now())
            return await self._page(request, going_to, status=403, email=email, problem="wrong")
        await self.database.write(attempts.forgive, counted)
        return await self.let_in(request, found[0], going_to)

    async def let_in(
        self, request: web.Request, person: Person, going_to: str = "", how: str = "password"
    ) -> web.Response:
        """A session with a new key; the one the browser had, whoever's it was, ends."""
        key = sessions.new_key()
        browser = Browser(request.headers.get("User-Agent", ""), self.proxies.address(request))
        lifetimes = self.guard.lifetimes
        before = self.guard.cookie.key(request)
        await self.database.write(
            _begin, key, before, person.id, browser, how, self.now(), lifetimes
        )
        response = see_other(going_to or self.rendering.home(request, person))
        self.guard.cookie.give(request, response, key, lifetimes.absolute.total_seconds())
        return response

    async def refused(self, request: web.Request, problem: str, status: int) -> web.Response:
        """The sign-in page, saying why somebody who came through the provider is not let in."""
        return await self._page(request, "", status, problem=problem)

    async def sign_out(self, request: web.Request, person: Person) -> web.Response:
        await self.database.write(_end, request[SESSION].id, person.id, self.now())
        response = see_other("/sign-in")
        self.guard.cookie.take(request, response)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    async def _too_many(
        self, request: web.Request, going_to: str, email: str, wait: float
    ) -> web.Response:
        minutes = max(1, round(wait / 60 + 0.5))
        response = await self._page(
            request, going_to, status=429, email=email, problem="too_many", minutes=minutes
        )
        response.headers["Retry-After"] = str(max(1, round(wait + 0.5)))
        return response

    async def _page(
        self,
        request: web.Request,
        going_to: str,
        status: int = 200,
        email: str = "",
        problem: str = "",
        minutes: int = 0,
    ) -> web.Response:
        return await self.rendering.page(
            request,
            None,
            "staff/sign_in.html",
            status,
            next=going_to,
            email=email,
            problem=problem,
            minutes=minutes,
            local=self.local,
            provider=self.provider,
        )


def see_other(location: str) -> web.Response:
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})


def _begin(
    connection: Connection,
    key: str,
    before: str,
    person_id: str,
    browser: Browser,
    how: str,
    now: datetime,
    lifetimes: Lifetimes,
) -> None:
    if before:
        sessions.end_by_key(connection, before)
    sessions.begin(connection, key, person_id, browser, now, lifetimes)
    details = {"how": how, "address": browser.address}
    audit.record(connection, person_id, Action.SIGNED_IN, person_id, details, now)


def _end(connection: Connection, session_id: str, person_id: str, now: datetime) -> None:
    sessions.end(connection, session_id, person_id)
    audit.record(connection, person_id, Action.SIGNED_OUT, person_id, {}, now)


def _note_failure(connection: Connection, person_id: str, address: str, now: datetime) -> None:
    details = {"address": address}
    audit.record(connection, None, Action.SIGN_IN_FAILED, person_id, details, now)
