import asyncio
import shutil
from pathlib import Path

import pytest

from storage import migrations
from storage.database import Connection, Database, StorageError, open_database
from storage.migrations import shipped
from tests.databases import PostgresqlServer
from tests.storage.stores import begin


def applied(connection: Connection) -> list[dict[str, object]]:
    return connection.execute("SELECT number, name, applied_at FROM migrations ORDER BY number")


def test_they_are_numbered_without_gaps() -> None:
    assert [each.number for each in shipped()] == list(range(1, len(shipped()) + 1))


async def test_it_records_each_with_name_and_time(database: Database) -> None:
    rows = await database.read(applied)
    assert [row["name"] for row in rows] == [each.name for each in shipped()]
    assert all(str(row["applied_at"]).endswith("+00:00") for row in rows)


async def test_it_applies_nothing_twice(database_url: str) -> None:
    for _ in range(2):
        database = await open_database(database_url)
        rows = await database.read(applied)
        await database.close()
        assert len(rows) == len(shipped())


async def test_it_refuses_a_database_of_a_newer_version(database_url: str) -> None:
    database = await open_database(database_url)
    await database.write(
        lambda connection: connection.execute(
            "INSERT INTO migrations VALUES (9000, '9000_later', 'later')"
        )
    )
    await database.close()
    with pytest.raises(StorageError, match="migrated to number 9000 by a newer version"):
        await open_database(database_url)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped migrations, to add to."""
    copied = tmp_path / "migrations"
    shutil.copytree(migrations.FOLDER, copied)
    monkeypatch.setattr(migrations, "FOLDER", copied)
    return copied


async def test_it_adds_what_is_new_and_keeps_the_data(database_url: str, folder: Path) -> None:
    database = await open_database(database_url)
    await database.write(begin, "c")
    await database.close()
    (folder / "0999_colours.sql").write_text(
        "CREATE TABLE colours (name TEXT); -- '100%'; %(not)s\nINSERT INTO colours VALUES ('a;b')"
    )
    database = await open_database(database_url)
    sql = "SELECT id, name FROM conversations, colours"
    assert await database.read(lambda each: each.execute(sql)) == [{"id": "c", "name": "a;b"}]
    await database.close()


async def test_a_migration_that_fails_leaves_nothing(database_url: str, folder: Path) -> None:
    broken = folder / "0999_broken.sql"
    broken.write_text("CREATE TABLE colours (name TEXT);\nINSERT INTO nothing VALUES (1);")
    with pytest.raises(StorageError, match="Migration 0999_broken failed: .*nothing"):
        await open_database(database_url)
    broken.write_text("CREATE TABLE colours (name TEXT);")
    database = await open_database(database_url)
    rows = await database.read(applied)
    await database.close()
    assert rows[-1]["name"] == "0999_broken"


async def test_processes_that_start_at_once_migrate_once(postgresql: PostgresqlServer) -> None:
    postgresql.execute("CREATE DATABASE empty")
    opened = await asyncio.gather(*(open_database(postgresql.url("empty")) for _ in range(4)))
    assert len(await opened[0].read(applied)) == len(shipped())
    await asyncio.gather(*(each.close() for each in opened))
    postgresql.execute("DROP DATABASE empty WITH (FORCE)")


async def test_it_refuses_a_postgresql_database_that_cannot_hold_chinese(
    postgresql: PostgresqlServer,
) -> None:
    postgresql.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StorageError, match="must have the encoding UTF8"):
        await open_database(postgresql.url("latin"))
    postgresql.execute("DROP DATABASE latin WITH (FORCE)")
