"""The token the bot shows to the channel."""

import asyncio
import time
from collections.abc import Callable

from aiohttp import ClientError

from bot.delivery import DeliveryError
from bot.http import Http

RENEW_BEFORE_SECONDS = 300.0


class BotToken:
    """Client credentials, kept until 5 minutes before they end; one request at a time fetches."""

    def __init__(
        self,
        http: Http,
        url: str,
        app_id: str,
        password: str,
        scope: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._url = url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": password,
            "scope": scope,
        }
        self._clock = clock
        self._token = ""
        self._renew_at = 0.0
        self._fetching = asyncio.Lock()

    async def get(self) -> str:
        """Raises DeliveryError when there is none to be had now."""
        if not self._is_fresh():
            async with self._fetching:
                if not self._is_fresh():
                    await self._fetch()
        return self._token

    def forget(self, token: str) -> None:
        """The channel refused it: the next request fetches another."""
        if token == self._token:
            self._token = ""

    def _is_fresh(self) -> bool:
        return bool(self._token) and self._clock() < self._renew_at

    async def _fetch(self) -> None:
        asked_at = self._clock()
        try:
            answer = await self._http.call("POST", self._url, data=self._form)
            granted = answer.json()
            token, lifetime = str(granted["access_token"]), float(granted["expires_in"])
        except (ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise DeliveryError("the bot could not get its own token") from error
        self._token = token
        self._renew_at = asked_at + max(lifetime - RENEW_BEFORE_SECONDS, lifetime / 2)
