"""A small knowledge base published in a database, and people who change it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from knowledge import drafts, folder, versions
from knowledge.drafts import Draft
from knowledge.files import Content
from knowledge.golden import Case
from knowledge.parts import Body, Kind, Part
from knowledge.versions import Source, Who
from storage.database import Connection, Database
from tests.knowledge.samples import ENTRY, content_of

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
EDNA, PAUL = Who("p1", "Edna"), Who("p2", "Paul")
LATE_FEE = Part(Kind.ENTRY, "late-fee")
SECOND = ENTRY.replace("late-fee", "refund").replace("What does a late payment cost?", "Refund?")
TWO = ENTRY + SECOND.replace("逾期付款要多少钱？", "能退款吗？")
GOLDEN = (
    Case("what does it cost to pay late", "en", ("late-fee",)),
    Case("refund please?", "en", ("refund",)),
)


def small(path: Path) -> Content:
    """Two entries, late-fee and refund, and a golden question of each."""
    return replace(content_of(path / "content", TWO), golden=GOLDEN)


async def begun(database: Database, path: Path) -> Content:
    content = small(path)
    await database.write(folder.start, content, NOW)
    return content


def with_answer(content: Content, answer: str) -> Body:
    body = content.part(LATE_FEE)
    assert body
    return {**body, "answer": {**body["answer"], "en": answer}}


async def saved(database: Database, body: Body, **more: Any) -> Draft:
    options = {"part": LATE_FEE, "based_on": 0, "version": 1, "who": EDNA, "now": NOW, **more}
    return await database.write(drafts.save, body=body, **options)


def publish_parts(connection: Connection, bodies: dict[Part, Body | None]) -> int:
    """As an editor does, without checks."""
    newest = versions.head(connection).version
    content = versions.content_of(connection, newest).with_parts(bodies)
    new = versions.of_content(Source.EDITOR, content, who=EDNA)
    return versions.publish(connection, new, newest, NOW)
