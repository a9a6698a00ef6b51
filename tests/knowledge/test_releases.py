"""Releases: approved by a second person, published at their time, or not at all."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from knowledge import drafts, releases, versions
from knowledge.process import ProcessError
from knowledge.publishing import NeedsSecondPerson, NotPublishable
from knowledge.releases import Release, Status
from storage.times import stored_time
from tests.knowledge.editing import EDNA, LATE_FEE, NOW, PAUL, with_answer
from tests.knowledge.publishing import REFUND, WORSE, Process, draft

FAILS = 'error: golden question "refund please?" fails'


async def test_a_second_person_reviews_when_the_setting_says_so(reviewed: Process) -> None:
    one, database = reviewed, reviewed.database
    await draft(one, with_answer(one.live.knowledge.content, "New."))
    handed_in = await one.publisher.publish(await one.publisher.prepare(), EDNA, "Please look")
    assert (handed_in.status, one.live.knowledge.version) == (Status.IN_REVIEW, 1)
    waiting = await database.read(releases.waiting)
    open_drafts = await database.read(drafts.all_open)
    assert releases.status_of(open_drafts, waiting) == {LATE_FEE: "in_review"}
    with pytest.raises(NeedsSecondPerson):
        await one.publisher.approve(handed_in.id, EDNA)
    done = await one.publisher.approve(handed_in.id, PAUL, "Good")
    assert (done.status, done.reviewer, done.answer, one.says()) == (
        Status.PUBLISHED,
        PAUL,
        "Good",
        "New.",
    )
    with pytest.raises(releases.ReleaseChanged):
        await one.publisher.refuse(handed_in.id, PAUL, "No")


async def test_what_is_scheduled_is_published_at_its_time_by_one_process(one: Process) -> None:
    await draft(one, with_answer(one.live.knowledge.content, "New."))
    at = NOW + timedelta(hours=1)
    planned = await one.publisher.publish(await one.publisher.prepare(), EDNA, "", at=at)
    assert (planned.status, one.live.knowledge.version) == (Status.SCHEDULED, 1)
    assert await one.database.write(releases.take_due, NOW, NOW) is None
    one.clock.now = at
    taken = await asyncio.gather(*(one.database.write(releases.take_due, at, at) for _ in range(5)))
    [due] = [each for each in taken if each]
    done = await one.publisher.publish_scheduled(due)
    assert (done.status, one.says()) == (Status.PUBLISHED, "New.")


async def test_a_scheduled_release_that_cannot_be_published_says_why(one: Process) -> None:
    await draft(one, one.live.knowledge.content.part(REFUND), part=REFUND, archived=True)
    prepared = await one.publisher.prepare()
    at = NOW + timedelta(hours=1)
    planned = await one.publisher.publish(prepared, EDNA, "", reason="why", at=at)

    def without_reason(release: Release) -> Release:
        return replace(release, reason="")

    one.clock.now = at
    due = await one.database.write(releases.take_due, at, at)
    assert due and due.id == planned.id
    failed = await one.publisher.publish_scheduled(without_reason(due))
    assert failed.status is Status.FAILED
    assert [str(each) for each in failed.problems] == [FAILS]


async def release_of(one: Process, note: str) -> Release:
    return next(each for each in await one.database.read(releases.recent) if each.note == note)


async def test_what_was_refused_at_the_last_moment_does_not_publish_itself_later(
    one: Process,
) -> None:
    """Golden questions fail only on top of what somebody else has published meanwhile."""
    content = one.live.knowledge.content
    await draft(one, with_answer(content, "New."))
    await draft(one, {**(content.part(REFUND) or {}), "labels": ["money"]}, part=REFUND)
    mine = await one.publisher.prepare([(LATE_FEE, 1)])
    await one.publisher.publish(await one.publisher.prepare([(REFUND, 1)]), PAUL, "")
    one.workshop.worse = (WORSE,)
    with pytest.raises(NotPublishable):
        await one.publisher.publish(mine, EDNA, "Mine")
    failed = await release_of(one, "Mine")
    assert failed.status is Status.FAILED
    assert [str(each) for each in failed.problems] == [FAILS]
    later = NOW + timedelta(hours=1)
    assert await one.database.write(releases.take_due, later, later) is None


async def test_what_a_process_died_over_is_not_published_when_nobody_waits_for_it(
    one: Process,
) -> None:
    begun = Release("r1", Status.PUBLISHING, (), "Mine", EDNA, stored_time(NOW))
    await one.database.write(releases.add, begun)
    later = NOW + timedelta(minutes=11)
    assert await one.database.write(releases.take_due, later, later) is None
    failed = await release_of(one, "Mine")
    assert (failed.status, failed.problems) == (Status.FAILED, ())


async def test_a_scheduled_release_waits_for_a_process_that_failed(one: Process) -> None:
    await draft(one, with_answer(one.live.knowledge.content, "New."))
    at = NOW + timedelta(hours=1)
    await one.publisher.publish(await one.publisher.prepare(), EDNA, "", at=at)
    one.clock.now = at
    due = await one.database.write(releases.take_due, at, at)
    assert due
    one.workshop.is_broken = True
    with pytest.raises(ProcessError):
        await one.publisher.publish_scheduled(due)
    again = await one.database.write(releases.take_due, at, at)
    assert again and again.id == due.id
    one.workshop.is_broken = False
    assert (await one.publisher.publish_scheduled(again)).status is Status.PUBLISHED


async def test_an_approval_that_comes_to_nothing_leaves_the_release_in_review(
    reviewed: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    def somebody_is_always_faster(*_: Any) -> int:
        raise versions.PublishedMeanwhile

    await draft(reviewed, with_answer(reviewed.live.knowledge.content, "New."))
    handed_in = await reviewed.publisher.publish(await reviewed.publisher.prepare(), EDNA, "")
    with monkeypatch.context() as patched, pytest.raises(versions.PublishedMeanwhile):
        patched.setattr(versions, "publish", somebody_is_always_faster)
        await reviewed.publisher.approve(handed_in.id, PAUL)
    done = await reviewed.publisher.approve(handed_in.id, PAUL)
    assert (done.status, reviewed.says()) == (Status.PUBLISHED, "New.")


async def test_the_second_person_says_why_although_a_golden_question_fails(
    reviewed: Process,
) -> None:
    body = reviewed.live.knowledge.content.part(REFUND)
    await draft(reviewed, body, part=REFUND, archived=True)
    prepared = await reviewed.publisher.prepare()
    handed_in = await reviewed.publisher.publish(prepared, EDNA, "", at=NOW + timedelta(hours=1))
    kept = await reviewed.database.read(releases.get, handed_in.id)
    assert kept and kept.golden == prepared.report.golden
    assert [each.question for each in kept.golden.worse] == ["refund please?"]
    with pytest.raises(NotPublishable):
        await reviewed.publisher.approve(handed_in.id, PAUL)
    planned = await reviewed.publisher.approve(handed_in.id, PAUL, "Good", "We pay nothing back")
    assert (planned.status, planned.reason) == (Status.SCHEDULED, "We pay nothing back")
