"""Requests that must be turned away: the right 4xx, a fixed body, and nothing kept."""

import asyncio
import base64
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest

from bot.delivery import DeliveryError
from tests.bot.channel import APP_ID, Channel, private_key
from tests.bot.conftest import Bot

FORBIDDEN_WORDS = ("Traceback", "Error:", "jwt", "bot/", ".py", "aiohttp", "kid")


@dataclass
class Hostile:
    """One request. `headers` replace the good ones, None leaves a header out."""

    status: int
    activity: dict[str, Any] | None = None
    raw: bytes | None = None
    headers: dict[str, str | None] = field(default_factory=dict)


def bearer(token: str) -> dict[str, str | None]:
    return {"Authorization": f"Bearer {token}"}


def claims(status: int, **changes: Any) -> Callable[[Channel], Hostile]:
    return lambda channel: Hostile(status, headers=bearer(channel.token(**changes)))


def authorization(value: str | None) -> Callable[[Channel], Hostile]:
    return lambda channel: Hostile(401, headers={"Authorization": value})


def body(raw: bytes, status: int = 400) -> Callable[[Channel], Hostile]:
    return lambda channel: Hostile(status, raw=raw)


def with_field(name: str, value: Any, status: int = 400) -> Callable[[Channel], Hostile]:
    """The good activity with one field changed, or left out if value is None."""
    return lambda channel: Hostile(status, channel.activity(**{name: value}))


def header(**fields: Any) -> Callable[[Channel], Hostile]:
    """A token the channel's key signed, with another header."""
    return lambda channel: Hostile(401, headers=bearer(channel.token(header=fields)))


def other_service(url: str) -> Callable[[Channel], Hostile]:
    """Token and activity agree on an address that is not on the list."""
    return lambda channel: Hostile(
        403, channel.activity(serviceUrl=url), headers=bearer(channel.token(serviceurl=url))
    )


def unsigned(channel: Channel) -> Hostile:
    payload = channel.token().split(".")[1]
    head = base64.urlsafe_b64encode(b'{"alg":"none","kid":"first"}').rstrip(b"=").decode()
    return Hostile(401, headers=bearer(f"{head}.{payload}."))


def signed_with_public_key(channel: Channel) -> Hostile:
    """The classic confusion: the public key used as an HMAC secret."""
    payload = jwt.decode(channel.token(), options={"verify_signature": False})
    secret = str(private_key("first").public_key().public_numbers().n)
    token = jwt.encode(payload, secret, algorithm="HS256", headers={"kid": "first"})
    return Hostile(401, headers=bearer(token))


def signed_by_another(channel: Channel) -> Hostile:
    return Hostile(401, headers=bearer(channel.token(key="stranger", header={"kid": "first"})))


def altered(channel: Channel) -> Hostile:
    head, payload, signature = channel.token().split(".")
    flipped = ("A" if payload[10] != "A" else "B").join((payload[:10], payload[11:]))
    return Hostile(401, headers=bearer(f"{head}.{flipped}.{signature}"))


def with_deep_header(channel: Channel) -> Hostile:
    deep = base64.urlsafe_b64encode(b"[" * 3000).decode()
    return Hostile(401, headers=bearer(f"{deep}.e30.c2ln"))


def twice(value: str) -> bytes:
    return b'{"type": "message", "type": "' + value.encode() + b'"}'


HOUR = 3600
NOW = int(time.time())

CASES: dict[str, Callable[[Channel], Hostile]] = {
    "no token": authorization(None),
    "empty header": authorization(""),
    "scheme alone": authorization("Bearer"),
    "empty token": authorization("Bearer "),
    "basic scheme": authorization("Basic dXNlcjpwYXNz"),
    "not a jwt": authorization("Bearer garbage"),
    "two dots only": authorization("Bearer .."),
    "four parts": authorization("Bearer a.b.c.d"),
    "token of 7000 letters": authorization("Bearer " + "a" * 7000),
    "token not ascii": authorization("Bearer \u00e4.\u00e4.\u00e4"),
    "token header nested deep": with_deep_header,
    "algorithm none": unsigned,
    "public key as hmac secret": signed_with_public_key,
    "signed by another key": signed_by_another,
    "altered payload": altered,
    "unknown key id": lambda channel: Hostile(401, headers=bearer(channel.token(key="unknown"))),
    "no key id": header(kid=None),
    "key id not text": header(kid={"$ne": 1}),
    "key id a path": header(kid="../../etc/passwd"),
    "critical header": header(crit=["exp"]),
    "expired 10 minutes ago": claims(401, exp=NOW - 600),
    "never expires": claims(401, exp=None),
    "expiry not a number": claims(401, exp="soon"),
    "expiry without end": claims(401, exp=float("nan")),
    "valid in 10 minutes": claims(401, nbf=NOW + 600),
    "no beginning": claims(401, nbf=None),
    "wrong issuer": claims(401, iss="https://sts.windows.net/x/"),
    "no issuer": claims(401, iss=None),
    "issuer a list": claims(401, iss=["https://api.botframework.com"]),
    "no audience": claims(401, aud=None),
    "another bot's token": claims(403, aud="00000000-0000-0000-0000-000000000000"),
    "audience a list": claims(403, aud=[APP_ID]),
    "audience empty": claims(403, aud=""),
    "audience in capitals": claims(403, aud=APP_ID.upper()),
    "no service url claim": claims(403, serviceurl=None),
    "another service url": claims(403, serviceurl="https://smba.trafficmanager.net/amer/"),
    "service url claim not text": claims(403, serviceurl=1),
    "listed nowhere": other_service("https://attacker.example/"),
    "internal host": other_service("https://10.0.0.5/"),
    "cloud metadata host": other_service("http://169.254.169.254/latest/meta-data"),
    "plain http": other_service("http://smba.trafficmanager.net/amer/"),
    "good host as a user": other_service("https://smba.trafficmanager.net@attacker.example/"),
    "good host as a prefix": other_service("https://smba.trafficmanager.net.attacker.example/"),
    "good host as a suffix": other_service("https://evilbotframework.com/"),
    "good host on another port": other_service("https://smba.trafficmanager.net:8443/"),
    "good host after a backslash": other_service("https://attacker.example\\@a.botframework.com/"),
    "good host with a query": other_service("https://smba.trafficmanager.net/?x="),
    "loopback by another name": other_service("http://127.1:80/"),
    "loopback by number": other_service("http://2130706433/"),
    "loopback as ipv6": other_service("http://[::ffff:127.0.0.1]/"),
    "file address": other_service("file:///etc/passwd"),
    "service url without scheme": other_service("//127.0.0.1/amer/"),
    "channel not endorsed": with_field("channelId", "slack", 403),
    "endorsed but not ours": with_field("channelId", "webchat", 403),
    "channel in capitals": with_field("channelId", "MSTEAMS", 403),
    "empty body": body(b""),
    "broken json": body(b'{"type": "message"'),
    "a list": body(b"[]"),
    "a string": body(b'"message"'),
    "null": body(b"null"),
    "empty object": body(b"{}"),
    "not utf-8": body(b'{"type": "\xff"}'),
    "utf-16": body('{"type": "message"}'.encode("utf-16")),
    "byte order mark": body(b"\xef\xbb\xbf{}"),
    "NaN": body(b'{"type": NaN}'),
    "infinity by exponent": body(b'{"type": 1e999}'),
    "integer of 5000 digits": body(b'{"type": ' + b"9" * 5000 + b"}"),
    "a name twice": body(twice("invoke")),
    "100 000 brackets": body(b"[" * 100_000),
    "100 000 objects": body(b'{"a":' * 30_000),
    "nested 21 deep": body(b'{"a":' * 21 + b"1" + b"}" * 21),
    "larger than 256 KiB": body(b'{"text": "' + b"a" * 262_144 + b'"}', 413),
    "lone surrogate": with_field("text", "\ud800"),
    "NUL": with_field("text", "a\0b"),
    "no type": with_field("type", None),
    "type not text": with_field("type", 1),
    "no id": with_field("id", None),
    "empty id": with_field("id", ""),
    "id of 3000 letters": with_field("id", "a" * 3000),
    "id a list": with_field("id", ["1"]),
    "no channel": with_field("channelId", None),
    "no service url": with_field("serviceUrl", None),
    "service url a number": with_field("serviceUrl", 8),
    "no conversation": with_field("conversation", None),
    "conversation text": with_field("conversation", "a:1"),
    "conversation without id": with_field("conversation", {}),
    "no sender": with_field("from", None),
    "sender a list": with_field("from", [{"id": "1"}]),
    "text a number": with_field("text", 5),
    "text an object": with_field("text", {"$gt": ""}),
    "entities an object": with_field("entities", {}),
    "entities of text": with_field("entities", ["mention"]),
    "attachments text": with_field("attachments", "x"),
    "channel data text": with_field("channelData", "x"),
    "locale a list": with_field("locale", ["en"]),
    "time not a time": with_field("timestamp", "yesterday"),
    "time a number": with_field("timestamp", 1),
    "plain text": lambda channel: Hostile(415, headers={"Content-Type": "text/plain"}),
    "form": lambda channel: Hostile(
        415, headers={"Content-Type": "application/x-www-form-urlencoded"}
    ),
    "no content type": lambda channel: Hostile(415, headers={"Content-Type": None}),
    "said to be compressed": lambda channel: Hostile(415, headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("case", CASES)
async def test_it_turns_away(bot: Bot, case: str) -> None:
    hostile = CASES[case](bot.channel)
    status, answer = await send(bot, hostile)

    assert status == hostile.status
    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"code", "message"}
    assert not [word for word in FORBIDDEN_WORDS if word in json.dumps(answer)]
    assert bot.recorder.received == []
    assert bot.channel.sent == []


async def send(bot: Bot, hostile: Hostile) -> tuple[int, Any]:
    good = {
        "Authorization": f"Bearer {bot.channel.token()}",
        "Content-Type": "application/json",
    }
    headers = {name: text for name, text in (good | hostile.headers).items() if text is not None}
    activity = hostile.activity or bot.channel.activity()
    raw = json.dumps(activity).encode() if hostile.raw is None else hostile.raw
    async with bot.client.post(
        "/api/messages", data=raw, headers=headers, skip_auto_headers=["Content-Type"]
    ) as response:
        return response.status, await response.json()


async def test_it_turns_away_two_authorization_headers(bot: Bot) -> None:
    good = f"Bearer {bot.channel.token()}"
    headers = [("Authorization", good), ("Authorization", good)]
    async with bot.client.post("/api/messages", json={}, headers=headers) as response:
        assert response.status == 401


async def test_it_asks_for_a_bearer_token(bot: Bot) -> None:
    async with bot.client.post("/api/messages", json={}) as response:
        assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_it_reads_no_body_without_a_token(bot: Bot) -> None:
    """Headers that promise a body which never comes are answered all the same."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bot.client.port)
    writer.write(
        b"POST /api/messages HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100000\r\n\r\n"
    )
    assert await reader.readuntil(b"\r\n") == b"HTTP/1.1 401 Unauthorized\r\n"
    writer.close()


async def test_it_stops_reading_a_body_of_unknown_length_at_the_limit(bot: Bot) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b"a" * 8192

    status, answer = await bot.post(data=endless(), headers={"Content-Type": "application/json"})
    assert (status, answer["error"]["code"]) == (413, "TooLarge")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_it_takes_nothing_but_post(bot: Bot, method: str) -> None:
    async with bot.client.request(method, "/api/messages") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"
        assert (await response.json())["error"]["code"] == "MethodNotAllowed"


async def test_it_accepts_a_clock_that_is_4_minutes_off(bot: Bot) -> None:
    assert (await bot.post(token=bot.channel.token(exp=int(time.time()) - 240)))[0] == 202
    assert (await bot.post(token=bot.channel.token(nbf=int(time.time()) + 240)))[0] == 202


async def test_it_does_not_mind_a_slash_at_the_end_of_the_service_url(bot: Bot) -> None:
    token = bot.channel.token(serviceurl=bot.channel.service_url.rstrip("/"))
    assert (await bot.post(token=token))[0] == 202


async def test_a_refused_service_url_is_never_called(bot: Bot) -> None:
    """A listener on an address that is not listed hears nothing, at receive or at send."""
    with socket.create_server(("127.0.0.2", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.2:{listener.getsockname()[1]}/"
        assert (await send(bot, other_service(url)(bot.channel)))[0] == 403
        with pytest.raises(DeliveryError) as failed:
            reference = {"serviceUrl": url, "conversation": {"id": "a:1"}}
            await bot.teams.send(reference, {"type": "message", "text": "secret"})
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert failed.value.permanent
    assert bot.channel.logins == []


async def test_a_request_that_is_hard_to_keep_is_asked_for_again(bot: Bot) -> None:
    """The one 5xx there is: the activity is not stored, so the channel must send it again."""
    bot.recorder.error = RuntimeError("disk full at /var/lib/secret")

    async with bot.client.post(
        "/api/messages",
        json=bot.channel.activity(),
        headers={"Authorization": f"Bearer {bot.channel.token()}"},
    ) as response:
        assert response.status == 503
        assert response.headers["Retry-After"] == "5"
        assert "secret" not in await response.text()


async def test_the_connection_survives_a_refusal(bot: Bot) -> None:
    """A caller turned away keeps nobody else from being heard."""
    for _ in range(3):
        await bot.post(token="bad")
        assert (await bot.post())[0] == 202


def test_the_table_is_long_enough() -> None:
    assert len(CASES) >= 60
