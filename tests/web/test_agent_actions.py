"""What an agent does with a conversation, and when it is refused."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from accounts.models import Role
from tests.cast import titles
from tests.product import Clock
from tests.staff import database_of, signed_in
from tests.web.agents import AgentPage, House, house


@pytest.fixture
async def home(sqlite_url: str, clock: Clock) -> AsyncIterator[House]:
    async with house(sqlite_url, clock) as made:
        yield made


async def test_it_is_taken_answered_and_resolved(home: House) -> None:
    handoff = await home.asks()
    assert await home.mei.ids("unassigned") == [handoff]
    taken = await home.mei.does(handoff, "claim")
    assert taken["detail"]["agent"]["name"] == "Mei Lin"
    assert await home.mei.ids("unassigned") == []
    assert await home.mei.ids("mine") == [handoff]
    number = await home.mei.says(handoff, "Hello, Mei here.")
    lines = (await home.mei.opens(handoff))["lines"]
    assert [line["text"] for line in lines if line["n"] == number] == ["Hello, Mei here."]
    while (heard := await home.carla.hears())["text"] != "Hello, Mei here.":
        pass
    assert heard["channelData"]["author"] == "agent"
    done = await home.mei.does(handoff, "resolve", disposition="answered")
    assert done["detail"]["status"] == "resolved"
    assert await home.mei.ids("resolved") == [handoff]


async def test_the_customer_ends_it(home: House) -> None:
    handoff = await home.asks()
    await home.mei.does(handoff, "claim")
    joined = await home.carla.hears()
    assert titles(joined) == ["End this conversation"]
    assert "You have ended this conversation" in (await home.carla.says("结束对话"))["text"]
    assert (await home.carla.hears())["channelData"]["rateHelp"] == handoff
    detail = (await home.mei.opens(handoff))["detail"]
    assert (detail["status"], detail["disposition"]) == ("resolved", "customer")


async def test_who_comes_second_is_told_who_was_first(home: House) -> None:
    handoff = await home.asks()
    await home.mei.does(handoff, "claim")
    refused = await home.ada.tries(handoff, "claim")
    assert refused.status == 409
    assert await refused.json() == {
        "error": {"code": "AlreadyClaimed", "message": "Mei Lin has taken this conversation."}
    }


async def test_of_fifty_claims_at_once_one_has_it_and_the_others_name_the_owner(
    home: House,
) -> None:
    handoff = await home.asks()
    async with AsyncExitStack() as stack:
        people = [
            await stack.enter_async_context(
                signed_in(
                    home.client, database_of(home.client), Role.BILLING_ADMIN, name=f"Agent {n}"
                )
            )
            for n in range(50)
        ]
        claims = (AgentPage(person).tries(handoff, "claim") for person in people)
        answers = await asyncio.gather(*claims)
    assert sorted(answer.status for answer in answers) == [200] + [409] * 49
    owner = (await home.mei.opens(handoff))["detail"]["agent"]["name"]
    refused = [await answer.json() for answer in answers if answer.status == 409]
    message = f"{owner} has taken this conversation."
    assert {each["error"]["message"] for each in refused} == {message}


async def test_who_writes_again_is_back_with_the_same_agent(home: House) -> None:
    handoff = await home.asks()
    at_the_desk = {"availability": "available", "capacity": 5}
    await home.mei.staff.post("/agent/presence", accept="application/json", json=at_the_desk)
    await home.mei.does(handoff, "claim")
    await home.mei.does(handoff, "resolve", disposition="answered")
    await home.carla.sends("One more thing about that payment: is there a receipt?")
    while "Mei Lin takes over from here" not in (await home.carla.hears())["text"]:
        pass
    assert await home.handoff() == handoff
    assert await home.mei.ids("mine") == [handoff]


async def test_what_is_sent_again_with_its_id_is_said_once(home: House) -> None:
    handoff = await home.asks()
    await home.mei.does(handoff, "claim")
    numbers = {await home.mei.says(handoff, "Once.", "the-same-id") for _ in range(3)}
    assert len(numbers) == 1
    lines = (await home.mei.opens(handoff))["lines"]
    [own] = [line for line in lines if line["text"] == "Once."]
    assert own["client"] == "the-same-id"
    [seen_by_ada] = [
        line for line in (await home.ada.opens(handoff))["lines"] if line["text"] == "Once."
    ]
    assert seen_by_ada["client"] == ""


async def test_a_note_is_read_by_colleagues_and_by_no_customer(home: House) -> None:
    handoff = await home.asks()
    await home.ada.does(handoff, "note", text="Careful, <b>contract</b>.", client=str(uuid.uuid4()))
    detail = (await home.mei.opens(handoff))["detail"]
    assert [note["text"] for note in detail["notes"]] == ["Careful, <b>contract</b>."]
    assert await home.rows("SELECT 1 FROM activities WHERE body LIKE '%%contract%%'") == []
    for kind in ("txt", "json"):
        transcript = await home.mei.asks_for(handoff, f"/transcript.{kind}")
        assert "contract" not in await transcript.text()


async def test_nothing_is_said_by_who_has_not_taken_it(home: House) -> None:
    handoff = await home.asks()
    refused = await home.mei.tries(handoff, "say", text="Hello", client=str(uuid.uuid4()))
    assert (await refused.json())["error"]["code"] == "TakeFirst"
    await home.ada.does(handoff, "claim")
    refused = await home.mei.tries(handoff, "say", text="Hello", client=str(uuid.uuid4()))
    assert (refused.status, (await refused.json())["error"]["code"]) == (409, "NotYours")
    await home.ada.does(handoff, "resolve", disposition="other")
    refused = await home.ada.tries(handoff, "say", text="Hello", client=str(uuid.uuid4()))
    assert (refused.status, (await refused.json())["error"]["code"]) == (409, "NotOpen")


async def test_it_is_given_to_a_colleague_who_answers_customers(home: House) -> None:
    handoff = await home.asks()
    await home.mei.does(handoff, "claim")
    done = await home.mei.does(handoff, "assign", person=home.raj.staff.person.id)
    assert done["detail"]["agent"]["name"] == "Raj Patel"
    assert await home.raj.ids("mine") == [handoff]
    refused = await home.raj.tries(handoff, "assign", person="nobody")
    assert refused.status == 409


async def test_it_is_given_back_to_the_queue_of_a_role(home: House) -> None:
    handoff = await home.asks()
    await home.mei.does(handoff, "claim")
    done = await home.mei.does(handoff, "queue", role="helpdesk_agent")
    assert done["detail"] is None
    assert await home.raj.ids("unassigned") == [handoff]
    assert await home.mei.ids("all") == []
    assert (await home.mei.tries(handoff, "claim")).status == 404
    assert (await home.raj.tries(handoff, "queue", role="emperor")).status == 409


async def test_it_is_given_back_to_the_assistant(home: House) -> None:
    handoff = await home.asks()
    await home.mei.does(handoff, "claim")
    done = await home.mei.does(handoff, "bot")
    assert (done["detail"]["status"], done["detail"]["disposition"]) == ("resolved", "bot")


async def test_it_is_snoozed_until_a_time_to_come(home: House, clock: Clock) -> None:
    handoff = await home.asks()
    await home.mei.does(handoff, "claim")
    past = (clock.now - timedelta(minutes=1)).isoformat()
    assert (await home.mei.tries(handoff, "snooze", until=past)).status == 409
    await home.mei.does(handoff, "snooze", until=(clock.now + timedelta(hours=1)).isoformat())
    assert await home.mei.ids("mine") == []
    assert await home.mei.ids("snoozed") == [handoff]
    await home.carla.sends("Are you there?")
    assert await home.mei.ids("mine") == [handoff]


async def test_priority_and_labels_are_set(home: House) -> None:
    handoff = await home.asks()
    await home.mei.does(handoff, "priority", priority=2)
    done = await home.mei.does(handoff, "labels", labels=["vip", " card ", "vip"])
    assert (done["detail"]["priority"], done["detail"]["labels"]) == (2, ["card", "vip"])
    history = [change["action"] for change in done["detail"]["history"]]
    assert history == ["request", "priority", "labels"]


async def test_it_is_escalated_followed_and_listed_with_its_age(home: House, clock: Clock) -> None:
    handoff = await home.asks()
    await home.mei.does(handoff, "claim")
    case = await (await home.mei.asks_for(handoff, "/case")).json()
    assert case["vehicles"][0]["ours"]
    assert home.carla.conversation in case["facts"]
    assert "SHA-256" in case["facts"]
    way = case["vehicles"][0]["id"]
    done = await home.mei.does(handoff, "escalate", vehicle=way, reference="26", asked="Why?")
    [escalation] = done["detail"]["escalations"]
    assert (escalation["reference"], escalation["status"]) == ("26", "open")
    clock.goes_on(timedelta(minutes=20))
    [row] = (await home.mei.listed(view="escalated"))["rows"]
    assert row["escalatedAt"] == escalation["at"]
    body = {"escalation": escalation["id"], "status": "closed", "reference": "26-1"}
    done = await home.mei.does(handoff, "escalation", **body)
    last = done["detail"]["history"][-1]
    assert (last["action"], last["name"]) == ("escalation", "Mei Lin")
    assert (last["details"]["was"], last["details"]["became"]) == ("open", "closed")
    assert done["detail"]["escalations"][0]["reference"] == "26-1"
    assert await home.mei.ids("escalated") == []
    refused = await home.mei.tries(handoff, "escalate", vehicle="pigeon", asked="Why?")
    assert refused.status == 409


async def test_an_escalation_is_followed_in_its_own_conversation_only(home: House) -> None:
    handoff = await home.asks()
    done = await home.mei.does(handoff, "escalate", vehicle="commercial", asked="Why?")
    escalation = done["detail"]["escalations"][0]["id"]
    body = {"escalation": escalation.replace(handoff, "other|1"), "status": "closed"}
    assert (await home.mei.tries(handoff, "escalation", **body)).status == 409


async def test_a_reply_is_proposed_for_the_knowledge_base_once(home: House) -> None:
    handoff = await home.asks()
    body = {"question": "Can I pay by cheque?", "answer": "No.", "language": "en"}
    for _ in range(2):
        await home.mei.does(handoff, "propose", client="proposal-1", **body)
    [row] = await home.rows("SELECT question, answer, person_name, status FROM proposals")
    assert tuple(row.values()) == ("Can I pay by cheque?", "No.", "Mei Lin", "open")


async def test_what_failed_is_sent_again_and_nothing_else(home: House) -> None:
    handoff = await home.asks()
    await home.mei.does(handoff, "claim")
    number = await home.mei.says(handoff, "Hello")
    assert (await home.mei.tries(handoff, "send-again", number=number)).status == 409


async def test_somebody_else_s_conversations_are_as_if_they_were_not(home: House) -> None:
    handoff = await home.asks()
    wrong = await home.raj.tries("nothing|1", "claim")
    for answer in (
        await home.raj.tries(handoff, "claim"),
        await home.raj.tries(handoff, "note", text="x", client=str(uuid.uuid4())),
        await home.raj.asks_for(handoff),
        await home.raj.asks_for(handoff, "/replies"),
        await home.raj.asks_for(handoff, "/case"),
        await home.raj.asks_for(handoff, "/transcript"),
        await home.raj.asks_for(handoff, "/transcript.txt"),
        await home.raj.asks_for(handoff, "/transcript.json"),
    ):
        assert (answer.status, await answer.json()) == (404, await wrong.json())


BAD: list[tuple[str, dict[str, object]]] = [
    ("say", {"text": "", "client": "12345678"}),
    ("say", {"text": "x" * 4001, "client": "12345678"}),
    ("say", {"text": "x", "client": "no spaces"}),
    ("say", {"text": "x", "client": "12345678", "agent_id": "me"}),
    ("say", {"text": ["x"], "client": "12345678"}),
    ("claim", {"agent": "me"}),
    ("priority", {"priority": 9}),
    ("priority", {"priority": True}),
    ("labels", {"labels": ["x"] * 21}),
    ("snooze", {"until": "tomorrow"}),
    ("snooze", {"until": "2026-11-24T09:00:00"}),
    ("propose", {"question": "x", "answer": "x", "language": "fr", "client": "12345678"}),
]


async def test_bodies_that_are_not_as_they_should_be_are_refused(home: House) -> None:
    handoff = await home.asks()
    for action, body in BAD:
        refused = await home.mei.tries(handoff, action, **body)
        assert refused.status == 400, (action, body)
        assert set((await refused.json())["error"]) == {"code", "message"}
    assert len(await home.rows("SELECT 1 FROM handoff_changes")) == 1


async def test_unknown_actions_and_dispositions_are_refused(home: House) -> None:
    handoff = await home.asks()
    assert (await home.mei.tries(handoff, "explode")).status == 404
    await home.mei.does(handoff, "claim")
    assert (await home.mei.tries(handoff, "resolve", disposition="bored")).status == 409


async def test_a_change_comes_from_our_own_pages_only(home: House) -> None:
    handoff = await home.asks()
    staff = home.mei.staff
    for headers in (
        {"Origin": "https://evil.example"},
        {"X-CSRF-Token": "wrong"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        answer = await staff.post(
            f"/agent/handoffs/{handoff}/claim".replace("|", "%7C"),
            accept="application/json",
            json={},
            headers=headers,
        )
        assert answer.status == 403
    assert await home.mei.ids("unassigned") == [handoff]


async def test_presence_is_set_and_seen_by_colleagues(home: House) -> None:
    body = {"availability": "away", "capacity": 3}
    answer = await home.mei.staff.post("/agent/presence", accept="application/json", json=body)
    assert answer.status == 200
    people = {each["name"]: each for each in (await home.ada.listed())["people"]}
    assert (people["Mei Lin"]["availability"], people["Mei Lin"]["capacity"]) == ("away", 3)
    assert not people["Raj Patel"]["connected"]
    bad = {"availability": "asleep", "capacity": 3}
    answer = await home.mei.staff.post("/agent/presence", accept="application/json", json=bad)
    assert answer.status == 400


async def test_replies_are_in_the_customer_s_language(home: House) -> None:
    handoff = await home.asks()
    answer = await (
        await home.mei.asks_for(handoff, "/replies", q="How can I pay my invoice?")
    ).json()
    assert answer["replies"][0]["confidence"] > 0.3
    assert "bank" in " ".join(reply["text"] for reply in answer["replies"]).lower()
    suggested = await (await home.mei.asks_for(handoff, "/replies")).json()
    assert suggested["for"].startswith("I want to talk")
    chinese = await (await home.mei.asks_for(handoff, "/replies", q="付款", language="zh")).json()
    assert any("付款" in reply["title"] for reply in chinese["replies"])
    nothing = await (await home.mei.asks_for(handoff, "/replies", q="fjdksl fjdkl")).json()
    assert all((reply["confidence"] or 0) < 0.3 for reply in nothing["replies"])


async def test_the_transcript_is_a_file_and_whole(home: House) -> None:
    handoff = await home.asks()
    answer = await home.mei.asks_for(handoff, "/transcript.json")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="transcript-')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    whole = await answer.json()
    assert whole["count"] == len(whole["activities"])
    text = await (await home.mei.asks_for(handoff, "/transcript.txt")).text()
    assert f"{whole['count']} of {whole['of']}" in text
    shown = await (await home.mei.asks_for(handoff, "/transcript")).json()
    assert shown == {name: whole[name] for name in ("count", "of", "sha256")}
