"""What comes in at /api/messages and what goes out to Teams."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from botbuilder.core import MessageFactory, TurnContext
from botbuilder.schema import Activity, ConversationParameters, ConversationReference, Entity

from bot import teams as teams_module
from bot.inbound import InvokeAnswer
from bot.mentions import strip_mentions
from bot.teams import TeamsChannel, teams_routes
from tests.bot.channel import APP_ID, BOT, Trouble
from tests.bot.conftest import Bot, Recorder


def reference(bot: Bot) -> dict[str, Any]:
    activity = bot.channel.activity()
    return {
        "serviceUrl": activity["serviceUrl"],
        "channelId": activity["channelId"],
        "conversation": activity["conversation"],
        "bot": activity["recipient"],
        "user": activity["from"],
    }


async def test_it_keeps_a_message_and_answers_at_once(bot: Bot) -> None:
    activity = bot.channel.activity(
        "我的账单什么时候到期？", customField={"kept": ["as", "it", "is"]}
    )

    assert await bot.post(activity) == (202, None)

    [inbound] = bot.recorder.received
    assert (inbound.channel, inbound.conversation_id) == ("msteams", "a:conversation-1")
    assert inbound.external_id == activity["id"]
    assert inbound.activity == activity


@pytest.mark.parametrize(
    "kind",
    [
        "message",
        "messageUpdate",
        "messageDelete",
        "messageReaction",
        "conversationUpdate",
        "installationUpdate",
        "event",
    ],
)
async def test_it_keeps_every_kind_that_matters(bot: Bot, kind: str) -> None:
    assert (await bot.post(bot.channel.activity(type=kind)))[0] == 202
    assert [inbound.activity["type"] for inbound in bot.recorder.received] == [kind]


@pytest.mark.parametrize("kind", ["typing", "trace"])
async def test_it_takes_note_of_nothing_in_passing(bot: Bot, kind: str) -> None:
    assert (await bot.post(bot.channel.activity(type=kind)))[0] == 202
    assert bot.recorder.received == []


async def test_a_redelivery_carries_the_same_id(bot: Bot) -> None:
    """Who receives it can tell: the ids are the channel's own."""
    activity = bot.channel.activity()
    await asyncio.gather(*(bot.post(activity) for _ in range(3)))
    assert {inbound.external_id for inbound in bot.recorder.received} == {activity["id"]}


@pytest.mark.parametrize(
    "answer",
    [InvokeAnswer(200, {"statusCode": 200}), InvokeAnswer(200, None), InvokeAnswer(501, None)],
)
async def test_an_invoke_is_answered_in_the_response(bot: Bot, answer: InvokeAnswer) -> None:
    bot.recorder.answer = answer
    submitted = bot.channel.activity(
        type="invoke", name="message/submitAction", value={"actionName": "feedback"}
    )
    assert await bot.post(submitted) == tuple(answer)


async def test_an_invoke_that_takes_too_long_is_not_waited_for(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teams_module, "INVOKE_SECONDS", 0.01)
    monkeypatch.setattr(bot.recorder, "invoke", lambda inbound: asyncio.Event().wait())
    status, _ = await bot.post(bot.channel.activity(type="invoke", name="adaptiveCard/action"))
    assert status == 503


async def test_without_an_app_the_door_is_open_to_this_machine() -> None:
    teams, recorder = TeamsChannel(None), Recorder()
    app = web.Application()
    app.add_routes(teams_routes(teams, recorder))
    activity = {
        "type": "message",
        "id": "1",
        "channelId": "emulator",
        "serviceUrl": "http://localhost:56150",
        "conversation": {"id": "c"},
        "from": {"id": "u"},
    }
    async with TestClient(TestServer(app)) as client:
        assert (await client.post("/api/messages", json=activity)).status == 202
        away = activity | {"serviceUrl": "https://smba.trafficmanager.net/"}
        assert (await client.post("/api/messages", json=away)).status == 403
    await teams.close()
    assert len(recorder.received) == 1


async def test_it_sends_as_the_bot_to_whom_the_reference_names(bot: Bot) -> None:
    said = {"type": "message", "text": "Hi", "from": {"id": "ours", "name": "ours", "role": "bot"}}

    assert await bot.teams.send(reference(bot), said) == "1:1"

    [sent] = bot.channel.sent
    assert sent.body["text"] == "Hi"
    assert sent.body["from"] == BOT
    assert sent.body["recipient"]["id"] == "29:ann"
    assert sent.body["conversation"]["tenantId"] == "tenant-1"


async def test_it_replaces_what_it_said(bot: Bot) -> None:
    await bot.teams.update(reference(bot), {"type": "message", "id": "1:1", "text": "Claimed"})
    assert [(sent.method, sent.body["text"]) for sent in bot.channel.sent] == [("PUT", "Claimed")]


async def test_a_slow_connector_does_not_hold_up_what_comes_in(bot: Bot) -> None:
    bot.channel.troubles.extend([Trouble(fault="hang")] * 20)
    said = {"type": "message", "text": "Hi"}
    sends = [
        asyncio.create_task(
            bot.teams.send(reference(bot) | {"conversation": {"id": str(number)}}, said)
        )
        for number in range(20)
    ]
    async with asyncio.timeout(10):
        assert [(await bot.post())[0] for _ in range(20)] == [202] * 20
    for send in sends:
        send.cancel()
    await asyncio.gather(*sends, return_exceptions=True)


async def test_an_sdk_turn_answers_through_our_connector(bot: Bot) -> None:
    mention = Entity(type="mention")
    mention.additional_properties = {"text": "<at>Ann</at>", "mentioned": {"id": "29:ann"}}

    async def echo(context: TurnContext) -> None:
        reply = MessageFactory.text(f"You said {context.activity.text}")
        reply.entities = [mention]
        await context.send_activity(reply)

    adapter, activity = bot.teams.adapter, Activity.deserialize(bot.channel.activity("hello"))
    await adapter.process_activity(f"Bearer {bot.channel.token()}", activity, echo)

    [sent] = bot.channel.sent
    assert sent.path.endswith(f"/activities/{activity.id.replace(':', '%3A')}")
    assert sent.body["text"] == "You said hello"
    assert sent.body["entities"][0]["mentioned"] == {"id": "29:ann"}


async def test_what_was_received_gets_its_sdk_turn_later(bot: Bot) -> None:
    joined = bot.channel.activity(type="conversationUpdate", membersAdded=[{"id": "29:ann"}])
    seen: list[Activity] = []

    async def answer(context: TurnContext) -> None:
        seen.append(context.activity)
        await context.send_activity("Welcome")

    for body in (joined, bot.channel.activity("hello")):
        await bot.teams.adapter.run_turn(body, answer)

    assert [seen[0].members_added[0].id, seen[1].text] == ["29:ann", "hello"]
    assert [seen[1].from_property.name, seen[1].recipient.id] == ["Ann Lee", BOT["id"]]
    assert len(bot.channel.sent) == 2


async def test_an_sdk_turn_needs_a_good_token(bot: Bot) -> None:
    activity = Activity.deserialize(bot.channel.activity())
    for token in ("bad", bot.channel.token(aud="other")):
        with pytest.raises(PermissionError):
            await bot.teams.adapter.process_activity(f"Bearer {token}", activity, None)


async def test_the_sdk_can_continue_update_delete_and_begin(bot: Bot) -> None:
    async def update_and_delete(context: TurnContext) -> None:
        reply = await context.send_activity("first")
        await context.update_activity(Activity(type="message", id=reply.id, text="second"))
        await context.delete_activity(reply.id)

    begun: list[str] = []

    async def note(context: TurnContext) -> None:
        begun.append(context.activity.conversation.id)

    where = ConversationReference().deserialize(reference(bot))
    await bot.teams.adapter.continue_conversation(where, update_and_delete, APP_ID)
    await bot.teams.adapter.create_conversation(
        APP_ID, note, ConversationParameters(is_group=True), "msteams", bot.channel.service_url
    )

    assert [sent.method for sent in bot.channel.sent] == ["POST", "PUT", "DELETE", "POST"]
    assert begun == ["1:4"]


def mentioning(text: Any, *named: tuple[str, str]) -> dict[str, Any]:
    entities = [
        {"type": "mention", "text": written, "mentioned": {"id": whom}} for written, whom in named
    ]
    return {"text": text, "entities": entities, "recipient": BOT}


BOT_SAID = ("<at>Billing Bot</at>", BOT["id"])


@pytest.mark.parametrize(
    ("activity", "text"),
    [
        (mentioning("When is it due?"), "When is it due?"),
        (mentioning("<at>Billing Bot</at> When is it due?", BOT_SAID), "When is it due?"),
        (mentioning("<AT>billing bot</AT> due?", BOT_SAID), "due?"),
        (mentioning('<at id="0">Billing Bot</at> due?', BOT_SAID), "due?"),
        (mentioning("<at>Billing Bot</at>&nbsp;\u00a0due?\r\n", BOT_SAID), "due?"),
        (mentioning("Is it due, <at>Billing Bot</at>?", BOT_SAID), "Is it due, ?"),
        (mentioning("<at>Billing Bot</at>", BOT_SAID), ""),
        (mentioning("<at>Billing Bot</at><at>Billing Bot</at> 你好", BOT_SAID, BOT_SAID), "你好"),
        (
            mentioning("<at>Billing Bot</at> ask <at>Ann</at>", BOT_SAID, ("<at>Ann</at>", "29:a")),
            "ask Ann",
        ),
        (mentioning("<at>Ann</at> owes us"), "Ann owes us"),
        (mentioning("line one\r\n  line two"), "line one\nline two"),
        (mentioning("<at><at>Billing Bot</at></at>", BOT_SAID), "<at> </at>"),
        (mentioning("<at"), "<at"),
        (mentioning(None), ""),
        (mentioning(5), ""),
        ({}, ""),
        ({"text": "hi", "entities": "x", "recipient": None}, "hi"),
        ({"text": "hi", "entities": [None, {"type": "mention", "mentioned": 1}]}, "hi"),
    ],
)
def test_the_bots_own_name_is_not_part_of_the_question(activity: Any, text: str) -> None:
    assert strip_mentions(activity) == text


def test_the_app_id_alone_names_the_bot_too() -> None:
    activity = mentioning("<at>Billing Bot</at> due?", BOT_SAID) | {"recipient": None}
    assert strip_mentions(activity, APP_ID) == "due?"
    assert strip_mentions(activity) == "Billing Bot due?"


@pytest.mark.timeout(5)
def test_a_text_made_of_brackets_is_read_quickly() -> None:
    for text in ("<at" * 80_000, "<at>" * 60_000, "<at " * 60_000, "</at>" * 50_000):
        strip_mentions(mentioning(text, BOT_SAID))
