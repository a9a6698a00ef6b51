"""People who write the knowledge base, through the product's own doors, over two small entries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from accounts.models import Role
from app import create_app
from config import Settings
from tests.cast import Client
from tests.knowledge.editing import TWO
from tests.knowledge.samples import shipped_copy
from tests.product import Clock, in_threads
from tests.staff import Staff, database_of, signed_in

Json = dict[str, Any]

PERSON = """\
- id: talk-to-human
  topic: conversation
  owner: helpdesk_agent
  review_by: 2027-05-31
  questions:
    en: [I want to talk to a person]
    zh: [转人工]
  answer:
    en: A colleague will help you.
    zh: 同事会帮助您。
"""
GOLDEN = """\
question,language,expected
what does it cost to pay late,en,late-fee
refund please?,en,refund
"""


@dataclass
class Writer:
    """What the editor's pages do for who sits before them."""

    staff: Staff

    async def reads(self, path: str) -> str:
        answer = await self.staff.get(path)
        assert answer.status == 200, await answer.text()
        return await answer.text()

    async def tries(self, path: str, **body: Any) -> ClientResponse:
        return await self.staff.post(path, accept="application/json", json=body)

    async def does(self, path: str, **body: Any) -> Json:
        answer = await self.tries(path, **body)
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())

    async def state(self, part: str) -> Json:
        answer = await self.staff.get(f"/editor/drafts/{part}", "application/json")
        return dict(await answer.json())

    async def saves(self, part: str, body: Any, **more: Any) -> Json:
        asked = {"based_on": 0, "version": 1, **more}
        return await self.does(f"/editor/drafts/{part}", body=body, **asked)

    async def looks(self, entry: str, body: Json, **more: Any) -> Json:
        return await self.does(f"/editor/entries/{entry}/look", body=body, **more)

    async def prepares(self, *chosen: tuple[str, int]) -> Json:
        told = await self.does("/editor/publish/prepare", chosen=list(chosen) or None)
        while told["state"] == "working":
            await asyncio.sleep(0.05)
            told = await self.does("/editor/publish/prepare", chosen=told["chosen"])
        return told

    async def publishes(self, **more: Any) -> ClientResponse:
        return await self.tries("/editor/publish", **looked_at(await self.prepares()), **more)


def looked_at(ready: Json) -> Json:
    """What a page sends back of what was prepared."""
    return {"chosen": ready["chosen"], "version": ready["version"]}


def body_of(english: str = "A late payment costs 2 %.", **changes: Any) -> Json:
    """The entry late-fee as its page would send it, with an answer."""
    return {
        "topic": "collections",
        "questions": {
            "en": ["What does a late payment cost?"],
            "zh": ["逾期付款要多少钱？"],
        },
        "answer": {"en": english, "zh": "逾期付款加收 2 %。"},
        "owner": "billing_admin",
        "review_by": "2027-05-31",
        **changes,
    }


@dataclass
class Room:
    client: Client
    erik: Writer  # writes
    paula: Writer  # publishes too
    other: Writer  # another publisher
    henry: Writer  # an agent


@asynccontextmanager
async def room(url: str, clock: Clock, folder: Path, **changes: Any) -> AsyncIterator[Room]:
    content = shipped_copy(folder / "content", TWO + PERSON)
    (content / "golden.csv").write_text(GOLDEN, encoding="utf-8")
    known = {"database_url": url, "content": content, "cache": folder / "cache", **changes}
    settings = Settings(encoder="none", dev=True, **known)
    app = await create_app(settings, clock, in_threads(settings))
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(TestClient(TestServer(app)))
        database = database_of(client)

        async def writer(name: str, role: Role) -> Writer:
            person = signed_in(client, database, role, name=name)
            return Writer(await stack.enter_async_context(person))

        yield Room(
            client,
            await writer("Erik Lund", Role.CONTENT_EDITOR),
            await writer("Paula Novak", Role.CONTENT_PUBLISHER),
            await writer("Otto Brandt", Role.CONTENT_PUBLISHER),
            await writer("Henry Okafor", Role.HELPDESK_AGENT),
        )
