"""The contract, call by call."""

from tests.web.conftest import Channel


async def test_a_conversation_greets_echoes_and_answers(channel: Channel) -> None:
    customer = await channel.begin()
    stream = await customer.open(customer.stream_url)
    sent = await customer.say("When is my invoice due?", "c1")
    assert await stream.until("You said: When is my invoice due?") == [
        "Welcome.",
        "When is my invoice due?",
        "You said: When is my invoice due?",
    ]
    echo = stream.seen[1]
    assert echo["id"] == sent == f"{customer.conversation}|0000003"
    assert echo["channelData"] == {"clientActivityID": "c1"}
    assert echo["from"] == {"id": customer.user_id, "role": "user"}
    assert stream.watermark == "4"
