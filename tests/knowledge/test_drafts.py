"""Working copies: nothing is lost, and who comes second is told what the other wrote."""

import asyncio
from pathlib import Path

import pytest

from knowledge import drafts
from knowledge.drafts import SavedOver
from knowledge.merging import Clash, merge
from knowledge.parts import Kind, Part
from storage.database import Connection, Database
from tests.knowledge.editing import (
    LATE_FEE,
    PAUL,
    begun,
    publish_parts,
    saved,
    with_answer,
)


async def test_every_save_is_a_revision_that_can_be_read_again(
    database: Database, tmp_path: Path
) -> None:
    content = await begun(database, tmp_path)
    first = await saved(database, with_answer(content, "One."))
    second = await saved(database, with_answer(content, "Two."), based_on=1)
    assert (first.revision, second.revision, second.base_version) == (1, 2, 1)
    assert await database.read(drafts.get, LATE_FEE) == second
    assert await database.read(drafts.history, LATE_FEE) == [second, first]
    assert await saved(database, second.body, based_on=2) == second


async def test_what_is_not_allowed_yet_can_be_saved(database: Database, tmp_path: Path) -> None:
    await begun(database, tmp_path)
    new = Part(Kind.ENTRY, "new-one")
    draft = await saved(database, {"answer": {"en": "{{ oops"}}, part=new)
    assert await database.read(drafts.all_open) == [draft]


async def test_the_second_of_two_is_told_and_both_changes_can_be_merged(
    database: Database, tmp_path: Path
) -> None:
    content = await begun(database, tmp_path)
    base = await saved(database, with_answer(content, "Base."))
    theirs = await saved(database, {**base.body, "owner": "finance"}, based_on=1, who=PAUL)
    mine = {**base.body, "answer": {**base.body["answer"], "en": "Mine."}}
    with pytest.raises(SavedOver) as told:
        await saved(database, mine, based_on=1)
    assert told.value.theirs == theirs
    assert told.value.before == base.body
    merged = merge(told.value.before, mine, told.value.theirs.body)
    assert not merged.clashes
    assert (merged.body["owner"], merged.body["answer"]["en"]) == ("finance", "Mine.")


async def test_a_page_opened_before_a_publish_cannot_write_over_it(
    database: Database, tmp_path: Path
) -> None:
    content = await begun(database, tmp_path)
    published = with_answer(content, "Published.")
    await database.write(publish_parts, {LATE_FEE: published})
    with pytest.raises(SavedOver) as told:
        await saved(database, with_answer(content, "Old page."), version=1)
    assert told.value.theirs.body == published
    assert told.value.before == content.part(LATE_FEE)
    assert (await saved(database, published, version=2)).base_version == 2
    refund = Part(Kind.ENTRY, "refund")
    untouched = await saved(database, content.part(refund), part=refund, version=1)
    assert untouched.base_version == 2


async def test_a_discarded_draft_can_be_brought_back(database: Database, tmp_path: Path) -> None:
    content = await begun(database, tmp_path)
    await saved(database, with_answer(content, "One."))
    with pytest.raises(SavedOver):
        await database.write(drafts.discard, LATE_FEE, 7)
    gone = await database.write(drafts.discard, LATE_FEE, 1)
    assert gone and await database.read(drafts.get, LATE_FEE) is None
    assert await database.write(drafts.discard, LATE_FEE, 1) is None
    again = await saved(database, gone.body, based_on=gone.revision)
    assert (again.revision, again.body) == (2, gone.body)


async def test_a_draft_goes_on_after_it_was_published(database: Database, tmp_path: Path) -> None:
    content = await begun(database, tmp_path)
    first = await saved(database, with_answer(content, "One."))
    later = await saved(database, with_answer(content, "Two."), based_on=1)

    def publish(connection: Connection) -> None:
        number = publish_parts(connection, {LATE_FEE: first.body})
        drafts.published(connection, first, first.body, number)

    await database.write(publish)
    still = await database.read(drafts.get, LATE_FEE)
    assert still and (still.revision, still.base_version) == (2, 2)
    await database.write(drafts.published, later, later.body, 3)
    assert await database.read(drafts.get, LATE_FEE) is None


async def test_many_saves_at_once_lose_nothing_silently(database: Database, tmp_path: Path) -> None:
    content = await begun(database, tmp_path)
    tries = [saved(database, with_answer(content, f"{n}.")) for n in range(10)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, SavedOver) for each in results) == 9
    assert len(await database.read(drafts.history, LATE_FEE)) == 1


def test_lists_of_questions_take_what_both_added_and_removed() -> None:
    merged = merge(["a", "b", "c"], ["a", "c", "mine"], ["a", "b", "c", "theirs"])
    assert merged.body == ["a", "c", "mine", "theirs"]
    assert not merged.clashes


@pytest.mark.parametrize(
    ("before", "ours", "theirs", "clash"),
    [
        ({"en": "x"}, {"en": "y"}, {"en": "z"}, Clash(("en",), "x", "y", "z")),
        ({"en": "x"}, {}, {"en": "z"}, Clash(("en",), "x", None, "z")),
        (["a"], ["b"], ["c"], Clash((), ["a"], ["b"], ["c"])),
        (None, {"a": 1}, {"a": 2}, Clash(("a",), None, 1, 2)),
    ],
)
def test_where_both_changed_one_thing_it_says_so(
    before: object, ours: object, theirs: object, clash: Clash
) -> None:
    merged = merge(before, ours, theirs)
    assert merged.clashes == (clash,)
    assert merged.body == ours


def test_golden_questions_are_merged_one_by_one() -> None:
    old = [{"question": "a", "expected": ["x"]}, {"question": "b", "expected": ["y"]}]
    ours = [old[0], {"question": "b", "expected": ["z"]}]
    theirs = [*old, {"question": "c", "expected": []}]
    assert merge(old, ours, theirs).body == [*ours, theirs[-1]]
