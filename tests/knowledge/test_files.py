"""Files in: everything that is wrong with them at once; and a version out and back, unchanged."""

import json
import random
from pathlib import Path

import pytest

from knowledge.entry import KnowledgeError
from knowledge.files import Content, load, read_entry
from knowledge.yaml_source import read_yaml
from tests.knowledge.samples import ENTRY, SHIPPED, content_of, problems_of, shipped_copy


def entry_problems(tmp_path: Path, old: str, new: str) -> list[str]:
    """What is said of the sample entry after a change, as line and message."""
    assert old in ENTRY
    folder = shipped_copy(tmp_path / "content", ENTRY.replace(old, new))
    return [f"{problem.line}: {problem.message}" for problem in problems_of(folder)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("- id: late-fee", "- id: Late Fee", "1: id is not of the right form: Late Fee."),
        ("- id: late-fee", "- name: late-fee", "1: id is missing; add it."),
        ("  topic: collections\n", "", "1: topic is missing; add it."),
        (
            "  owner: billing_admin",
            "  onwer: billing_admin",
            "3: onwer is not a key that is read here; did you mean owner?",
        ),
        ("2027-05-31", "soon", "4: review_by: soon is not a date; write it as 2026-12-25."),
        (
            "2027-05-31",
            "2027-05-31\n  needs_account: no",
            "5: needs_account must be true or false, not no.",
        ),
        (
            "2027-05-31",
            "2027-05-31\n  needs_account: yes",
            "5: needs_account must be true or false, not yes.",
        ),
        (
            "      - What does a late payment cost?\n",
            "      - 10\n",
            "7: questions.en[1] must be text, not 10; put it in quotes.",
        ),
        (
            "      - What does a late payment cost?\n",
            "",
            "6: questions.en must be a list; start each line with a dash.",
        ),
        (
            "      - What does a late payment cost?\n",
            '      - ""\n',
            "7: questions.en[1] must be one line of text.",
        ),
        (
            "    zh:\n      - 逾期",
            "    fr:\n      - 逾期",
            "8: fr is not a language of the partner, who speaks en and zh; remove it.",
        ),
        (
            "percent | percent }}.",
            "percent | procent }}.",
            "12: answer.en: filter procent is not allowed.",
        ),
        (
            "    zh: |\n      逾期付款加收",
            "    zh: |\n      您好\n\n      {{ 7 * 7 }}",
            "16: answer.zh: arithmetic is not allowed.",
        ),
        (
            "    en: |\n      A late",
            "    en: |\n      {% if open_now %}\n      A late",
            "13: answer.en: Unexpected end of template",
        ),
        (
            "  topic: collections",
            "  topic: collections\n  topic: invoices",
            "3: topic stands here a second time; keep one of them.",
        ),
        (
            "  topic: collections",
            "  topic: &a collections",
            "2: &a and *a are not read; write it out.",
        ),
        (
            "  topic: collections",
            "  topic: !!python/name:os.system ''",
            "2: The tag tag:yaml.org,2002:python/name:os.system is not read",
        ),
        ("  topic: collections", "  topic: [collections", "This is not valid YAML"),
        ("  topic: collections", "\ttopic: collections", "This is not valid YAML"),
        ("  topic: collections", "  ? [topic]\n  : collections", "2: A key must be a plain word."),
    ],
)
def test_it_names_the_mistake_in_an_entry(tmp_path: Path, old: str, new: str, said: str) -> None:
    found = entry_problems(tmp_path, old, new)

    assert any(said in problem for problem in found), found


def test_all_files_are_read_before_anything_is_said(tmp_path: Path) -> None:
    folder = shipped_copy(tmp_path / "content", ENTRY.replace("- id: late-fee", "- id: Late Fee"))
    (folder / "entries" / "more.yaml").write_text(ENTRY.replace("percent }}", "prozent }}"))
    (folder / "entries" / "other.yaml").write_text("just: a mapping\n")
    (folder / "out_of_scope.yaml").write_text("en: [1]\nfr: [Bonjour]\n")
    (folder / "messages.yaml").write_text(
        "messages:\n  welcome:\n    en: '{{ set }}'\n    zh: 好\n"
    )
    policy = folder / "policy.yaml"
    policy.write_text(policy.read_text().replace("due_days: 30", "due_days: soon"))

    found = {Path(problem.file).name for problem in problems_of(folder)}

    assert found == {
        "some.yaml",
        "more.yaml",
        "other.yaml",
        "out_of_scope.yaml",
        "messages.yaml",
        "policy.yaml",
    }


def test_an_id_can_be_there_once(tmp_path: Path) -> None:
    folder = shipped_copy(tmp_path / "content")
    (folder / "entries" / "zz.yaml").write_text("# copied\n" + ENTRY, encoding="utf-8")

    (problem,) = problems_of(folder)

    assert Path(problem.file).name == "zz.yaml"
    assert problem.line == 2
    assert problem.entry == "late-fee"
    assert "the id is there already at" in problem.message
    assert "some.yaml:1" in problem.message


def test_it_says_which_file_is_not_there(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path)

    assert problem.file.endswith("policy.yaml")
    assert problem.message == "The file cannot be read: No such file or directory."


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (bomb().encode(), "1: &a0 and *a0 are not read; write it out."),
        (b"a: " + b"[" * 5000, "1: This is nested more than 20 deep; make it flatter."),
        (b"\n".join(b" " * n + b"a:" for n in range(900)), "This is nested more than 20 deep"),
        (b"a: 1\n---\nb: 2\n", "2: A second document starts here; keep one to a file."),
        (b"a: 1\nb: \xff\n", "2: This is not UTF-8; save the file as UTF-8."),
        (b"a: 1\nb: \x00\n", "There is a character here that a YAML file cannot hold"),
        (b"a: *b\n", "1: &b and *b are not read; write it out."),
        (b"a: !x 1\n", "1: The tag !x is not read; remove it."),
        (b"<<: {a: 1}\n<<: {b: 1}\n", "2: << stands here a second time"),
        (b"x" * (2 * 1024 * 1024 + 1), "1: The file is larger than 2048 KiB; split it."),
    ],
)
def test_yaml_that_grows_or_runs_is_refused(text: bytes, said: str) -> None:
    found = [f"{problem.line}: {problem.message}" for problem in read_yaml(text, "x.yaml").problems]

    assert any(said in problem for problem in found), found


def test_a_scalar_is_what_it_looks_like() -> None:
    text = (
        b"a: no\nb: 10:00\nc: 12.00\nd: 012\ne: 0x10\nf: 2026-11-22\ng: true\nh: 7\ni:\nj: '7'\n"
        b"k: 1_000\nl: .inf\nm: ~\nn: |\n  x\n"
    )

    assert read_yaml(text, "x.yaml").data == {
        "a": "no",
        "b": "10:00",
        "c": "12.00",
        "d": "012",
        "e": "0x10",
        "f": "2026-11-22",
        "g": True,
        "h": 7,
        "i": None,
        "j": "7",
        "k": "1_000",
        "l": ".inf",
        "m": None,
        "n": "x\n",
    }


def test_what_was_published_is_read_back_exactly() -> None:
    shipped = load(SHIPPED)

    again = Content.from_json(shipped.as_json())

    assert again == shipped
    assert again.hash == shipped.hash
    assert again.as_json() == shipped.as_json()
    assert str(again.policy.collections.late_fee.minimum.amount) == "10.00"


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"policy": 1}', "[" * 100_000])
def test_it_refuses_what_is_no_stored_version(text: str) -> None:
    with pytest.raises(KnowledgeError, match="not a stored knowledge base"):
        Content.from_json(text)


def test_a_stored_version_is_checked_like_a_file(tmp_path: Path) -> None:
    stored = json.loads(content_of(tmp_path / "content").as_json())
    stored["entries"][0]["answer"]["en"] = "Hello\n{{ partner.name.upper() }}"
    stored["policy"]["payment"]["due_days"] = "30"

    with pytest.raises(KnowledgeError) as raised:
        Content.from_json(json.dumps(stored))

    said = [problem.message for problem in raised.value.problems]
    assert "payment.due_days must be a whole number, not 30." in said
    assert "answer.en: Line 2: calling something with () is not allowed." in said


def test_the_hash_is_of_what_is_said_alone(tmp_path: Path) -> None:
    second = ENTRY.replace("late-fee", "late-fee-too")
    one = content_of(tmp_path / "one", ENTRY + second)
    other = shipped_copy(tmp_path / "other", f"# A comment\n{second}\n")
    (other / "entries" / "a.yaml").write_text(
        ENTRY.replace("  topic: collections\n", "").replace(
            "  owner: billing_admin\n", "  owner: 'billing_admin' # who\n  topic: collections\n"
        ),
        encoding="utf-8",
    )

    assert load(other).hash == one.hash
    assert load(other) == one
    changed = content_of(tmp_path / "changed", ENTRY + second.replace("cost?", "costs?"))
    assert changed.hash != one.hash


def test_it_knows_where_each_part_stands(tmp_path: Path) -> None:
    places = content_of(tmp_path / "content", f"# First\n{ENTRY}").places

    assert places["late-fee",].line == 2
    assert places["late-fee", "questions", "zh", 0].line == 10
    assert places["late-fee", "answer", "en"].line == 13
    assert places["late-fee", "owner"].file.endswith("some.yaml")


def test_an_entry_from_a_form_is_checked_by_the_same_rules() -> None:
    entry = {
        "id": "late-fee",
        "topic": "collections",
        "owner": "billing_admin",
        "review_by": "2027-05-31",
        "questions": {"en": ["What does it cost?"]},
        "answer": {"en": "Nothing."},
    }
    assert read_entry(entry).title("zh") == "What does it cost?"

    with pytest.raises(KnowledgeError) as raised:
        read_entry({**entry, "answer": {"en": "Well,\n\n{% set x = 1 %}"}, "price": 1})

    assert [problem.message for problem in raised.value.problems] == [
        "price is not a key that is read here; remove it.",
        "answer.en: Line 3: set is not allowed.",
    ]
    with pytest.raises(KnowledgeError, match="must be keys with values"):
        read_entry("an entry")


def test_a_half_written_file_is_refused_or_read_but_nothing_else(tmp_path: Path) -> None:
    folder = shipped_copy(tmp_path / "content")
    (folder / "policy.yaml").unlink()  # it would take most of the time
    file, whole = folder / "entries" / "some.yaml", ENTRY.encode()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        problems_of(folder)


def test_flipped_bits_are_refused_or_read_but_nothing_else(tmp_path: Path) -> None:
    chance = random.Random(1)
    folder = shipped_copy(tmp_path / "content")
    file, whole = folder / "policy.yaml", (folder / "policy.yaml").read_bytes()
    for _ in range(150):
        spoilt = bytearray(whole)
        for _ in range(3):
            spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        file.write_bytes(bytes(spoilt))
        problems_of(folder)
