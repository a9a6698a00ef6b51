"""What editors learn with and take along is the whole of it, also what answers later or no more."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.knowledge.editing import TWO
from tests.knowledge.samples import shipped_copy
from tests.product import Clock
from tests.web.editors import GOLDEN, PERSON, Room, room

LATER = (
    PERSON.replace("talk-to-human", "new-year-hours")
    .replace("I want to talk to a person", "Are you open at new year?")
    .replace("转人工", "新年营业吗？")
)
NEXT_YEAR = LATER.replace("  topic:", "  valid_from: 2027-01-01\n  topic:")
OVER = LATER.replace("new-year-hours", "old-offer").replace("new year", "the old offer")
LAST_YEAR = OVER.replace("  topic:", "  valid_until: 2025-12-31\n  topic:").replace(
    "新年", "旧优惠"
)


@pytest.fixture
async def house(sqlite_url: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Room]:
    content = shipped_copy(tmp_path / "whole", TWO + PERSON + NEXT_YEAR + LAST_YEAR)
    (content / "golden.csv").write_text(GOLDEN, encoding="utf-8")
    async with room(sqlite_url, clock, tmp_path, content=content) as made:
        yield made


async def exported(house: Room, format: str) -> bytes:
    answer = await house.erik.staff.post("/editor/export", {"format": format})
    assert answer.status == 200
    return await answer.read()


async def previewed(house: Room, data: bytes) -> str:
    body: Any = BytesIO(data)
    answer = await house.erik.staff.post(
        "/editor/import", body, "application/json", params={"name": "kb"}
    )
    return await house.erik.reads((await answer.json())["preview"])


async def test_what_answers_later_or_no_more_leaves_and_comes_back_as_it_is(house: Room) -> None:
    assert "5 entries" in await house.erik.reads("/editor/import")
    data = await exported(house, "yaml")
    assert b"new-year-hours" in data and b"old-offer" in data
    assert "Make 0 drafts" in await previewed(house, data)
    page = await previewed(house, b"Question,Answer\nAre you open at new year?,We are.\n")
    assert "Make 1 drafts" in page and "new-year-hours" in page


async def test_another_service_gets_what_answers_today(house: Room) -> None:
    data = await exported(house, "cqa-tsv")
    assert b"talk-to-human" in data
    assert b"new-year-hours" not in data and b"old-offer" not in data


async def test_what_answers_later_gets_help_with_writing(house: Room) -> None:
    page = await house.erik.reads("/editor/writing?entry=new-year-hours")
    assert "Are you open at new year?" in page
