"""Tokens for the chat on a web page: begin a conversation, or come back to one.

`POST /widget/token` with `{}` begins. The answer's `resume` is kept by the page: sent back, it
gives a new token for the same conversation and user, however long the page slept. It signs nobody
in to anything else, and each answer brings a newer one.
"""

from typing import Any

from aiohttp import web

from web.bodies import read_json
from web.errors import Problem, Refused
from web.limits import Rate
from web.origins import Origins
from web.proxies import Proxies
from web.tokens import EXPIRES_IN, BadToken, Grant, Purpose, Tokens, new_grant

RESUMES_PER_MINUTE, RESUMES_AT_ONCE = 30, 30


class WidgetTokens:
    def __init__(
        self, tokens: Tokens, origins: Origins, proxies: Proxies, tokens_per_minute: int
    ) -> None:
        self._tokens = tokens
        self._origins = origins
        self._proxies = proxies
        self._beginnings = Rate(tokens_per_minute, tokens_per_minute)
        self._resumes = Rate(RESUMES_PER_MINUTE, RESUMES_AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/widget/token", self.token)]

    async def token(self, request: web.Request) -> web.Response:
        """A page's call: browsers name the page's Origin in every POST, so it must be there."""
        if "Origin" not in request.headers or not self._origins.admits(request):
            raise Refused(Problem.ORIGIN)
        body = await read_json(request)
        if body.keys() - {"resume"}:
            raise Refused(Problem.UNKNOWN_FIELD)
        grant = self._grant(request, body.get("resume"))
        return web.json_response(self._answer(grant))

    def _grant(self, request: web.Request, resume: object) -> Grant:
        """An address may begin only so many conversations; trying forged credentials counts too."""
        if isinstance(resume, str):
            try:
                grant = self._tokens.read(resume, Purpose.RESUME)
            except BadToken:
                self._beginnings.check(self._proxies.address(request))
                raise Refused(Problem.TOKEN) from None
            self._resumes.check(grant.conversation_id)
            return grant
        if resume is not None:
            raise Refused(Problem.TOKEN)
        self._beginnings.check(self._proxies.address(request))
        return new_grant()

    def _answer(self, grant: Grant) -> dict[str, Any]:
        return {
            "conversationId": grant.conversation_id,
            "token": self._tokens.issue(grant),
            "expires_in": EXPIRES_IN,
            "userId": grant.user_id,
            "resume": self._tokens.issue(grant, Purpose.RESUME),
        }
