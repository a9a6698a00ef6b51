"""Groups what was missed as it comes, and asks it again once a version was published."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from knowledge.encoder import Encoder
from knowledge.learning import closing, unanswered
from knowledge.learning.grouping import Meanings
from knowledge.learning.missed import Missed
from knowledge.learning.unanswered import Cluster, State
from knowledge.live import Live
from knowledge.swapping import CANNOT_NOW
from knowledge.versions import NOBODY
from storage.database import Connection, Database

EVERY_S = 60.0

log = structlog.get_logger()


class Learning:
    def __init__(
        self,
        database: Database,
        live: Live,
        encoder: Encoder | None,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._live = live
        self._encoder = encoder
        self._now = now
        self._meanings: Meanings | None = None
        self._asked_version = 0

    async def run(self) -> None:
        """Forever."""
        while True:
            try:
                await self.gather()
                if self._asked_version != self._live.knowledge.version:
                    await self.ask_again()
                await self._database.write(closing.reopen, self._asked_version, self._now())
            except CANNOT_NOW as error:
                log.error("unanswered_not_gathered", error=str(error))
            await asyncio.sleep(EVERY_S)

    async def gather(self) -> int:
        """Put new misses into groups; returns how many there were."""
        new, known = await self._database.read(_to_group)
        if not new:
            return 0
        groups = await asyncio.to_thread(self._grouped, new, known)
        await self._database.write(unanswered.keep, new, groups, self._now())
        return len(new)

    async def ask_again(self) -> list[Cluster]:
        """The groups that the version in force answers; they are closed now."""
        knowledge = self._live.knowledge
        waiting = await self._database.read(unanswered.clusters, (State.OPEN, State.DRAFTED))
        closed: list[Cluster] = []
        for cluster in waiting:
            results = await knowledge.match([each.question for each in cluster.asked_again])
            entry_id = await self._database.read(
                closing.answered_by, cluster, results, knowledge.version
            )
            if not entry_id:
                continue
            await self._database.write(
                unanswered.set_state,
                cluster.id,
                State.CLOSED,
                NOBODY,
                self._now(),
                entry_id,
                knowledge.version,
            )
            closed.append(cluster)
        self._asked_version = knowledge.version
        return closed

    def meanings(self) -> Meanings:
        """Slow the first time: it encodes."""
        if self._meanings is None:
            entries = self._live.knowledge.content.entries
            titles = [entry.title(language) for entry in entries for language in entry.questions]
            self._meanings = Meanings(self._encoder, titles)
        return self._meanings

    def _grouped(self, new: Sequence[Missed], known: dict[str, list[str]]) -> list[str]:
        return unanswered.grouped(new, known, self.meanings())


def _to_group(connection: Connection) -> tuple[list[Missed], dict[str, list[str]]]:
    new = unanswered.ungrouped(connection)
    return new, unanswered.compared(connection) if new else {}
