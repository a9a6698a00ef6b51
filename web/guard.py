"""Who may come in: each route of the signed-in pages says what it takes, or that it is public."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web

from accounts import sessions
from accounts.models import Person, Session
from accounts.permissions import Permission, may
from accounts.sessions import SEEN_EVERY, Lifetimes
from storage.database import Database
from web.bodies import MAX_SECONDS
from web.errors import Problem, Refused
from web.origins import Origins, origin_of
from web.rendering import CSRF, Rendering
from web.session_cookie import SessionCookie
from web.session_sockets import SessionSockets

Handler = Callable[[web.Request, Person], Awaitable[web.StreamResponse]]
PublicHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SIGN_IN = "/sign-in"
PUBLIC = "public"
PERMISSION = "permission"
"""The attribute of a guarded handler that says its Permission, or PUBLIC."""

PUBLIC_ELSEWHERE = {
    "/": "the trial site",
    "/widget": "the chat's page",
    "/widget.js": "the launcher",
    "/widget/token": "customers begin here; limited by address, for listed sites",
    "/widget/transcript": "a customer's own conversation, by its token",
    "/v3/directline": "each call is checked against its token",
    "/api/messages": "each call is checked against the channel's token",
    "/hooks": "each call is signed with the webhooks' secret",
    "/health": "says only whether the database answers",
    "/static": "scripts and styles",
}
"""What customers and their channels use, by the beginning of the path, and why it is open."""

SESSION = web.RequestKey("session", Session)
PERSON = web.RequestKey("person", Person)
NEEDED = web.RequestKey("needed", Permission)


class Guard:
    def __init__(
        self,
        database: Database,
        rendering: Rendering,
        origins: Origins,
        now: Callable[[], datetime],
        lifetimes: Lifetimes | None = None,
    ) -> None:
        self.lifetimes = lifetimes or Lifetimes()
        self.cookie = SessionCookie(origins)
        self._database = database
        self._rendering = rendering
        self._origins = origins
        self._now = now
        self._sockets = SessionSockets(database, now, self.lifetimes)

    def get(self, path: str, permission: Permission, handler: Handler) -> web.RouteDef:
        """A page; without a session a browser is sent to sign in and comes back."""
        return web.get(path, self._guarded(permission, handler), allow_head=False)

    def post(self, path: str, permission: Permission, handler: Handler) -> web.RouteDef:
        """A change: from our own pages, with the session's token in the field `csrf` or the header
        X-CSRF-Token."""

        async def checked(request: web.Request, person: Person) -> web.StreamResponse:
            await self._check_token(request)
            return await handler(request, person)

        return web.post(path, self._guarded(permission, checked))

    def socket(self, path: str, permission: Permission, handler: Handler) -> web.RouteDef:
        """A WebSocket from our own pages. The handler prepares it and holds `alive` around it."""

        async def checked(request: web.Request, person: Person) -> web.StreamResponse:
            if not self._is_own(request):
                raise Refused(Problem.CROSS_SITE)
            return await handler(request, person)

        return web.get(path, self._guarded(permission, checked, socket=True), allow_head=False)

    def public(self, method: str, path: str, handler: PublicHandler) -> web.RouteDef:
        """What needs no session; a change still has to come from our own pages."""

        async def checked(request: web.Request) -> web.StreamResponse:
            if method != "GET" and not self._is_own(request):
                return await self._refusal(request, None, Refused(Problem.CROSS_SITE))
            await self.session(request)
            try:
                return await handler(request)
            except Refused as refused:
                return await self._refusal(request, None, refused)

        setattr(checked, PERMISSION, PUBLIC)
        return web.route(method, path, checked)

    def alive(
        self, request: web.Request, socket: web.WebSocketResponse
    ) -> AbstractAsyncContextManager[None]:
        """Around a prepared socket: closes it with 4401 within two seconds after the session ends,
        the person is disabled, or the roles no longer hold the route's permission."""
        return self._sockets.alive(request[SESSION].id, socket, request[NEEDED])

    async def session(self, request: web.Request) -> tuple[Person, Session] | None:
        """Who asks, if signed in, also as request[PERSON]; the last use is kept to the minute."""
        key = self.cookie.key(request)
        if not key:
            return None
        now = self._now()
        found = await self._database.read(sessions.find, sessions.id_of(key), now, self.lifetimes)
        if found is None:
            return None
        request[CSRF] = sessions.csrf_token(key)
        request[PERSON], request[SESSION] = found
        if datetime.fromisoformat(found[1].seen_at) < now - SEEN_EVERY:
            await self._database.write(sessions.seen, [found[1].id], now)
        return found

    def _guarded(
        self, permission: Permission, handler: Handler, socket: bool = False
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            person = None
            try:
                found = await self.session(request)
                if found is None:
                    return self._to_sign_in(request)
                person = found[0]
                if not may(person, permission):
                    raise Refused(Problem.NOT_ALLOWED)
                request[NEEDED] = permission
                return await handler(request, person)
            except Refused as refused:
                if socket:
                    raise
                return await self._refusal(request, person, refused)

        setattr(guarded, PERMISSION, permission)
        return guarded

    def _to_sign_in(self, request: web.Request) -> web.Response:
        """A script is told; a page's visitor comes back to the page, after a form to the start."""
        if not _wants_page(request):
            raise Refused(Problem.SIGN_IN)
        path = request.rel_url.raw_path_qs if request.method == "GET" else "/account"
        return web.Response(
            status=303,
            headers={
                "Location": f"{SIGN_IN}?{urlencode({'next': path})}",
                "Cache-Control": "no-store",
            },
        )

    async def _refusal(
        self, request: web.Request, person: Person | None, refused: Refused
    ) -> web.Response:
        """A page for people, raised on for scripts."""
        if not _wants_page(request):
            raise refused
        response = await self._rendering.page(
            request,
            person,
            "staff/problem.html",
            status=refused.problem.status,
            problem=refused.problem.name.lower(),
        )
        if refused.retry_after:
            response.headers["Retry-After"] = str(max(1, round(refused.retry_after + 0.5)))
        return response

    async def _check_token(self, request: web.Request) -> None:
        """Raises Refused: both must hold, the browser's word and the token."""
        if not self._is_own(request):
            raise Refused(Problem.CROSS_SITE)
        given = request.headers.get("X-CSRF-Token", "")
        if not given:
            given = str((await form(request)).get("csrf", ""))
        if not hmac.compare_digest(given.encode("utf-8", "replace"), request[CSRF].encode()):
            raise Refused(Problem.CROSS_SITE)

    def _is_own(self, request: web.Request) -> bool:
        """Every browser names the origin of a POST and of a socket; who names none is refused."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return False
        own = origin_of(self._origins.base_url(request))
        return origin_of(request.headers.get("Origin", "")) == own


async def form(request: web.Request) -> dict[str, str]:
    """The text fields of a form, the last of each name; a form that is no form has none."""
    kinds = ("application/x-www-form-urlencoded", "multipart/form-data")
    if request.content_type not in kinds:
        return {}
    try:
        async with asyncio.timeout(MAX_SECONDS):
            fields = await request.post()
    except TimeoutError:
        raise Refused(Problem.TIMEOUT) from None
    except (ValueError, LookupError):
        raise Refused(Problem.BAD_REQUEST) from None
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def _wants_page(request: web.Request) -> bool:
    return "text/html" in request.headers.get("Accept", "")
