"""What was edited in the browser goes back to the files, all of it, and git shows what changed."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands import commands
from knowledge import origins, versions
from knowledge.files import Content, digest_of, load
from knowledge.interchange.found import Origin
from knowledge.parts import Kind, Part
from storage.database import Connection, open_database
from tests.knowledge.samples import SHIPPED
from tests.product import Clock
from tests.staff import database_of
from tests.web.editors import Json, Room, body_of, room

EUROS = "do you take euros?"


@pytest.fixture
async def published(sqlite_url: str, clock: Clock, tmp_path: Path) -> Content:
    """After each part was changed."""
    async with room(sqlite_url, clock, tmp_path) as house:
        await house.erik.saves("entry/late-fee", body_of("It costs 3 %."))
        policy, messages = await _body(house, "policy"), await _body(house, "messages")
        policy["collections"]["late_fee"]["percent"] = "2.5"
        policy["support"]["hours"]["weekly"]["saturday"] = []
        del policy["products"]["azure"]
        await house.erik.saves("policy", policy)
        messages["messages"]["welcome"]["en"] = "Hello.\n\n# Ask: me\n"
        messages["messages"]["ours"] = {"en": "yes", "zh": "12.00"}
        await house.erik.saves("messages", messages)
        await house.erik.does("/editor/golden/add", question="late, so?", expected=["late-fee"])
        await house.erik.does("/editor/try/should", question=EUROS, to="", **{"as": "phrasing"})
        assert (await house.paula.publishes(reason="Test")).status == 200
        return await database_of(house.client).read(_newest)


async def _body(house: Room, part: str) -> Json:
    found = (await database_of(house.client).read(_newest)).part(Part(Kind(part)))
    return dict(found or {})


def _newest(connection: Connection) -> Content:
    return versions.content_of(connection, versions.head(connection).version)


async def exported(folder: Path) -> str:
    asked = ["export", "--published", "--to", str(folder)]
    result = await asyncio.to_thread(CliRunner().invoke, commands, asked)
    assert result.exit_code == 0, result.output
    return result.output


async def test_every_part_goes_back_and_a_second_export_changes_nothing(
    published: Content, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    for folder in (tmp_path / "content", tmp_path / "new"):
        await exported(folder)
        assert load(folder) == published
        before = digest_of(folder)
        assert "Nothing to write" in await exported(folder)
        assert digest_of(folder) == before


async def test_nobody_stops_the_server_for_it(
    database_url: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    async with room(database_url, clock, tmp_path) as house:
        await house.erik.saves("entry/late-fee", body_of("It costs 3 %."))
        assert (await house.paula.publishes()).status == 200
        await exported(tmp_path / "content")
        assert load(tmp_path / "content") == await database_of(house.client).read(_newest)
        await house.erik.saves("entry/late-fee", body_of("It costs 4 %."), version=2)
        assert (await house.paula.publishes()).status == 200
    assert "Wrote" in await exported(tmp_path / "content")


async def test_what_did_not_change_stays_to_the_letter(
    published: Content, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    folder = tmp_path / "content"
    await exported(folder)
    before = (SHIPPED / "policy.yaml").read_text(encoding="utf-8").splitlines()
    after = (folder / "policy.yaml").read_text(encoding="utf-8").splitlines()
    gone = [line for line in before if line not in after]
    assert "      saturday: []" in after
    keys = [line.split(":")[0].strip() for line in gone]
    assert keys == [
        "saturday",
        *("azure", "name", "direct_portal", "billing", "source"),
        "late_fee",
    ]


async def test_what_another_system_called_an_entry_goes_back_to_it(
    published: Content, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    entry = published.entries[0].id
    database = await open_database(sqlite_url)
    await database.write(origins.keep, [Origin(entry, "en", "9041", "FAQ.docx", {})])
    await database.close()
    table = tmp_path / "kb.tsv"
    asked = ["export", "--published", str(table)]
    result = await asyncio.to_thread(CliRunner().invoke, commands, asked)
    assert result.exit_code == 0, result.output
    ours = [line for line in table.read_text("utf-8").splitlines() if line.endswith("\t9041")]
    assert ours and all(f"entry:{entry}" in line and "\tFAQ.docx\t" in line for line in ours)
