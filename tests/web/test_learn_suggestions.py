"""What is suggested, taken or left, and help with writing, over HTTP."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from handoff import proposals
from knowledge import drafts
from knowledge.drafts import Draft
from knowledge.entry import Entry
from knowledge.learning.missed import Miss
from knowledge.parts import Kind, Part
from knowledge.suggestions import ModelError
from tests.knowledge.editing import publish_parts
from tests.product import MONDAY_MORNING
from tests.staff import Staff, database_of
from tests.web.learning import BITCOIN, Told, editor, page_of, tell
from web.learn_model import ChatModel

PAGE = "/editor/suggestions"
PHRASING = json.dumps(["payment-methods", "en", "settle the bill how"])
PROPOSAL = json.dumps(["p-mei|client-0001"])
ENTRY = Part(Kind.ENTRY, "payment-methods")


@pytest.fixture
async def erik(database_url: str) -> AsyncIterator[Staff]:
    async with editor(database_url) as erik:
        yield erik


async def does(erik: Staff, action: str, *picks: str, page: str = PAGE, **fields: str) -> str:
    ticked = {f"pick.{n}": pick for n, pick in enumerate(picks)}
    response = await erik.post(f"{page}/{action}", {**ticked, **fields})
    assert response.status == 200
    return await response.text()


async def open_drafts(erik: Staff) -> Mapping[str, Draft]:
    found = await database_of(erik.client).read(drafts.all_open)
    return {each.part.id: each for each in found}


async def test_phrasings_come_first_and_proposals_in_the_same_list(erik: Staff) -> None:
    page = await page_of(erik, PAGE)
    assert page.index("settle the bill how") < page.index("怎么把钱退回来") < page.index(BITCOIN)
    assert "2 times" in page and "Proposed by Mei Lin" in page


async def test_both_kinds_are_accepted_at_once_and_it_can_be_undone(erik: Staff) -> None:
    page = await does(erik, "accept", PHRASING, PROPOSAL)
    assert "2 accepted" in page and "settle the bill how</span>" not in page
    found = await open_drafts(erik)
    assert found["payment-methods"].body["questions"]["en"][-1] == "settle the bill how"
    [written] = [each for each in found.values() if each.part.id != "payment-methods"]
    assert written.body["questions"] == {"en": [BITCOIN]}
    assert written.body["topic"] == "payments" and "Bitcoin" in written.body["answer"]["en"]
    assert written.body["owner"] == "billing_admin"
    page = await does(erik, "undo", PHRASING, PROPOSAL)
    assert "settle the bill how</span>" in page
    assert await open_drafts(erik) == {}
    assert len(await database_of(erik.client).read(proposals.all_open)) == 1


async def test_what_an_entry_that_is_gone_cannot_take_is_said_and_kept(erik: Staff) -> None:
    await database_of(erik.client).write(publish_parts, {ENTRY: None})
    gone = json.dumps(["refund", "en", "money back how long"])
    page = await does(erik, "accept", PHRASING, gone)
    assert "1 accepted" in page and "1 could not be taken" in page
    assert "<li>settle the bill how</li>" in page and "settle the bill how</span>" in page
    assert set(await open_drafts(erik)) == {"refund"}


async def test_it_is_said_whether_the_entry_was_taken_or_only_came_first(erik: Staff) -> None:
    told = Told("n1", "refund when then", 1, kind=Miss.ASKED_BACK)
    await database_of(erik.client).write(tell, told, MONDAY_MORNING)
    page = await page_of(erik, PAGE)
    assert page.index("customers took it") < page.index("refund when then")
    assert page.index("refund when then") < page.index("and none was taken") < page.index(BITCOIN)


async def test_what_is_dismissed_does_not_come_back_by_itself(erik: Staff) -> None:
    page = await does(erik, "dismiss", PHRASING, PROPOSAL)
    assert "2 dismissed" in page
    page = await page_of(erik, PAGE)
    assert "settle the bill how" not in page and "Mei Lin" not in page
    assert await open_drafts(erik) == {}


async def test_nonsense_is_refused(erik: Staff) -> None:
    for pick in ("{", "[1]", '["a","b"]', "null"):
        assert (await erik.post(f"{PAGE}/accept", {"pick.0": pick})).status == 400
    assert (await erik.get("/editor/writing?entry=nobody")).status == 404


async def test_an_entrys_own_words_are_suggested_and_taken(erik: Staff) -> None:
    page = await page_of(erik, "/editor/writing?entry=payment-methods")
    assert "How to pay my invoice?" in page and "Said differently" in page
    assert "Ask the model" not in page
    picked = json.dumps(["en", "How can I settle my bill?"])
    page = await does(erik, "take", picked, page="/editor/writing", entry="payment-methods")
    assert "1 put into the draft" in page
    draft = (await open_drafts(erik))["payment-methods"]
    assert draft.body["questions"]["en"][-1] == "How can I settle my bill?"


class Loopback:
    """An interface like the one of a model on the operator's machine."""

    def __init__(self) -> None:
        self.said: Any = json.dumps({"questions": ["Pay how?"], "answer": "By {{ card }}."})
        self.status = 200
        self.heard: list[Any] = []

    async def chat(self, request: web.Request) -> web.Response:
        self.heard.append(await request.json())
        choices = [{"message": {"role": "assistant", "content": self.said}}]
        return web.json_response({"choices": choices}, status=self.status)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.chat)
        async with TestServer(app) as server:
            yield str(server.make_url("/v1"))


async def test_a_model_only_proposes_and_what_is_taken_is_a_draft(sqlite_url: str) -> None:
    loopback = Loopback()
    async with (
        loopback.served() as url,
        editor(sqlite_url, writing_model_url=url, writing_model_name="small") as erik,
    ):
        asked = {"entry": "payment-methods", "language": "en"}
        page = await does(erik, "propose", page="/editor/writing", **asked)
        assert "Pay how?" in page and "By {{ card }}." in page
        assert await open_drafts(erik) == {}
        [heard] = loopback.heard
        assert heard["model"] == "small" and "carla@" not in json.dumps(heard)
        answer = {"answer": "By {{ card }}.", "take_answer": "on", **asked}
        await does(erik, "take", json.dumps(["en", "Pay how?"]), page="/editor/writing", **answer)
        body = (await open_drafts(erik))["payment-methods"].body
        assert body["answer"]["en"] == 'By {{ "{{" }} card }}.\n'


async def test_a_model_that_fails_is_said_and_nothing_else_is_missing(sqlite_url: str) -> None:
    loopback = Loopback()
    async with (
        loopback.served() as url,
        editor(sqlite_url, writing_model_url=url) as erik,
    ):
        for said, status in (("no JSON", 200), ('{"questions": 3}', 200), ("{}", 500)):
            loopback.said, loopback.status = said, status
            asked = {"entry": "payment-methods", "language": "zh"}
            page = await does(erik, "propose", page="/editor/writing", **asked)
            assert "The model did not answer" in page and "How to pay my invoice?" in page


async def test_nobody_at_the_models_address_is_an_error_too() -> None:
    model = ChatModel("http://127.0.0.1:9", "x")
    entry = Entry.model_validate(
        {
            "id": "a",
            "topic": "a",
            "questions": {"en": ["a?"]},
            "answer": {"en": "a"},
            "owner": "a",
            "review_by": "2027-01-01",
        }
    )
    with pytest.raises(ModelError):
        await model.propose(entry, "en")
    await model.close()
