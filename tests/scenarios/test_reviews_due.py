"""An answer is to be read again: its owners hear of it once, and it stands in the editors' list."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from accounts.models import Role
from storage.database import Connection
from tests.faults.serving import until
from tests.knowledge.editing import TWO
from tests.knowledge.samples import shipped_copy
from tests.product import Clock
from tests.staff import database_of, signed_in
from tests.web.editors import PERSON, Writer, room

MAIL = {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "Billing <billing@partner.example>"}
NOTICE = "Answers to read again: "


async def test_the_owners_hear_of_all_that_has_come_due_and_it_is_listed(
    database_url: str, clock: Clock, tmp_path: Path
) -> None:
    due = TWO.replace("2027-05-31", "2026-11-24")
    content = shipped_copy(tmp_path / "due", due + PERSON)
    async with room(database_url, clock, tmp_path, content=content, **MAIL) as house:
        database = database_of(house.client)
        async with signed_in(house.client, database, Role.BILLING_ADMIN) as mei:
            assert NOTICE not in await house.erik.reads("/editor")
            clock.goes_on(timedelta(days=1))
            [letter] = await until(lambda: database.read(letters))
            assert letter["to"] == mei.person.email
            assert letter["titles"] == [
                "What does a late payment cost? (2026-11-24)",
                "Refund? (2026-11-24)",
            ]
        editor = signed_in(house.client, database, Role.CONTENT_EDITOR, now=clock())
        async with editor as ella:
            page = await Writer(ella).reads("/editor")
            assert f"{NOTICE}2" in page and "/editor?only=review_due" in page
            listed = await Writer(ella).reads("/editor?only=review_due")
            assert "Refund?" in listed and NOTICE not in listed


def letters(connection: Connection) -> list[Any]:
    rows = connection.execute("SELECT payload FROM outbox WHERE channel = 'mail'")
    return [json.loads(row["payload"]) for row in rows]
