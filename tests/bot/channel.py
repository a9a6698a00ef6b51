"""A Bot Framework channel on loopback: keys, tokens, login, and a connector that keeps
what it gets.

`python -m tests.bot.channel --port 8700` runs it alone, to try the bot by hand.
"""

import argparse
import asyncio
import base64
import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any, Self

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bot.authentication import TeamsSettings

APP_ID = "3f2a7d54-0c1e-4b7a-9a55-1f6f2f0d9c11"
APP_PASSWORD = "only-for-the-loopback-channel"
ISSUER = "https://api.botframework.com"
BOT = {"id": f"28:{APP_ID}", "name": "Billing Bot"}


@dataclass(frozen=True)
class Sent:
    """One request the bot made of the connector."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Trouble:
    """What the connector does with one request instead of taking it.

    `status` answers; `fault` is hang (no answer at all), reset (the connection is cut, nothing
    taken) or taken_then_reset.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Channel:
    def __init__(self, port: int = 0) -> None:
        self.key_id = "first"
        self.endorsements = ["msteams", "webchat"]
        self.metadata_answer: bytes | None = None
        self.metadata_gate = asyncio.Event()
        self.metadata_gate.set()
        self.keys_answer: Any = {}
        self.key_fetches = 0
        self.logins: list[dict[str, str]] = []
        self.grant: dict[str, Any] = {}
        self.sent: list[Sent] = []
        self.troubles: deque[Trouble] = deque()
        self._port = port
        self._ids = count(1)
        self._arrived = asyncio.Condition()
        self._released = asyncio.Event()
        self._runner = web.AppRunner(self._app(), shutdown_timeout=0.1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        host, self._port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{self._port}"
        self.service_url = f"{self.url}/amer/"
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._released.set()
        self.metadata_gate.set()
        await self._runner.cleanup()

    def settings(self, **changes: Any) -> TeamsSettings:
        given: dict[str, Any] = {
            "app_id": APP_ID,
            "app_password": APP_PASSWORD,
            "openid_metadata_url": f"{self.url}/.well-known/openidconfiguration",
            "token_url": f"{self.url}/login",
            "service_url_hosts": ("127.0.0.1",),
        }
        return TeamsSettings(**given | changes)

    def token(
        self, *, key: str = "", header: Mapping[str, Any] | None = None, **claims: Any
    ) -> str:
        """Signed with the channel's present key. A claim given as None is left out."""
        now = int(time.time())
        payload = {
            "iss": ISSUER,
            "aud": APP_ID,
            "serviceurl": self.service_url,
            "nbf": now - 60,
            "exp": now + 3600,
        } | claims
        fields = {"alg": "RS256", "typ": "JWT", "kid": key or self.key_id} | dict(header or {})
        return _signed(private_key(key or self.key_id), _given(fields), _given(payload))

    def activity(self, text: str = "When is my invoice due?", **changes: Any) -> dict[str, Any]:
        """A message as Teams sends it in a personal chat. A field given as None is left out."""
        whole = {
            "type": "message",
            "id": f"a:{next(self._ids)}",
            "timestamp": "2026-11-22T08:00:00.1234567Z",
            "localTimestamp": "2026-11-22T16:00:00.1234567+08:00",
            "serviceUrl": self.service_url,
            "channelId": "msteams",
            "from": {"id": "29:ann", "name": "Ann Lee", "aadObjectId": "c0ffee"},
            "conversation": {
                "id": "a:conversation-1",
                "tenantId": "tenant-1",
                "conversationType": "personal",
            },
            "recipient": BOT,
            "text": text,
            "textFormat": "plain",
            "locale": "en-US",
            "entities": [{"type": "clientInfo", "locale": "en-US", "country": "US"}],
            "channelData": {"tenant": {"id": "tenant-1"}},
        } | changes
        return _given(whole)

    async def arrived(self, number: int) -> list[Sent]:
        """What the connector has taken, once it is that many."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.sent) >= number)
        return self.sent

    async def asked_for_keys(self, times: int) -> None:
        async with self._arrived:
            await self._arrived.wait_for(lambda: self.key_fetches >= times)

    def _app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/.well-known/openidconfiguration", self._metadata),
                web.get("/keys", self._keys),
                web.post("/login", self._login),
                web.route("*", "/amer/v3/{tail:.*}", self._connector),
            ]
        )
        return app

    async def _metadata(self, request: web.Request) -> web.Response:
        async with self._arrived:
            self.key_fetches += 1
            self._arrived.notify_all()
        await self.metadata_gate.wait()
        if self.metadata_answer is not None:
            return web.Response(body=self.metadata_answer)
        return web.json_response({"issuer": ISSUER, "jwks_uri": f"{self.url}/keys"})

    async def _keys(self, request: web.Request) -> web.Response:
        if self.keys_answer != {}:
            return web.json_response(self.keys_answer)
        numbers = private_key(self.key_id).public_key().public_numbers()
        key = {
            "kty": "RSA",
            "use": "sig",
            "kid": self.key_id,
            "n": _number(numbers.n),
            "e": _number(numbers.e),
            "endorsements": self.endorsements,
        }
        return web.json_response({"keys": [key]})

    async def _login(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.logins.append({name: str(value) for name, value in form.items()})
        granted = {"access_token": f"bot-token-{len(self.logins)}", "expires_in": 3600}
        return web.json_response(self.grant or granted)

    async def _connector(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = json.loads(raw) if raw else {}
        sent = Sent(request.method, request.raw_path, dict(request.headers), body)
        trouble = self.troubles.popleft() if self.troubles else Trouble()
        if trouble.fault == "hang":
            await self._released.wait()
        if trouble.status:
            return web.Response(status=trouble.status, headers=trouble.headers)
        if trouble.fault != "reset":
            await self.take(sent)
        if trouble.fault and request.transport:
            request.transport.abort()
        return web.json_response(self._taken(sent), status=201)

    def _taken(self, sent: Sent) -> dict[str, str]:
        """A thread that was begun in a team's channel is a conversation of its own."""
        channel = (sent.body.get("channelData") or {}).get("channel")
        if sent.method == "POST" and sent.path.endswith("/v3/conversations") and channel:
            root = str(1700000000000 + len(self.sent))
            return {"id": f"{channel['id']};messageid={root}", "activityId": root}
        return {"id": f"1:{len(self.sent)}"}

    async def take(self, sent: Sent) -> None:
        async with self._arrived:
            self.sent.append(sent)
            self._arrived.notify_all()


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _signed(key: rsa.RSAPrivateKey, header: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    """By hand, because a library would refuse the tokens that must be refused."""
    parts = [_base64(json.dumps(part).encode()) for part in (header, payload)]
    signature = key.sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
    return ".".join([*parts, _base64(signature)])


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


async def _run(port: int) -> None:
    async with Channel(port) as channel:
        print(f"service url  {channel.service_url}")
        print(f"metadata     {channel.url}/.well-known/openidconfiguration")
        print(f"bearer token {channel.token()}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8700)
    asyncio.run(_run(parser.parse_args().port))
