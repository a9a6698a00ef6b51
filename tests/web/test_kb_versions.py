"""Old answers: read as they were given, whatever the partner and the program are today."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from knowledge.parts import Kind, Part
from storage.database import Connection
from tests.knowledge.editing import TWO, publish_parts
from tests.knowledge.samples import english_only
from tests.product import Clock
from tests.staff import database_of
from tests.web.editors import PERSON, body_of, room

REFUND = Part(Kind.ENTRY, "refund")
OPEN = "{% if open_now %}We are here.{% else %}We are away.{% endif %}"


async def test_an_old_answer_of_a_partner_of_one_language_is_read(
    sqlite_url: str, clock: Clock, tmp_path: Path
) -> None:
    async with room(
        sqlite_url, clock, tmp_path, content=english_only(tmp_path / "en", TWO + PERSON)
    ) as house:
        page = await house.henry.reads("/editor/versions/1/entries/late-fee")
        assert "A late payment costs 1.5%" in page


async def test_it_says_what_it_said_at_the_time_of_the_conversation(
    sqlite_url: str, clock: Clock, tmp_path: Path
) -> None:
    async with room(sqlite_url, clock, tmp_path) as house:
        await house.erik.saves("entry/late-fee", body_of(OPEN))
        assert (await house.paula.publishes()).status == 200
        path = "/editor/versions/2/entries/late-fee"
        sunday = "?at=2026-11-22T02:00:00.000Z"
        clock.goes_on(timedelta(hours=1))
        assert said_in(await house.henry.reads(path)) == "We are here."
        assert said_in(await house.henry.reads(path + sunday)) == "We are away."
        assert said_in(await house.henry.reads(path + "?at=2026-11-22")) == "We are here."


async def test_what_is_no_longer_allowed_is_still_shown_as_it_was_written(
    sqlite_url: str, clock: Clock, tmp_path: Path
) -> None:
    async with room(sqlite_url, clock, tmp_path) as house:
        database = database_of(house.client)
        await database.write(rewrite, Part(Kind.POLICY), {"partner": {"languages": ["en"]}})
        page = await house.henry.reads("/editor/versions/1/entries/late-fee")
        assert "collections.late_fee.percent" in page and said_in(page) == "–"
        written = {"answer": {"en": "{% set fee = 1 %}"}, "review_by": "some day"}
        await database.write(rewrite, Part(Kind.ENTRY, "late-fee"), written)
        assert "{% set fee = 1 %}" in await house.henry.reads("/editor/versions/1/entries/late-fee")


async def test_what_an_undone_version_brought_is_archived_and_comes_back(
    database_url: str, clock: Clock, tmp_path: Path
) -> None:
    async with room(database_url, clock, tmp_path) as house:
        cheque = body_of("By cheque, too.", questions={"en": ["Cheques?"], "zh": ["支票？"]})
        await house.erik.saves("entry/cheque", cheque)
        assert (await house.paula.publishes()).status == 200
        await house.paula.does("/editor/versions/1/restore", note="")
        assert "/entries/cheque" not in await house.erik.reads("/editor")
        assert "/entries/cheque" in await house.erik.reads("/editor?only=archived")
        start = start_of(await house.erik.reads("/editor/entries/cheque"))
        assert (start["status"], start["revision"]) == ("archived", 0)
        assert start["body"]["answer"]["en"] == "By cheque, too."
        again = {"title": "Cheques?", "topic": "payments", "id": "cheque", "language": "en"}
        refused = await house.erik.staff.post("/editor/entries", again)
        assert refused.status == 422 and "it may be archived" in await refused.text()
        version = start["version"]
        back = await house.erik.saves("entry/cheque", start["body"], based_on=0, version=version)
        assert back["status"] == "draft"
        assert "/entries/cheque" not in await house.erik.reads("/editor?only=archived")
        assert (await house.paula.publishes()).status == 200
        shown = await house.henry.reads("/editor/versions/4/entries/cheque")
        assert "By cheque, too." in shown


async def test_what_the_files_no_longer_have_is_archived(
    sqlite_url: str, clock: Clock, tmp_path: Path
) -> None:
    async with room(sqlite_url, clock, tmp_path) as house:
        await database_of(house.client).write(publish_parts, {REFUND: None})
        assert "/entries/refund" in await house.erik.reads("/editor?only=archived")
        page = await house.erik.reads("/editor/entries/refund")
        assert start_of(page)["body"]["questions"]["en"] == ["Refund?"]


async def test_what_was_discarded_before_it_was_published_is_archived(
    sqlite_url: str, clock: Clock, tmp_path: Path
) -> None:
    async with room(sqlite_url, clock, tmp_path) as house:
        await house.erik.saves("entry/cheque", body_of("By cheque, too."))
        await house.erik.does("/editor/drafts/entry/cheque/-/discard", based_on=1)
        assert "/entries/cheque" in await house.erik.reads("/editor?only=archived")
        page = await house.erik.reads("/editor/entries/cheque")
        assert start_of(page)["body"]["answer"]["en"] == "By cheque, too."
        await house.erik.saves("entry/late-fee", body_of("Three."))
        await house.erik.does("/editor/drafts/entry/late-fee/-/discard", based_on=1)
        assert "/entries/late-fee" not in await house.erik.reads("/editor?only=archived")


def start_of(page: str) -> dict[str, Any]:
    written = page.partition('id="start">')[2].partition("</script>")[0]
    return dict(json.loads(written))


def said_in(page: str) -> str:
    return page.partition('class="exact">')[2].partition("</div>")[0]


def rewrite(connection: Connection, part: Part, changes: dict[str, Any]) -> None:
    """As an older program may have written it."""
    [row] = connection.execute("SELECT manifest FROM knowledge_versions WHERE number = 1")
    digest = json.loads(row["manifest"])[str(part)]
    [row] = connection.execute("SELECT body FROM knowledge_parts WHERE hash = %(h)s", h=digest)
    connection.execute(
        "UPDATE knowledge_parts SET body = %(body)s WHERE hash = %(hash)s",
        body=json.dumps({**json.loads(row["body"]), **changes}),
        hash=digest,
    )
