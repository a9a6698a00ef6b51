"""Passwords: argon2id with OWASP's 19 MiB profile, off the loop, few at a time."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

T = TypeVar("T")

AT_ONCE = 2
MIN_LENGTH, MAX_LENGTH = 12, 256
MIN_DISTINCT = 5


class WeakPassword(Exception):
    """`reason` is `short`, `long`, `plain` or `email`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Passwords:
    """Hashes and verifies; takes a hash's time to build, because of the one for nobody."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.ID)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._nobodys = self._hasher.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        return await self._run(self._hasher.hash, _normal(password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """None, or the empty hash of who has no password, takes as long and is never right."""
        right = await self._run(self._verify, hashed or self._nobodys, _normal(password))
        return right and bool(hashed)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    async def _run(self, work: Callable[..., T], *args: str) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def check_strength(password: str, email: str) -> None:
    """Raises WeakPassword. Length counts; what kinds of characters there are does not."""
    normal = _normal(password)
    if len(normal) < MIN_LENGTH:
        raise WeakPassword("short")
    if len(normal) > MAX_LENGTH:
        raise WeakPassword("long")
    if len(set(normal)) < MIN_DISTINCT:
        raise WeakPassword("plain")
    name = email.partition("@")[0].casefold()
    if len(name) > 3 and name in normal.casefold():
        raise WeakPassword("email")


def _normal(password: str) -> str:
    """The same characters, however the keyboard composed them."""
    return unicodedata.normalize("NFKC", password)
