"""How long a far side may be away, what agents see meanwhile, and what they can do."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.deliveries import Deliveries
from bot.delivery import DeliveryError
from conversations import outbox, stuck
from conversations.outbox import MAX_WAIT, Letter, Parcel
from storage.database import Connection, Database
from tests.handoff.office import MONDAY

MAIL = Letter("mail-1", "mail|carla", "mail", {"handoff": "carla|4"})


@dataclass
class Post:
    """A mail server that is back at `back`, and a hand that sends whenever something is due."""

    database: Database
    back: datetime
    permanent: bool = False
    now: datetime = MONDAY
    tried: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._deliveries = Deliveries(self.database, {"mail": self}, lambda: self.now)

    async def __call__(self, parcel: Parcel) -> str:
        self.tried.append(self.now)
        if self.now < self.back:
            raise DeliveryError("the mail server: TimeoutError", permanent=self.permanent)
        return "arrived"

    async def goes_on(self, until: datetime) -> None:
        while (due := await self.database.read(_next)) and due <= until:
            self.now = max(self.now, due)
            self._deliveries.schedule(MAIL.lane)
            await self._deliveries.settled()
        self.now = until

    async def status(self) -> str:
        found = await self.database.read(stuck.listed)
        return found[0].status if found else ""

    def close(self) -> None:
        self._deliveries.close()


def _next(connection: Connection) -> datetime | None:
    rows = connection.execute("SELECT next_attempt_at FROM outbox WHERE status = 'queued'")
    return datetime.fromisoformat(rows[0]["next_attempt_at"]) if rows else None


@pytest.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    await database.write(outbox.post, MAIL, MONDAY)
    post = Post(database, back=MONDAY + timedelta(days=9))
    yield post
    post.close()


async def test_an_hour_without_mail_is_nobody_s_work(post: Post, database: Database) -> None:
    post.back = MONDAY + timedelta(hours=1)
    await post.goes_on(MONDAY + timedelta(seconds=20))
    assert await post.status() == ""
    await post.goes_on(MONDAY + timedelta(minutes=2))
    assert await post.status() == "late"
    assert await database.read(outbox.states, MAIL.lane) == {1: "late"}
    await post.goes_on(post.back + MAX_WAIT)
    assert await post.status() == ""
    assert post.back <= post.tried[-1] <= post.back + MAX_WAIT


async def test_after_a_day_a_person_decides(post: Post, database: Database) -> None:
    await post.goes_on(MONDAY + timedelta(hours=23))
    assert await post.status() == "late"
    await post.goes_on(MONDAY + timedelta(days=3))
    assert await post.status() == "failed"
    assert timedelta(hours=23) < post.tried[-1] - MONDAY < timedelta(hours=25)
    waits = [after - before for before, after in zip(post.tried, post.tried[1:], strict=False)]
    assert waits == sorted(waits) and waits[-1] == MAX_WAIT
    post.back = post.now
    assert await database.write(stuck.send_again, "mail-1", post.now)
    await post.goes_on(post.now)
    assert await post.status() == ""


async def test_what_would_fail_again_fails_at_once(post: Post) -> None:
    post.permanent = True
    await post.goes_on(MONDAY + timedelta(days=1))
    assert (await post.status(), len(post.tried)) == ("failed", 1)


async def test_who_does_not_want_to_wait_sends_what_is_late_now(
    post: Post, database: Database
) -> None:
    assert not await database.write(stuck.send_again, "mail-1", post.now)
    await post.goes_on(MONDAY + timedelta(minutes=20))
    post.back = post.now
    assert await database.write(stuck.send_again, "mail-1", post.now)
    await post.goes_on(post.now)
    assert post.tried[-1] == post.now
    assert await post.status() == ""
