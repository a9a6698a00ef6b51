"""A process dies after a commit and before it told the others: they look again all the same."""

import asyncio
import os
import signal
import sys
import time
from threading import Event

import psycopg

from storage.database import Connection, Database, open_database

PATIENCE_S = 60.0


async def test_what_a_process_committed_and_did_not_tell_is_looked_for_when_it_is_gone(
    postgresql_url: str,
) -> None:
    ours = await open_database(postgresql_url)
    heard: asyncio.Queue[str] = asyncio.Queue()
    ours.listen("activities", heard.put_nowait)
    dying = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.faults.test_lost_notice", postgresql_url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert dying.stdin and dying.stdout
    async with asyncio.timeout(PATIENCE_S):
        assert await dying.stdout.readline() == b"told\n"
        while await heard.get() != "alive":
            pass
        dying.stdin.write(b"die\n")
        assert await dying.wait() == -signal.SIGKILL
        assert await heard.get() == ""
    assert await ours.read(lambda c: c.execute("SELECT name FROM migrations WHERE number = 0"))
    await ours.close()


async def _lives(url: str) -> None:
    """Tells something; then commits and dies before anything is told of it."""
    database = await open_database(url)
    await database.write(lambda connection: connection.notify("activities", "alive"))
    print("told", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    _commits_and_dies(database, url)


def _commits_and_dies(database: Database, url: str) -> None:
    """It holds the loop, which would tell."""
    began = Event()

    def silently(connection: Connection) -> None:
        connection.execute("INSERT INTO migrations VALUES (0, 'silent', '')")
        connection.notify("activities", "silent")
        began.set()

    writing = database.write(silently)
    writing.send(None)
    assert began.wait(PATIENCE_S)
    while not _is_committed(url):
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)


def _is_committed(url: str) -> bool:
    with psycopg.connect(url) as raw:
        return raw.execute("SELECT 1 FROM migrations WHERE number = 0").fetchone() is not None


if __name__ == "__main__":
    asyncio.run(_lives(sys.argv[1]))
