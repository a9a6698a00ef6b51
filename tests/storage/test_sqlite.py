import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import Connection, StorageError, open_database
from storage.sqlite import SqliteDatabase, has_wal_reset_fix, open_sqlite, read_beside
from tests.storage.stores import append, begin, bodies, numbers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "billing.db"


@pytest.fixture
async def sqlite(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await open_sqlite(path, busy_timeout=0.05)
    await database.write(begin, "c")
    yield database
    await database.close()


def pragma(connection: Connection, name: str) -> object:
    return next(iter(connection.execute(f"PRAGMA {name}")[0].values()))


@pytest.mark.parametrize(
    ("name", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
async def test_the_writer_keeps_what_it_acknowledged(
    sqlite: SqliteDatabase, name: str, value: object
) -> None:
    assert await sqlite.write(pragma, name) == value


async def test_readers_never_touch_the_log(sqlite: SqliteDatabase) -> None:
    assert await sqlite.read(pragma, "wal_autocheckpoint") == 0


async def test_many_writes_share_a_commit(
    sqlite: SqliteDatabase,
) -> None:
    commits: list[str] = []
    await sqlite.write(lambda connection: record_commits(sqlite, commits))
    await asyncio.gather(*(sqlite.write(append, "c") for _ in range(640)))
    assert 10 <= len(commits) <= 30


def record_commits(sqlite: SqliteDatabase, commits: list[str]) -> None:
    raw = sqlite._writer._connection.raw
    raw.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)


async def test_it_makes_the_folder_and_leaves_one_file(path: Path) -> None:
    database = await open_database(f"sqlite:///{path}")
    await database.write(begin, "c")
    await database.close()
    assert sorted(each.name for each in path.parent.iterdir()) == ["billing.db", "billing.db.lock"]


async def test_a_full_disk_loses_nothing_acknowledged_and_heals(sqlite: SqliteDatabase) -> None:
    pages = await sqlite.write(pragma, "page_count")
    await sqlite.write(pragma, f"max_page_count = {int(str(pages)) + 20}")
    results = await asyncio.gather(
        *(sqlite.write(append, "c", f"{index} {'x' * 900}") for index in range(400)),
        return_exceptions=True,
    )
    failed = [each for each in results if isinstance(each, StorageError)]
    stored = [each for each in results if isinstance(each, int)]
    assert failed
    assert stored
    assert len(failed) + len(stored) == 400
    assert all(each.retryable and "disk is full" in str(each) for each in failed)
    assert await sqlite.read(numbers, "c") == sorted(stored)
    await sqlite.write(pragma, "max_page_count = 1000000")
    assert await sqlite.write(append, "c") == len(stored) + 1


async def test_a_lock_of_another_process_is_an_error_to_try_again_after(
    sqlite: SqliteDatabase, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        results = await asyncio.gather(
            *(sqlite.write(append, "c") for _ in range(100)), return_exceptions=True
        )
        assert all(isinstance(each, StorageError) and each.retryable for each in results)
        assert await sqlite.read(numbers, "c") == []
        other.execute("ROLLBACK")
    assert await sqlite.write(append, "c") == 1


async def test_a_commit_that_fails_fails_everyone_in_it(
    sqlite: SqliteDatabase,
) -> None:
    def defer_a_violation(connection: Connection) -> None:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute(
            "INSERT INTO activities (conversation_id, number, author, type, body, created_at)"
            " VALUES ('nobody', 1, 'bot', 'message', '', '')"
        )

    results = await asyncio.gather(
        sqlite.write(append, "c"), sqlite.write(defer_a_violation), return_exceptions=True
    )
    assert isinstance(results[1], StorageError)
    assert await sqlite.write(append, "c") == (1 if isinstance(results[0], StorageError) else 2)


async def test_a_reader_that_cannot_open_the_file_is_tried_again(
    sqlite: SqliteDatabase, path: Path
) -> None:
    away = path.with_name("away.db")
    await asyncio.to_thread(path.rename, away)
    with pytest.raises(StorageError, match="cannot be opened") as failed:
        await sqlite.read(numbers, "c")
    assert failed.value.retryable
    await asyncio.to_thread(away.rename, path)
    assert await sqlite.read(numbers, "c") == []


async def test_a_second_process_is_refused_and_the_first_goes_on(
    sqlite: SqliteDatabase, path: Path
) -> None:
    program = (
        "import asyncio; from storage.database import open_database\n"
        f"try: asyncio.run(open_database('sqlite:///{path}'))\n"
        "except Exception as error: print(error)"
    )
    second = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "Another process is using the database" in second.stdout
    assert "PostgreSQL" in second.stdout
    assert await sqlite.write(append, "c") == 1


async def test_a_command_reads_beside_a_server_and_changes_nothing(
    sqlite: SqliteDatabase, path: Path
) -> None:
    await sqlite.write(append, "c", "hello")
    assert read_beside(path, lambda connection: bodies(connection, "c")) == ["hello"]
    with pytest.raises(StorageError, match="cannot be read: attempt to write a readonly"):
        read_beside(path, lambda connection: append(connection, "c", "more"))
    await sqlite.write(lambda c: c.execute("DELETE FROM migrations WHERE number > 1"))
    with pytest.raises(StorageError, match="of an older version; start this version once"):
        read_beside(path, lambda connection: bodies(connection, "c"))
    with pytest.raises(StorageError, match="There is no database"):
        read_beside(path.with_name("none.db"), lambda connection: bodies(connection, "c"))
    assert not path.with_name("none.db").exists()


async def test_a_command_reads_what_no_server_has_open(path: Path) -> None:
    await (await open_sqlite(path)).close()
    assert read_beside(path, lambda connection: connection.execute("SELECT 1 AS one")) == [
        {"one": 1}
    ]


async def test_it_opens_again_after_a_close(path: Path) -> None:
    for expected in (1, 2):
        database = await open_sqlite(path)
        if expected == 1:
            await database.write(begin, "c")
        assert await database.write(append, "c") == expected
        await database.close()


async def test_it_reads_a_database_left_by_a_killed_process(path: Path) -> None:
    program = (
        "import asyncio, os\n"
        "from storage.database import open_database\n"
        "from tests.storage.stores import append, begin\n"
        "async def run():\n"
        f"    database = await open_database('sqlite:///{path}')\n"
        "    await database.write(begin, 'c')\n"
        "    for number in range(50): await database.write(append, 'c', str(number))\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(run())"
    )
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], capture_output=True
    )
    assert killed.returncode == -9
    database = await open_sqlite(path)
    assert await database.read(bodies, "c") == [str(number) for number in range(50)]
    await database.close()


async def test_it_refuses_a_damaged_file_and_says_what_to_do(path: Path) -> None:
    database = await open_sqlite(path)
    await database.write(begin, "c")
    for _ in range(20):
        await database.write(append, "c", "x" * 3000)
    await database.close()
    damage(path)
    with pytest.raises(StorageError, match="is damaged .* restore the latest backup"):
        await open_sqlite(path)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 30] = b"\xff" * 4096 * 27
    path.write_bytes(content)


async def test_it_refuses_a_file_of_another_kind(tmp_path: Path) -> None:
    diary = write_diary(tmp_path)
    for _ in range(2):
        with pytest.raises(StorageError, match=r"is damaged \(file is not a database\)"):
            await open_sqlite(diary)


def write_diary(folder: Path) -> Path:
    diary = folder / "diary.txt"
    diary.write_text("Dear diary, " * 100)
    return diary


async def test_it_refuses_a_folder_it_cannot_make(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be opened"):
        await open_sqlite(tmp_path / "file" / "billing.db")


async def test_it_refuses_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened"):
        await open_sqlite(tmp_path)


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_it_knows_which_versions_can_corrupt(version: tuple[int, ...], fixed: bool) -> None:
    assert has_wal_reset_fix(version) is fixed


async def test_it_warns_of_such_a_version(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    await (await open_sqlite(path)).close()
    assert "can corrupt a database" in capsys.readouterr().out
