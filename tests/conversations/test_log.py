"""Everything that is said is a row, once, in order, whichever database keeps it."""

import asyncio
from datetime import UTC, datetime, timedelta

from conversations import log, outbox, pending, ratings
from conversations.log import Participant
from conversations.models import Activity, Author, Conversation, NewActivity, Owner
from conversations.ratings import Rating
from storage.database import Connection, Database

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CARLA = Participant("c1", "web", "dl_carla", "Carla")


def said(text: str, external_id: str | None = None) -> NewActivity:
    return NewActivity(
        Author.CUSTOMER, "message", {"type": "message", "text": text}, external_id=external_id
    )


def answered(text: str, entry_id: str = "payment-due") -> NewActivity:
    body = {"type": "message", "text": text}
    return NewActivity(Author.BOT, "message", body, None, entry_id, 1, 0.97)


def begun(connection: Connection, *messages: NewActivity) -> Conversation:
    log.begin(connection, CARLA, NOW)
    for message in messages:
        log.append(connection, "c1", message, NOW)
    conversation = log.get(connection, "c1")
    assert conversation
    return conversation


async def texts(database: Database, after: int = 0) -> list[tuple[int, str]]:
    rows = await database.read(log.since, "c1", after)
    return [(row.number, row.body["text"]) for row in rows]


async def test_activities_are_numbered_from_one_without_gaps(database: Database) -> None:
    await database.write(begun, said("one"), said("two"))
    await database.write(log.append, "c1", said("three"), NOW)
    assert await texts(database) == [(1, "one"), (2, "two"), (3, "three")]
    assert await texts(database, after=2) == [(3, "three")]


async def test_the_same_external_id_again_is_the_same_row(database: Database) -> None:
    await database.write(begun)
    twenty = [database.write(log.append, "c1", said("hi", "a"), NOW) for _ in range(20)]
    numbers = await asyncio.gather(*twenty)
    assert {number for number, _ in numbers} == {1}
    assert sum(fresh for _, fresh in numbers) == 1
    await database.write(log.append, "c1", said("more", "b"), NOW)
    assert await texts(database) == [(1, "hi"), (2, "more")]


async def test_concurrent_appends_get_a_number_each(database: Database) -> None:
    await database.write(begun)
    await asyncio.gather(*(database.write(log.append, "c1", said(str(i)), NOW) for i in range(50)))
    assert [number for number, _ in await texts(database)] == list(range(1, 51))


async def test_replies_and_state_are_committed_together(database: Database) -> None:
    conversation = await database.write(begun, said("when must i pay"))
    numbers = await database.write(
        log.append_replies, conversation, [answered("In 30 days.")], {"misses": 0}, "en", NOW
    )
    kept = await database.read(log.get, "c1")
    assert numbers == [2]
    assert kept and kept.state == {"misses": 0} and kept.language == "en"
    row: Activity = (await database.read(log.since, "c1", 1))[0]
    assert (row.entry_id, row.version, row.confidence) == ("payment-due", 1, 0.97)


async def test_a_reply_computed_before_the_owner_changed_never_appears(
    database: Database,
) -> None:
    conversation = await database.write(begun, said("help"))
    await database.write(log.set_owner, "c1", Owner.AGENT)
    numbers = await database.write(
        log.append_replies, conversation, [answered("late")], {}, "en", NOW
    )
    assert numbers is None
    assert await texts(database) == [(1, "help")]


async def test_turns_are_owed_in_order_and_settled_once(database: Database) -> None:
    conversation = await database.write(begun, said("one"), said("two"))
    for asked in await database.read(log.since, "c1", 0):
        owed = await database.write(pending.owe, conversation, asked, NOW)
        assert owed and owed.activity.number == 1
    owed = await database.read(pending.first, "c1")
    assert owed and owed.activity.number == 1 and owed.more
    settled = await asyncio.gather(*(database.write(pending.settle, "c1", 1) for _ in range(5)))
    assert sorted(settled) == [False] * 4 + [True]
    owed = await database.read(pending.first, "c1")
    assert owed and owed.activity.number == 2 and not owed.more
    later = NOW + timedelta(seconds=1)
    assert await database.read(pending.conversations_owed, later) == ["c1"]
    assert await database.read(pending.conversations_owed, NOW) == []


async def test_a_rating_is_kept_with_entry_and_version_and_can_be_changed(
    database: Database,
) -> None:
    await database.write(begun, said("?"), answered("first"), answered("second", "late-fee"))
    assert await database.write(ratings.rate, "c1", Rating(True, 2), NOW)
    assert await database.write(ratings.rate, "c1", Rating(False, comment="no"), NOW)
    assert await database.write(ratings.rate, "c1", Rating(False, 2), NOW)
    assert not await database.write(ratings.rate, "c1", Rating(True, 1), NOW)

    def kept(connection: Connection) -> list[tuple[str, int, str]]:
        rows = connection.execute("SELECT * FROM ratings ORDER BY number")
        return [(row["entry_id"], row["version"], row["rating"]) for row in rows]

    assert await database.read(kept) == [
        ("payment-due", 1, "negative"),
        ("late-fee", 1, "negative"),
    ]


async def test_parcels_leave_in_order_and_wait_after_a_failure(database: Database) -> None:
    await database.write(begun, answered("one"), answered("two"))
    await database.write(outbox.put, "c1", "msteams", [1, 2], NOW)
    parcel = await database.write(outbox.take, "c1", NOW)
    assert parcel and parcel.activity and parcel.activity.body["text"] == "one"
    assert await database.write(outbox.take, "c1", NOW) is None  # one is under way
    await database.write(outbox.failed, parcel, "429", "", NOW)
    assert await database.write(outbox.take, "c1", NOW) is None  # it waits, and holds back two
    later = NOW + timedelta(minutes=1)
    again = await database.write(outbox.take, "c1", later)
    assert again and again.id == parcel.id and again.attempts == 2
    second = await database.write(outbox.sent, again, "remote-1", later)
    assert second and second.activity and second.activity.body["text"] == "two"
    assert await database.read(outbox.number_of, "c1", "remote-1") == 1


async def test_a_parcel_whose_sender_died_is_not_sent_again(database: Database) -> None:
    await database.write(begun, answered("one"))
    await database.write(outbox.put, "c1", "msteams", [1], NOW)
    await database.write(outbox.take, "c1", NOW)
    later = NOW + timedelta(minutes=1)
    await database.write(outbox.give_up_interrupted, later)
    assert await database.write(outbox.take, "c1", later) is None
    assert await database.read(outbox.lanes_due, later) == []


async def test_what_is_handed_over_is_being_sent_and_what_comes_after_it_waits(
    database: Database,
) -> None:
    conversation = await database.write(begun, answered("one"), answered("two"))
    one, two = await database.read(log.since, "c1", 0)
    parcel = await database.write(outbox.hand_over, conversation, [one], NOW)
    assert parcel and parcel.activity == one and parcel.alone
    told: list[str] = []
    database.listen(outbox.TOPIC, told.append)
    assert await database.write(outbox.hand_over, conversation, [two], NOW) is None
    assert await database.write(outbox.sent, parcel, "remote-1", NOW) is None
    assert told == ["c1"]
    second = await database.write(outbox.take, "c1", NOW)
    assert second and second.activity == two and second.attempts == parcel.attempts == 1


async def test_two_replies_that_are_handed_over_leave_one_after_the_other(
    database: Database,
) -> None:
    conversation = await database.write(begun, answered("one"), answered("two"))
    said = await database.read(log.since, "c1", 0)
    parcel = await database.write(outbox.hand_over, conversation, said, NOW)
    assert parcel and parcel.activity == said[0]
    assert await database.write(outbox.take, "c1", NOW) is None
    second = await database.write(outbox.sent, parcel, "remote-1", NOW)
    assert second and second.activity == said[1]


async def test_what_was_handed_over_by_a_process_that_died_is_not_sent_again(
    database: Database,
) -> None:
    conversation = await database.write(begun, answered("one"))
    await database.write(
        outbox.hand_over, conversation, await database.read(log.since, "c1", 0), NOW
    )
    later = NOW + timedelta(minutes=1)
    await database.write(outbox.give_up_interrupted, later)
    assert await database.read(outbox.states, "c1") == {1: "unknown"}
