"""All that editing needs in a running process, put together."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from knowledge import reminders
from knowledge.building import Builder
from knowledge.folder import Start
from knowledge.learning.gathering import Learning
from knowledge.live import Live
from knowledge.matching import Matchers
from knowledge.publishing import Publisher
from knowledge.reminders import Reminder
from knowledge.swapping import Swapping
from knowledge.workshop import Workshop
from loops import forever
from storage.database import Database

log = structlog.get_logger()


class Editing:
    def __init__(
        self,
        database: Database,
        live: Live,
        start: Start,
        builder: Builder,
        workshop: Workshop,
        matchers: Matchers,
        review: bool,
        now: Callable[[], datetime],
        reminder: Reminder = reminders.nobody,
    ) -> None:
        """start: what `live` was made from; review: a second person approves each publish;
        reminder: tells whoever has to read an answer again."""
        self._workshop = workshop
        content = start.content
        self._swapping = Swapping(
            database, live, content, builder, workshop, matchers, now, reminder
        )
        for conflict in start.conflicts:
            log.warning("files_and_editors_disagree", part=str(conflict.part), kept=conflict.kept)
        self.publisher = Publisher(database, self._swapping, workshop, now, review)
        self.newest = self._swapping.newest
        self.learning = Learning(database, live, builder.encoder, now)

    async def run(self) -> None:
        """Forever: keep this process at the version in force, and group what is missed."""
        keep_up = partial(self._swapping.run, self.publisher.publish_scheduled)
        await asyncio.gather(forever("knowledge", keep_up), forever("learning", self.learning.run))

    async def close(self) -> None:
        await self._workshop.close()
