"""How requests for a person are routed and watched: the policy's `handoff`."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from knowledge.entry import Id
from knowledge.values import Count, Key, Many, Model, Text


class Route(Model):
    """Whose requests go to people with this role: what was asked is about one of these topics, or
    one of these entries, which come first."""

    role: Key
    topics: Many[Key] = ()
    entries: Many[Id] = ()


class Unclaimed(Model):
    """What happens to a request that nobody takes, in minutes of opening hours."""

    remind_minutes: Count = 5
    widen_minutes: Count = 10
    tell_customer_minutes: Count = 15


class Handoff(Model):
    contact_check: Text
    routes: Many[Route] = ()
    otherwise: Key = "helpdesk_agent"
    take_over: Many[Id] = ()  # entries after whose answer a person is called, unasked
    unclaimed: Unclaimed = Unclaimed()
    reopen_hours: Count = 24
    expire_days: Annotated[int, Field(ge=1, le=365)] = 14
    grace_seconds: Annotated[int, Field(ge=5, le=3600)] = 60

    def role_for(self, topic: str, entry_id: str = "") -> str:
        for route in self.routes:
            if entry_id in route.entries:
                return route.role
        return next((each.role for each in self.routes if topic in each.topics), self.otherwise)

    @property
    def reopen_within(self) -> timedelta:
        return timedelta(hours=self.reopen_hours)
