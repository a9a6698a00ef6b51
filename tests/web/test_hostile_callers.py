"""Callers who are not who they should be."""

import json

import pytest

from tests.web.conftest import SECRET, SHOP, Channel, Customer
from tests.web.refusals import FORGERIES, UPGRADE, assert_refused, bearer, forged_tokens
from web.errors import Problem

TEXT = {"type": "message", "text": "Hello"}
CALLS = {
    "send": ("POST", "/conversations/{id}/activities"),
    "read": ("GET", "/conversations/{id}/activities"),
    "reconnect": ("GET", "/conversations/{id}?watermark=1"),
    "upload": ("POST", "/conversations/{id}/upload?userId=dl_x"),
}
OWN_CALLS = CALLS | {"begin": ("POST", "/conversations"), "refresh": ("POST", "/tokens/refresh")}
WRONG_PAGES = (
    "https://evil.example",
    "http://shop.example",
    "https://shop.example:8443",
    "https://shop.example.evil.example",
    "https://shop.example@evil.example",
    "null",
    "",
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is refused is refused before any database is asked."""
    return sqlite_url


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("call", CALLS)
async def test_a_forged_token_opens_nothing(channel: Channel, call: str, forgery: str) -> None:
    me = await channel.begin()
    method, path = CALLS[call]
    headers = bearer(forged_tokens(me)[forgery])
    path = path.format(id=me.conversation)
    await assert_refused(channel, Problem.TOKEN, method, path, json=TEXT, headers=headers)


@pytest.mark.parametrize("forgery", [name for name in FORGERIES if name != "secret"])
@pytest.mark.parametrize("path", ["/conversations", "/tokens/refresh", "/tokens/generate"])
async def test_a_forged_token_begins_nothing(channel: Channel, path: str, forgery: str) -> None:
    headers = bearer(forged_tokens(await channel.begin())[forgery])
    await assert_refused(channel, Problem.TOKEN, "POST", path, json={}, headers=headers)


@pytest.mark.parametrize("headers", [{}, {"Authorization": f"Basic {SECRET}"}])
@pytest.mark.parametrize("path", ["/conversations", "/tokens/refresh", "/tokens/generate"])
async def test_no_token_begins_nothing(
    channel: Channel, path: str, headers: dict[str, str]
) -> None:
    await channel.begin()
    await assert_refused(channel, Problem.TOKEN, "POST", path, json={}, headers=headers)


@pytest.mark.parametrize("call", CALLS)
async def test_anothers_conversation_and_none_answer_alike(channel: Channel, call: str) -> None:
    me, them = await channel.begin(), await channel.begin()
    method, path = CALLS[call]
    for name in (them.conversation, "nothing", "%00", "a" * 2000, "..%2f" + me.conversation):
        await assert_refused(
            channel,
            Problem.OTHER_CONVERSATION,
            method,
            path.format(id=name),
            json=TEXT,
            headers=bearer(me.token),
        )


@pytest.mark.parametrize("forgery", [*(n for n in FORGERIES if n != "stream"), "talk"])
async def test_only_a_ticket_opens_a_stream(channel: Channel, forgery: str) -> None:
    me = await channel.begin()
    ticket = (forged_tokens(me) | {"talk": me.token})[forgery]
    path = f"{me.path}/stream?t={ticket}"
    await assert_refused(channel, Problem.TOKEN, "GET", path, headers=UPGRADE)


async def test_a_ticket_opens_one_stream_of_one_conversation_once(channel: Channel) -> None:
    me, them = await channel.begin(), await channel.begin()
    theirs = f"{them.path}/stream?t={me.ticket}"
    await assert_refused(channel, Problem.OTHER_CONVERSATION, "GET", theirs, headers=UPGRADE)
    await me.open(me.stream_url)
    again = f"{me.path}/stream?t={me.ticket}"
    await assert_refused(channel, Problem.TOKEN, "GET", again, headers=UPGRADE)


@pytest.mark.parametrize("origin", WRONG_PAGES)
@pytest.mark.parametrize("call", OWN_CALLS)
async def test_a_wrong_page_gets_nothing(channel: Channel, call: str, origin: str) -> None:
    me = await channel.begin()
    method, path = OWN_CALLS[call]
    headers = bearer(me.token) | {"Origin": origin}
    path = path.format(id=me.conversation)
    await assert_refused(channel, Problem.ORIGIN, method, path, json=TEXT, headers=headers)


@pytest.mark.parametrize("origin", WRONG_PAGES)
async def test_a_wrong_page_opens_no_stream(channel: Channel, origin: str) -> None:
    me = await channel.begin()
    path = f"{me.path}/stream?t={me.ticket}"
    await assert_refused(channel, Problem.ORIGIN, "GET", path, headers=UPGRADE | {"Origin": origin})


@pytest.mark.parametrize("path", ["/conversations", "/tokens/generate"])
async def test_the_secret_is_refused_from_a_browser(channel: Channel, path: str) -> None:
    await channel.begin()
    headers = bearer(SECRET) | {"Origin": SHOP}
    await assert_refused(channel, Problem.SECRET_IN_BROWSER, "POST", path, json={}, headers=headers)


@pytest.mark.parametrize("user", [{"id": "admin"}, {"id": 5}, {"id": "dl_a|b"}, [1], "dl_x",
                                  {"id": "dl_" + "a" * 99}, {"id": "dl_\n"}])  # fmt: skip
async def test_a_server_may_name_only_its_own_kind_of_user(channel: Channel, user: object) -> None:
    await channel.begin()
    for path in ("/conversations", "/tokens/generate"):
        body = {"user": user}
        await assert_refused(
            channel, Problem.USER_ID, "POST", path, json=body, headers=bearer(SECRET)
        )


@pytest.mark.parametrize("origins", ["*", ["javascript:x"], [5], ["https://a.example"] * 21])
async def test_a_server_must_name_real_sites(channel: Channel, origins: object) -> None:
    await channel.begin()
    body = {"trustedOrigins": origins}
    path, headers = "/tokens/generate", bearer(SECRET)
    await assert_refused(channel, Problem.ORIGINS, "POST", path, json=body, headers=headers)


@pytest.mark.parametrize("claim", ["from", "recipient", "id", "timestamp", "conversation", "role"])
async def test_a_client_cannot_say_who_it_is(channel: Channel, claim: str) -> None:
    customer: Customer = await channel.begin()
    forged = {"id": "billing-assistant", "role": "bot", "name": "<b>Bot</b>"}
    path = f"{customer.path}/activities"
    sent = await customer.call("POST", path, json=TEXT | {claim: forged})
    shown = (await customer.read("2"))["activities"][0]
    assert sent.status == 200
    assert shown["from"] == {"id": customer.user_id, "role": "user"}
    assert shown["conversation"] == {"id": customer.conversation}
    assert "billing-assistant" not in json.dumps(shown)
