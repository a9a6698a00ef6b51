"""From drafts to what customers get: prepared, checked, published, and swapped in everywhere.

Every process runs a Publisher. Publishing builds the index on disk first, then commits the version;
each process hears of it (or sees it within a second), reads the index off the event loop and swaps
`live.knowledge`. Turns under way end with the version they began with.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

import structlog

from knowledge import drafts, rebasing, releases, versions
from knowledge.check_said import SENTENCES
from knowledge.differences import Change, differences
from knowledge.drafts import Draft
from knowledge.entry import KnowledgeError, Problem
from knowledge.files import Content
from knowledge.live import Knowledge
from knowledge.parts import Body, Part, differing
from knowledge.preparing import Moved, Report, today
from knowledge.releases import Release, Status
from knowledge.swapping import CANNOT_NOW, Swapping
from knowledge.versions import NewVersion, PublishedMeanwhile, Source, Who
from knowledge.workshop import Workshop
from storage.database import Connection, Database
from storage.times import stored_time

ATTEMPTS = 3  # at publishing on top of what others publish meanwhile

log = structlog.get_logger()


class NotPublishable(Exception):
    """`problems` have to be mended; golden questions that got `worse` may be accepted with a
    reason. Nothing was published."""

    def __init__(self, problems: Sequence[Problem], worse: Sequence[Moved] = ()) -> None:
        told = [problem.message for problem in problems] + [moved.question for moved in worse]
        super().__init__("\n".join(told))
        self.problems = tuple(problems)
        self.worse = tuple(worse)


class NeedsSecondPerson(Exception):
    """Who hands in a release does not approve it."""


@dataclass(frozen=True)
class Prepared:
    """What publishing these drafts on top of version `base` would do."""

    base: int
    content: Content
    drafts: tuple[Draft, ...]
    bodies: dict[Part, Body | None]  # as they would be published: drafts merged with what is live
    changes: tuple[Change, ...]
    report: Report
    source: Source = Source.EDITOR


class Publisher:
    def __init__(
        self,
        database: Database,
        swapping: Swapping,
        workshop: Workshop,
        now: Callable[[], datetime],
        review: bool = False,
    ) -> None:
        """review: a second person has to approve what is published."""
        self._database = database
        self._swapping = swapping
        self._workshop = workshop
        self._now = now
        self._review = review

    async def prepare(self, chosen: Sequence[tuple[Part, int]] | None = None) -> Prepared:
        """Of these drafts at these revisions, or of all that are open. Takes seconds; raises
        NotPublishable for drafts that are no knowledge base at all."""
        base, before = await self._swapping.newest()
        found = await self._database.read(rebasing.chosen, chosen)
        bodies, clashes = await self._database.read(rebasing.brought_up, found, base)
        if clashes:
            raise NotPublishable(rebasing.problems(clashes))
        try:
            after = await asyncio.to_thread(before.with_parts, bodies)
        except KnowledgeError as error:
            raise NotPublishable(error.problems) from None
        return await self._prepared(base, before, after, tuple(found), bodies)

    async def prepare_version(self, number: int) -> Prepared:
        """Of an old version, to go back to; raises KnowledgeError if this program cannot use it."""
        base, before = await self._swapping.newest()
        after = await self._database.read(versions.content_of, number)
        old, new = await asyncio.to_thread(lambda: (before.part_hashes, after.part_hashes))
        bodies = {part: after.part(part) for part in differing(old, new)}
        prepared = await self._prepared(base, before, after, (), bodies)
        return replace(prepared, source=Source.ROLLBACK)

    async def knowledge(self, prepared: Prepared) -> Knowledge:
        """What was prepared, to be asked and read; its version is 0."""
        return await self._swapping.knowledge(0, prepared.content)

    async def publish(
        self,
        prepared: Prepared,
        who: Who,
        note: str,
        reason: str = "",
        at: datetime | None = None,
    ) -> Release:
        """Publish now, hand in for review if that is the rule, or have it published at a time.

        reason: why although golden questions fail; what is handed in needs none, for the second
        person can give it. Raises NotPublishable, PublishedMeanwhile, ReleaseChanged.
        """
        _refuse(prepared.report, reason, worse_is_fine=self._review)
        status = Status.SCHEDULED if at else Status.PUBLISHING
        release = Release(
            id=uuid4().hex,
            status=Status.IN_REVIEW if self._review else status,
            drafts=tuple((draft.part, draft.revision) for draft in prepared.drafts),
            note=note,
            who=who,
            created_at=stored_time(self._now()),
            reason=reason,
            publish_at=stored_time(at) if at else "",
            golden=prepared.report.golden,
        )
        await self._database.write(releases.add, release)
        if release.status is not Status.PUBLISHING:
            return release
        async with self._otherwise(release, Status.FAILED):
            return await self._publish(release, prepared)

    async def approve(
        self, release_id: str, reviewer: Who, answer: str = "", reason: str = ""
    ) -> Release:
        """The second person's yes; `reason` is theirs, where golden questions fail and the author
        gave none. Raises NeedsSecondPerson, NotPublishable, PublishedMeanwhile, ReleaseChanged."""
        release = await self._waiting(release_id)
        if release.who.id == reviewer.id:
            raise NeedsSecondPerson
        prepared = await self.prepare(release.drafts)
        _refuse(prepared.report, release.reason or reason)
        now = self._now()
        after = Status.SCHEDULED if release.publish_at > stored_time(now) else Status.PUBLISHING
        given = "" if release.reason else reason
        release = await self._database.write(
            releases.move, release_id, [Status.IN_REVIEW], after, now, reviewer, answer, given
        )
        if after is Status.SCHEDULED:
            return release
        async with self._otherwise(release, Status.IN_REVIEW):
            return await self._publish(release, prepared)

    async def refuse(self, release_id: str, reviewer: Who, answer: str) -> Release:
        """The second person's no; the drafts stay."""
        before, after = [Status.IN_REVIEW], Status.REFUSED
        return await self._database.write(
            releases.move, release_id, before, after, self._now(), reviewer, answer
        )

    async def withdraw(self, release_id: str) -> Release:
        before, after = [Status.IN_REVIEW, Status.SCHEDULED], Status.WITHDRAWN
        return await self._database.write(releases.move, release_id, before, after, self._now())

    async def go_back(self, number: int, who: Who, note: str) -> int:
        """Publish an old version's content as a new version, whatever the golden questions say. It
        needs no second person: it was published before, and it undoes what went wrong."""
        prepared = await self.prepare_version(number)
        note = note or f"Back to version {number}"
        new = await self._version(prepared, who, note, note)
        version = await self._database.write(versions.publish, new, prepared.base, self._now())
        await self._take_effect(prepared)
        return version

    async def publish_scheduled(self, release: Release) -> Release:
        """One that this process took because its time has come. Whatever does not speak against
        publishing it is raised, and it is due again."""
        try:
            prepared = await self.prepare(release.drafts)
            _refuse(prepared.report, release.reason)
            await self._swapping.until(release.publish_at)
            return await self._publish(release, prepared)
        except NotPublishable as error:
            return await self._ended(release, Status.FAILED, _told(error))
        except Exception:
            await self._ended(release, Status.SCHEDULED)
            raise

    async def _prepared(
        self,
        base: int,
        before: Content,
        after: Content,
        found: tuple[Draft, ...],
        bodies: dict[Part, Body | None],
    ) -> Prepared:
        report = await self._workshop.prepare(before, after, self._now())
        old = {part: before.part(part) for part in bodies}
        changes = tuple(differences(old, bodies))
        return Prepared(base, after, found, bodies, changes, report)

    async def _publish(self, release: Release, prepared: Prepared) -> Release:
        for attempt in range(ATTEMPTS):
            try:
                told = release.who, release.note, release.reason
                new = await self._version(prepared, *told)
                done = await self._database.write(_commit, release, prepared, new, self._now())
                break
            except PublishedMeanwhile:
                if attempt + 1 == ATTEMPTS:
                    raise
                prepared = await self.prepare(release.drafts)
                _refuse(prepared.report, release.reason)
        await self._take_effect(prepared)
        return done

    async def _version(self, prepared: Prepared, who: Who, note: str, reason: str) -> NewVersion:
        """What is unchanged stays as it was stored, which an older program may have done without a
        field of today; what is changed is stored as the content says it, with defaults filled in.
        """
        stored = await self._database.read(versions.manifest_of, prepared.base)
        content, changed = prepared.content, prepared.bodies
        kept = {part: digest for part, digest in stored.items() if part not in changed}
        bodies = {part: body for part in changed if (body := content.part(part)) is not None}
        return NewVersion(
            source=prepared.source,
            manifest=kept | {part: content.part_hashes[part] for part in bodies},
            bodies=bodies,
            who=who,
            note=note,
            reason=reason,
            golden=prepared.report.golden.counts(),
        )

    @asynccontextmanager
    async def _otherwise(self, release: Release, after: Status) -> AsyncIterator[None]:
        """What became of the release when publishing it at once fails."""
        try:
            yield
        except Exception as error:
            told = _told(error) if isinstance(error, NotPublishable) else ()
            await self._ended(release, after, told)
            raise

    async def _ended(
        self, release: Release, after: Status, told: Sequence[Problem] = ()
    ) -> Release:
        before, now = [Status.PUBLISHING], self._now()
        return await self._database.write(
            releases.move, release.id, before, after, now, problems=told
        )

    async def _take_effect(self, prepared: Prepared) -> None:
        """What cannot be put in force here now will be, for every process keeps looking."""
        try:
            await self._swapping.catch_up()
        except CANNOT_NOW as error:
            log.error("knowledge_not_kept_up", error=str(error))
        if prepared.report.quick:
            self._swapping.fit_in_full(today(prepared.content, self._now()))

    async def _waiting(self, release_id: str) -> Release:
        release = await self._database.read(releases.get, release_id)
        if release is None or release.status is not Status.IN_REVIEW:
            raise releases.ReleaseChanged(release_id)
        return release


def _refuse(report: Report, reason: str, worse_is_fine: bool = False) -> None:
    worse = () if worse_is_fine or reason.strip() else report.golden.worse
    if report.errors or worse:
        raise NotPublishable(report.errors, worse)


def _told(error: NotPublishable) -> list[Problem]:
    fails = (
        Problem.of(SENTENCES, "golden_fails", "", 1, question=each.question) for each in error.worse
    )
    return [*error.problems, *fails]


def _commit(
    connection: Connection, release: Release, prepared: Prepared, new: NewVersion, now: datetime
) -> Release:
    number = versions.publish(connection, new, prepared.base, now)
    for draft in prepared.drafts:
        drafts.published(connection, draft, prepared.bodies[draft.part], number)
    return releases.move(
        connection, release.id, [Status.PUBLISHING], Status.PUBLISHED, now, version=number
    )
