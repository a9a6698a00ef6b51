"""The session's cookie: bound to this host and unreadable to scripts."""

from aiohttp import web

from web.origins import Origins

NAME = "session"


class SessionCookie:
    """`__Host-session` over https; over http, on one's own machine, browsers keep only a plain
    one."""

    def __init__(self, origins: Origins, name: str = NAME) -> None:
        self._origins = origins
        self._name = name

    def key(self, request: web.Request) -> str:
        """What the browser holds, "" if nothing."""
        return request.cookies.get(self._name_for(request), "")

    def give(
        self, request: web.Request, response: web.StreamResponse, key: str, seconds: float
    ) -> None:
        response.set_cookie(
            self._name_for(request),
            key,
            max_age=int(seconds),
            path="/",
            secure=self._is_https(request),
            httponly=True,
            samesite="Lax",
        )

    def take(self, request: web.Request, response: web.StreamResponse) -> None:
        response.del_cookie(
            self._name_for(request),
            path="/",
            secure=self._is_https(request),
            httponly=True,
            samesite="Lax",
        )

    def _name_for(self, request: web.Request) -> str:
        return f"__Host-{self._name}" if self._is_https(request) else self._name

    def _is_https(self, request: web.Request) -> bool:
        return self._origins.base_url(request).startswith("https://")
