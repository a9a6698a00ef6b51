"""Who may hand us activities: the channel, with a token it signed for this bot."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

import jwt

from bot.channel_keys import ChannelKey, ChannelKeys
from bot.http import Http, is_protected
from bot.service_urls import LOOPBACK_HOSTS, TEAMS_HOSTS, ServiceUrls

LEEWAY_SECONDS = 300
CHANNELS = frozenset({"msteams"})
"""Activities of other channels are refused, although the same app id may serve them."""

_MAX_TOKEN = 8192
_MAX_CACHED_TOKENS = 1000
_MAX_CACHED_SECONDS = 3600
_UNUSABLE = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class TeamsSettings:
    """How the bot is registered. `token_url` empty means Microsoft's for the app type.

    Other clouds have their own metadata URL, issuer, token URL and service hosts. Raises
    ValueError with one sentence when the combination cannot work.
    """

    app_id: str
    app_password: str = field(default="", repr=False)
    app_type: str = "MultiTenant"
    tenant_id: str = ""
    openid_metadata_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    service_url_hosts: tuple[str, ...] = ()
    issuer: str = "https://api.botframework.com"
    token_url: str = ""

    def __post_init__(self) -> None:
        if self.app_type not in ("MultiTenant", "SingleTenant"):
            raise ValueError(
                f"MicrosoftAppType {self.app_type} is not supported: "
                "register the bot as SingleTenant with a client secret."
            )
        if self.app_type == "SingleTenant" and not self.tenant_id:
            raise ValueError("MicrosoftAppType SingleTenant needs MicrosoftAppTenantId.")
        for url in (self.openid_metadata_url, self.login_url):
            if not is_protected(url):
                raise ValueError(f"{url} must be https: keys and secrets travel over it.")

    @property
    def login_url(self) -> str:
        tenant = self.tenant_id if self.app_type == "SingleTenant" else "botframework.com"
        return self.token_url or f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"

    @property
    def reply_hosts(self) -> tuple[str, ...]:
        return (*TEAMS_HOSTS, *self.service_url_hosts)

    @property
    def scope(self) -> str:
        return f"{self.issuer}/.default"


class Refused(Exception):
    """The request is turned away. `reason` is for the log; the caller learns only the status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Caller:
    """What a token says about who sent it."""

    claims: Mapping[str, Any]
    endorsements: frozenset[str]


class Gate(Protocol):
    """Both questions are asked of every request; either answer can be Refused."""

    async def verify(self, header: str | None) -> Caller: ...

    def admit(self, caller: Caller, activity: Mapping[str, Any]) -> None: ...

    async def close(self) -> None: ...


class Authentication:
    """Tokens the channel signed for this bot. Verified ones are remembered by their hash until
    they end (an hour at most), so that a busy channel costs one signature check an hour."""

    def __init__(
        self,
        settings: TeamsSettings,
        http: Http,
        *,
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app_id = settings.app_id
        self._issuer = settings.issuer
        self._urls = ServiceUrls(settings.reply_hosts)
        self._keys = ChannelKeys(http, settings.openid_metadata_url, clock)
        self._wall = wall
        self._verified: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    async def verify(self, header: str | None) -> Caller:
        """401 unless the channel signed the token and it is in force, 403 if for another bot."""
        token = _bearer(header)
        digest = hashlib.sha256(token.encode()).digest()
        until, caller = self._verified.get(digest, (0.0, None))
        if caller is None or self._wall() >= until:
            caller = await self._verify(token)
            self._remember(digest, caller)
        if caller.claims["aud"] != self._app_id:
            raise Refused(403, "audience")
        return caller

    def admit(self, caller: Caller, activity: Mapping[str, Any]) -> None:
        """403 unless the token was made for this activity's channel and service address."""
        claimed, stated = caller.claims.get("serviceurl"), activity["serviceUrl"]
        if not isinstance(claimed, str) or claimed.rstrip("/") != stated.rstrip("/"):
            raise Refused(403, "service_url")
        if not self._urls.allows(stated):
            raise Refused(403, "service_url_host")
        if activity["channelId"] not in CHANNELS:
            raise Refused(403, "channel")
        if activity["channelId"] not in caller.endorsements:
            raise Refused(403, "endorsement")

    async def close(self) -> None:
        await self._keys.close()

    async def _verify(self, token: str) -> Caller:
        key = await self._key_of(token)
        try:
            claims = jwt.decode(
                token,
                key.public,
                algorithms=["RS256"],
                issuer=self._issuer,
                options={
                    "require": ["iss", "aud", "exp", "nbf"],
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
            self._check_time(claims)
        except _UNUSABLE as error:
            _refuse_token(error)
        return Caller(claims, key.endorsements)

    async def _key_of(self, token: str) -> ChannelKey:
        try:
            header = jwt.get_unverified_header(token)
        except _UNUSABLE as error:
            _refuse_token(error)
        key_id = header.get("kid")
        if header.get("alg") != "RS256" or not isinstance(key_id, str):
            raise Refused(401, "algorithm_or_key_id")
        key = await self._keys.get(key_id)
        if key is None:
            raise Refused(401, "unknown_key")
        return key

    def _check_time(self, claims: Mapping[str, Any]) -> None:
        now = self._wall()
        if not now < float(claims["exp"]) + LEEWAY_SECONDS:
            raise Refused(401, "expired")
        if not now >= float(claims["nbf"]) - LEEWAY_SECONDS:
            raise Refused(401, "not_yet")

    def _remember(self, digest: bytes, caller: Caller) -> None:
        longest = self._wall() + _MAX_CACHED_SECONDS
        until = min(float(caller.claims["exp"]) + LEEWAY_SECONDS, longest)
        self._verified[digest] = (until, caller)
        if len(self._verified) > _MAX_CACHED_TOKENS:
            self._verified.popitem(last=False)


class AnonymousAuthentication:
    """For `--dev` on a loopback address: no tokens, and replies go to this machine only."""

    def __init__(self) -> None:
        self._urls = ServiceUrls(LOOPBACK_HOSTS)

    async def verify(self, header: str | None) -> Caller:
        return Caller({}, frozenset())

    def admit(self, caller: Caller, activity: Mapping[str, Any]) -> None:
        if not self._urls.allows(activity["serviceUrl"]):
            raise Refused(403, "service_url_host")

    async def close(self) -> None:
        pass


def _bearer(header: str | None) -> str:
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > _MAX_TOKEN or not token.isascii():
        raise Refused(401, "no_token")
    return token


def _refuse_token(error: Exception) -> NoReturn:
    raise Refused(401, type(error).__name__) from error
