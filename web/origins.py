"""Which sites' pages may talk to us."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from web.proxies import Proxies

# Tokens travel in a header and never in a cookie, so any page may read an answer; what a page may
# do is decided by its Origin, and a page that is refused can read that.
_ANYONE = {"Access-Control-Allow-Origin": "*"}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, content-type, x-ms-bot-agent, x-requested-with",
    "Access-Control-Max-Age": "600",
}
_SHARED = ("/v3/directline/", "/widget/token")


class Origins:
    """Our own pages and the sites that are listed; a request without an Origin is no page's."""

    def __init__(self, listed: Iterable[str], public_url: str, proxies: Proxies) -> None:
        self._listed = frozenset(map(origin_of, listed))
        self._public_url = public_url
        self._proxies = proxies

    def base_url(self, request: web.Request) -> str:
        """Where customers reach us."""
        return self._public_url or f"{self._proxies.scheme(request)}://{request.host}"

    def admits(self, request: web.Request, trusted: Iterable[str] = ()) -> bool:
        """`trusted` are the sites a server named for one token; they stand for those listed."""
        if "Origin" not in request.headers:
            return True
        origin = origin_of(request.headers["Origin"])
        own = origin_of(self.base_url(request))
        return bool(origin) and origin in {own, *(frozenset(trusted) or self._listed)}


def origin_of(url: str) -> str:
    """`https://host[:port]` in lower case, "" for what has none."""
    try:
        parts = urlsplit(url.strip().lower())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = port is None or port == {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if usual else f":{port}")


@web.middleware
async def cors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Around the error middleware: a page must be able to read errors too, or it tries forever."""
    if not request.path.startswith(_SHARED):
        return await handler(request)
    if request.method == "OPTIONS":
        return web.Response(status=204, headers=_ANYONE | _PREFLIGHT)
    response = await handler(request)
    if not response.prepared:
        response.headers.update(_ANYONE)
        response.headers["Cache-Control"] = "no-store"
    return response
