"""Finding, writing and looking at entries, the policy and the messages; and who may not."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.knowledge.samples import shipped
from tests.product import Clock
from tests.web.editors import Json, Room, body_of, room


@pytest.fixture
async def house(sqlite_url: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Room]:
    async with room(sqlite_url, clock, tmp_path) as made:
        yield made


async def test_the_list_is_searched_filtered_and_sorted(house: Room) -> None:
    page = await house.erik.reads("/editor")
    assert all(name in page for name in ("late-fee", "refund", "talk-to-human"))
    found = await house.erik.reads("/editor?q=PERSON+talk")
    assert "/entries/talk-to-human" in found and "/entries/refund" not in found
    by_topic = await house.erik.reads("/editor?topic=conversation")
    assert "/entries/talk-to-human" in by_topic and "/entries/refund" not in by_topic
    upwards = await house.erik.reads("/editor?sort=title")
    downwards = await house.erik.reads("/editor?sort=title&down=1")
    assert upwards.index("/entries/talk-to-human") < upwards.index("/entries/late-fee")
    assert downwards.index("/entries/talk-to-human") > downwards.index("/entries/late-fee")
    assert "Everything that was written is published" in await house.erik.reads(
        "/editor?only=draft"
    )
    assert (await house.erik.staff.get("/editor?sort=x&only=y&most=z&down=9")).status == 200


async def test_filters_tell_what_needs_work(house: Room) -> None:
    missing = body_of(review_by="2026-01-01", answer={"en": "Two per cent."})
    await house.erik.saves("entry/late-fee", missing)
    for only in ("draft", "review_due", "language_missing", "never_matched"):
        page = await house.erik.reads(f"/editor?only={only}")
        assert "/entries/late-fee" in page, only
        assert ("/entries/refund" in page) == (only == "never_matched")
    assert "/entries/talk-to-human" not in await house.erik.reads("/editor?only=never_matched")
    assert "/entries/late-fee" not in await house.erik.reads("/editor?only=archived")
    await house.erik.saves("entry/late-fee", missing, based_on=1, archived=True)
    assert "/entries/late-fee" in await house.erik.reads("/editor?only=archived")
    assert "/entries/late-fee" not in await house.erik.reads("/editor")


async def test_a_new_entry_is_a_draft_from_the_start(house: Room) -> None:
    form = {"title": "Can I pay in Euro?", "topic": "payments", "language": "en"}
    made = await house.erik.staff.post("/editor/entries", form)
    assert (made.status, made.headers["Location"]) == (303, "/editor/entries/can-i-pay-in-euro")
    page = await house.erik.reads("/editor/entries/can-i-pay-in-euro")
    assert "Can I pay in Euro?" in page
    assert (await house.erik.state("entry/can-i-pay-in-euro"))["status"] == "draft"
    again = await house.erik.staff.post("/editor/entries", form)
    assert again.headers["Location"] == "/editor/entries/can-i-pay-in-euro-1"
    chinese = await house.erik.staff.post("/editor/entries", form | {"title": "欧元？"})
    assert chinese.headers["Location"] == "/editor/entries/payments"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": "  "}, "Write the question first"),
        ({"topic": "Über uns"}, "one word of small letters"),
        ({"id": "../etc"}, "small letters, digits and hyphens"),
        ({"id": "x" * 81}, "small letters, digits and hyphens"),
        ({"id": "refund"}, "an entry with this id already"),
    ],
)
async def test_a_new_entry_that_cannot_be_is_refused_with_its_fields_kept(
    house: Room, change: dict[str, str], said: str
) -> None:
    form = {"title": "Can I pay in Euro?", "topic": "payments", "language": "en"} | change
    refused = await house.erik.staff.post("/editor/entries", form)
    assert refused.status == 422
    text = await refused.text()
    assert said in text and f'value="{form["topic"]}"' in text


async def test_what_is_written_is_saved_and_can_be_brought_back(house: Room) -> None:
    first = await house.erik.saves("entry/late-fee", body_of("One."))
    assert (first["revision"], first["status"], first["name"]) == (1, "draft", "Erik Lund")
    await house.erik.saves("entry/late-fee", body_of("Two."), based_on=1)
    assert "Two." in await house.erik.reads("/editor/entries/late-fee")
    history = await house.erik.staff.get("/editor/drafts/entry/late-fee/-/history")
    saves = (await history.json())["revisions"]
    assert [(each["revision"], each["fields"]) for each in saves] == [
        (2, ["Answer · English"]),
        (1, []),
    ]
    gone = await house.erik.does("/editor/drafts/entry/late-fee/-/discard", based_on=2)
    assert (await house.erik.state("entry/late-fee"))["revision"] == 0
    again = await house.erik.saves("entry/late-fee", gone["body"], based_on=gone["revision"])
    assert again["revision"] == 3


async def test_what_was_there_before_a_long_session_is_within_reach(
    house: Room, clock: Clock
) -> None:
    await house.paula.saves("entry/late-fee", body_of("Hers."))
    for number in range(1, 41):
        await house.erik.saves("entry/late-fee", body_of(f"His {number}."), based_on=number)
        clock.goes_on(timedelta(minutes=1))
    assert [each["revision"] for each in (await history_of(house))["revisions"]] == [
        *(41, 30, 19, 8, 1)
    ]
    for number in range(41, 80):
        await house.erik.saves("entry/late-fee", body_of(f"Late {number}."), based_on=number)
        clock.goes_on(timedelta(minutes=11))
    newest = await history_of(house)
    oldest = newest["revisions"][-1]["revision"]
    assert (len(newest["revisions"]), oldest, newest["more"]) == (30, 51, True)
    earlier = await history_of(house, f"?before={oldest}")
    assert [each["revision"] for each in earlier["revisions"][-2:]] == [9, 1]
    assert not earlier["more"]


async def history_of(house: Room, page: str = "") -> Json:
    answer = await house.erik.staff.get(f"/editor/drafts/entry/late-fee/-/history{page}")
    return dict(await answer.json())


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_the_longest_entry_that_may_be_is_saved_and_looked_at(house: Room) -> None:
    most = [f"{number:04}{'逾' * 996}" for number in range(301)]
    longest = body_of("很" * 20_000, questions={"en": most, "zh": most})
    assert (await house.erik.saves("entry/late-fee", longest))["revision"] == 1
    page = await house.erik.reads("/editor/entries/late-fee")
    assert json.dumps(most[300]) in page
    assert "problems" in await house.erik.looks("late-fee", longest)


async def test_the_second_of_two_is_told_who_and_what_and_can_merge(house: Room) -> None:
    await house.erik.saves("entry/late-fee", body_of("Base."))
    await house.paula.saves("entry/late-fee", body_of("Hers.", owner="sales_agent"), based_on=1)
    mine = body_of("Mine.", labels=["fees"])
    refused = await house.erik.tries(
        "/editor/drafts/entry/late-fee", body=mine, based_on=1, version=1
    )
    told = await refused.json()
    assert (refused.status, told["error"]["code"]) == (409, "SavedOver")
    assert (told["theirs"]["name"], told["theirs"]["revision"]) == ("Paula Novak", 2)
    assert set(told["changed"]) == {"answer.en", "owner"}
    [clash] = told["clashes"]
    assert (clash["path"], clash["ours"], clash["theirs"]) == (["answer", "en"], "Mine.", "Hers.")
    assert (told["merged"]["owner"], told["merged"]["labels"]) == ("sales_agent", ["fees"])
    done = await house.erik.saves("entry/late-fee", told["merged"], based_on=2)
    assert done["revision"] == 3


async def test_a_page_hears_of_the_others_save(house: Room) -> None:
    await house.paula.saves("entry/late-fee", body_of("Hers."))
    state = await house.erik.state("entry/late-fee")
    assert (state["revision"], state["name"], state["status"]) == (1, "Paula Novak", "draft")


@pytest.mark.parametrize(
    ("part", "body", "status"),
    [
        ("entry/late-fee", {"nonsense": 1}, 400),
        ("entry/late-fee", {"questions": "all"}, 400),
        ("entry/late-fee", {"answer": {"fr": "Non."}}, 400),
        ("entry/late-fee", {"answer": {"en": "x" * 20_001}}, 400),
        ("entry/late-fee", [], 400),
        ("entry/Late%20Fee", {}, 404),
        ("entry/" + "x" * 81, {}, 404),
        ("entry", {}, 404),
        ("policy/x", {}, 404),
        ("golden", {}, 400),
        ("nothing", {}, 404),
        ("policy", [], 400),
    ],
)
async def test_what_is_no_draft_is_refused(house: Room, part: str, body: Any, status: int) -> None:
    refused = await house.erik.tries(f"/editor/drafts/{part}", body=body, based_on=0, version=1)
    assert refused.status == status


async def test_the_preview_is_what_each_channel_would_show(house: Room) -> None:
    body = body_of("Costs **{{ collections.late_fee.percent | percent }}**.")
    body |= {"follow_ups": ["refund", "nobody"], "needs_account": True}
    seen = (await house.erik.looks("late-fee", body))["previews"]["en"]
    assert seen["web"]["text"] == seen["teams"]["text"] == "Costs **1.5%**."
    web = [each["title"] for each in seen["web"]["suggestedActions"]["actions"]]
    assert web[:2] == ["I want to talk to a person", "Refund?"]
    card = seen["teams"]["attachments"][0]["content"]["buttons"]
    assert [each["title"] for each in card] == ["I want to talk to a person", "Refund?"]


async def test_it_is_seen_at_a_chosen_time(house: Room) -> None:
    body = body_of("{% if open_now %}open{% else %}closed{% endif %}")
    for at, said in (("2026-11-24T10:00", "open"), ("2026-12-25T10:00", "closed")):
        seen = await house.erik.looks("late-fee", body, at=at)
        assert seen["previews"]["en"]["web"]["text"] == said
        assert seen["open"] == (said == "open")


async def test_the_policy_is_checked_and_shows_what_it_would_change(house: Room) -> None:
    page = await house.erik.reads("/editor/policy/collections")
    assert '"path": "collections"' in page
    body = shipped().policy.model_dump(mode="json")
    changed = {**body, "collections": {**body["collections"]}}
    changed["collections"]["late_fee"] = {**body["collections"]["late_fee"], "percent": "2.5"}
    told = await house.erik.does("/editor/policy/look", body=changed)
    assert told["problems"] == []
    assert {(each["id"], each["language"]) for each in told["changed"]} == {
        (entry, language) for entry in ("late-fee", "refund") for language in ("en", "zh")
    }
    lines = told["changed"][0]["lines"]
    assert [line["mark"] for line in lines] == ["-", "+"] and "2.5%" in lines[1]["text"]
    hours = {**body["support"]["hours"], "time_zone": "Mars/Base"}
    wrong = {**body, "support": {**body["support"], "hours": hours}}
    wrong["tax"] = {**body["tax"], "rate_percent": "many"}
    told = await house.erik.does("/editor/policy/look", body=wrong)
    fields = {each["field"] for each in told["problems"]}
    assert fields == {"support.hours.time_zone", "tax.rate_percent"}


async def test_every_section_of_the_policy_has_its_page(house: Room) -> None:
    for section in (
        *("hours", "days", "contacts", "plans", "payment", "collections", "escalation"),
        *("handoff", "support", "invoices", "subscriptions", "partner"),
    ):
        await house.erik.reads(f"/editor/policy/{section}")
    assert (await house.erik.staff.get("/editor/policy/none")).status == 404


async def test_messages_are_looked_at_and_saved(house: Room) -> None:
    await house.erik.reads("/editor/messages")
    texts = {"waiting": {"en": "You are number {{ desk.place }}.", "zh": "{{ desk.nothing }}"}}
    body = {"common_questions": ["refund"], "messages": texts}
    told = await house.erik.does("/editor/messages/look", body=body)
    assert told["shown"]["messages.waiting.en"] == "You are number 2."
    assert {each["field"] for each in told["problems"]} == {"messages.waiting.zh"}
    assert (await house.erik.saves("messages", body))["status"] == "draft"


async def test_trying_tells_what_is_found_and_why(house: Room) -> None:
    asked = await house.erik.does("/editor/try/ask", question="Refund?", of="live")
    assert (asked["band"], asked["matches"][0]["id"]) == ("answer", "refund")
    assert asked["matches"][0]["question"] == "Refund?" and "1.5%" in asked["answer"]
    assert len(asked["matches"]) > 1 and asked["limits"]["answer"] <= 1
    repaired = await house.erik.does("/editor/try/ask", question="late paymnt cost", of="live")
    assert ["paymnt", "payment"] in repaired["repaired"]


async def test_what_should_have_been_becomes_a_phrasing_or_a_golden_question(house: Room) -> None:
    should = "/editor/try/should"
    await house.erik.does(should, question="Money back please", to="refund", **{"as": "phrasing"})
    assert "Money back please" in await house.erik.reads("/editor/entries/refund")
    await house.erik.does(should, question="Is it fine?", to="late-fee", **{"as": "golden"})
    await house.erik.does(should, question="Is it sunny?", to="", **{"as": "golden"})
    await house.erik.does(should, question="Will it rain?", to="", **{"as": "phrasing"})
    page = await house.erik.reads("/editor/golden")
    assert "Is it fine?" in page and "Is it sunny?" in page
    assert (await house.erik.state("out_of_scope"))["status"] == "draft"
    unknown = await house.erik.tries(should, question="Hm?", to="nobody", **{"as": "golden"})
    assert unknown.status == 404


async def test_golden_questions_are_added_searched_and_removed(house: Room) -> None:
    await house.erik.does("/editor/golden/add", question="Fine?", expected=["late-fee"])
    assert "Fine?" in await house.erik.reads("/editor/golden?entry=late-fee")
    assert "Fine?" not in await house.erik.reads("/editor/golden?q=refund")
    await house.erik.does("/editor/golden/remove", question="Fine?")
    assert "Fine?" not in await house.erik.reads("/editor/golden")
    assert (await house.erik.tries("/editor/golden/remove", question="Fine?")).status == 404
    unknown = await house.erik.tries("/editor/golden/add", question="Hm?", expected=["nobody"])
    assert unknown.status == 422


async def test_agents_do_not_write(house: Room) -> None:
    for path in ("", "/try", "/golden", "/policy", "/messages", "/publish", "/versions"):
        refused = await house.henry.staff.get(f"/editor{path}")
        assert refused.status == 403, path
    refused = await house.henry.tries(
        "/editor/drafts/entry/late-fee", body=body_of(), based_on=0, version=1
    )
    assert refused.status == 403
