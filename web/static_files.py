"""Scripts, styles and pictures: read once, compressed once, addressed by their content's hash."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from web.errors import Problem, Refused

TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    gzipped: bytes
    content_type: str
    etag: str

    def response(self, request: web.Request, cache_control: str) -> web.Response:
        headers = {
            "Cache-Control": cache_control,
            "ETag": self.etag,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if self.etag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        compressed = "gzip" in request.headers.get("Accept-Encoding", "")
        if compressed:
            headers["Content-Encoding"] = "gzip"
        body = self.gzipped if compressed else self.body
        return web.Response(
            body=body, headers=headers, content_type=self.content_type, charset="utf-8"
        )


def asset(body: bytes, content_type: str) -> Asset:
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return Asset(body, gzip.compress(body, 9, mtime=0), content_type, etag)


class StaticFiles:
    """Everything in a folder, under `/static/VERSION/...`. The version is in the path, so that
    what a module imports relatively is of the same version."""

    def __init__(self, folder: Path) -> None:
        self._assets = {
            path.relative_to(folder).as_posix(): asset(path.read_bytes(), TYPES[path.suffix])
            for path in sorted(folder.rglob("*"))
            if path.suffix in TYPES
        }
        etags = "".join(f"{name}{found.etag}" for name, found in self._assets.items())
        self._version = hashlib.sha256(etags.encode()).hexdigest()[:12]

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/static/{version}/{name:.+}", self.serve)]

    def url(self, name: str) -> str:
        """Relative to a page at the top, so that a prefix of a proxy stays in front."""
        if name not in self._assets:
            raise KeyError(name)
        return f"static/{self._version}/{name}"

    def text(self, name: str) -> str:
        return self._assets[name].body.decode()

    def names(self, folder: str, suffix: str) -> list[str]:
        return [n for n in self._assets if n.startswith(f"{folder}/") and n.endswith(suffix)]

    async def serve(self, request: web.Request) -> web.Response:
        """A page of another version (a restart came between) gets what there is, unkept."""
        found = self._assets.get(request.match_info["name"])
        if found is None:
            raise Refused(Problem.NOT_FOUND)
        current = request.match_info["version"] == self._version
        return found.response(request, FOREVER if current else "no-cache")
