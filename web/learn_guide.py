"""The guide for editors, from `docs/`, in the browser."""

from functools import cache
from pathlib import Path

from aiohttp import web
from markdown_it import MarkdownIt

from accounts.models import Person
from accounts.permissions import Permission
from web.learn_pages import PATH, Learn

GUIDE = f"{PATH}/guide"
DOCS = Path(__file__).parent.parent / "docs"
FILES = {"en": "writing-questions.md", "zh": "writing-questions.zh.md"}


class Guide:
    def __init__(self, learn: Learn) -> None:
        self._learn = learn

    def routes(self) -> list[web.RouteDef]:
        return [self._learn.guard.get(GUIDE, Permission.EDIT_CONTENT, self.page)]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        """In the person's language, or in the one the address names."""
        language = request.query.get("in", "")
        if language not in FILES:
            language = self._learn.language(request, person)
        return await self._learn.rendering.page(
            request, person, "learn/guide.html", guide=guide(language), guide_language=language
        )


@cache
def guide(language: str) -> str:
    """As HTML. The link to the other language leads to its page."""
    source = (DOCS / FILES[language]).read_text(encoding="utf-8")
    for other, file in FILES.items():
        source = source.replace(f"]({file})", f"](?in={other})")
    return str(MarkdownIt("commonmark", {"html": False}).render(source))
