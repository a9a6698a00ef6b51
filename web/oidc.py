"""Signing in through an OpenID provider: there and back."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta

import jwt
import structlog
from aiohttp import web

from accounts import audit, identities
from accounts.audit import Action
from accounts.models import Person, Role
from storage.database import Connection, Database
from web.guard import Guard
from web.local_paths import local_path
from web.oidc_provider import Flow, NotProven, Proven, Provider, ProviderDown
from web.origins import Origins
from web.session_cookie import SessionCookie
from web.sign_in import SignIn, see_other

UNDER_WAY = timedelta(minutes=10)
CALLBACK = "/sign-in/callback"

logger = structlog.get_logger()


class OidcSignIn:
    """`secret` signs the cookie that remembers a sign-in under way; `roles` are the provider's
    names with ours."""

    def __init__(
        self,
        database: Database,
        provider: Provider,
        guard: Guard,
        sign_in: SignIn,
        origins: Origins,
        secret: str,
        roles: tuple[tuple[str, Role], ...],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._provider = provider
        self._guard = guard
        self._sign_in = sign_in
        self._origins = origins
        self._cookie = SessionCookie(origins, "sign-in")
        self._secret = secret
        self._roles = roles
        self._now = now

    def routes(self) -> list[web.RouteDef]:
        return [
            self._guard.public("GET", "/sign-in/provider", self.go),
            self._guard.public("GET", CALLBACK, self.come_back),
        ]

    async def go(self, request: web.Request) -> web.Response:
        flow = Flow(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            going_to=local_path(request.query.get("next", "")),
        )
        try:
            url = await self._provider.where_to_sign_in(flow, self._redirect_uri(request))
        except ProviderDown as error:
            logger.warning("provider_down", why=str(error))
            return await self._sign_in.refused(request, "provider_down", 503)
        response = see_other(url)
        self._cookie.give(request, response, self._signed(flow), UNDER_WAY.total_seconds())
        return response

    async def come_back(self, request: web.Request) -> web.Response:
        """The cookie is good for one answer, whatever comes of it."""
        response = await self._arrive(request)
        self._cookie.take(request, response)
        return response

    async def _arrive(self, request: web.Request) -> web.Response:
        try:
            flow = self._flow(request)
            code = request.query.get("code", "")
            if not code:
                raise NotProven(f"no code: {request.query.get('error', '')[:50]}")
            proven = await self._provider.prove(code, flow, self._redirect_uri(request))
        except NotProven as error:
            logger.warning("sign_in_not_proven", why=str(error))
            return await self._refused(request, "provider_failed")
        except ProviderDown as error:
            logger.warning("provider_down", why=str(error))
            return await self._sign_in.refused(request, "provider_down", 503)
        person = await self._database.write(
            identities.arrive, proven.identity, self._claimed(proven), self._now()
        )
        if not person.roles:
            return await self._refused(request, "no_role")
        if person.disabled:
            return await self._refused(request, "disabled", person.id)
        return await self._sign_in.let_in(request, person, flow.going_to, how="provider")

    async def _refused(
        self, request: web.Request, problem: str, person_id: str = ""
    ) -> web.Response:
        await self._database.write(_note_failure, person_id, problem, self._now())
        return await self._sign_in.refused(request, problem, 403)

    def _claimed(self, proven: Proven) -> Person:
        return Person(
            id=secrets.token_urlsafe(12),
            name=proven.name or proven.email or proven.identity.subject[:20],
            email=proven.email,
            roles=identities.roles_from(self._roles, proven.roles),
            language="en",
            local=False,
        )

    def _flow(self, request: web.Request) -> Flow:
        """Raises NotProven unless this browser began this sign-in, a short while ago."""
        try:
            claims = jwt.decode(
                self._cookie.key(request),
                self._secret,
                algorithms=["HS256"],
                options={"require": ["exp"], "verify_exp": False},
            )
            expires_at = claims.pop("exp")
            flow = Flow(**claims)
        except (jwt.InvalidTokenError, TypeError) as error:
            raise NotProven("no sign-in was begun here") from error
        given = request.query.get("state", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, flow.state.encode()):
            raise NotProven("another state")
        if expires_at < self._now().timestamp():
            raise NotProven("begun too long ago")
        return flow

    def _signed(self, flow: Flow) -> str:
        expires_at = int((self._now() + UNDER_WAY).timestamp())
        return jwt.encode({**asdict(flow), "exp": expires_at}, self._secret, "HS256")

    def _redirect_uri(self, request: web.Request) -> str:
        return self._origins.base_url(request) + CALLBACK


def _note_failure(connection: Connection, person_id: str, problem: str, now: datetime) -> None:
    details = {"how": "provider", "why": problem}
    audit.record(connection, None, Action.SIGN_IN_FAILED, person_id, details, now)
