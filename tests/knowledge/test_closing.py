"""A group closes when it is answered better than when it was missed, and not before."""

from datetime import timedelta
from pathlib import Path

import pytest

from knowledge import drafts, versions
from knowledge.learning import closing, unanswered
from knowledge.learning import missed as misses
from knowledge.learning.answering import add_to
from knowledge.learning.gathering import Learning
from knowledge.learning.missed import Given, Miss
from knowledge.learning.unanswered import Cluster, State
from knowledge.parts import Body, Kind, Part
from storage.database import Connection, Database
from tests.knowledge.editing import EDNA, LATE_FEE, NOW, publish_parts, with_answer
from tests.knowledge.test_unanswered import WEEK, learning, live, miss, open_clusters

FEE = "What does a late payment cost?"
UNSURE = "late cost"  # asked back about, late-fee first
REFUND = Part(Kind.ENTRY, "refund")


def missed(
    connection: Connection, question: str, kind: Miss, entry_id: str = "", conversation: str = "c1"
) -> None:
    """With the entry that was given and did not do."""
    where = (connection, conversation, 1, question, "en", kind)
    misses.missed(*where, [("late-fee", 0.9)], NOW, Given(entry_id, 1 if entry_id else 0))


async def publishes(database: Database, gathers: Learning, part: Part, body: Body) -> None:
    """And the draft of the part, if there is one, is closed."""

    def published(connection: Connection) -> int:
        number = publish_parts(connection, {part: body})
        if draft := drafts.get(connection, part):
            drafts.published(connection, draft, draft.body, number)
        return number

    number = await database.write(published)
    gathers._live = live(number, await database.read(versions.content_of, number))


async def closed(database: Database) -> list[Cluster]:
    return await database.read(unanswered.clusters, [State.CLOSED])


async def body_of(database: Database, part: Part) -> Body:
    return (await database.read(versions.bodies_of, 1, [part]))[part]


async def test_a_group_closes_when_it_is_answered_and_opens_when_missed_again(
    database: Database, tmp_path: Path
) -> None:
    gathers = await learning(database, tmp_path)
    await database.write(miss, "c1", "pay with bitcoin")
    await database.write(miss, "c2", FEE)
    await gathers.gather()
    [cluster] = await gathers.ask_again()
    assert cluster.question == FEE
    [cluster] = await closed(database)
    assert (cluster.entry_id, cluster.closed_version) == ("late-fee", 1)
    assert cluster.days_to_answer == 14.0
    assert [each.question for each in await open_clusters(database)] == ["pay with bitcoin"]
    await database.write(miss, "c3", "What does a late payment cost", NOW + 3 * WEEK)
    await gathers.gather()
    assert len(await open_clusters(database)) == 2


async def test_a_group_that_is_missed_again_does_not_close_by_what_was_answered_before(
    database: Database, tmp_path: Path
) -> None:
    gathers = await learning(database, tmp_path)
    for number in range(2):
        await database.write(miss, f"c{number}", f"{FEE[:-1]}{'?' * number}")
    await gathers.gather()
    assert len(await gathers.ask_again()) == 1
    await database.write(miss, "c9", f"{FEE} zlotys pay late", NOW + 3 * WEEK)
    await gathers.gather()
    [cluster] = await open_clusters(database)
    assert [each.conversation_id for each in cluster.asked_again] == ["c9"]
    assert await gathers.ask_again() == []


@pytest.mark.parametrize("kind", [Miss.RATED, Miss.HANDOFF])
@pytest.mark.parametrize("given", ["late-fee", ""])
async def test_the_answer_that_did_not_do_closes_nothing_until_it_is_changed(
    database: Database, tmp_path: Path, kind: Miss, given: str
) -> None:
    gathers = await learning(database, tmp_path)
    await database.write(missed, FEE, kind, given)
    await gathers.gather()
    assert await gathers.ask_again() == []
    refund = await body_of(database, REFUND)
    await publishes(database, gathers, REFUND, {**refund, "answer": {"en": "Soon.\n"}})
    assert await gathers.ask_again() == []
    content = await database.read(versions.content_of, 1)
    await publishes(database, gathers, LATE_FEE, with_answer(content, "3 % a month.\n"))
    assert [each.question for each in await gathers.ask_again()] == [FEE]
    [cluster] = await closed(database)
    assert (cluster.entry_id, cluster.closed_version) == ("late-fee", 3)


async def test_another_entry_than_the_one_that_did_not_do_is_an_answer(
    database: Database, tmp_path: Path
) -> None:
    gathers = await learning(database, tmp_path)
    await database.write(missed, FEE, Miss.RATED, "refund")
    await gathers.gather()
    assert len(await gathers.ask_again()) == 1


async def test_an_answer_of_an_older_version_is_compared_with_that_version(
    database: Database, tmp_path: Path
) -> None:
    gathers = await learning(database, tmp_path)
    content = await database.read(versions.content_of, 1)
    await publishes(database, gathers, LATE_FEE, with_answer(content, "3 % a month.\n"))
    await database.write(missed, FEE, Miss.RATED, "late-fee")
    await gathers.gather()
    assert len(await gathers.ask_again()) == 1


async def test_a_group_in_a_draft_waits_until_that_is_published(
    database: Database, tmp_path: Path
) -> None:
    gathers = await learning(database, tmp_path)
    await database.write(missed, UNSURE, Miss.NO_MATCH)
    await gathers.gather()
    [cluster] = await open_clusters(database)
    asked = [("en", UNSURE)]
    draft = await database.write(add_to, cluster.id, "late-fee", asked, EDNA, NOW)
    assert draft
    assert await gathers.ask_again() == []
    refund = await body_of(database, REFUND)
    await publishes(database, gathers, REFUND, {**refund, "answer": {"en": "Soon.\n"}})
    assert await gathers.ask_again() == []
    await publishes(database, gathers, LATE_FEE, draft.body)
    assert [each.id for each in await gathers.ask_again()] == [cluster.id]


@pytest.mark.parametrize(("kind", "closes"), [(Miss.ASKED_BACK, 0), (Miss.NO_MATCH, 1)])
async def test_to_be_asked_back_again_is_no_answer(
    database: Database, tmp_path: Path, kind: Miss, closes: int
) -> None:
    """The draft that is published changes nothing about how the question is asked."""
    gathers = await learning(database, tmp_path)
    await database.write(missed, UNSURE, kind)
    await gathers.gather()
    [cluster] = await open_clusters(database)
    at = NOW + timedelta(hours=1)
    to_draft = (cluster.id, State.DRAFTED, EDNA, at, "late-fee")
    await database.write(unanswered.set_state, *to_draft)
    content = await database.read(versions.content_of, 1)
    await publishes(database, gathers, LATE_FEE, with_answer(content, "3 % a month.\n"))
    assert len(await gathers.ask_again()) == closes


async def test_a_drafted_group_waits_for_its_own_entry(database: Database, tmp_path: Path) -> None:
    gathers = await learning(database, tmp_path)
    await database.write(miss, "c1", FEE)
    await gathers.gather()
    [cluster] = await open_clusters(database)
    await database.write(unanswered.set_state, cluster.id, State.DRAFTED, EDNA, NOW, "bitcoin")
    assert await gathers.ask_again() == []
    assert await open_clusters(database) == []


@pytest.mark.parametrize("ends", ["discarded", "published"])
async def test_a_group_is_open_again_when_its_draft_is_no_answer(
    database: Database, tmp_path: Path, ends: str
) -> None:
    gathers = await learning(database, tmp_path)
    await database.write(miss, "c1", UNSURE)
    await gathers.gather()
    [cluster] = await open_clusters(database)
    draft = await database.write(add_to, cluster.id, "refund", [("en", "x y z")], EDNA, NOW)
    assert draft
    await gathers.ask_again()
    await database.write(closing.reopen, 1, NOW)
    assert await open_clusters(database) == []
    if ends == "discarded":
        await database.write(drafts.discard, REFUND, draft.revision)
    else:
        await publishes(database, gathers, REFUND, draft.body)
        await database.write(closing.reopen, 1, NOW)
        assert await open_clusters(database) == []
        assert await gathers.ask_again() == []
    await database.write(closing.reopen, gathers._asked_version, NOW)
    [again] = await open_clusters(database)
    assert (again.id, again.entry_id) == (cluster.id, "")
