"""Who asks: what each Direct Line call requires before anything else is done."""

from aiohttp import web

from web.errors import Problem, Refused
from web.origins import Origins
from web.tokens import BadToken, Grant, Purpose, Tokens


class Access:
    def __init__(self, tokens: Tokens, origins: Origins) -> None:
        self._tokens = tokens
        self._origins = origins

    def is_server(self, request: web.Request) -> bool:
        """Whether the secret was given. Raises Refused if a browser gave it."""
        if not self._tokens.is_secret(_credential(request)):
            return False
        if "Origin" in request.headers:
            raise Refused(Problem.SECRET_IN_BROWSER)
        return True

    def require_server(self, request: web.Request) -> None:
        if not self.is_server(request):
            raise Refused(Problem.TOKEN)

    def customer(self, request: web.Request) -> Grant:
        """The token's grant, for the conversation that the path names if it names one."""
        return self._admitted(request, _credential(request), Purpose.TALK)

    def stream(self, request: web.Request) -> Grant:
        """The grant of the token in a stream's address."""
        return self._admitted(request, request.query.get("t", ""), Purpose.STREAM)

    def _admitted(self, request: web.Request, token: str, purpose: Purpose) -> Grant:
        """One conversation's token says nothing about another, not even whether it exists."""
        try:
            grant = self._tokens.read(token, purpose)
        except BadToken:
            raise Refused(Problem.TOKEN) from None
        if not self._origins.admits(request, grant.origins):
            raise Refused(Problem.ORIGIN)
        if request.match_info.get("conversation", grant.conversation_id) != grant.conversation_id:
            raise Refused(Problem.OTHER_CONVERSATION)
        return grant


def _credential(request: web.Request) -> str:
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else ""
