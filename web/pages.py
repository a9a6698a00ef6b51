"""The pages a customer meets: the launcher's script, the framed chat, and a site to try it on."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from knowledge.answers import answer_context
from knowledge.filters import FILTERS
from knowledge.policy import SupportPolicy
from web.languages import accepted
from web.origins import Origins, origin_of
from web.static_files import Asset, StaticFiles, asset

HERE = Path(__file__).parent
LAUNCHER_MINUTES = 10
THEMES = ("light", "dark")
MAX_TITLE = 60

_ACCENT = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_ESCAPED = re.compile(r"\\(.)")


def page_routes(
    policy: Callable[[], SupportPolicy], origins: Origins, widget_origins: Iterable[str]
) -> list[web.RouteDef]:
    files = StaticFiles(HERE / "static")
    pages = Pages(files, policy, origins, widget_origins)
    return [*pages.routes(), *files.routes()]


class Pages:
    """`policy` gives the version in force; `widget_origins` are the sites that may show the chat
    besides our own pages."""

    def __init__(
        self,
        files: StaticFiles,
        policy: Callable[[], SupportPolicy],
        origins: Origins,
        widget_origins: Iterable[str],
    ) -> None:
        self._policy = policy
        self._origins = origins
        self._sites = tuple(filter(None, map(origin_of, widget_origins)))
        self._words = _languages(files)
        self._launcher = _launcher(files, self._words)
        self._templates = _templates(files)
        self._modules = _without_launcher(files.names("widget", ".js"))
        self._styles = _without_launcher(files.names("widget", ".css"))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.demo),
            web.get("/widget", self.widget),
            web.get("/widget.js", self.launcher),
        ]

    async def launcher(self, request: web.Request) -> web.Response:
        """Its address never changes, so browsers ask again after some minutes."""
        response = self._launcher.response(request, f"public, max-age={LAUNCHER_MINUTES * 60}")
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    async def widget(self, request: web.Request) -> web.Response:
        """The chat itself, as the launcher asks for it: language, title, theme, accent, parent."""
        language = self._language(request, "language")
        words = self._words[language]
        response = self._page(
            "widget.html",
            language=language,
            dir=words["dir"],
            words=words["chat"],
            title=request.query.get("title", "")[:MAX_TITLE] or words["chat"]["title"],
            theme=_one_of(THEMES, request.query.get("theme")),
            accent=_accent(request.query.get("accent", "")),
            parent=self._parent(request),
            modules=self._modules,
            styles=self._styles,
        )
        frames = " ".join(("'self'", *self._sites))
        response.headers["Content-Security-Policy"] = self._policy_of_page(request, frames)
        return response

    async def demo(self, request: web.Request) -> web.Response:
        """A customer's site, with the values of the partner's own policy."""
        language = self._language(request, "lang")
        response = self._page(
            "demo.html",
            language=language,
            said=lambda en, zh: zh if language == "zh" else en,
            theme=_one_of(THEMES, request.query.get("theme")),
            **answer_context(self._policy(), language),
        )
        content = self._policy_of_page(request, "'none'") + "; frame-src 'self'"
        response.headers["Content-Security-Policy"] = content
        return response

    def _page(self, template: str, **values: Any) -> web.Response:
        text = self._templates.get_template(template).render(values)
        response = web.Response(text=text, content_type="text/html", charset="utf-8")
        response.headers.update(
            {
                "Cache-Control": "no-cache",
                "Referrer-Policy": "strict-origin-when-cross-origin",
                "X-Content-Type-Options": "nosniff",
            }
        )
        response.enable_compression()
        return response

    def _policy_of_page(self, request: web.Request, frames: str) -> str:
        """Only our own files, no inline script or style; the stream where customers reach us."""
        own = origin_of(self._origins.base_url(request))
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            f"connect-src 'self' {own} {own.replace('http', 'ws', 1)}; base-uri 'none'; "
            f"form-action 'none'; require-trusted-types-for 'script'; frame-ancestors {frames}"
        )

    def _parent(self, request: web.Request) -> str:
        """The site around the frame, if it is one of ours; messages go to that origin only."""
        parent = origin_of(request.query.get("parent", ""))
        own = origin_of(self._origins.base_url(request))
        return parent if parent in (own, *self._sites) else ""

    def _language(self, request: web.Request, parameter: str) -> str:
        asked = request.query.get(parameter, "").lower().partition("-")[0]
        wanted = (asked, *accepted(request))
        return next((code for code in wanted if code in self._words), "en")


def _languages(files: StaticFiles) -> dict[str, Any]:
    """The words of every language there is a file for."""
    names = files.names("widget/languages", ".json")
    return {Path(name).stem: json.loads(files.text(name)) for name in names}


def _without_launcher(names: Iterable[str]) -> list[str]:
    return [name for name in names if "/launcher." not in name]


def _launcher(files: StaticFiles, words: Mapping[str, Any]) -> Asset:
    """One file, so that a site loads one: script, style, and its few words in every language."""
    parts = {
        "__LANGUAGES__": {language: each["launcher"] for language, each in words.items()},
        "__STYLE__": files.text("widget/launcher.css"),
    }
    script = files.text("widget/launcher.js")
    for name, value in parts.items():
        script = script.replace(f'"{name}"', json.dumps(value, ensure_ascii=False), 1)
    return asset(script.encode(), "text/javascript")


def _templates(files: StaticFiles) -> Environment:
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals["static"] = files.url
    templates.filters["money"] = FILTERS["money"]
    templates.filters["weekly_hours"] = FILTERS["weekly_hours"]
    templates.filters["plain"] = lambda text: _ESCAPED.sub(r"\1", text)  # answers are Markdown
    return templates


def _one_of(known: Iterable[str], given: str | None) -> str:
    return next((value for value in known if value == given), "")


def _accent(given: str) -> str:
    return given if _ACCENT.fullmatch(given) else ""
