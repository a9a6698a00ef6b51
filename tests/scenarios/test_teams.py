"""Tom asks in Teams: signed activities in, the bot's own posts out."""

import asyncio
from typing import Any

import pytest

from app import DATABASE
from knowledge.matcher import Matcher
from storage.database import Connection, Row
from tests.bot.channel import BOT, Channel, Trouble
from tests.cast import Tom, titles
from tests.product import Client


async def test_he_asks_and_gets_the_answer_with_its_choices_on_a_card(
    teams_client: Client, channel: Channel
) -> None:
    tom = Tom(teams_client, channel)
    (answer,) = await tom.says("When is my invoice due?")
    assert "**30 days**" in answer["text"]
    assert answer["channelData"]["feedbackLoopEnabled"] is True
    assert "What happens if I pay late?" in titles(answer)
    assert answer["recipient"]["id"] == "29:ann"
    (follow_up,) = await tom.says(titles(answer)[0])
    assert follow_up["text"] != answer["text"]


async def test_he_is_greeted_when_the_bot_is_added_and_only_then(
    teams_client: Client, channel: Channel
) -> None:
    tom = Tom(teams_client, channel)
    joined: dict[str, Any] = {"type": "conversationUpdate"}
    assert await tom.sends(membersAdded=[{"id": "29:somebody"}], **joined) == 202
    (greeting,) = await tom.says("", membersAdded=[BOT], **joined)
    assert "a program, not a person" in greeting["text"]


async def test_the_mention_of_the_bot_is_no_part_of_the_question(
    teams_client: Client, channel: Channel
) -> None:
    mention = {"type": "mention", "text": "<at>Billing Bot</at>", "mentioned": BOT}
    (answer,) = await Tom(teams_client, channel).says(
        "<at>Billing Bot</at>&nbsp;账单什么时候到期？", entities=[mention]
    )
    assert "30" in answer["text"] and answer["locale"] == "zh"


async def test_redelivered_three_times_at_once_he_is_answered_once(
    teams_client: Client, channel: Channel
) -> None:
    tom = Tom(teams_client, channel)
    twice = [tom.sends("When is my invoice due?", id="a:same") for _ in range(3)]
    assert await asyncio.gather(*twice) == [202, 202, 202]
    await channel.arrived(1)
    await tom.says("goodbye")
    assert ["30 days" in sent.body["text"] for sent in channel.sent] == [True, False]
    messages = await _rows(teams_client, "SELECT * FROM activities WHERE author = 'customer'")
    assert len(messages) == 2


async def test_what_he_edits_and_withdraws_is_kept_once_beside_what_he_said(
    teams_client: Client, channel: Channel
) -> None:
    tom = Tom(teams_client, channel)
    await tom.says("When is my invoice due?", id="a:one")
    for _ in range(2):
        edit = {"type": "messageUpdate", "id": "a:one", "timestamp": "2026-11-22T08:01:00Z"}
        assert await tom.sends("When is invoice 4111 1111 1111 1111 due?", **edit) == 202
    gone = {"type": "messageDelete", "id": "a:one", "timestamp": "2026-11-22T08:02:00Z"}
    assert await tom.sends("", **gone) == 202
    kept = "SELECT type, body FROM activities WHERE author = 'customer' ORDER BY number"
    rows = await _rows(teams_client, kept)
    assert [row["type"] for row in rows] == ["message", "messageUpdate", "messageDelete"]
    assert "4111" not in rows[1]["body"]


async def test_what_is_too_long_is_not_even_matched(
    teams_client: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(Matcher, "match", lambda _, questions: asked.append(questions))
    (refused,) = await Tom(teams_client, channel).says("invoice? " * 500)
    assert "too long" in refused["text"]
    assert asked == []


async def test_his_rating_is_kept_for_the_answer_it_stands_under(
    teams_client: Client, channel: Channel
) -> None:
    tom = Tom(teams_client, channel)
    await tom.says("When is my invoice due?")
    await tom.says("Can I get a copy of an invoice?")
    first = await _rows(teams_client, "SELECT remote_id FROM outbox ORDER BY number")
    value: dict[str, Any] = {
        "actionName": "feedback",
        "actionValue": {"reaction": "dislike", "feedback": '{"feedbackText":"too vague"}'},
    }
    (offer,) = await tom.says(
        "",
        type="invoke",
        name="message/submitAction",
        value=value,
        replyToId=first[0]["remote_id"],
    )
    assert "Shall I ask a person" in offer["text"]
    (rating,) = await _rows(teams_client, "SELECT * FROM ratings")
    assert (rating["entry_id"], rating["rating"], rating["comment"]) == (
        "payment-due",
        "negative",
        "too vague",
    )


async def test_a_reply_the_channel_may_have_is_not_sent_again(
    teams_client: Client, channel: Channel
) -> None:
    tom = Tom(teams_client, channel)
    channel.troubles.append(Trouble(fault="taken_then_reset"))
    await tom.says("When is my invoice due?")
    await tom.says("goodbye")
    statuses = await _rows(teams_client, "SELECT status FROM outbox ORDER BY number")
    assert [row["status"] for row in statuses][0] == "unknown"
    assert len([s for s in channel.sent if "30 days" in s.body["text"]]) == 1


async def test_a_busy_channel_gets_it_later(teams_client: Client, channel: Channel) -> None:
    channel.troubles.append(Trouble(status=429, headers={"Retry-After": "0"}))
    (answer,) = await Tom(teams_client, channel).says("When is my invoice due?")
    assert "30 days" in answer["text"]


async def test_an_unknown_invoke_is_refused_and_not_kept(
    teams_client: Client, channel: Channel
) -> None:
    tom = Tom(teams_client, channel)
    assert await tom.sends("", type="invoke", name="something/else") == 501
    assert await _rows(teams_client, "SELECT * FROM activities") == []


async def _rows(client: Client, sql: str) -> list[Row]:
    def rows(connection: Connection) -> list[Row]:
        return connection.execute(sql)

    return await client.app[DATABASE].read(rows)
