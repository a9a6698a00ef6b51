"""The contract, call by call."""

from typing import Any

import jwt
import pytest

from tests.web.conftest import BASE, SECRET, SHOP, Channel, Start, texts
from tests.web.refusals import bearer


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


async def test_polling_shows_what_the_stream_shows(channel: Channel) -> None:
    customer = await channel.begin()
    stream = await customer.open(customer.stream_url)
    await customer.say("One", "c1")
    await stream.until("You said: One")
    assert await customer.read() == {"activities": stream.seen, "watermark": stream.watermark}
    assert await customer.read(stream.watermark) == {"activities": [], "watermark": "4"}


async def test_a_page_loaded_again_goes_on_and_is_not_greeted_again(channel: Channel) -> None:
    customer = await channel.begin()
    statuses = []
    for _ in range(3):
        answer = await customer.call("POST", "/conversations", json={"user": {}, "locale": "zh"})
        statuses.append(answer.status)
        answered = await answer.json()
    assert statuses == [200, 200, 200]
    assert answered.keys() == {
        "conversationId", "token", "expires_in", "streamUrl", "referenceGrammarId"
    }  # fmt: skip
    assert texts((await customer.read())["activities"]) == ["Welcome."]


async def test_a_new_conversation_is_created_and_a_known_one_is_not(channel: Channel) -> None:
    headers = {"Origin": SHOP}
    token = (await (await channel.client.post("/widget/token", json={}, headers=headers)).json())[
        "token"
    ]
    for expected in (201, 200):
        answer = await channel.client.post(f"{BASE}/conversations", headers=bearer(token))
        assert answer.status == expected


async def test_the_same_client_id_again_is_the_same_message(channel: Channel) -> None:
    customer = await channel.begin()
    sent = {await customer.say("Hello", "c1") for _ in range(3)}
    assert len(sent) == 1
    assert texts((await customer.read())["activities"])[1:] == ["Hello", "You said: Hello"]


@pytest.mark.parametrize("odd", ["", "x" * 101, "a b", 5, None, {"a": 1}, "begin\n"])
async def test_an_odd_client_id_is_echoed_but_makes_nothing_the_same(
    channel: Channel, odd: Any
) -> None:
    customer = await channel.begin()
    data = {"clientActivityID": odd, "other": [1]}
    activity = {"type": "message", "text": "Hello", "channelData": data}
    for _ in range(2):
        await customer.call("POST", f"{customer.path}/activities", json=activity)
    shown = (await customer.read())["activities"]
    assert texts(shown).count("Hello") == 2
    assert shown[1]["channelData"] == data


async def test_a_client_cannot_take_the_place_of_the_greeting(channel: Channel) -> None:
    customer = await channel.begin()
    await customer.say("Hello", "begin")
    assert "Hello" in texts((await customer.read())["activities"])


async def test_a_button_press_and_an_event_are_kept_as_they_were_sent(channel: Channel) -> None:
    customer = await channel.begin()
    value = {"action": "rate", "rating": "positive"}
    for activity in (
        {"type": "message", "value": value, "channelData": {"postBack": True}},
        {"type": "event", "name": "webchat/join", "value": {"language": "en"}},
    ):
        await customer.call("POST", f"{customer.path}/activities", json=activity)
    shown = (await customer.read("2"))["activities"]
    assert (shown[0]["value"], shown[0]["channelData"]) == (value, {"postBack": True})
    assert (shown[1]["type"], shown[1]["name"]) == ("event", "webchat/join")


async def test_typing_is_not_stored(channel: Channel) -> None:
    customer = await channel.begin()
    before = await customer.read()
    answer = await customer.call("POST", f"{customer.path}/activities", json={"type": "typing"})
    assert (answer.status, list(await answer.json())) == (200, ["id"])
    assert await customer.read() == before


async def test_a_refreshed_token_is_new_and_the_old_one_stays_good(channel: Channel) -> None:
    customer = await channel.begin()
    refreshed = await (await customer.call("POST", "/tokens/refresh")).json()
    assert refreshed["token"] != customer.token
    assert refreshed["expires_in"] == 1800
    await customer.say("With the old one")
    customer.token = refreshed["token"]
    await customer.say("With the new one")


async def test_a_token_lasts_half_an_hour_and_names_its_user(channel: Channel) -> None:
    customer = await channel.begin()
    claims = jwt.decode(customer.token, options={"verify_signature": False})
    assert claims["user"] == customer.user_id
    assert customer.user_id.startswith("dl_")
    now = channel.tokens.now()
    assert claims["exp"] - now >= 1800
    ticket = jwt.decode(customer.ticket, options={"verify_signature": False})
    assert ticket["exp"] - now <= 60


async def test_a_server_begins_a_conversation_for_its_user_and_its_site(channel: Channel) -> None:
    body = {"user": {"id": "dl_ada", "name": "Ada"}, "trustedOrigins": ["https://intranet.example"]}
    answer = await channel.client.post(f"{BASE}/tokens/generate", json=body, headers=bearer(SECRET))
    token = (await answer.json())["token"]
    for origin, status in (
        ("https://intranet.example", 201),
        ("https://intranet.example", 200),
        (SHOP, 403),
    ):
        headers = bearer(token) | {"Origin": origin}
        begun = await channel.client.post(f"{BASE}/conversations", json={}, headers=headers)
        assert begun.status == status
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["user"], claims["name"]) == ("dl_ada", "Ada")


async def test_a_server_may_begin_directly(channel: Channel) -> None:
    answer = await channel.client.post(f"{BASE}/conversations", headers=bearer(SECRET))
    assert answer.status == 201
    assert (await answer.json())["streamUrl"].startswith("ws://127.0.0.1:")


async def test_the_stream_address_is_the_public_one(start: Start) -> None:
    channel = await start(public_url="https://billing.example")
    customer = await channel.begin()
    path = f"/v3/directline/conversations/{customer.conversation}/stream?watermark=&t="
    assert customer.stream_url.startswith("wss://billing.example" + path)


async def test_a_trusted_proxy_says_that_it_speaks_https(start: Start) -> None:
    for trusted, scheme in ((("127.0.0.1",), "wss:"), ((), "ws:")):
        customer = await (await start(trusted_proxies=trusted)).begin()
        headers = {"X-Forwarded-Proto": "https"}
        answer = await customer.call("GET", customer.path, headers=headers)
        assert (await answer.json())["streamUrl"].startswith(scheme)


async def test_too_many_messages_are_told_to_wait(channel: Channel) -> None:
    customer = await channel.begin()
    activity = {"type": "message", "text": "Hello"}
    answers = [
        await customer.call("POST", f"{customer.path}/activities", json=activity) for _ in range(40)
    ]
    refused = [answer for answer in answers if answer.status != 200]
    assert {answer.status for answer in refused} == {429}
    assert int(refused[0].headers["Retry-After"]) >= 1
    said = texts((await customer.read())["activities"]).count("Hello")
    assert said == len(answers) - len(refused)


async def test_a_page_of_another_site_can_read_its_answers(channel: Channel) -> None:
    customer = await channel.begin()
    answer = await customer.call("GET", f"{customer.path}/activities", headers={"Origin": SHOP})
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"
