"""What a report is asked about: days, and what narrows the requests of those days."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from handoff.reports import Scope

PATH = "/agent/reports"
DAYS = 30
LONGEST = 3660
_TEXTS = ("channel", "language", "role", "reason", "agent")


class Period:
    """The days asked for, both included, on the partner's clocks, and what else narrows them."""

    def __init__(self, first: date, last: date, zone: ZoneInfo, **narrowed: Any) -> None:
        self.first, self.last = first, last
        start, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(1)))
        self.scope = Scope(start, end, **narrowed)

    @classmethod
    def of(cls, given: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Self:
        """The last DAYS days, unless `from` and `to` say otherwise; what cannot be read is left."""
        today = now.astimezone(zone).date()
        last = _day(given.get("to", "")) or today
        first = _day(given.get("from", "")) or last - timedelta(days=DAYS - 1)
        first, last = min(first, last), max(first, last)
        first = max(first, last - timedelta(days=LONGEST))
        score = given.get("score", "")
        stars = int(score) if score in tuple("12345") else 0
        narrowed = {name: given.get(name, "")[:200] for name in _TEXTS}
        return cls(first, last, zone, **narrowed, score=stars)

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        given = {name: str(value) for name, value in asdict(self.scope).items() if value}
        days = {"from": str(self.first), "to": str(self.last)}
        return days | {name: given[name] for name in (*_TEXTS, "score") if name in given}

    def link(self, figure: str, **narrowed: object) -> str:
        """Where the rows of a figure are."""
        asked = {**self.query, **{name: str(value) for name, value in narrowed.items()}}
        return f"{PATH}/rows?{urlencode({'figure': figure, **asked})}"

    @property
    def back(self) -> str:
        """The page that this was opened from."""
        kept = ("from", "to", "channel", "language", "role")
        return f"{PATH}?{urlencode({k: v for k, v in self.query.items() if k in kept})}"


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2999 else None
