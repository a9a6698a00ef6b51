"""Keeps this process at the version in force: hears of it, loads it off the loop, swaps it in."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from knowledge import drafts, releases, reminders, versions
from knowledge.building import Builder
from knowledge.entry import KnowledgeError
from knowledge.files import Content
from knowledge.live import Knowledge, Live
from knowledge.matching import Matchers, Matching
from knowledge.parts import Body, Part, differing
from knowledge.preparing import today
from knowledge.process import ProcessError
from knowledge.releases import Release
from knowledge.reminders import Reminder
from knowledge.versions import Head
from knowledge.workshop import Workshop
from storage.database import Connection, Database, StorageError

POLL_S = 1.0
AHEAD = timedelta(minutes=1)  # a scheduled publish is prepared so long before its time
PAUSE_S = 20.0  # after a chore that failed
A_DAY = timedelta(days=1)

Chore = Callable[[], Awaitable[None]]
CANNOT_NOW = (StorageError, KnowledgeError, ProcessError)

log = structlog.get_logger()


class Swapping:
    def __init__(
        self,
        database: Database,
        live: Live,
        content: Content,
        builder: Builder,
        workshop: Workshop,
        matchers: Matchers,
        now: Callable[[], datetime],
        reminder: Reminder = reminders.nobody,
    ) -> None:
        """content: what `live` was made from, with the entries that are not in force today."""
        self._database = database
        self._live = live
        self._builder = builder
        self._workshop = workshop
        self._matchers = matchers
        self._now = now
        self._reminder = reminder
        self._head: Head | None = None  # not looked up yet
        self._content = content
        self._known = (live.knowledge.version, content)
        self._swap = asyncio.Lock()
        self._heard = asyncio.Event()
        self._fitting: asyncio.Task[None] | None = None
        self._ahead: tuple[Content, date] | None = None
        self._day = self._today_is()
        self._reminded: date | None = None

    async def newest(self) -> tuple[int, Content]:
        """The last version published, which may not be in force here for another moment."""
        number, content = self._known
        hashes = await asyncio.to_thread(lambda: content.part_hashes)  # slow the first time
        head, changed = await self._database.read(_changed, number, hashes)
        if head.version != number:
            content = await asyncio.to_thread(content.with_parts, changed)
            self._known = (head.version, content)
        return self._known

    async def knowledge(self, version: int, content: Content) -> Knowledge:
        """The content as customers would get it now; the index is read, or built if it has to."""
        valid = today(content, self._now())
        matching = await self._matching(valid, content)
        return await _made(version, valid, matching, self._live.knowledge)

    async def catch_up(self) -> None:
        """Put the newest version in force here; returns when it is."""
        async with self._swap:
            head = await self._database.read(versions.head)
            if self._head is None and head.version == self._live.knowledge.version:
                self._head = head
            if head == self._head and self._day == self._today_is():
                return
            number, content = await self.newest()
            self._content = content
            valid = self._today()
            if (
                self._head
                and (number, self._head.version) == (head.version,) * 2
                and head != self._head
            ):
                matching = await self._full(valid)
            else:
                matching = await self._matching(valid, content)
            live = self._live
            live.knowledge = await _made(number, valid, matching, live.knowledge)
            self._day = self._today_is()
            self._head = Head(number, head.build if number == head.version else 0)
            log.info("knowledge_published", version=number, build=head.build)

    async def run(self, publish_scheduled: Callable[[Release], Awaitable[Release]]) -> None:
        """Forever: catch up, publish what is due, remind of reviews, and get ready for tomorrow and
        for what is being written."""
        due = partial(self._publish_due, publish_scheduled)
        chores = (due, self._remind, self._get_ready, self._expect)
        under_way: dict[Chore, asyncio.Task[None]] = {}
        await asyncio.to_thread(lambda: self._content.part_hashes)  # before an editor waits for it
        live = self._live.knowledge
        if not live.matching.full:  # whoever published it did not live to see to it
            self.fit_in_full(live.content)
        stop = self._database.listen(versions.TOPIC, lambda _: self._heard.set())
        try:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._heard.wait(), POLL_S)
                self._heard.clear()
                try:
                    await self.catch_up()
                except CANNOT_NOW as error:
                    log.error("knowledge_not_kept_up", error=str(error))
                for chore in chores:
                    if chore not in under_way or under_way[chore].done():
                        under_way[chore] = asyncio.create_task(_done(chore))
        finally:
            stop()
            for task in (*under_way.values(), self._fitting):
                if task:
                    task.cancel()

    async def until(self, at: str) -> None:
        """Wait for a stored time."""
        wait = datetime.fromisoformat(at) - self._now()
        await asyncio.sleep(max(wait.total_seconds(), 0))

    def fit_in_full(self, content: Content) -> None:
        """In the background; every process is told when it is done. A newer one takes over."""
        if self._fitting:
            self._fitting.cancel()
        self._fitting = asyncio.create_task(self._fit(content))

    async def _publish_due(
        self, publish_scheduled: Callable[[Release], Awaitable[Release]]
    ) -> None:
        now = self._now()
        if due := await self._database.write(releases.take_due, now + AHEAD, now):
            await publish_scheduled(due)

    async def _remind(self) -> None:
        day = self._today_is()
        if day != self._reminded:
            entries, now = self._content.entries, self._now()
            await self._database.write(reminders.remind, entries, day, now, self._reminder)
            self._reminded = day

    async def _get_ready(self) -> None:
        """The index of what answers tomorrow lies on disk before it is needed."""
        tomorrow = self._today_is() + A_DAY
        if self._ahead == (self._content, tomorrow):
            return
        self._ahead = (self._content, tomorrow)
        wanted = self._content.valid_on(tomorrow)
        if wanted == self._live.knowledge.content:
            return
        await self._workshop.prepare(wanted, wanted, self._now() + A_DAY)

    async def _expect(self) -> None:
        """While anything is being written a process stands ready for it, in 150 MB."""
        if await self._database.read(drafts.are_open):
            await self._matchers.get_ready()

    async def _full(self, valid: Content) -> Matching:
        if not await asyncio.to_thread(self._builder.has_full, valid.basis):
            await self._workshop.fit(valid.basis)
        return await self._matchers.open(valid)

    async def _matching(self, valid: Content, like: Content) -> Matching:
        """The one in use where nothing that is matched has changed."""
        live = self._live.knowledge
        digests = (valid.basis, live.content.basis)
        new, old = await asyncio.to_thread(lambda: [each.digest for each in digests])
        if new == old:
            return live.matching
        if not await asyncio.to_thread(self._builder.has, valid.basis):
            await self._workshop.prepare(live.content, like, self._now())
        return await self._matchers.open(valid)

    async def _fit(self, content: Content) -> None:
        version = self._live.knowledge.version
        try:
            await self._workshop.fit(content.basis)
            await self._database.write(versions.built_anew, version)
        except (ProcessError, StorageError) as error:
            log.warning("index_not_fitted", version=version, error=str(error))

    def _today(self) -> Content:
        return today(self._content, self._now())

    def _today_is(self) -> date:
        """The partner's day: entries come and go at its midnight."""
        zone = ZoneInfo(self._content.policy.support.hours.time_zone)
        return self._now().astimezone(zone).date()


async def _done(chore: Chore) -> None:
    try:
        await chore()
    except Exception:
        log.exception("knowledge_chore_failed")
        await asyncio.sleep(PAUSE_S)


async def _made(
    version: int, content: Content, matching: Matching, earlier: Knowledge
) -> Knowledge:
    knowledge = await asyncio.to_thread(Knowledge, version, content, matching)
    await knowledge.warm(earlier)
    return knowledge


def _changed(
    connection: Connection, known: int, hashes: dict[Part, str]
) -> tuple[Head, dict[Part, Body | None]]:
    """The newest version's number, and its parts that differ."""
    head = versions.head(connection)
    if head.version == known:
        return head, {}
    parts = differing(hashes, versions.manifest_of(connection, head.version))
    bodies = versions.bodies_of(connection, head.version, parts)
    return head, {part: bodies.get(part) for part in parts}
