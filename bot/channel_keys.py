"""The channel's public keys: fetched when needed, kept when they cannot be fetched again."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK, PyJWTError

from bot.http import Http, is_protected

FETCH_SECONDS = 3.0
FRESH_SECONDS = 24 * 3600.0
REFETCH_SECONDS = 60.0
_REFETCH_WITHOUT_KEYS_SECONDS = 5.0
_MIN_KEY_BITS = 2048

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ChannelKey:
    public: RSAPublicKey
    endorsements: frozenset[str]


class ChannelKeys:
    """An unknown key id causes one fetch, shared by all who wait for it, at most once a minute
    (every 5 s while there are no keys at all). Known keys never wait: old ones are renewed
    behind the scenes, and stay when the channel does not answer or answers junk."""

    def __init__(
        self, http: Http, metadata_url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = http
        self._metadata_url = metadata_url
        self._clock = clock
        self._keys: dict[str, ChannelKey] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetch: asyncio.Task[None] | None = None

    async def get(self, key_id: str) -> ChannelKey | None:
        known = self._keys.get(key_id)
        if known and self._clock() - self._fetched_at < FRESH_SECONDS:
            return known
        fetch = self._refetch()
        if known or fetch is None:
            return known
        # One caller going away must not end the fetch the others wait for.
        await asyncio.shield(fetch)
        return self._keys.get(key_id)

    async def close(self) -> None:
        if self._fetch and not self._fetch.done():
            self._fetch.cancel()
            await asyncio.gather(self._fetch, return_exceptions=True)

    def _refetch(self) -> asyncio.Task[None] | None:
        if self._fetch and not self._fetch.done():
            return self._fetch
        pause = REFETCH_SECONDS if self._keys else _REFETCH_WITHOUT_KEYS_SECONDS
        if self._clock() - self._tried_at < pause:
            return None
        self._tried_at = self._clock()
        self._fetch = asyncio.create_task(self._try_fetch())
        return self._fetch

    async def _try_fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                keys = await self._fetch_keys()
        except Exception as error:  # nothing that host says may fail the requests that wait
            _log.warning("channel_keys_not_fetched", error=type(error).__name__)
            return
        self._keys = keys
        self._fetched_at = self._clock()

    async def _fetch_keys(self) -> dict[str, ChannelKey]:
        metadata = (await self._http.call("GET", self._metadata_url)).json()
        jwks = (await self._http.call("GET", _keys_url(metadata))).json()
        listed = jwks.get("keys")
        keys = dict(filter(None, map(_key, listed if isinstance(listed, list) else [])))
        if not keys:
            raise ValueError("no usable key")
        return keys


def _keys_url(metadata: dict[str, Any]) -> str:
    url = metadata.get("jwks_uri")
    if not isinstance(url, str) or not is_protected(url):
        raise ValueError("no usable jwks_uri")
    return url


def _key(jwk: Any) -> tuple[str, ChannelKey] | None:
    """The key under its id, or None for what is not a signing key we can use."""
    if not isinstance(jwk, dict) or jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig":
        return None
    try:
        public = PyJWK(jwk, algorithm="RS256").key
    except (PyJWTError, ValueError, TypeError):
        return None
    key_id, endorsements = jwk.get("kid"), jwk.get("endorsements")
    if not isinstance(public, RSAPublicKey) or public.key_size < _MIN_KEY_BITS:
        return None
    if not isinstance(key_id, str) or not isinstance(endorsements, list):
        return None
    names = frozenset(name for name in endorsements if isinstance(name, str))
    return key_id, ChannelKey(public, names)
