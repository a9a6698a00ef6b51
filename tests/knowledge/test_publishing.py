"""Publishing: nothing that makes known questions fail, everywhere at once, and always undoable."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge import drafts, reminders, versions
from knowledge.building import Builder
from knowledge.entry import Entry
from knowledge.parts import Kind, Part, hash_of
from knowledge.publishing import NotPublishable
from knowledge.releases import Status
from knowledge.versions import NewVersion, Source
from knowledge.workshop import Workshop
from storage.database import Connection
from tests.knowledge.editing import EDNA, LATE_FEE, NOW, PAUL, small, with_answer
from tests.knowledge.publishing import REFUND, Process, draft, process, until


async def test_a_draft_is_published_with_author_note_and_what_changed(one: Process) -> None:
    await draft(one, with_answer(one.live.knowledge.content, "New."))
    prepared = await one.publisher.prepare()
    assert [change.part for change in prepared.changes] == [LATE_FEE]
    assert (prepared.report.golden.cases, prepared.report.golden.worse) == (2, ())
    done = await one.publisher.publish(prepared, EDNA, "Say it shorter")
    assert (done.status, done.version, one.says()) == (Status.PUBLISHED, 2, "New.")
    version = await one.database.read(versions.version, 2)
    assert version and (version.who, version.note) == (EDNA, "Say it shorter")
    assert version.golden["cases"] == 2
    assert await one.database.read(drafts.all_open) == []
    assert one.live.knowledge.content.hash == version.hash


async def test_an_answer_alone_keeps_the_index_it_has(one: Process) -> None:
    before = one.live.knowledge.matching
    await draft(one, with_answer(one.live.knowledge.content, "New."))
    await one.publisher.publish(await one.publisher.prepare(), EDNA, "")
    assert one.live.knowledge.matching is before


async def test_a_golden_question_that_would_fail_stops_it_unless_a_reason_is_given(
    one: Process,
) -> None:
    body = one.live.knowledge.content.part(REFUND)
    await draft(one, body, part=REFUND, archived=True)
    prepared = await one.publisher.prepare()
    assert [moved.question for moved in prepared.report.golden.worse] == ["refund please?"]
    assert prepared.report.golden.worse[0].before.entry_id == "refund"
    with pytest.raises(NotPublishable) as refused:
        await one.publisher.publish(prepared, EDNA, "")
    assert [moved.question for moved in refused.value.worse] == ["refund please?"]
    assert one.live.knowledge.version == 1
    done = await one.publisher.publish(prepared, EDNA, "", reason="We pay nothing back")
    version = await one.database.read(versions.version, done.version or 0)
    assert version and version.reason == "We pay nothing back"
    assert not one.live.knowledge.has("refund")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answer": {"en": "{{ oops }}", "zh": "好"}}, "oops"),
        ({"answer": {"en": "{% set x = 1 %}", "zh": "好"}}, "set"),
        ({"follow_ups": ["nobody"]}, "there is no entry nobody"),
        ({"topic": ""}, "topic"),
    ],
)
async def test_what_is_wrong_is_not_published_for_any_reason(
    one: Process, change: dict[str, Any], said: str
) -> None:
    await draft(one, {**(one.live.knowledge.content.part(LATE_FEE) or {}), **change})
    with pytest.raises(NotPublishable) as refused:
        prepared = await one.publisher.prepare()
        await one.publisher.publish(prepared, EDNA, "", reason="I want it")
    assert said in refused.value.problems[0].message
    assert one.live.knowledge.version == 1


async def test_new_questions_are_fitted_quickly_and_then_in_full(one: Process) -> None:
    body = one.live.knowledge.content.part(LATE_FEE) or {}
    more = {**body, "questions": {**body["questions"], "en": [*body["questions"]["en"], "Fine?"]}}
    await draft(one, more)
    one.runs()
    await one.publisher.publish(await one.publisher.prepare(), EDNA, "")
    quick = one.live.knowledge.matching
    [result] = await one.live.knowledge.match(["fine?"])
    assert result.matches[0].entry_id == "late-fee"
    await until(lambda: one.live.knowledge.matching is not quick)
    assert one.workshop.fitted
    assert one.live.knowledge.version == 2


def test_the_first_start_learns_from_a_part_and_says_that_a_full_fit_is_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = small(tmp_path)
    monkeypatch.setattr("knowledge.building.FEW", 3)
    builder = Builder(None, tmp_path / "new")
    matcher, full = builder.start(content.basis)
    assert matcher.match(["What does a late payment cost?"])[0].matches
    assert not full and not builder.has_full(content.basis)
    assert not builder.start(content.basis)[1]
    builder.build(content.basis)
    assert builder.start(content.basis)[1]


async def test_another_process_hears_of_it(one: Process, tmp_path: Path) -> None:
    other = await process(one.database, tmp_path, one.clock)
    other.runs()
    await draft(one, with_answer(one.live.knowledge.content, "New."))
    await one.publisher.publish(await one.publisher.prepare(), EDNA, "")
    await until(lambda: other.live.knowledge.version == 2)
    assert other.says() == "New."
    other.running[0].cancel()


async def test_one_step_goes_back_to_an_old_version(one: Process) -> None:
    old = one.says()
    await draft(one, with_answer(one.live.knowledge.content, "New."))
    await one.publisher.publish(await one.publisher.prepare(), EDNA, "")
    number = await one.publisher.go_back(1, PAUL, "")
    assert (number, one.says()) == (3, old)
    version = await one.database.read(versions.version, 3)
    assert version and (version.source, version.note) == (Source.ROLLBACK, "Back to version 1")
    assert await one.database.read(versions.changed, 1, 3) == []


async def test_what_an_older_program_stored_without_a_field_of_today_can_still_be_read(
    one: Process,
) -> None:
    content = one.live.knowledge.content
    today = content.part_hashes[REFUND]
    body = {name: value for name, value in (content.part(REFUND) or {}).items() if name != "labels"}

    def older(connection: Connection) -> None:
        manifest = {**content.part_hashes, REFUND: hash_of(body)}
        versions.publish(connection, NewVersion(Source.EDITOR, manifest, {REFUND: body}), 1, NOW)
        connection.execute("DELETE FROM knowledge_parts WHERE hash = %(today)s", today=today)

    await one.database.write(older)
    await one.swapping.catch_up()
    await draft(one, with_answer(content, "New."))
    done = await one.publisher.publish(await one.publisher.prepare(), EDNA, "")
    published = await one.database.read(versions.content_of, done.version or 0)
    assert (one.says(), published.part(REFUND)) == ("New.", content.part(REFUND))


async def test_what_was_published_meanwhile_is_kept(one: Process) -> None:
    content = one.live.knowledge.content
    await draft(one, with_answer(content, "New."))
    await draft(one, {**(content.part(REFUND) or {}), "labels": ["money"]}, part=REFUND)
    first = await one.publisher.prepare([(LATE_FEE, 1)])
    second = await one.publisher.prepare([(REFUND, 1)])
    await one.publisher.publish(first, EDNA, "")
    done = await one.publisher.publish(second, PAUL, "")
    assert (done.version, one.says()) == (3, "New.")
    refund = await one.database.read(versions.entry_at, 3, "refund")
    assert refund and refund.labels == ("money",)


async def test_a_draft_that_clashes_with_what_was_published_has_to_be_merged(one: Process) -> None:
    content = one.live.knowledge.content
    await draft(one, with_answer(content, "Mine."))
    await draft(one, with_answer(content, "Mine, longer."), based_on=1)
    await one.publisher.publish(await one.publisher.prepare([(LATE_FEE, 2)]), EDNA, "")
    await draft(one, with_answer(content, "Next."), based_on=2)
    await one.publisher.go_back(1, PAUL, "")
    with pytest.raises(NotPublishable) as refused:
        await one.publisher.prepare()
    assert "answer.en was changed by somebody else" in refused.value.problems[0].message


async def test_what_was_saved_while_its_beginning_was_published_does_not_clash(
    one: Process,
) -> None:
    content = one.live.knowledge.content
    await draft(one, with_answer(content, "Mine."))
    prepared = await one.publisher.prepare([(LATE_FEE, 1)])
    await draft(one, with_answer(content, "Mine, longer."), based_on=1)
    await one.publisher.publish(prepared, EDNA, "")
    await one.publisher.publish(await one.publisher.prepare([(LATE_FEE, 2)]), EDNA, "")
    assert one.says() == "Mine, longer."


async def test_entries_come_and_go_with_their_days(one: Process) -> None:
    body = one.live.knowledge.content.part(REFUND) or {}
    await draft(one, {**body, "valid_until": "2026-11-23"}, part=REFUND)
    new = {**body, "id": "promotion", "questions": {"en": ["Black Friday?"]}}
    begins = {**new, "valid_from": "2026-11-24"}
    await draft(one, begins, part=Part(Kind.ENTRY, "promotion"))
    await one.publisher.publish(await one.publisher.prepare(), EDNA, "")
    assert one.live.knowledge.has("refund") and not one.live.knowledge.has("promotion")
    one.clock.now = datetime.fromisoformat("2026-11-24T00:00:01+08:00")
    await one.swapping.catch_up()
    assert one.live.knowledge.has("promotion") and not one.live.knowledge.has("refund")
    [result] = await one.live.knowledge.match(["black friday"])
    assert (result.matches[0].entry_id, one.live.knowledge.version) == ("promotion", 2)


async def test_an_owner_is_reminded_of_a_review_once(one: Process) -> None:
    entries, told = one.live.knowledge.content.entries, []

    def reminder(connection: Connection, due: Sequence[Entry], now: datetime) -> None:
        told.append([entry.id for entry in due])

    for day in (date(2027, 5, 30), date(2027, 5, 31), date(2027, 6, 1)):
        await one.database.write(reminders.remind, entries, day, NOW, reminder)
    assert told == [["late-fee", "refund"]]
    later = [each.model_copy(update={"review_by": date(2027, 6, 2)}) for each in entries[:1]]
    await one.database.write(reminders.remind, later, date(2027, 6, 2), NOW, reminder)
    assert told == [["late-fee", "refund"], ["late-fee"]]


async def test_the_workshop_is_a_process_of_its_own(tmp_path: Path) -> None:
    content = small(tmp_path)
    workshop = Workshop("none", tmp_path / "cache", 0.02)
    changed = content.with_parts({LATE_FEE: with_answer(content, "{{ partner.nothing }}")})
    try:
        report = await workshop.prepare(content, changed, NOW)
        assert {problem.entry for problem in report.errors} == {"late-fee"}
        assert report.golden.passed == report.golden.passed_before
        again = await workshop.prepare(changed, content, NOW)
        assert again.errors == ()
        await workshop.fit(content.basis)
        assert Builder(None, tmp_path / "cache").has_full(content.basis)
    finally:
        await workshop.close()
