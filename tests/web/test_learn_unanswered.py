"""From what was missed to an answer: the page of unanswered questions, over HTTP."""

import re
from collections.abc import AsyncIterator

import pytest

from accounts.models import Role
from knowledge import drafts
from knowledge.drafts import Draft
from knowledge.learning import unanswered
from knowledge.learning.missed import Miss
from knowledge.learning.unanswered import Cluster, State
from knowledge.parts import Kind, Part
from storage.database import Connection
from tests.knowledge.editing import publish_parts
from tests.product import MONDAY_MORNING
from tests.staff import Staff, database_of, signed_in
from tests.web.learning import Told, editing, editor, page_of, tell

PAGE = "/editor/unanswered"


@pytest.fixture
async def erik(database_url: str) -> AsyncIterator[Staff]:
    """An editor, after a month in which five customers wanted to pay with Bitcoin."""
    async with editor(database_url) as erik:
        yield erik


async def groups(erik: Staff, *states: State) -> list[Cluster]:
    return await database_of(erik.client).read(unanswered.clusters, states or (State.OPEN,))


async def draft_of(erik: Staff, part: Part) -> Draft | None:
    return await database_of(erik.client).read(drafts.get, part)


async def does(erik: Staff, action: str, **fields: str) -> str:
    """What the page says after it."""
    response = await erik.post(f"{PAGE}/{action}", fields)
    assert response.status == 303, await response.text()
    return await page_of(erik, response.headers["Location"])


async def bitcoin(erik: Staff) -> Cluster:
    return next(each for each in await groups(erik) if "itcoin" in each.question)


async def test_the_biggest_group_comes_first_with_counts_kinds_and_a_trend(erik: Staff) -> None:
    page = await page_of(erik, PAGE)
    first = (await groups(erik))[0]
    assert f">{first.count}<" in page
    assert "To a person" in page and "No match" in page
    assert page.count('class="spark"') > len(await groups(erik))
    assert "Per week, the last twelve, oldest first: 0, 0" in page
    assert "carla@shop.example" not in page and "[e-mail removed]" in page


async def test_an_entry_is_drafted_from_what_a_colleague_answered(erik: Staff) -> None:
    cluster = await bitcoin(erik)
    page = await page_of(erik, f"{PAGE}?id={cluster.id}")
    assert "We cannot take Bitcoin." in page
    fields = {"cluster": cluster.id, "topic": "payments", "reply": "1", "question.0": "on"}
    page = await does(erik, "write", **fields)
    assert "A draft was made" in page and "Undo" in page
    [drafted] = await groups(erik, State.DRAFTED)
    draft = await draft_of(erik, Part(Kind.ENTRY, drafted.entry_id))
    assert draft is not None
    assert draft.body["answer"]["en"].startswith("We cannot take Bitcoin. Please pay")
    assert draft.body["questions"]["en"] == [cluster.question]
    assert draft.body["owner"] == "billing_admin"
    assert "carla@" not in draft.body["answer"]["en"]


async def test_phrasings_go_into_an_entry_that_was_looked_for(erik: Staff) -> None:
    cluster = await bitcoin(erik)
    page = await page_of(erik, f"{PAGE}?id={cluster.id}&q=refund")
    assert "Found for “refund”" in page and 'value="refund"' in page
    await does(erik, "add", cluster=cluster.id, entry="payment-methods", **{"question.0": "on"})
    draft = await draft_of(erik, Part(Kind.ENTRY, "payment-methods"))
    assert draft and draft.body["questions"]["en"][-1] == cluster.question
    page = await does(erik, "undo", cluster=cluster.id)
    assert "Undone" in page
    assert await draft_of(erik, Part(Kind.ENTRY, "payment-methods")) is None
    assert (await bitcoin(erik)).entry_id == ""


async def test_what_is_not_ours_becomes_an_example_and_comes_back(erik: Staff) -> None:
    cluster = next(each for each in await groups(erik) if "park" in each.question)
    await does(erik, "not-ours", cluster=cluster.id)
    draft = await draft_of(erik, Part(Kind.OUT_OF_SCOPE))
    assert draft and draft.body["en"][-1].startswith(("Where can I park", "Is there parking"))
    assert cluster.id not in {each.id for each in await groups(erik)}
    await does(erik, "undo", cluster=cluster.id)
    assert cluster.id in {each.id for each in await groups(erik)}
    assert await draft_of(erik, Part(Kind.OUT_OF_SCOPE)) is None


async def test_a_big_group_is_put_aside_as_a_whole_and_the_page_says_what_it_leaves_out(
    erik: Staff,
) -> None:
    cluster = next(each for each in await groups(erik) if "park" in each.question)
    asked = [Told(f"x{n}", f"Is there parking at your office {n}?", 8, kind=Miss.NO_MATCH)
             for n in range(25)]  # fmt: skip
    for told in asked:
        await database_of(erik.client).write(tell, told, MONDAY_MORNING)
    await editing(erik).learning.gather()
    page = await page_of(erik, f"{PAGE}?id={cluster.id}")
    assert "and 7 more" in page and page.count('name="question.') == 20
    await does(erik, "not-ours", cluster=cluster.id)
    draft = await draft_of(erik, Part(Kind.OUT_OF_SCOPE))
    assert draft and {each.question for each in asked} <= set(draft.body["en"])
    await does(erik, "undo", cluster=cluster.id)
    assert await draft_of(erik, Part(Kind.OUT_OF_SCOPE)) is None


async def test_it_is_said_how_many_groups_are_not_listed(
    erik: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = len(await groups(erik))
    assert "smaller ones" not in await page_of(erik, PAGE)
    monkeypatch.setattr("web.learn_unanswered.LISTED", 1)
    page = await page_of(erik, PAGE)
    assert f"The biggest 1 are listed; {there - 1} smaller ones" in page


async def test_a_new_entry_is_called_by_the_groups_question(erik: Staff) -> None:
    cluster = await bitcoin(erik)
    ticked = {f"question.{n}": "on" for n in range(4)}
    await does(erik, "write", cluster=cluster.id, topic="payments", reply="", **ticked)
    [drafted] = await groups(erik, State.DRAFTED)
    draft = await draft_of(erik, Part(Kind.ENTRY, drafted.entry_id))
    assert draft and draft.body["questions"][cluster.language][0] == cluster.question


async def test_a_new_entry_that_somebody_wrote_on_survives_the_undo(erik: Staff) -> None:
    cluster = await bitcoin(erik)
    fields = {"cluster": cluster.id, "topic": "payments", "reply": "", "question.0": "on"}
    await does(erik, "write", **fields)
    [drafted] = await groups(erik, State.DRAFTED)
    part = Part(Kind.ENTRY, drafted.entry_id)
    draft = await draft_of(erik, part)
    assert draft and draft.body["answer"] == {}

    def written_on(connection: Connection) -> Draft:
        body = {**draft.body, "answer": {"en": "No.\n"}}
        return drafts.save(connection, part, body, 1, 1, draft.who, MONDAY_MORNING)

    await database_of(erik.client).write(written_on)
    assert "The draft stays" in await does(erik, "undo", cluster=cluster.id)
    assert await draft_of(erik, part) is not None


async def test_after_publishing_the_group_closes_and_says_how_long_it_took(erik: Staff) -> None:
    cluster = await bitcoin(erik)
    ticked = {f"question.{n}": "on" for n in range(4)}
    await does(erik, "write", cluster=cluster.id, topic="payments", reply="1", **ticked)
    [drafted] = await groups(erik, State.DRAFTED)
    draft = await draft_of(erik, Part(Kind.ENTRY, drafted.entry_id))
    assert draft
    assert "Nothing new is answered" in await does(erik, "ask-again")

    def published(connection: Connection) -> None:
        number = publish_parts(connection, {draft.part: draft.body})
        drafts.published(connection, draft, draft.body, number)

    await database_of(erik.client).write(published)
    await editing(erik)._swapping.catch_up()
    assert "Some groups are answered" in await does(erik, "ask-again")
    page = await page_of(erik, f"{PAGE}?state=closed")
    assert "From the first miss to the answer" in page and "version 2" in page
    assert re.search(r"Median time from the first miss to an answer: \d+ (days|h)", page)


async def test_only_editors_come_here_and_nonsense_is_refused(erik: Staff) -> None:
    cluster = await bitcoin(erik)
    for fields in ({}, {"cluster": "x" * 400}, {"cluster": cluster.id, "topic": "nonsense"}):
        assert (await erik.post(f"{PAGE}/write", fields)).status == 400
    nobody = {"cluster": "nobody", "topic": "payments", "question.0": "on"}
    assert (await erik.post(f"{PAGE}/write", nobody)).status == 400
    database = database_of(erik.client)
    async with signed_in(erik.client, database, Role.HELPDESK_AGENT) as henry:
        assert (await henry.get(PAGE)).status == 403
        assert (await henry.post(f"{PAGE}/not-ours", {"cluster": cluster.id})).status == 403
