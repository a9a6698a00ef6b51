"""How often and how much at once one caller may."""

import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from web.errors import Problem, Refused

MAX_KEYS = 20_000


class Rate:
    """A bucket of `burst` for each key, refilled at `per_minute`."""

    def __init__(
        self, per_minute: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_minute / 60
        self._burst = burst
        self._clock = clock
        self._full_at: dict[str, float] = {}

    def check(self, key: str) -> None:
        """Take one; raises Refused with the time to wait when the bucket is empty."""
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now) + 1 / self._per_second
        wait = full_at - now - self._burst / self._per_second
        if wait > 1e-9:
            raise Refused(Problem.TOO_MANY, retry_after=wait)
        if len(self._full_at) >= MAX_KEYS and key not in self._full_at:
            self._forget(now)
        self._full_at[key] = full_at

    def _forget(self, now: float) -> None:
        """Full buckets need no memory; if all are in use, the oldest half is forgiven."""
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        for key in list(self._full_at)[: max(0, len(self._full_at) - MAX_KEYS // 2)]:
            del self._full_at[key]


class Once:
    """What may be used a single time, remembered until it would have ended anyway."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._used: dict[str, float] = {}

    def use(self, key: str, until: float) -> bool:
        """False when it was used before, or has ended."""
        now = self._clock()
        while self._used and next(iter(self._used.values())) <= now:
            del self._used[next(iter(self._used))]
        if key in self._used or until <= now:
            return False
        self._used[key] = until
        return True


class Places:
    """At most so many at the same time for each key."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken: Counter[str] = Counter()

    def one(self, key: str) -> "Place":
        return Place(self, key)

    def take(self, key: str) -> None:
        """Raises Refused when all are taken."""
        if self._taken[key] >= self._places:
            raise Refused(Problem.TOO_MANY, retry_after=10)
        self._taken[key] += 1

    def free(self, key: str) -> None:
        self._taken[key] -= 1
        if not self._taken[key]:
            del self._taken[key]


class Place(NamedTuple):
    """Taken while it is entered; Refused when there is none."""

    places: Places
    key: str

    def __enter__(self) -> None:
        self.places.take(self.key)

    def __exit__(self, *_: object) -> None:
        self.places.free(self.key)
