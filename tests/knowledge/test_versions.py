"""Versions never change; the files and what editors published are brought together at the start."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge import drafts, folder, versions
from knowledge.differences import Line, What
from knowledge.files import Content, digest_of
from knowledge.parts import Kind, Part, hash_of
from knowledge.versions import PublishedMeanwhile, Source
from storage.database import Connection, Database
from tests.knowledge.editing import (
    EDNA,
    LATE_FEE,
    NOW,
    begun,
    publish_parts,
    saved,
    small,
    with_answer,
)

REFUND = Part(Kind.ENTRY, "refund")


def in_files(content: Content, **parts: object) -> Content:
    """The folder after somebody changed it."""
    return content.with_parts({LATE_FEE: parts["late_fee"]} if "late_fee" in parts else {})


async def test_the_same_files_again_are_no_new_version(database: Database, tmp_path: Path) -> None:
    content = await begun(database, tmp_path)
    again = await database.write(folder.start, content, NOW)
    assert (again.version, again.content) == (1, content)
    [version] = await database.read(versions.latest)
    assert (version.number, version.source, version.hash) == (1, Source.FILES, content.hash)


async def test_files_that_are_as_they_were_are_not_read_again(
    database: Database, tmp_path: Path
) -> None:
    content = small(tmp_path)
    files = tmp_path / "content"
    assert await database.read(folder.known, digest_of(files)) is None
    await database.write(folder.start, content, NOW, digest_of(files))
    await database.write(publish_parts, {LATE_FEE: with_answer(content, "New.")})
    known = await database.read(folder.known, digest_of(files))
    assert known and known.version == 2
    assert known.content.part(LATE_FEE) == with_answer(content, "New.")
    entries = next((files / "entries").glob("*.yaml"))
    entries.write_text(entries.read_text() + "# A note to ourselves\n")
    assert await database.read(folder.known, digest_of(files)) is None
    assert (await database.write(folder.start, content, NOW, digest_of(files))).version == 2
    assert await database.read(folder.known, digest_of(files))
    entries.unlink()
    entries.mkdir()
    assert digest_of(files) == ""
    assert await database.read(folder.known, "") is None


async def test_an_old_answer_is_read_as_it_stood(database: Database, tmp_path: Path) -> None:
    content = await begun(database, tmp_path)
    await database.write(publish_parts, {LATE_FEE: with_answer(content, "New."), REFUND: None})
    old = await database.read(versions.entry_at, 1, "late-fee")
    new = await database.read(versions.entry_at, 2, "late-fee")
    assert old == next(each for each in content.entries if each.id == "late-fee")
    assert new and new.answer["en"] == "New."
    assert await database.read(versions.entry_at, 2, "refund") is None
    assert await database.read(versions.entry_at, 9, "late-fee") is None
    assert await database.read(versions.content_of, 1) == content


def test_what_was_hashed_once_is_hashed_alike_after_a_change(tmp_path: Path) -> None:
    content = small(tmp_path)
    assert content.hash
    golden = {Part(Kind.GOLDEN): [{"question": "a fee?", "language": "en", "expected": []}]}
    new = {**with_answer(content, "New."), "valid_until": "2027-01-31"}
    changed = content.with_parts({LATE_FEE: new, REFUND: None, **golden})
    over = changed.valid_on(date(2027, 2, 1))
    for each in (changed, over):
        assert each.part_hashes == {part: hash_of(body) for part, body in each.parts().items()}
    assert len({content.hash, changed.hash, over.hash}) == 3


async def test_a_version_says_what_it_changed(database: Database, tmp_path: Path) -> None:
    content = await begun(database, tmp_path)
    await database.write(publish_parts, {LATE_FEE: with_answer(content, "New."), REFUND: None})
    parts = await database.read(versions.changed, 1, 2)
    assert parts == [LATE_FEE, REFUND]
    changed, removed = await database.read(versions.changes, 1, 2, parts)
    assert (changed.part, changed.what, removed.what) == (LATE_FEE, What.CHANGED, What.REMOVED)
    [answer] = changed.fields
    assert answer.field == "answer.en"
    assert [line.mark for line in answer.lines] == ["-", "+"]
    assert answer.lines[1] == Line("+", "New.")


async def test_two_who_publish_from_one_version_cannot_both(
    database: Database, tmp_path: Path
) -> None:
    content = await begun(database, tmp_path)
    new = versions.of_content(Source.EDITOR, content, who=EDNA)
    assert await database.write(versions.publish, new, 1, NOW) == 2
    with pytest.raises(PublishedMeanwhile):
        await database.write(versions.publish, new, 1, NOW)


async def test_new_files_are_published_and_keep_what_editors_published(
    database: Database, tmp_path: Path
) -> None:
    content = await begun(database, tmp_path)
    edited = {**(content.part(REFUND) or {}), "needs_account": True}
    await database.write(publish_parts, {REFUND: edited})
    files = in_files(content, late_fee=with_answer(content, "From git."))
    start = await database.write(folder.start, files, NOW)
    assert (start.version, start.conflicts) == (4, ())
    assert start.content.part(REFUND) == edited
    assert start.content.part(LATE_FEE) == files.part(LATE_FEE)
    assert (await database.read(versions.content_of, 3)) == files
    again = await database.write(folder.start, files, NOW)
    assert again.version == 4


async def test_where_both_changed_a_text_the_files_win_and_the_editors_is_a_draft(
    database: Database, tmp_path: Path
) -> None:
    content = await begun(database, tmp_path)
    mine = with_answer(content, "An editor's.")
    await database.write(publish_parts, {LATE_FEE: {**mine, "labels": ["fees"]}})
    files = in_files(content, late_fee=with_answer(content, "From git."))
    start = await database.write(folder.start, files, NOW)
    [conflict] = start.conflicts
    assert (conflict.part, conflict.kept) == (LATE_FEE, True)
    [clash] = conflict.clashes
    assert clash.path == ("answer", "en")
    live = next(each for each in start.content.entries if each.id == "late-fee")
    assert (live.answer["en"], live.labels) == ("From git.", ("fees",))
    draft = await database.read(drafts.get, LATE_FEE)
    assert draft and draft.body["answer"]["en"] == "An editor's."


async def test_an_open_draft_is_left_alone_when_files_and_editors_disagree(
    database: Database, tmp_path: Path
) -> None:
    content = await begun(database, tmp_path)
    await database.write(publish_parts, {LATE_FEE: with_answer(content, "An editor's.")})
    open_draft = await saved(database, with_answer(content, "Half writ"), version=2)
    files = in_files(content, late_fee=with_answer(content, "From git."))
    start = await database.write(folder.start, files, NOW)
    assert [conflict.kept for conflict in start.conflicts] == [False]
    assert await database.read(drafts.get, LATE_FEE) == open_draft


async def test_an_entry_that_the_files_dropped_and_an_editor_changed_becomes_a_draft(
    database: Database, tmp_path: Path
) -> None:
    content = await begun(database, tmp_path)
    await database.write(publish_parts, {LATE_FEE: with_answer(content, "An editor's.")})
    entries = tuple(each for each in content.entries if each.id != "late-fee")
    start = await database.write(folder.start, replace(content, entries=entries), NOW)
    assert [entry.id for entry in start.content.entries] == ["refund"]
    draft = await database.read(drafts.get, LATE_FEE)
    assert draft and not draft.archived


async def test_exporting_to_the_files_makes_no_version_but_the_next_change_is_clean(
    database: Database, tmp_path: Path
) -> None:
    content = await begun(database, tmp_path)
    await database.write(publish_parts, {LATE_FEE: with_answer(content, "Edited.")})
    exported = in_files(content, late_fee=with_answer(content, "Edited."))
    assert (await database.write(folder.start, exported, NOW)).version == 2
    changed = in_files(content, late_fee=with_answer(content, "Edited in git."))
    start = await database.write(folder.start, changed, NOW)
    assert (start.version, start.conflicts) == (3, ())


async def test_a_version_of_before_parts_is_still_read(database: Database, tmp_path: Path) -> None:
    content = small(tmp_path)

    def as_it_was(connection: Connection) -> None:
        connection.execute(
            "INSERT INTO knowledge_versions (number, hash, source, content, published_at)"
            " VALUES (1, 'h', 'files', %(content)s, '2026-01-01')",
            content=content.as_json(),
        )
        connection.execute("UPDATE knowledge_head SET version = 1 WHERE id = 1")

    await database.write(as_it_was)
    assert await database.read(versions.content_of, 1) == content
    assert (await database.write(folder.start, content, NOW)).version == 1
