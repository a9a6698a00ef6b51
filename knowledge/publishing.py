"""From drafts to what customers get: prepared, checked, published, and swapped in everywhere.

Every process runs a Publisher. Publishing builds the index on disk first, then commits the version;
each process hears of it (or sees it within a second), reads the index off the event loop and swaps
`live.knowledge`. Turns under way end with the version they began with.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from knowledge import drafts, releases, versions
from knowledge.differences import Change, differences
from knowledge.drafts import Draft
from knowledge.entry import KnowledgeError, Problem
from knowledge.files import Content
from knowledge.live import Knowledge
from knowledge.merging import Clash, merge
from knowledge.parts import Body, Kind, Part
from knowledge.preparing import Moved, Report, today
from knowledge.releases import Release, Status
from knowledge.swapping import Swapping
from knowledge.versions import NewVersion, PublishedMeanwhile, Source, Who
from knowledge.workshop import Workshop
from storage.database import Connection, Database
from storage.times import stored_time

ATTEMPTS = 3  # at publishing on top of what others publish meanwhile


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
        found = await self._database.read(_chosen, chosen)
        bodies, clashes = await self._database.read(_brought_up, found, base)
        if clashes:
            raise NotPublishable([_clash(*each) for each in clashes])
        try:
            after = await asyncio.to_thread(before.with_parts, bodies)
        except KnowledgeError as error:
            raise NotPublishable(error.problems) from None
        return await self._prepared(base, before, after, tuple(found), bodies)

    async def prepare_version(self, number: int) -> Prepared:
        """Of an old version, to go back to; raises KnowledgeError if this program cannot use it."""
        base, before = await self._swapping.newest()
        after = await self._database.read(versions.content_of, number)
        old, new = before.part_hashes, after.part_hashes
        changed = [part for part in {**old, **new} if old.get(part) != new.get(part)]
        bodies = {part: after.part(part) for part in changed}
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

        reason: why although golden questions fail. Raises NotPublishable.
        """
        _refuse(prepared.report, reason)
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
        )
        await self._database.write(releases.add, release)
        if release.status is not Status.PUBLISHING:
            return release
        return await self._publish(release, prepared)

    async def approve(self, release_id: str, reviewer: Who, answer: str = "") -> Release:
        """The second person's yes. Raises NeedsSecondPerson, NotPublishable, ReleaseChanged."""
        release = await self._waiting(release_id)
        if release.who.id == reviewer.id:
            raise NeedsSecondPerson
        after = Status.PUBLISHING
        prepared = None
        if release.publish_at > stored_time(self._now()):
            after = Status.SCHEDULED
        else:
            prepared = await self.prepare(release.drafts)
            _refuse(prepared.report, release.reason)
        release = await self._database.write(
            releases.move, release_id, [Status.IN_REVIEW], after, self._now(), reviewer, answer
        )
        return await self._publish(release, prepared) if prepared else release

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
        """Publish an old version's content as a new version, whatever the golden questions say."""
        prepared = await self.prepare_version(number)
        note = note or f"Back to version {number}"
        version = await self._database.write(
            versions.publish, _version(prepared, who, note, note), prepared.base, self._now()
        )
        await self._take_effect(prepared)
        return version

    async def publish_scheduled(self, release: Release) -> Release:
        """One that this process took because its time has come."""
        try:
            prepared = await self.prepare(release.drafts)
            _refuse(prepared.report, release.reason)
        except NotPublishable as error:
            told = [each.message for each in error.problems]
            told += [f"Golden question fails: {each.question}" for each in error.worse]
            return await self._database.write(
                releases.move,
                release.id,
                [Status.PUBLISHING],
                Status.FAILED,
                self._now(),
                problems=told,
            )
        await self._swapping.until(release.publish_at)
        return await self._publish(release, prepared)

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
                done = await self._database.write(_commit, release, prepared, self._now())
                break
            except PublishedMeanwhile:
                if attempt + 1 == ATTEMPTS:
                    raise
                prepared = await self.prepare(release.drafts)
                _refuse(prepared.report, release.reason)
        await self._take_effect(prepared)
        return done

    async def _take_effect(self, prepared: Prepared) -> None:
        await self._swapping.catch_up()
        if prepared.report.quick:
            self._swapping.fit_in_full(today(prepared.content, self._now()))

    async def _waiting(self, release_id: str) -> Release:
        release = await self._database.read(releases.get, release_id)
        if release is None or release.status is not Status.IN_REVIEW:
            raise releases.ReleaseChanged(release_id)
        return release


def _refuse(report: Report, reason: str) -> None:
    worse = () if reason.strip() else report.golden.worse
    if report.errors or worse:
        raise NotPublishable(report.errors, worse)


def _chosen(connection: Connection, chosen: Sequence[tuple[Part, int]] | None) -> list[Draft]:
    if chosen is None:
        return drafts.all_open(connection)
    found = (drafts.revision(connection, part, number) for part, number in chosen)
    return [draft for draft in found if draft]


def _brought_up(
    connection: Connection, found: Sequence[Draft], base: int
) -> tuple[dict[Part, Body | None], list[tuple[Part, Clash]]]:
    """The drafts with what was published since they were begun, and where that clashes."""
    bodies: dict[Part, Body | None] = {}
    clashes: list[tuple[Part, Clash]] = []
    for draft in found:
        ours = None if draft.archived else draft.body
        if draft.base_version == base:
            bodies[draft.part] = ours
            continue
        before, theirs = (
            versions.bodies_of(connection, number, [draft.part]).get(draft.part)
            for number in (draft.base_version, base)
        )
        merged = merge(before, ours, theirs)
        bodies[draft.part] = merged.body
        clashes += [(draft.part, clash) for clash in merged.clashes]
    return bodies, clashes


def _clash(part: Part, clash: Clash) -> Problem:
    what = ".".join(clash.path) or "it"
    said = f"{what} was changed by somebody else and published; open the draft and choose."
    return Problem("", 0, said, entry=part.id if part.kind is Kind.ENTRY else str(part))


def _commit(connection: Connection, release: Release, prepared: Prepared, now: datetime) -> Release:
    new = _version(prepared, release.who, release.note, release.reason)
    number = versions.publish(connection, new, prepared.base, now)
    for draft in prepared.drafts:
        drafts.published(connection, draft, prepared.bodies[draft.part], number)
    return releases.move(
        connection, release.id, [Status.PUBLISHING], Status.PUBLISHED, now, version=number
    )


def _version(prepared: Prepared, who: Who, note: str, reason: str) -> NewVersion:
    return NewVersion(
        source=prepared.source,
        manifest=prepared.content.part_hashes,
        bodies=dict(_written(prepared)),
        who=who,
        note=note,
        reason=reason,
        golden=prepared.report.golden.counts(),
    )


def _written(prepared: Prepared) -> list[tuple[Part, Body]]:
    """As the content says them: defaults filled in, so that hash and text belong together."""
    found = [(part, prepared.content.part(part)) for part in prepared.bodies]
    return [(part, body) for part, body in found if body is not None]
