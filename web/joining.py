"""Links that let somebody in: the first admin's, an invitation, a new password.

The key stands in the query, which the access log leaves out, and nothing happens by opening it.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from accounts import changes, links
from accounts.changes import Taken
from accounts.links import Link, Purpose
from accounts.models import Person
from accounts.passwords import Passwords, WeakPassword, check_strength
from storage.database import Database
from web.guard import Guard, form
from web.rendering import Rendering
from web.sign_in import MAX_EMAIL, SignIn

PATH = "/join"
MAX_NAME = 80


def join_path(key: str) -> str:
    return f"{PATH}?key={key}"


@dataclass(frozen=True, slots=True)
class Joining:
    database: Database
    guard: Guard
    rendering: Rendering
    passwords: Passwords
    sign_in: SignIn
    now: Callable[[], datetime]

    def routes(self) -> list[web.RouteDef]:
        return [
            self.guard.public("GET", PATH, self.page),
            self.guard.public("POST", PATH, self.join),
        ]

    async def page(self, request: web.Request) -> web.Response:
        key = request.query.get("key", "")
        link = await self._link(key)
        if link is None:
            return await self._gone(request)
        return await self._page(request, key, link, {})

    async def join(self, request: web.Request) -> web.Response:
        fields = await form(request)
        key = fields.get("key", "")
        link = await self._link(key)
        if link is None:
            return await self._gone(request)
        problem = _problem(link, fields)
        if problem:
            return await self._page(request, key, link, fields, problem)
        hashed = await self.passwords.hash(fields["password"])
        try:
            person = await self._accept(request, key, link, fields, hashed)
        except Taken:
            return await self._page(request, key, link, fields, "taken")
        if person is None or person.disabled:
            return await self._gone(request)
        return await self.sign_in.let_in(request, person, how="link")

    async def _accept(
        self, request: web.Request, key: str, link: Link, fields: dict[str, str], hashed: str
    ) -> Person | None:
        if link.purpose is Purpose.RESET:
            return await self.database.write(changes.renew_password, key, hashed, self.now())
        person = Person(
            id=secrets.token_urlsafe(12),
            name=_name(fields),
            email=_email(link, fields),
            roles=link.roles,
            language=self.rendering.language(request, None),
        )
        return await self.database.write(changes.join, key, person, hashed, self.now())

    async def _link(self, key: str) -> Link | None:
        return await self.database.read(links.find, key, self.now())

    async def _page(
        self,
        request: web.Request,
        key: str,
        link: Link,
        fields: dict[str, str],
        problem: str = "",
    ) -> web.Response:
        return await self.rendering.page(
            request,
            None,
            "staff/join.html",
            status=422 if problem else 200,
            key=key,
            link=link,
            name=_name(fields),
            email=_email(link, fields),
            problem=problem,
        )

    async def _gone(self, request: web.Request) -> web.Response:
        return await self.rendering.page(request, None, "staff/link_gone.html", status=410)


def password_problem(fields: dict[str, str], email: str) -> str:
    """The key of what to say, "" for a good one."""
    password = fields.get("password", "")
    if password != fields.get("again", ""):
        return "differ"
    try:
        check_strength(password, email)
    except WeakPassword as weak:
        return weak.reason
    return ""


def _problem(link: Link, fields: dict[str, str]) -> str:
    if link.purpose is not Purpose.RESET and not _name(fields):
        return "name"
    if not plausible_email(_email(link, fields)):
        return "address"
    return password_problem(fields, _email(link, fields))


def _name(fields: dict[str, str]) -> str:
    return " ".join(fields.get("name", "").split())[:MAX_NAME]


def _email(link: Link, fields: dict[str, str]) -> str:
    return link.email or fields.get("email", "").strip()


def plausible_email(email: str) -> bool:
    name, _, host = email.partition("@")
    return (
        bool(name and host) and len(email) <= MAX_EMAIL and email.isprintable() and " " not in email
    )
