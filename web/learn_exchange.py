"""The knowledge base in and out of files, in a browser: upload, look, then take it as drafts."""

import asyncio
import re
from datetime import timedelta
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import quote

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission
from knowledge import importing, origins
from knowledge.answers import AnswerError
from knowledge.drafts import SavedOver
from knowledge.importing import Base, Preview
from knowledge.interchange.checking import checked
from knowledge.interchange.composing import Defaults
from knowledge.interchange.found import MAX_BYTES
from knowledge.interchange.reading import read_files
from knowledge.interchange.writing import ENDINGS, FORMATS, CannotHold, export
from web.bodies import MAX_SECONDS
from web.errors import Problem, Refused
from web.guard import form
from web.kb_checks_said import field_said, problem_said
from web.learn_pages import PATH, Learn, download, who
from web.sign_in import see_other

IMPORT, EXPORT = f"{PATH}/import", f"{PATH}/export"
SHOWN = 300  # changes of a preview
REVIEWED_WITHIN = timedelta(days=90)  # what was imported has not been read by anybody here
LONGEST_NAME = 120
AT_ONCE = 2  # files read at the same time; each may take seconds and much memory
UNSAFE = re.compile(r"[^\w .()\[\]+-]")
TYPES = {
    "yaml": "application/yaml",
    "zip": "application/zip",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "cqa-tsv": "text/tab-separated-values",
}
DONE = ("applied", "suggested", "discarded")


class Exchange:
    def __init__(self, learn: Learn) -> None:
        self._learn = learn
        self._reading = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        guard, edit = self._learn.guard, Permission.EDIT_CONTENT
        one = IMPORT + "/{id:[A-Za-z0-9_-]{8,64}}"
        return [
            guard.get(IMPORT, edit, self.page),
            guard.post(IMPORT, edit, self.upload),
            guard.get(one, edit, self.preview),
            guard.post(f"{one}/apply", edit, self.apply),
            guard.post(f"{one}/discard", edit, self.discard),
            guard.post(EXPORT, edit, self.export),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        return await self._page(request, person)

    async def upload(self, request: web.Request, person: Person) -> web.Response:
        """The file is the body, as it is; what it is called is only shown. What was read from it
        is kept for the preview, the file is not."""
        data = await _body(request)
        name, language = _name(request.query.get("name", "")), request.query.get("language", "")
        base = await self._learn.base()
        async with self._reading:
            preview = await asyncio.to_thread(self._read, name, data, base, language)
        await self._learn.database.write(importing.keep, preview, who(person), self._learn.now())
        return web.json_response({"preview": f"{IMPORT}/{preview.id}"})

    async def preview(self, request: web.Request, person: Person) -> web.Response:
        return await self._preview(request, person, await self._kept(request, person))

    async def apply(self, request: web.Request, person: Person) -> web.Response:
        """All of it, or nothing when somebody has changed one of the entries since."""
        learn, found = self._learn, await self._kept(request, person)
        if found.failed:
            raise Refused(Problem.BAD_REQUEST)
        try:
            count = await learn.database.write(importing.apply, found, who(person), learn.now())
        except SavedOver as over:
            return await self._preview(request, person, found, 409, over.theirs.part.id)
        done = f"done=applied&count={count}"
        if not count:
            done = f"done=suggested&count={len(found.suggestions)}"
        return see_other(f"{IMPORT}?{done}")

    async def discard(self, request: web.Request, person: Person) -> web.Response:
        import_id = request.match_info["id"]
        await self._learn.database.write(importing.forget, import_id, who(person))
        return see_other(f"{IMPORT}?done=discarded")

    async def export(self, request: web.Request, person: Person) -> web.Response:
        """What is published, as one file."""
        kind = (await form(request)).get("format", "")
        if kind not in FORMATS:
            raise Refused(Problem.BAD_REQUEST)
        version, content = await self._learn.editing.newest()
        try:
            known = await self._learn.database.read(origins.kept)
            body = await asyncio.to_thread(export, kind, content, self._learn.now(), known)
        except (CannotHold, AnswerError):
            return await self._page(request, person, 422, cannot=kind)
        details = {"format": kind, "entries": len(content.entries)}
        await self._learn.exported(person, "entries", details)
        ending = next(each for each, format in ENDINGS.items() if format == kind)
        return download(f"entries-version-{version}{ending}", body, TYPES[kind])

    def _read(self, name: str, data: bytes, base: Base, given: str) -> Preview:
        content, policy = base.content, base.content.policy
        languages = policy.partner.languages
        now = self._learn.now()
        defaults = Defaults(
            policy.owner_for,
            now.date() + REVIEWED_WITHIN,
            given if given in languages else "",
        )
        made = read_files({name: data}, content.entries, languages, defaults)
        return importing.preview_of(name, checked(made, content, now), base)

    async def _kept(self, request: web.Request, person: Person) -> Preview:
        found = await self._learn.database.read(
            importing.kept, request.match_info["id"], who(person), self._learn.now()
        )
        if found is None:
            raise Refused(Problem.NOT_FOUND)
        return found

    async def _page(
        self, request: web.Request, person: Person, status: int = 200, cannot: str = ""
    ) -> web.Response:
        query = request.query
        version, content = await self._learn.editing.newest()
        done, count = query.get("done", ""), query.get("count", "")
        return await self._learn.rendering.page(
            request,
            person,
            "learn/import.html",
            status,
            formats=[(each, next(e for e, f in ENDINGS.items() if f == each)) for each in FORMATS],
            languages=self._learn.knowledge.policy.partner.languages,
            largest=MAX_BYTES >> 20,
            done=done if done in DONE else "",
            count=int(count) if count.isascii() and count.isdigit() and len(count) < 7 else 0,
            version=version,
            entries=len(content.entries),
            cannot=cannot,
        )

    async def _preview(
        self,
        request: web.Request,
        person: Person,
        found: Preview,
        status: int = 200,
        over: str = "",
    ) -> web.Response:
        language = self._learn.language(request, person)
        titles = {
            entry.id: entry.title(language if language in entry.questions else "")
            for entry in found.entries
        }
        say = self._learn.rendering.say(language)
        return await self._learn.rendering.page(
            request,
            person,
            "learn/preview.html",
            status,
            problem_said=lambda problem: problem_said(problem, problem.message, say),
            field_said=partial(field_said, say),
            found=found,
            address=f"{IMPORT}/{quote(found.id)}",
            changes=found.changes[:SHOWN],
            titles=titles,
            origins={each.entry_id: each for each in reversed(found.origins)},
            added=sum(change.what == "added" for change in found.changes),
            changed=sum(change.what == "changed" for change in found.changes),
            errors=[each for each in found.problems if each.severity == "error"],
            warnings=[each for each in found.problems if each.severity != "error"],
            over=over,
        )


async def _body(request: web.Request) -> bytes:
    """Raises Refused as soon as it is too large; the file is never written anywhere."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused(Problem.BAD_REQUEST)
    if (request.content_length or 0) > MAX_BYTES:
        raise Refused(Problem.TOO_LARGE)
    body = bytearray()
    try:
        async with asyncio.timeout(2 * MAX_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise Refused(Problem.TOO_LARGE)
    except TimeoutError:
        raise Refused(Problem.TIMEOUT) from None
    except (web.RequestPayloadError, ConnectionError):
        raise Refused(Problem.BAD_REQUEST) from None
    return bytes(body)


def _name(given: str) -> str:
    """As it is shown before a row number: never a path."""
    last = PurePosixPath(given.replace("\\", "/")).name
    return UNSAFE.sub("_", last)[-LONGEST_NAME:].strip() or "file"
