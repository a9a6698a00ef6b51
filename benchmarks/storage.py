"""How close durable appends through `Database.write` come to bare SQLite with group commit.

The floor does the same SQL in one thread, as many appends a commit, with nothing around it. Rounds
of both alternate, because a disk's speed changes from one second to the next.

    python -m benchmarks.storage [--json] [--folder FOLDER]
"""

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import structlog

from storage.database import Connection, Database, open_database
from storage.sqlite_writer import WRITES_PER_COMMIT

ROUNDS = 21
APPENDS = 2560
PRODUCERS = 256
BODY = json.dumps({"type": "message", "text": "When is my invoice due? " * 7})
NOW = "2026-01-01T00:00:00+00:00"

START = (
    "INSERT INTO conversations (id, channel, user_id, created_at, updated_at)"
    " VALUES (%(id)s, 'web', 'customer', %(now)s, %(now)s)"
)
NUMBER = (
    "UPDATE conversations SET next_number = next_number + 1, updated_at = %(now)s"
    " WHERE id = %(id)s RETURNING next_number - 1 AS number"
)
APPEND = (
    "INSERT INTO activities"
    " (conversation_id, number, external_id, author, type, body, created_at)"
    " VALUES (%(id)s, %(number)s, %(external_id)s, 'customer', 'message', %(body)s, %(now)s)"
)
BARE_NUMBER, BARE_APPEND = (sql.replace("%(", ":").replace(")s", "") for sql in (NUMBER, APPEND))


def start(connection: Connection) -> None:
    for conversation in conversations():
        connection.execute(START, id=conversation, now=NOW)


def append(connection: Connection, conversation: str, external_id: str) -> int:
    number: int = connection.execute(NUMBER, id=conversation, now=NOW)[0]["number"]
    connection.execute(
        APPEND, id=conversation, number=number, external_id=external_id, body=BODY, now=NOW
    )
    return number


def conversations() -> list[str]:
    return [f"conversation-{number}" for number in range(PRODUCERS)]


def bare_appends(raw: sqlite3.Connection, round_number: int) -> float:
    """Appends per second."""
    names, began = conversations(), time.perf_counter()
    for first in range(0, APPENDS, WRITES_PER_COMMIT):
        raw.execute("BEGIN IMMEDIATE")
        for index in range(first, first + WRITES_PER_COMMIT):
            values = {"id": names[index % PRODUCERS], "now": NOW, "body": BODY}
            number = raw.execute(BARE_NUMBER, values).fetchall()[0][0]
            values |= {"number": number, "external_id": f"{round_number}-{index}"}
            raw.execute(BARE_APPEND, values)
        raw.execute("COMMIT")
    return APPENDS / (time.perf_counter() - began)


async def appends(database: Database, round_number: int, waits: list[float]) -> float:
    """Appends per second; adds what each caller waited, in seconds."""

    async def produce(conversation: str) -> None:
        for index in range(APPENDS // PRODUCERS):
            asked = time.perf_counter()
            await database.write(append, conversation, f"{round_number}-{index}")
            waits.append(time.perf_counter() - asked)

    began = time.perf_counter()
    await asyncio.gather(*(produce(conversation) for conversation in conversations()))
    return APPENDS / (time.perf_counter() - began)


async def open_bare(path: Path) -> sqlite3.Connection:
    database = await open_database(f"sqlite:///{path}")
    await database.write(start)
    await database.close()
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    raw.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")
    return raw


async def measure(folder: Path) -> dict[str, float]:
    database = await open_database(f"sqlite:///{folder / 'ours.db'}")
    await database.write(start)
    raw = await open_bare(folder / "floor.db")
    floors, ours, waits = [], [], list[float]()
    for round_number in range(ROUNDS):
        floors.append(await asyncio.to_thread(bare_appends, raw, round_number))
        ours.append(await appends(database, round_number, waits))
    raw.close()
    await database.close()
    percentiles = quantiles(waits, n=100)
    return {
        "floor_per_s": round(median(floors)),
        "ours_per_s": round(median(ours)),
        "ratio": round(median(o / f for o, f in zip(ours, floors, strict=True)), 3),
        "p50_ms": round(percentiles[49] * 1000, 2),
        "p99_ms": round(percentiles[98] * 1000, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Durable appends per second against the floor.")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--folder", default=".", help="where on disk; removed afterwards")
    arguments = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        result = asyncio.run(measure(Path(folder)))
    if arguments.json:
        print(json.dumps(result))
    else:
        print("\n".join(f"{name:12} {value:>10}" for name, value in result.items()))


if __name__ == "__main__":
    main()
