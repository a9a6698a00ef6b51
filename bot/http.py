"""The one pool of connections the bot calls out with."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import (
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.service_urls import LOOPBACK_HOSTS

_TIMEOUT = ClientTimeout(total=15, connect=5)
_MAX_ANSWER = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The JSON object in the body; ValueError if it is none."""
        value = json.loads(self.body)
        if not isinstance(value, dict):
            raise ValueError("not a JSON object")
        return value


class Http:
    """Follows no redirects, keeps no cookies, reads no answer larger than 1 MiB.

    The session is made at the first call, because it belongs to the loop that runs then.
    """

    def __init__(
        self,
        timeout: ClientTimeout = _TIMEOUT,
        resolver: Callable[[], AbstractResolver] | None = None,
    ) -> None:
        self._timeout = timeout
        self._resolver = resolver
        self._session: ClientSession | None = None

    async def call(
        self,
        method: str,
        url: str | URL,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | Mapping[str, str] | None = None,
    ) -> Answer:
        """Raises aiohttp's ClientError or TimeoutError."""
        session = self._opened()
        async with session.request(
            method, url, headers=headers, data=data, allow_redirects=False
        ) as response:
            return Answer(response.status, response.headers, await _read(response))

    def _opened(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                timeout=self._timeout,
                cookie_jar=DummyCookieJar(),
                connector=TCPConnector(
                    limit=100,
                    limit_per_host=50,
                    resolver=self._resolver() if self._resolver else None,
                ),
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _read(response: ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _MAX_ANSWER:
            raise ClientPayloadError("the answer is too large")
    return bytes(body)


def is_protected(url: str) -> bool:
    """Whether nobody on the way can read or change what is exchanged: https, or this machine."""
    parsed = URL(url)
    return parsed.scheme == "https" or (parsed.scheme == "http" and parsed.host in LOOPBACK_HOSTS)
