"""Tokens: signed, short-lived, each for one conversation and one purpose."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any

import jwt

REMEMBERED = 1024  # good tokens to talk: each comes with every message; checking takes 0.4 ms
MAX_LENGTH = 4096
EXPIRES_IN = 1800
"""Seconds. The clients refresh every 15 minutes, whatever they are told."""


class Purpose(StrEnum):
    """What a token opens; one for one purpose is nothing for another."""

    TALK = "talk"
    STREAM = "stream"
    RESUME = "resume"


SKEW = 60
"""Seconds by which the clocks of two of our processes may differ."""
_LIFETIMES = {
    Purpose.TALK: EXPIRES_IN + SKEW,
    Purpose.STREAM: 60,
    Purpose.RESUME: 30 * 24 * 3600,
}


class BadToken(Exception):
    """Forged, expired, or for another purpose: nobody is told which."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may take part in which conversation. `origins`: the sites it may be used from, none for
    those of the settings; `id` and `expires_at` are there once it has been read from a token."""

    conversation_id: str
    user_id: str
    user_name: str = ""
    origins: tuple[str, ...] = ()
    id: str = ""
    expires_at: float = 0


class Tokens:
    """HS256 tokens under keys derived from the secrets: the first signs, all of them open."""

    def __init__(self, secrets: Sequence[str], clock: Callable[[], float] = time.time) -> None:
        if not secrets:
            raise ValueError("a secret is needed to sign tokens")
        self._secrets = tuple(secret.encode() for secret in secrets)
        self._keys = {_derived(secret, "id")[:12]: _derived(secret, "key") for secret in secrets}
        self._signing = next(iter(self._keys))
        self.now = clock
        self._talking = lru_cache(REMEMBERED)(partial(self._opened, purpose=Purpose.TALK))

    def is_secret(self, credential: str) -> bool:
        given = credential.encode("utf-8", "replace")
        return sum(hmac.compare_digest(given, secret) for secret in self._secrets) > 0

    def issue(self, grant: Grant, purpose: Purpose = Purpose.TALK) -> str:
        claims: dict[str, Any] = {
            "aud": purpose,
            "jti": secrets.token_urlsafe(9),
            "exp": int(self.now()) + _LIFETIMES[purpose],
            "conv": grant.conversation_id,
            "user": grant.user_id,
        }
        if grant.user_name:
            claims["name"] = grant.user_name
        if grant.origins:
            claims["origins"] = grant.origins
        key = self._keys[self._signing]
        return jwt.encode(claims, key, "HS256", headers={"kid": self._signing})

    def read(self, token: str, purpose: Purpose = Purpose.TALK) -> Grant:
        """Raises BadToken."""
        try:
            is_kept = purpose is Purpose.TALK
            grant = self._talking(token) if is_kept else self._opened(token, purpose)
        except (jwt.InvalidTokenError, RecursionError, ValueError, KeyError) as error:
            raise BadToken from error
        if grant.expires_at <= self.now():
            raise BadToken
        return grant

    def _opened(self, token: str, purpose: Purpose) -> Grant:
        """What is in it, if it is ours; its time is compared with our own clock, not here."""
        if len(token) > MAX_LENGTH:
            raise BadToken
        claims: dict[str, Any] = jwt.decode(
            token,
            self._keys[jwt.get_unverified_header(token)["kid"]],
            algorithms=["HS256"],
            audience=purpose,
            options={"require": ["aud", "exp", "jti", "conv", "user"], "verify_exp": False},
        )
        return Grant(
            conversation_id=claims["conv"],
            user_id=claims["user"],
            user_name=claims.get("name", ""),
            origins=tuple(claims.get("origins", ())),
            id=claims["jti"],
            expires_at=claims["exp"],
        )


def new_grant(user_id: str = "", user_name: str = "", origins: Sequence[str] = ()) -> Grant:
    """A conversation nobody has had, for a user nobody can guess."""
    return Grant(
        conversation_id=secrets.token_urlsafe(16),
        user_id=user_id or f"dl_{secrets.token_urlsafe(16)}",
        user_name=user_name,
        origins=tuple(origins),
    )


def _derived(secret: str, use: str) -> str:
    return hmac.new(secret.encode(), f"direct line {use}".encode(), hashlib.sha256).hexdigest()
