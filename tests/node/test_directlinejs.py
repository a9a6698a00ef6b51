"""Microsoft's own client, botframework-directlinejs, against the whole product."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.browser.served import Served
from tests.node.client import EXPIRED, ONLINE, DirectLineClient, Json, running

pytestmark = pytest.mark.node

QUESTION = "When is my invoice due?"


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Served]:
    served = Served(tmp_path)
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def client() -> AsyncIterator[DirectLineClient]:
    async with running() as client:
        yield client


async def _call(product: Served, path: str, token: str = "", **body: Any) -> Json:
    """A page's call; POST when there is something to send."""
    headers = {"Origin": product.url} | ({"Authorization": f"Bearer {token}"} if token else {})
    async with ClientSession(product.url, headers=headers, raise_for_status=True) as session:
        method = "GET" if path.startswith("/v3") and not body else "POST"
        async with session.request(method, path, json=body or {}) as answer:
            answered: Json = await answer.json()
            return answered


async def _begin(product: Served, client: DirectLineClient, **options: Any) -> Json:
    granted = await _call(product, "/widget/token")
    line = {"domain": f"{product.url}/v3/directline", "token": granted["token"], **options}
    await client.do("begin", options=line)
    await client.sees(lambda event: event.get("status") == ONLINE)
    return granted


@pytest.mark.parametrize("web_socket", [True, False])
async def test_it_holds_a_conversation(
    product: Served, client: DirectLineClient, web_socket: bool
) -> None:
    granted = await _begin(product, client, webSocket=web_socket, pollingInterval=200)
    assert (await client.hears("a program, not a person"))["from"]["role"] == "bot"
    await client.say(QUESTION, "c1")
    echo = await client.hears(QUESTION)
    assert echo["channelData"] == {"clientActivityID": "c1"}
    assert echo["from"] == {"id": granted["userId"], "role": "user"}
    assert (await client.hears("30 days"))["from"]["role"] == "bot"
    posted = [event["posted"] for event in client.events if "posted" in event]
    assert posted in ([], [echo["id"]])


async def test_it_comes_back_after_a_restart_and_misses_nothing(
    product: Served, client: DirectLineClient
) -> None:
    granted = await _begin(product, client)
    await client.say("My first question is how to pay", "c1")
    await client.hears("My first question")
    await client.sees(lambda event: event.get("activity", {}).get("from", {}).get("role") == "bot")
    await product.stop()
    await product.start()
    path = f"/v3/directline/conversations/{granted['conversationId']}/activities"
    await _call(product, path, granted["token"], type="message", text="Said in between")
    await client.hears("Said in between")
    await client.say(QUESTION, "c2")
    await client.hears("30 days")
    said = await _call(product, path, granted["token"])
    texts = [activity["text"] for activity in said["activities"]]
    assert client.texts == texts


async def test_a_page_that_slept_too_long_gives_it_a_new_token(
    product: Served, client: DirectLineClient
) -> None:
    granted = await _begin(product, client, timeout=1000)
    await client.hears("a program")
    await client.do("forget_token")
    await client.say("Nobody may read this", "c1")
    await client.sees(lambda event: event.get("status") == EXPIRED)
    woken = await _call(product, "/widget/token", resume=granted["resume"])
    path = f"/v3/directline/conversations/{granted['conversationId']}?watermark=2"
    conversation = await _call(product, path, woken["token"])
    await client.do("reconnect", conversation=conversation)
    await client.sees(lambda event: event.get("status") == ONLINE)
    await client.say(QUESTION, "c2")
    await client.hears("30 days")
    assert "Nobody may read this" not in client.texts


async def test_it_refreshes_its_token(product: Served, client: DirectLineClient) -> None:
    granted = await _begin(product, client)
    await client.do("refresh")
    refreshed = await client.sees(lambda event: "token" in event)
    assert refreshed["token"] != granted["token"]


async def test_what_is_refused_does_not_end_the_conversation(
    product: Served, client: DirectLineClient
) -> None:
    await _begin(product, client)
    await client.do("post", activity={"type": "invoke", "from": {"id": "x"}})
    assert await client.sees(lambda event: "refused" in event) == {"refused": 400}
    await client.say(QUESTION, "c1")
    await client.hears("30 days")
