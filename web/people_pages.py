"""For user admins: who is there, invitations, roles, disabling, links for a new password."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from accounts import changes, links, sessions, store
from accounts.changes import LastAdmin, NotAllowed, Taken
from accounts.links import NewLink, Purpose
from accounts.models import Person, Role
from accounts.permissions import ALLOWED, Permission, may_change
from storage.database import Database
from web.errors import Problem, Refused
from web.guard import Guard, form
from web.joining import join_path, plausible_email
from web.origins import Origins
from web.rendering import Rendering
from web.sign_in import see_other

PATH = "/admin/people"
DONE = ("roles", "disabled", "enabled", "sessions", "withdrawn")
PROBLEMS = ("last_admin",)

Handler = Callable[[web.Request, Person], Awaitable[web.StreamResponse]]


class PeoplePages:
    def __init__(
        self,
        database: Database,
        guard: Guard,
        rendering: Rendering,
        origins: Origins,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._guard = guard
        self._rendering = rendering
        self._origins = origins
        self._now = now

    def routes(self) -> list[web.RouteDef]:
        manage = Permission.MANAGE_PEOPLE
        posts = {
            "/invite": self.invite,
            "/withdraw": self.withdraw,
            "/{person}/roles": self.roles,
            "/{person}/disable": self.disable,
            "/{person}/enable": self.enable,
            "/{person}/reset": self.reset,
            "/{person}/sign-out": self.sign_out,
        }
        return [
            self._guard.get(PATH, manage, self.people),
            self._guard.get(PATH + "/{person}", manage, self.person),
            *(
                self._guard.post(PATH + path, manage, _ruled(handler))
                for path, handler in posts.items()
            ),
        ]

    async def people(self, request: web.Request, person: Person) -> web.Response:
        return await self._list(request, person)

    async def person(self, request: web.Request, person: Person) -> web.Response:
        return await self._one(request, person)

    async def invite(self, request: web.Request, person: Person) -> web.Response:
        """The answer shows the link, this once: only its hash is kept."""
        fields = await form(request)
        email, roles = fields.get("email", "").strip(), _roles(fields)
        problem = "" if plausible_email(email) else "email"
        problem = problem or ("" if roles else "no_roles")
        key = links.new_key()
        if not problem:
            new = NewLink(Purpose.INVITATION, key, email, roles, made_by=person.id)
            try:
                await self._database.write(changes.invite, person, new, self._now())
            except Taken:
                problem = "taken"
        if problem:
            return await self._list(
                request, person, status=422, problem=problem, email=email, chosen=roles
            )
        return await self._link(request, person, key, "invited", email)

    async def withdraw(self, request: web.Request, person: Person) -> web.Response:
        link_id = (await form(request)).get("link", "")
        await self._database.write(changes.withdraw, person.id, link_id, self._now())
        return see_other(f"{PATH}?done=withdrawn")

    async def roles(self, request: web.Request, person: Person) -> web.Response:
        fields, subject = await form(request), _id(request)
        await self._database.write(
            changes.change_roles, person.id, subject, _roles(fields), self._now()
        )
        return see_other(f"{PATH}/{subject}?done=roles")

    async def disable(self, request: web.Request, person: Person) -> web.Response:
        await self._database.write(changes.disable, person.id, _id(request), self._now())
        return see_other(f"{PATH}/{_id(request)}?done=disabled")

    async def enable(self, request: web.Request, person: Person) -> web.Response:
        await self._database.write(changes.enable, person.id, _id(request), self._now())
        return see_other(f"{PATH}/{_id(request)}?done=enabled")

    async def sign_out(self, request: web.Request, person: Person) -> web.Response:
        await self._database.write(changes.end_sessions, person.id, _id(request), self._now())
        return see_other(f"{PATH}/{_id(request)}?done=sessions")

    async def reset(self, request: web.Request, person: Person) -> web.Response:
        key = links.new_key()
        await self._database.write(
            changes.make_reset_link, person.id, _id(request), key, self._now()
        )
        subject = await self._subject(request)
        return await self._link(request, person, key, "reset", subject.name)

    async def _list(
        self,
        request: web.Request,
        person: Person,
        status: int = 200,
        problem: str = "",
        email: str = "",
        chosen: frozenset[Role] = frozenset(),
    ) -> web.Response:
        return await self._rendering.page(
            request,
            person,
            "staff/people.html",
            status,
            people=await self._database.read(store.everybody),
            invitations=await self._database.read(links.invitations, self._now()),
            roles=_givable(person),
            allowed=ALLOWED,
            problem=problem,
            email=email,
            chosen=chosen,
            done=_known(request, "done", DONE),
        )

    async def _one(self, request: web.Request, person: Person) -> web.Response:
        subject = await self._subject(request)
        return await self._rendering.page(
            request,
            person,
            "staff/person.html",
            subject=subject,
            changeable=may_change(person, subject, frozenset()),
            roles=_givable(person),
            allowed=ALLOWED,
            sessions=await self._database.read(
                sessions.of_person, subject.id, self._now(), self._guard.lifetimes
            ),
            done=_known(request, "done", DONE),
            problem=_known(request, "problem", PROBLEMS),
        )

    async def _link(
        self, request: web.Request, person: Person, key: str, kind: str, whom: str
    ) -> web.Response:
        url = self._origins.base_url(request) + join_path(key)
        return await self._rendering.page(
            request, person, "staff/link_made.html", url=url, kind=kind, whom=whom
        )

    async def _subject(self, request: web.Request) -> Person:
        found = await self._database.read(store.get, _id(request))
        if found is None:
            raise Refused(Problem.NOT_FOUND)
        return found


def _ruled(handler: Handler) -> Handler:
    """A rule that is broken is told: the last admin on the page, the rest as not allowed."""

    async def ruled(request: web.Request, person: Person) -> web.StreamResponse:
        try:
            return await handler(request, person)
        except NotAllowed:
            raise Refused(Problem.NOT_ALLOWED) from None
        except LastAdmin:
            return see_other(f"{PATH}/{_id(request)}?problem=last_admin")

    return ruled


def _id(request: web.Request) -> str:
    return request.match_info["person"]


def _known(request: web.Request, name: str, known: tuple[str, ...]) -> str:
    given = request.query.get(name, "")
    return given if given in known else ""


def _roles(fields: dict[str, str]) -> frozenset[Role]:
    """The boxes `role.NAME` that are ticked."""
    names = [name.removeprefix("role.") for name in fields if name.startswith("role.")]
    try:
        return frozenset(map(Role, names))
    except ValueError:
        raise Refused(Problem.BAD_REQUEST) from None


def _givable(person: Person) -> list[Role]:
    return [role for role in Role if role is not Role.GLOBAL_ADMIN or role in person.roles]
