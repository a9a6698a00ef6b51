"""`import` and `export` as somebody types them, on a folder of their own."""

from pathlib import Path

import pytest

from knowledge.files import load
from knowledge.interchange.folder import files_of
from knowledge.yaml_source import MAX_BYTES
from tests.command_line import run
from tests.knowledge.interchange.samples import ALTERNATES, entry, row, tsv
from tests.knowledge.samples import ENTRY, SHIPPED, shipped_copy

ENTRIES = "entries/some.yaml"
COMMENTED = (
    "# written by hand\n\n" + ENTRY.replace("collections\n", "some  # why\n")
    + "\n# the second\n" + ENTRY.replace("late-fee", "other").replace("cost?", "cost then?")
    .replace("要多少钱？", "多少？")
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = shipped_copy(tmp_path / "content", COMMENTED)
    monkeypatch.setenv("CONTENT", str(made))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    return made


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "entries").iterdir()}


def csv(folder: Path, text: str) -> Path:
    path = folder.parent / "faq.csv"
    path.write_text(f"Question,Answer,Topic\n{text}", encoding="utf-8")
    return path


def test_a_dry_run_says_what_would_change_and_writes_nothing(folder: Path) -> None:
    before = files(folder)
    said = run("import", csv(folder, "How do I pay?,By transfer.,x\n"), "--dry-run")
    assert said.exit_code == 0
    assert "added how-do-i-pay: How do I pay?" in said.output
    assert "not kept" not in said.output
    assert "  questions.en: + How do I pay?\n  answer.en: + By transfer.\n" in said.output
    assert "1 added, 0 changed, 0 the same" in said.output
    assert files(folder) == before


def test_new_entries_go_to_their_topic_or_to_a_file_of_their_own(folder: Path) -> None:
    there = files(folder)["some.yaml"]
    said = run("import", csv(folder, "How do I pay?,By transfer.,x\nWhen so?,Now.,some\n"))
    assert said.exit_code == 0
    assert "only" not in said.output and "warning" in said.output  # what check finds
    made = files(folder)
    assert made["some.yaml"].startswith(there)
    assert b"- id: when-so" in made["some.yaml"]
    assert made["imported.yaml"].startswith(b"- id: how-do-i-pay\n  topic: x\n")
    assert len(load(folder).entries) == 4


def test_importing_twice_changes_nothing_the_second_time(folder: Path) -> None:
    path = csv(folder, "How do I pay?,By transfer.,x\n")
    run("import", path)
    before = files(folder)
    said = run("import", path)
    assert "0 added, 0 changed, 1 the same" in said.output
    assert files(folder) == before


def test_a_change_stays_in_its_place_and_the_rest_to_the_letter(folder: Path) -> None:
    run("import", csv(folder, "What does a late payment cost?,Nothing.,x\n"))
    now = files(folder)["some.yaml"].decode()
    assert now.startswith("# written by hand\n\n- id: late-fee\n")
    assert "\n# the second\n- id: other\n" in now
    assert now.endswith(COMMENTED.partition("# the second")[2])
    assert load(folder).entries[0].answer["en"] == "Nothing.\n"


def test_errors_are_all_said_and_nothing_is_written(folder: Path) -> None:
    before = files(folder)
    said = run("import", csv(folder, "Fine so far?,Yes.,x\n,no question,x\nNo answer?,,x\n"))
    assert said.exit_code == 1
    assert "faq.csv:3: error" in said.stderr
    assert "faq.csv:4: error" in said.stderr
    assert "2 errors" in said.stderr
    assert files(folder) == before


def test_a_folder_is_imported_whole(folder: Path, tmp_path: Path) -> None:
    third = ENTRY.replace("late-fee", "third").replace("cost?", "bring?").replace("多少钱", "多少")
    other = shipped_copy(tmp_path / "other", third)
    said = run("import", other)
    assert "1 added, 0 changed" in said.output
    assert f"{other}:1: warning: Only entries are imported; policy" in said.output


def test_suggestions_are_said_not_to_be_kept(folder: Path) -> None:
    path = folder.parent / "kb.tsv"
    path.write_bytes(tsv(row("May I pay?", suggested=ALTERNATES)))
    said = run("import", path).output
    assert "suggested for may-i-pay: send my bill again (4 times)" in said
    assert "Suggestions are not kept here; an import in the browser keeps them." in said
    assert said.count("Ids and sources of the file are not kept here; an import in") == 1


@pytest.mark.parametrize("name", ["all.yaml", "all.zip", "all.csv", "all.xlsx"])
def test_what_was_exported_is_imported_as_it_was(folder: Path, name: str) -> None:
    before = files(folder)
    path = folder.parent / name
    assert "Wrote 2 entries" in run("export", path).output
    assert "0 added, 0 changed, 2 the same" in run("import", path).output
    assert files(folder) == before


def test_a_table_for_the_services_has_values_in_place_of_templates(folder: Path) -> None:
    path = folder.parent / "kb.tsv"
    run("export", path)
    text = path.read_text(encoding="utf-8")
    assert "{{" not in text and "A late payment costs" in text


def test_an_export_of_the_same_leaves_the_files_alone(folder: Path) -> None:
    before = files(folder)
    assert "Nothing to write" in run("export", "--to", folder).output
    assert files(folder) == before
    shipped = {path.name: path.read_bytes() for path in (SHIPPED / "entries").glob("*.yaml")}
    assert files_of(shipped, load(SHIPPED).entries, lambda each: each.topic, exactly=True) == {}


def test_an_export_makes_a_folder_say_exactly_this(folder: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    run("export", "--to", new)
    assert set(files(new)) == {"collections.yaml", "some.yaml"}
    gone = ENTRY.replace("late-fee", "gone")
    (new / "entries/some.yaml").write_text(gone, encoding="utf-8", newline="")
    run("export", "--to", new)
    assert b"gone" not in b"".join(files(new).values())


def test_a_full_file_is_continued_in_another() -> None:
    many = [entry(id=f"e-{n}", answer={"en": "long " * 1500}) for n in range(300)]
    made = files_of({}, many, lambda each: "imported")
    assert list(made) == ["imported.yaml", "imported-2.yaml"]
    assert all(len(text.encode()) <= MAX_BYTES for text in made.values())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export"], "Name a FILE"),
        (["import", "nowhere.csv"], "does not exist"),
        (["import", SHIPPED, "--owner", "nobody"], "nobody is no role"),
    ],
)
def test_wrong_arguments_end_with_a_sentence(
    folder: Path, arguments: list[object], said: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
