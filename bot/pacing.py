"""Teams' limits on what one bot may send to one thread, kept by waiting."""

from collections import OrderedDict, deque

TEAMS_LIMITS = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
"""Requests allowed in so many seconds."""

_MAX_THREADS = 10_000


class Pacing:
    """Gives every request to a thread the earliest moment that keeps all limits, in order."""

    def __init__(self, limits: tuple[tuple[int, float], ...] = TEAMS_LIMITS) -> None:
        self._limits = limits
        self._longest = max(count for count, _ in limits)
        self._slots: OrderedDict[str, deque[float]] = OrderedDict()

    def reserve(self, thread: str, now: float) -> float:
        """Take the next slot; returns the seconds to wait for it."""
        slots = self._slots.setdefault(thread, deque(maxlen=self._longest))
        self._slots.move_to_end(thread)
        if len(self._slots) > _MAX_THREADS:
            self._slots.popitem(last=False)
        free = [slots[-count] + seconds for count, seconds in self._limits if len(slots) >= count]
        slot = max(now, slots[-1] if slots else now, *free)
        slots.append(slot)
        return slot - now
