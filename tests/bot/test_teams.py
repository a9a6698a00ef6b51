"""What comes in at /api/messages and what goes out to Teams."""

from tests.bot.conftest import Bot


async def test_it_keeps_a_message_and_answers_at_once(bot: Bot) -> None:
    activity = bot.channel.activity("hello")

    assert await bot.post(activity) == (202, None)

    [inbound] = bot.recorder.received
    assert (inbound.channel, inbound.conversation_id) == ("msteams", "a:conversation-1")
    assert inbound.external_id == activity["id"]
    assert inbound.activity == activity


async def test_it_sends_to_the_conversation(bot: Bot) -> None:
    a = bot.channel.activity()
    ref = {
        "serviceUrl": a["serviceUrl"],
        "conversation": a["conversation"],
        "channelId": "msteams",
        "bot": a["recipient"],
        "user": a["from"],
    }
    assert await bot.teams.send(ref, {"type": "message", "text": "Hi"}) == "1:1"
    print(bot.channel.sent)
