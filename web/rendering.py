"""Pages for those who sign in: the layout, the words, who is signed in, and what may run there."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from accounts.models import LANGUAGES, Person
from accounts.permissions import Permission, may
from knowledge.yaml_source import Loader
from web.languages import accepted
from web.origins import Origins, origin_of
from web.static_files import StaticFiles

HERE = Path(__file__).parent
CSRF = web.RequestKey("csrf", str)
HTML_LANGUAGES = {"en": "en", "zh": "zh-Hans"}
NAV = (
    ("/agent", Permission.ANSWER, "nav.agent"),
    ("/agent/reports", Permission.REPORTS, "nav.reports"),
    ("/editor", Permission.EDIT_CONTENT, "nav.editor"),
    ("/admin/people", Permission.MANAGE_PEOPLE, "nav.people"),
    ("/admin/audit", Permission.AUDIT, "nav.audit"),
)
"""What stands at the top of each page, for those who may go there."""

SMALL = 32 * 1024  # bytes; more is compressed in a thread

Words = Mapping[str, Mapping[str, str]]


class Rendering:
    """`partner` gives the name at the top, in each language, of the version in force."""

    def __init__(self, origins: Origins, partner: Callable[[], Mapping[str, str]]) -> None:
        self._origins = origins
        self._partner = partner
        self._words = load_words(HERE / "words")
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["initials"] = initials
        # In the order of our JSON answers, so that a page can compare the text of both.
        self._templates.policies["json.dumps_kwargs"] = {"sort_keys": False}
        files = StaticFiles(HERE / "static")
        self._templates.globals["static"] = lambda name: f"/{files.url(name)}"

    async def page(
        self,
        request: web.Request,
        person: Person | None,
        template: str,
        status: int = 200,
        **values: Any,
    ) -> web.Response:
        """A template under templates/, with `values` and what every page knows. Made in a thread,
        and sent off from one: of ten thousand entries it is two million characters."""
        nonce = secrets.token_urlsafe(16)
        known = self._known(request, person, nonce)
        render = self._templates.get_template(template).render
        text = await asyncio.to_thread(render, {**known, **values})
        response = web.Response(
            text=text,
            status=status,
            content_type="text/html",
            charset="utf-8",
            zlib_executor_size=SMALL,
        )
        response.headers.update(
            {
                "Cache-Control": "no-store",
                "Content-Security-Policy": self._policy(request, nonce),
                "Cross-Origin-Opener-Policy": "same-origin",
                "Referrer-Policy": "same-origin",
                "Vary": "Cookie",
                "X-Content-Type-Options": "nosniff",
            }
        )
        response.enable_compression()
        return response

    def language(self, request: web.Request, person: Person | None) -> str:
        """The person's own; of somebody unknown what the address or the browser says."""
        if person is not None:
            return person.language if person.language in LANGUAGES else "en"
        asked = request.query.get("lang", "").strip().lower().partition("-")[0]
        wanted = (asked, *accepted(request))
        return next((code for code in wanted if code in LANGUAGES), "en")

    def say(self, language: str) -> Callable[..., str]:
        """`say("key", name=value)`: the words of that key; KeyError for one that is not there."""

        def say(key: str, **values: object) -> str:
            text = self._words[key][language]
            return text.format_map(values) if values else text

        return say

    def home(self, request: web.Request, person: Person) -> str:
        """Where somebody begins after signing in."""
        return next((path for path, _, _ in self._nav(request, person)), "/account")

    def _known(self, request: web.Request, person: Person | None, nonce: str) -> dict[str, Any]:
        language = self.language(request, person)
        nav = self._nav(request, person) if person else []
        return {
            "person": person,
            "language": language,
            "html_language": HTML_LANGUAGES[language],
            "theme": person.theme if person else "",
            "say": self.say(language),
            "action_name": lambda action: self._action_name(action, language),
            "words": lambda prefix: self._words_under(prefix, language),
            "nonce": nonce,
            "csrf": request.get(CSRF, ""),
            "partner_name": self._partner_name(language),
            "nav": nav,
            "section": max((path for path, *_ in nav if _under(path, request.path)), default=""),
            "may": lambda name: person is not None and may(person, Permission(name)),
        }

    def _action_name(self, action: str, language: str) -> str:
        """What the audit log calls it: the words `audit.is.ACTION` of any area, or its id."""
        return self._words.get(f"audit.is.{action}", {}).get(language, action)

    def _words_under(self, prefix: str, language: str) -> dict[str, str]:
        """For `<script type="application/json" id="words">`: keys without the prefix."""
        return {
            key.removeprefix(prefix): texts[language]
            for key, texts in self._words.items()
            if key.startswith(prefix)
        }

    def _nav(self, request: web.Request, person: Person) -> list[tuple[str, Permission, str]]:
        there = {resource.canonical for resource in request.app.router.resources()}
        return [entry for entry in NAV if entry[0] in there and may(person, entry[1])]

    def _policy(self, request: web.Request, nonce: str) -> str:
        """Scripts that carry the nonce, and the modules they import; no inline style."""
        own = origin_of(self._origins.base_url(request))
        return (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; "
            f"img-src 'self' data:; connect-src 'self' {own.replace('http', 'ws', 1)}; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'"
        )

    def _partner_name(self, language: str) -> str:
        names = self._partner()
        return names.get(language) or next(iter(names.values()))


def initials(name: str) -> str:
    """Of a Chinese name its last two characters, as people there do."""
    words = name.split()
    if len(words) == 1 and not name.isascii():
        return name[-2:]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _under(path: str, where: str) -> bool:
    return where == path or where.startswith(f"{path}/")


def load_words(folder: Path) -> Words:
    """Every area's file: `key: {en: ..., zh: ...}`. ValueError for what is missing or twice."""
    words: dict[str, Mapping[str, str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for key, texts in yaml.load(path.read_bytes(), Loader).items():
            if key in words:
                raise ValueError(f"{path.name}: {key} stands in another file too")
            if set(texts) != set(LANGUAGES):
                raise ValueError(f"{path.name}: {key} needs {' and '.join(LANGUAGES)}")
            words[key] = texts
    return words
