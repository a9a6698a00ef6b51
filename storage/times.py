"""How a moment stands in the database."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=256)  # one moment is written many times in a transaction
def stored_time(at: datetime) -> str:
    """UTC ISO-8601 to the millisecond, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
