"""Whatever happens to a sender, its parcel's end is known; and a lane has one order."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from bot.deliveries import Deliveries
from conversations import outbox
from conversations.outbox import Letter, Parcel
from storage.database import Connection, Database, open_database
from tests.handoff.office import MONDAY

LETTER = Letter("first", "lane", "post", {})


def statuses(connection: Connection) -> dict[str, str]:
    rows = connection.execute("SELECT id, status FROM outbox")
    return {row["id"]: row["status"] for row in rows}


def same_number(connection: Connection) -> None:
    connection.execute("UPDATE outbox SET number = 1")


class BrokenOnce:
    """A sender with a mistake in it, which the second parcel does not meet."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()

    async def __call__(self, parcel: Parcel) -> str:
        self.sent[parcel.id] += 1
        if self.sent.total() == 1:
            raise KeyError("a field that is not there")
        return ""


@pytest.mark.parametrize(("repeatable", "becomes"), [(False, "unknown"), (True, "queued")])
async def test_a_senders_own_mistake_leaves_no_parcel_behind(
    database: Database, repeatable: bool, becomes: str
) -> None:
    now, broken = MONDAY, BrokenOnce()
    await database.write(outbox.post, replace(LETTER, repeatable=repeatable), now)
    await database.write(outbox.post, replace(LETTER, id="second"), now)
    deliveries = Deliveries(database, {"post": broken}, lambda: now)
    deliveries.schedule("lane")
    await deliveries.settled()
    assert await database.read(statuses) == {"first": becomes, "second": "queued"}
    now += timedelta(minutes=1)
    deliveries.schedule("lane")
    await deliveries.settled()
    kept = "sent" if repeatable else "unknown"
    assert await database.read(statuses) == {"first": kept, "second": "sent"}
    assert broken.sent == {"first": 1 + repeatable, "second": 1}
    deliveries.close()


class Slow:
    """A sender that waits for the far side."""

    def __init__(self) -> None:
        self.began, self.goes_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, parcel: Parcel) -> str:
        self.began.set()
        await self.goes_on.wait()
        return ""


async def test_a_slow_sender_keeps_its_parcel_and_a_dead_one_does_not(database: Database) -> None:
    now, slow, patience = MONDAY, Slow(), timedelta(seconds=30)
    await database.write(outbox.post, LETTER, now)
    await database.write(outbox.post, replace(LETTER, id="dead", lane="another"), now)
    ours = Deliveries(database, {"post": slow}, lambda: now)
    theirs = Deliveries(database, {}, lambda: now)
    ours.schedule("lane")
    await slow.began.wait()
    await database.write(outbox.take, "another", now)
    for _ in range(3):
        now += timedelta(seconds=20)
        await ours.give_up_interrupted(patience)
        await theirs.give_up_interrupted(patience)
    assert await database.read(statuses) == {"first": "sending", "dead": "unknown"}
    slow.goes_on.set()
    await ours.settled()
    assert await database.read(statuses) == {"first": "sent", "dead": "unknown"}
    ours.close()
    theirs.close()


async def test_parcels_with_one_number_leave_one_after_the_other_always_in_the_same_order(
    database: Database,
) -> None:
    for name, second in (("c", 1), ("b", 2), ("a", 2)):
        letter = replace(LETTER, id=name)
        await database.write(outbox.post, letter, MONDAY + timedelta(seconds=second))
    await database.write(same_number)
    now, taken = MONDAY + timedelta(minutes=1), list[str]()
    parcel = await database.write(outbox.take, "lane", now)
    while parcel:
        taken.append(parcel.id)
        parcel = await database.write(outbox.sent, parcel, "", now)
    assert taken == ["c", "a", "b"]


async def test_one_that_was_committed_late_waits_for_the_one_being_sent(
    database: Database,
) -> None:
    later = MONDAY + timedelta(seconds=1)
    await database.write(outbox.post, replace(LETTER, id="second"), later)
    sending = await database.write(outbox.take, "lane", later)
    assert sending
    await database.write(outbox.post, LETTER, MONDAY)
    await database.write(same_number)
    assert await database.write(outbox.take, "lane", later) is None
    after = await database.write(outbox.sent, sending, "", later)
    assert after and after.id == "first"


async def test_what_two_processes_write_into_a_lane_at_once_is_sent_in_one_order(
    postgresql_url: str,
) -> None:
    """Both look before either has committed, so both give the same number."""
    both_looked = Barrier(2)

    def posts(connection: Connection, letter: Letter, second: int) -> None:
        outbox.post(connection, letter, MONDAY + timedelta(seconds=second))
        both_looked.wait(10)

    first, second = await open_database(postgresql_url), await open_database(postgresql_url)
    await asyncio.gather(
        first.write(posts, replace(LETTER, id="b"), 1),
        second.write(posts, replace(LETTER, id="a"), 2),
    )
    numbers = await first.read(lambda c: [r["number"] for r in c.execute("SELECT * FROM outbox")])
    assert numbers == [1, 1]
    now, taken = MONDAY + timedelta(minutes=1), list[str]()
    parcel = await second.write(outbox.take, "lane", now)
    while parcel:
        taken.append(parcel.id)
        parcel = await first.write(outbox.sent, parcel, "", now)
    assert taken == ["b", "a"]
    await first.close()
    await second.close()


async def test_a_letter_that_two_processes_post_at_once_is_one_parcel(postgresql_url: str) -> None:
    both_began = Barrier(2)
    begun = Counter[str]()

    def posts(connection: Connection, who: str) -> None:
        connection.execute("SELECT 1 FROM outbox")
        begun[who] += 1
        if begun[who] == 1:
            both_began.wait(10)
        outbox.post(connection, LETTER, MONDAY)

    first, second = await open_database(postgresql_url), await open_database(postgresql_url)
    await asyncio.gather(first.write(posts, "first"), second.write(posts, "second"))
    assert await first.read(statuses) == {"first": "queued"}
    assert begun.total() == 3  # the later one looked again
    await first.close()
    await second.close()
