"""An import is checked together with what is there, before any of it is written."""

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.files import Content
from knowledge.interchange.checking import brought, checked
from knowledge.interchange.ours import rows_of
from knowledge.interchange.writing import write
from tests.command_line import run
from tests.knowledge.interchange.samples import entry, row, taken, tsv
from tests.knowledge.interchange.test_commands import csv, files, folder
from tests.knowledge.samples import CLOSED, ENTRY, content_of

__all__ = ["folder"]

BROKEN = (
    ENTRY.replace("late-fee", "other")
    .replace("cost?", "cost then?")
    .replace("要多少钱？", "多少？")
    .replace("owner: billing_admin", "owner: nobody_role\n  follow_ups: [does-not-exist]")
    .replace("collections.late_fee.percent", "payment.nope", 1)
)


@pytest.fixture
def content(tmp_path: Path) -> Content:
    return content_of(tmp_path / "base")


def errors(data: bytes, content: Content) -> list[str]:
    found = brought(taken(data, content.entries), content, CLOSED)
    return [str(problem) for problem in found if problem.severity == "error"]


@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_what_would_break_the_knowledge_base_is_refused_with_its_lines(
    folder: Path, dry: list[str]
) -> None:
    before = files(folder)
    path = folder.parent / "broken.yaml"
    path.write_text(BROKEN.replace("late payment cost then", "broken one cost"), encoding="utf-8")
    said = run("import", path, *dry)
    assert said.exit_code == 1
    assert f"{path}:3: error: other: owner nobody_role is no role" in said.stderr
    assert f"{path}:4: error: other: follow_ups: there is no entry does-not-exist" in said.stderr
    assert f"{path}:13: error: other: answer.en: payment.nope is not in the policy" in said.stderr
    assert "errors in" in said.stderr and "nothing was written" in said.stderr
    assert files(folder) == before


def test_an_owner_in_metadata_is_checked_with_its_row(content: Content) -> None:
    (said,) = errors(tsv(row("Fine?", qna_id=2), row("Why so?", metadata="owner:finance")), content)
    assert said.startswith("kb:3: error: why-so: owner finance is no role; use one of")


def test_a_template_in_a_row_says_its_line_within_the_answer(content: Content) -> None:
    new = entry(answer={"en": "In days.\n{{ payment.nope }}\n"}, questions={"en": ["Due?"]})
    row_of = [each[0] for each in rows_of([new])].index("payment-due") + 1
    told = f"kb:{row_of}: error: payment-due: answer.en: Line 2: payment.nope is not in the policy."
    assert told in errors(write("csv", [new]), content)


def test_a_question_of_another_entry_is_no_longer_taken_twice(content: Content) -> None:
    new = entry(questions={"en": ["When?", "What does a late payment cost?"]})
    (said,) = errors(write("yaml", [new]), content)
    assert said.startswith("kb:") and "is also one of late-fee" in said


def test_what_was_wrong_before_keeps_nobody_from_importing(tmp_path: Path) -> None:
    worn = content_of(tmp_path, ENTRY.replace("owner: billing_admin", "owner: gone"))
    data = tsv(row("What does a late payment cost?", "Nothing."))
    made = taken(data, worn.entries)
    assert made.entries and checked(made, worn, CLOSED) == made
    assert not errors(data, worn)


def test_a_question_that_two_had_before_is_not_new_in_whatever_order(content: Content) -> None:
    last = content.entries[0].model_copy(update={"id": "a-draft"})
    unordered = replace(content, entries=(*content.entries, last))
    data = tsv(row("Why so?", "So."), row("What does a late payment cost?", "No.", qna_id=2))
    assert not errors(data, unordered)


def test_warnings_of_what_is_new_are_told_and_of_what_is_old_not(folder: Path) -> None:
    said = run("import", csv(folder, "How do I pay?,By transfer.,x\n"), "--dry-run")
    assert "faq.csv:2: warning: how-do-i-pay: 1 questions in en" in said.output
    assert "warning: late-fee" not in said.output
