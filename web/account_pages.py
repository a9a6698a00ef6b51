"""One's own account: name, language, look, password, and where one is signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from accounts import attempts, audit, changes, sessions, store
from accounts.audit import Action
from accounts.models import LANGUAGES, THEMES, Person
from accounts.passwords import Passwords
from accounts.permissions import Permission
from storage.database import Connection, Database
from web.browsers import browser_name
from web.errors import Problem, Refused
from web.guard import SESSION, Guard, form
from web.joining import MAX_NAME, password_problem
from web.rendering import Rendering
from web.sign_in import SignIn, see_other

DONE = ("profile", "password", "session", "sessions")
"""What a page can be told was done."""


@dataclass(frozen=True, slots=True)
class AccountPages:
    database: Database
    guard: Guard
    rendering: Rendering
    passwords: Passwords
    sign_in: SignIn
    now: Callable[[], datetime]

    def routes(self) -> list[web.RouteDef]:
        own = Permission.ACCOUNT
        return [
            self.guard.get("/account", own, self.page),
            self.guard.post("/account/profile", own, self.profile),
            self.guard.post("/account/password", own, self.password),
            self.guard.post("/account/sessions/end", own, self.end_session),
            self.guard.post("/account/sessions/end-others", own, self.end_others),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        return await self._page(request, person)

    async def profile(self, request: web.Request, person: Person) -> web.Response:
        fields = await form(request)
        name = " ".join(fields.get("name", "").split())[:MAX_NAME]
        language, theme = fields.get("language", ""), fields.get("theme", "")
        if not name or language not in LANGUAGES or theme not in THEMES:
            raise Refused(Problem.BAD_REQUEST)
        await self.database.write(store.set_profile, person.id, name, language, theme, self.now())
        return see_other("/account?done=profile")

    async def password(self, request: web.Request, person: Person) -> web.Response:
        """The old one is asked for, and wrong ones count as at signing in. Every session ends,
        and here a new one begins."""
        if not person.local:
            raise Refused(Problem.NOT_ALLOWED)
        fields = await form(request)
        problem = password_problem(fields, person.email)
        if problem:
            return await self._page(request, person, problem, 422)
        counted = (attempts.for_account(person.email),)
        wait = await self.database.write(attempts.take, counted, self.now())
        if wait:
            raise Refused(Problem.TOO_MANY, retry_after=wait)
        found = await self.database.read(store.with_password, person.email)
        if not await self.passwords.verify(found and found[1], fields.get("current", "")):
            return await self._page(request, person, "current", 422)
        hashed = await self.passwords.hash(fields["password"])
        await self.database.write(_change_password, person.id, hashed, counted, self.now())
        return await self.sign_in.let_in(request, person, "/account?done=password")

    async def end_session(self, request: web.Request, person: Person) -> web.Response:
        session_id = (await form(request)).get("session", "")
        await self.database.write(_end, session_id, person.id, self.now())
        return see_other("/account?done=session")

    async def end_others(self, request: web.Request, person: Person) -> web.Response:
        await self.database.write(_end_others, person.id, request[SESSION].id, self.now())
        return see_other("/account?done=sessions")

    async def _page(
        self, request: web.Request, person: Person, problem: str = "", status: int = 200
    ) -> web.Response:
        opened = await self.database.read(
            sessions.of_person, person.id, self.now(), self.guard.lifetimes
        )
        here = request[SESSION].id
        opened.sort(key=lambda session: session.id != here)
        done = request.query.get("done", "")
        return await self.rendering.page(
            request,
            person,
            "staff/account.html",
            status,
            sessions=[(each, browser_name(each.agent)) for each in opened],
            this_session=here,
            problem=problem,
            done=done if done in DONE else "",
        )


def _change_password(
    connection: Connection,
    person_id: str,
    hashed: str,
    counted: tuple[attempts.Counted, ...],
    now: datetime,
) -> None:
    changes.change_password(connection, person_id, hashed, now)
    attempts.forgive(connection, counted)


def _end(connection: Connection, session_id: str, person_id: str, now: datetime) -> None:
    if sessions.end(connection, session_id, person_id):
        audit.record(connection, person_id, Action.SESSION_ENDED, person_id, {}, now)


def _end_others(connection: Connection, person_id: str, keeping: str, now: datetime) -> None:
    count = sessions.end_all(connection, person_id, but=keeping)
    audit.record(connection, person_id, Action.SESSIONS_ENDED, person_id, {"count": count}, now)
