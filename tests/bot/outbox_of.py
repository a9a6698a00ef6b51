"""A desk whose couriers are real, and a hand that sends what waits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.deliveries import Deliveries, Sender
from handoff.customers import Customers
from handoff.desk import Desk
from handoff.voice import Courier, Voice
from handoff.watch import Watch
from storage.database import Connection, Database
from tests.handoff.office import MONDAY, POLICY, Office, Plain


class OutboxOffice(Office):
    """An office with a courier; `deliver` sends everything that is due by `at`."""

    def __init__(self, database: Database, courier: Courier, channel: str, sender: Sender) -> None:
        super().__init__(database)
        self.voice = Voice(Plain(), lambda: POLICY, [courier])
        self.desk, self.customers = Desk(self.voice), Customers(self.voice)
        self.watch = Watch(self.voice)
        self.at = MONDAY
        self.deliveries = Deliveries(database, {channel: sender}, lambda: self.at)

    async def deliver(self, at: datetime | None = None) -> dict[str, str]:
        """What became of each letter."""
        self.at = at or self.at
        await self.deliveries.settled()
        for lane in {row["lane"] for row in await self.letters()}:
            self.deliveries.schedule(lane)
        await self.deliveries.settled()
        return {row["id"]: row["status"] for row in await self.letters()}

    async def letters(self) -> list[Mapping[str, Any]]:
        def rows(connection: Connection) -> list[Mapping[str, Any]]:
            return list(connection.execute("SELECT * FROM outbox ORDER BY lane, number"))

        return await self.database.read(rows)
