"""Carla asks on a web page: whole conversations through the real entry points."""

import asyncio
import json
from datetime import timedelta

import pytest

from app import DATABASE
from conversations import log, metrics
from conversations.metrics import Scope
from conversations.models import Owner
from handoff.customers import Customers
from knowledge.answers import Answers
from knowledge.matcher import Matcher
from storage.database import Connection, Row, StorageError
from tests.cast import Carla, titles
from tests.product import MONDAY_MORNING, SUNDAY, Client, Clock, Start
from tests.staff import database_of


async def test_she_is_greeted_once_and_told_it_is_not_a_person(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        greeting = await carla.hears()
        assert "a program, not a person" in greeting["text"]
        assert "You can ask for a person at any time" in greeting["text"]
        assert len(titles(greeting)) == 4


async def test_she_is_greeted_in_chinese_when_her_browser_is(client: Client) -> None:
    async with Carla.arrives(client, locale="zh-CN") as carla:
        assert "不是真人" in (await carla.hears())["text"]


async def test_she_asks_presses_a_button_and_rates(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        answer = await carla.says("when is my invoice due")
        assert "**30 days**" in answer["text"]
        assert answer["channelData"]["feedbackLoopEnabled"]
        assert titles(answer)[-2:] == ["Helpful", "Not helpful"]
        follow_up = await carla.says(titles(answer)[0])
        assert follow_up["text"] != answer["text"]
        thanks = await carla.rates(answer, "positive")
        assert "Thank you" in thanks["text"]
    (rating,) = await _rows(client, "SELECT * FROM ratings")
    assert (rating["entry_id"], rating["version"], rating["rating"]) == (
        "payment-due",
        1,
        "positive",
    )


async def test_the_same_conversation_in_chinese(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        answer = await carla.says("账单什么时候到期？")
        assert "30" in answer["text"] and "账单" in answer["text"]
        assert answer["locale"] == "zh"
        changed = await carla.says("English")
        assert "English it is" in changed["text"]


async def test_nobody_knows_so_a_person_is_offered_with_hours_and_contacts(
    client: Client, clock: Clock
) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        miss = await carla.says("can you recommend a good pasta recipe for tonight")
        assert "I have no answer to that" in miss["text"]
        assert "here now" in miss["text"]
        assert "billing@harbourlight.example" in miss["text"]
        promise = await carla.says("yes please")
        assert "You are number 1 in the queue" in promise["text"]
        assert "nobody is at the desk right now" in promise["text"]
        clock.goes_on(timedelta(minutes=1))
        again = await carla.says("talk to a human")
        assert "is noted" in again["text"] and "number 1" in again["text"]
        meanwhile = await carla.says("when is my invoice due")
        assert "30 days" in meanwhile["text"]
    (handoff,) = await _rows(client, "SELECT * FROM handoffs")
    assert handoff["reason"] == "no_match"
    details = json.loads(handoff["details"])
    assert details["question"] == "can you recommend a good pasta recipe for tonight"
    assert details["language"] == "en"
    (missed,) = await _rows(client, "SELECT * FROM missed_questions")
    assert (missed["question"], missed["kind"]) == (details["question"], "handoff")


async def test_a_person_after_an_answer_is_no_second_question(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        await carla.says("when is my invoice due")
        await carla.says("talk to a human")
    (missed,) = await _rows(client, "SELECT * FROM missed_questions")
    assert (missed["kind"], missed["given"]) == ("handoff", "payment-due")
    now = MONDAY_MORNING
    scope = Scope(now - timedelta(days=1), now + timedelta(days=1))
    [episode] = (await database_of(client).read(metrics.report, scope, {})).episodes
    assert (episode.questions, episode.missed, len(episode.handoffs)) == (1, 0, 1)


async def test_out_of_hours_the_promise_changes(client: Client, clock: Clock) -> None:
    clock.now = SUNDAY
    async with Carla.arrives(client) as carla:
        await carla.hears()
        promise = await carla.says("talk to a human")
        assert "Monday, 23 November 2026, 09:00" in promise["text"]


async def test_a_bad_answer_is_rated_and_a_person_offered(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        answer = await carla.says("when is my invoice due")
        offer = await carla.rates(answer, "negative")
        assert "Shall I ask a person" in offer["text"]


async def test_a_card_number_is_nowhere_afterwards(client: Client) -> None:
    card = "4111 1111-1111 １１１１"
    async with Carla.arrives(client) as carla:
        await carla.hears()
        warning = await carla.says(f"please charge {card} for my invoice")
        assert "removed a card number" in warning["text"]
        assert not any("4111" in json.dumps(activity) for activity in carla.heard)
    for table in ("conversations", "activities", "outbox", "handoffs", "ratings"):
        assert "4111" not in json.dumps(await _rows(client, f"SELECT * FROM {table}"))


async def test_the_same_message_three_times_at_once_is_answered_once(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        data = {"channelData": {"clientActivityID": "one"}}
        sent = (carla.sends("When is my invoice due?", **data) for _ in range(3))
        assert len(set(await asyncio.gather(*sent))) == 1
        await carla.hears()
        await carla.says("bye")
        asked = [a for a in carla.heard if a.get("text") == "When is my invoice due?"]
        replies = [a for a in carla.heard if "30 days" in a.get("text", "")]
        assert (len(asked), len(replies)) == (1, 1)


async def test_while_an_agent_owns_the_conversation_the_bot_is_silent(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        database = client.app[DATABASE]
        await database.write(log.set_owner, carla.conversation, Owner.AGENT)
        await carla.sends("when is my invoice due")
        await database.write(log.set_owner, carla.conversation, Owner.BOT)
        goodbye = await carla.says("goodbye")
        assert "30 days" not in goodbye["text"]
        said = [(each["from"]["role"], each["text"]) for each in carla.heard[1:]]
        assert said == [
            ("user", "when is my invoice due"),
            ("user", "goodbye"),
            ("bot", goodbye["text"]),
        ]


async def test_what_was_said_is_there_after_a_restart(start: Start, clock: Clock) -> None:
    first = await start()
    async with Carla.arrives(first) as carla:
        await carla.hears()
        await carla.says("when is my invoice due")
        said = len(carla.heard)
    await first.close()
    clock.goes_on(timedelta(minutes=5))
    second = await start()
    rows = await _rows(second, "SELECT * FROM activities")
    assert len(rows) == said + 1  # and the customer's arrival, which clients never see


async def test_a_failing_matcher_is_an_apology_with_the_contacts(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        monkeypatch.setattr(Matcher, "match", _broken)
        sorry = await carla.says("When is my invoice due?")
        assert "something went wrong" in sorry["text"]
        assert "billing@harbourlight.example" in sorry["text"]
        promise = await carla.says("yes please")
        assert "You are number 1 in the queue" in promise["text"]


@pytest.mark.parametrize("words", ["talk to a human", "转人工", "Can I talk to a person?"])
async def test_a_person_is_reached_while_nothing_can_be_matched(
    client: Client, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        monkeypatch.setattr(Matcher, "match", _broken)
        promise = await carla.says(words)
        assert "number 1" in promise["text"] or "第 1 位" in promise["text"]
        await carla.says("Stop waiting")
    (handoff,) = await _rows(client, "SELECT * FROM handoffs")
    assert (handoff["reason"], handoff["status"]) == ("asked", "abandoned")


def _broken(*_: object) -> None:
    raise RuntimeError("no vectors today")


async def test_a_template_that_fails_is_an_apology_too(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        monkeypatch.setattr(Answers, "answer", _broken)
        assert "something went wrong" in (await carla.says("When is my invoice due?"))["text"]


async def test_storage_that_fails_refuses_the_message_and_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        monkeypatch.setattr(client.app[DATABASE], "write", _no_storage)
        refused = await carla.tries_to_send("When is my invoice due?")
        assert refused.status == 503
        assert (await refused.json())["error"]["message"].startswith("Your message could not be")
        monkeypatch.undo()
        assert "30 days" in (await carla.says("When is my invoice due?"))["text"]


async def _no_storage(*_: object) -> None:
    raise StorageError("disk full", retryable=True)


async def _rows(client: Client, sql: str, **params: object) -> list[Row]:
    def rows(connection: Connection) -> list[Row]:
        return connection.execute(sql, **params)

    return await client.app[DATABASE].read(rows)


async def test_a_rating_of_somebody_elses_help_changes_nothing(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        forged = {"action": "rate_help", "handoff": "nobody|1", "score": 1}
        await carla.sends(value=forged, channelData={"postBack": True})
        assert "30 days" in (await carla.says("when is my invoice due"))["text"]
    assert await _rows(client, "SELECT * FROM help_ratings") == []


async def test_what_cannot_be_granted_ends_in_an_apology_and_not_in_silence(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Customers, "grant", fail)
    async with Carla.arrives(client) as carla:
        await carla.hears()
        assert "something went wrong" in (await carla.says("talk to a human"))["text"]
    assert await _rows(client, "SELECT * FROM pending_turns") == []
