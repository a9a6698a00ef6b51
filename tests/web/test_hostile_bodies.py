"""Bodies and watermarks that nobody's client sends."""

import zlib
from typing import Any

import pytest

from tests.web.conftest import BASE, Channel
from tests.web.refusals import UPGRADE, Answer, assert_refused, bearer
from web.errors import Problem

TEXT = {"type": "message", "text": "Hello"}
NOT_JSON: Answer = (400, "BadArgument", "The body is not valid JSON.")
NOT_TEXT: Answer = (400, "BadArgument", "The body contains characters that are not text.")
NO_TYPE: Answer = (400, "BadArgument", "Only messages, events and typing can be sent.")
TOO_LONG: Answer = (400, "BadArgument", "Message is too long (max 4000 characters)")
NO_FILES: Answer = (415, "UnsupportedMediaType", "Files cannot be sent here.")

RAW: dict[str, tuple[bytes, Answer]] = {
    "half": (b"{", NOT_JSON),
    "empty": (b"", NOT_JSON),
    "bad UTF-8": (b'{"type":"\xff"}', NOT_JSON),
    "NaN": (b'{"type":"message","value":NaN}', NOT_JSON),
    "a name twice": (b'{"type":"event","type":"message"}', NOT_JSON),
    "5000 digits": (b'{"type":' + b"9" * 5000 + b"}", NOT_JSON),
    "nesting": (b"[" * 100_000, NOT_JSON),
    "a lone surrogate": (b'{"type":"message","text":"\\ud800"}', NOT_TEXT),
    "NUL": (b'{"type":"message","text":"\\u0000"}', NOT_TEXT),
    "deep": (
        b'{"value":' + b"[" * 30 + b"]" * 30 + b"}",
        (400, "BadArgument", "The body is nested deeper than 20 levels."),
    ),
    "a list": (b"[1]", (400, "BadArgument", "The body must be a JSON object.")),
    "over 256 KiB": (
        b'{"value":"' + b"x" * 262_144 + b'"}',
        (413, "TooLarge", "The body is larger than 262144 bytes."),
    ),
}
ACTIVITIES: dict[str, tuple[dict[str, Any], Answer]] = {
    "no type": ({"text": "Hello"}, (400, "MissingProperty", "type is missing.")),
    "an odd type": ({"type": 5}, (400, "BadArgument", "type has the wrong type.")),
    "an update": ({"type": "conversationUpdate", "membersAdded": [{"id": "x"}]}, NO_TYPE),
    "an end": ({"type": "endOfConversation"}, NO_TYPE),
    "an invoke": ({"type": "invoke", "name": "message/submitAction"}, NO_TYPE),
    "an empty type": ({"type": ""}, NO_TYPE),
    "odd text": (TEXT | {"text": ["a"]}, (400, "BadArgument", "text has the wrong type.")),
    "odd data": (
        TEXT | {"channelData": "x"},
        (400, "BadArgument", "channelData has the wrong type."),
    ),
    "nothing": ({"type": "message", "text": " \n"}, (400, "MissingProperty", "text is missing.")),
    "no name": ({"type": "event", "value": 1}, (400, "MissingProperty", "name is missing.")),
    "too long": (TEXT | {"text": "x" * 4001}, TOO_LONG),
    "too long in Chinese": (TEXT | {"text": "账" * 4001}, TOO_LONG),
    "too much": (TEXT | {"value": "x" * 40_000}, (413, "TooLarge", "The activity is too large.")),
    "a file": (TEXT | {"attachments": [{"contentUrl": "data:,x"}]}, NO_FILES),
}  # fmt: skip
WATERMARKS = (
    "abc", "-1", "1.5", "1e3", "%20", "0x1", "1|2", "undefined", "9" * 10, "9" * 5000, "%D9%A1",
    "%00", "%ff", "1&watermark=2", "' OR 1=1 --",
)  # fmt: skip


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is refused is refused before any database is asked."""
    return sqlite_url


@pytest.mark.parametrize("name", RAW)
async def test_it_refuses_a_body_that_is_no_proper_json(channel: Channel, name: str) -> None:
    me = await channel.begin()
    body, expected = RAW[name]
    headers = bearer(me.token) | {"Content-Type": "application/json"}
    path = f"{me.path}/activities"
    await assert_refused(channel, expected, "POST", path, data=body, headers=headers)


@pytest.mark.parametrize("name", ACTIVITIES)
async def test_it_refuses_an_activity_no_customer_sends(channel: Channel, name: str) -> None:
    me = await channel.begin()
    body, expected = ACTIVITIES[name]
    path = f"{me.path}/activities"
    await assert_refused(channel, expected, "POST", path, json=body, headers=bearer(me.token))


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Content-Type": "text/plain"}, "Send application/json."),
        ({"Content-Encoding": "deflate"}, "Send the body uncompressed."),
    ],
)
async def test_it_refuses_bodies_in_other_forms(
    channel: Channel, headers: dict[str, str], message: str
) -> None:
    me = await channel.begin()
    headers = {"Content-Type": "application/json"} | headers | bearer(me.token)
    expected = (415, "UnsupportedMediaType", message)
    path = f"{me.path}/activities"
    await assert_refused(
        channel, expected, "POST", path, data=zlib.compress(b"{}"), headers=headers
    )


@pytest.mark.parametrize("watermark", WATERMARKS)
async def test_it_refuses_a_watermark_it_never_gave(channel: Channel, watermark: str) -> None:
    me = await channel.begin()
    for path, headers in (
        (f"{me.path}?watermark={watermark}", {}),
        (f"{me.path}/activities?watermark={watermark}", {}),
        (f"{me.path}/stream?t={me.ticket}&watermark={watermark}", UPGRADE),
    ):
        headers = headers | bearer(me.token)
        await assert_refused(channel, Problem.WATERMARK, "GET", path, headers=headers)


async def test_it_refuses_files_for_now(channel: Channel) -> None:
    me = await channel.begin()
    path, headers = f"{me.path}/upload?userId=dl_x", bearer(me.token)
    await assert_refused(channel, Problem.NO_FILES, "POST", path, data=b"x", headers=headers)


async def test_it_refuses_other_addresses_and_methods(channel: Channel) -> None:
    me = await channel.begin()
    headers = bearer(me.token)
    await assert_refused(channel, Problem.METHOD, "DELETE", me.path, headers=headers)
    await assert_refused(channel, Problem.NOT_FOUND, "GET", "/nothing", headers=headers)
    stream = f"{me.path}/stream?t={me.ticket}"
    await assert_refused(channel, Problem.UPGRADE, "GET", stream, headers=headers)


async def test_a_storage_failure_says_what_to_do_and_nothing_more(channel: Channel) -> None:
    me = await channel.begin()
    channel.turns.broken = True
    path, headers = f"{me.path}/activities", bearer(me.token)
    await assert_refused(channel, Problem.UNSAVED, "POST", path, json=TEXT, headers=headers)


async def test_a_fault_of_ours_says_nothing_of_itself(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(inbound: object) -> str:
        raise RuntimeError("the password is hunter2")

    me = await channel.begin()
    monkeypatch.setattr(channel.turns, "receive", fail)
    path, headers = f"{me.path}/activities", bearer(me.token)
    await assert_refused(channel, Problem.INTERNAL, "POST", path, json=TEXT, headers=headers)


async def test_a_preflight_needs_no_token_and_allows_what_the_clients_send(
    channel: Channel,
) -> None:
    answer = await channel.client.options(f"{BASE}/conversations")
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert (
        answer.headers["Access-Control-Allow-Headers"]
        == "authorization, content-type, x-ms-bot-agent, x-requested-with"
    )
