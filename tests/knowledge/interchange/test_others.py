"""Files of a content folder that hold no entries: written anew only where they say otherwise."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from knowledge.entry import KnowledgeError
from knowledge.files import Content, load
from knowledge.golden import CasesError
from knowledge.interchange.others import others_of
from knowledge.parts import Kind, Part
from tests.knowledge.samples import english_only, shipped_copy

POLICY, MESSAGES = Part(Kind.POLICY), Part(Kind.MESSAGES)
GOLDEN, SCOPE = Part(Kind.GOLDEN), Part(Kind.OUT_OF_SCOPE)
ASKED = {"question": 'late, "so"?', "language": "en", "expected": ["late-fee"]}
WORDS = """\
common_questions: []

messages:
  # what everybody reads first
  welcome:
    en: |
      welcome: hello

      # Ask me
    zh: 好   # short

  # the last one
  failed: {en: Oh no, zh: 哎呀}
# the end
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = shipped_copy(tmp_path / "content")
    (made / "messages.yaml").write_text(WORDS, encoding="utf-8")
    return made


def changed(folder: Path, part: Part, **changes: Any) -> Content:
    content = load(folder)
    return content.with_parts({part: {**deepcopy(content.part(part) or {}), **changes}})


def written(folder: Path, content: Content) -> dict[str, str | None]:
    """What is written; afterwards the folder says what the content says."""
    files = others_of(folder, content)
    for name, text in files.items():
        if text is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(text, encoding="utf-8", newline="")
    assert load(folder) == content
    assert others_of(folder, content) == {}
    return files


def test_a_text_is_written_in_its_place_and_comments_stay(folder: Path) -> None:
    texts = {"welcome": {"en": "One.\n\n- two\n", "zh": "好"}, "failed": {"en": "No", "zh": "不"}}
    files = written(folder, changed(folder, MESSAGES, messages=texts))
    assert files == {
        "messages.yaml": WORDS.replace("welcome: hello\n\n      # Ask me", "One.\n\n      - two")
        .replace("failed: {en: Oh no, zh: 哎呀}", "failed:\n    en: 'No'\n    zh: 不")
    }  # fmt: skip


def test_what_is_new_goes_to_the_end_of_its_mapping_and_what_is_gone_is_taken_out(
    folder: Path,
) -> None:
    texts = {"failed": {"en": "Oh no", "zh": "哎呀"}, "ours": {"en": "12.00", "zh": "否"}}
    files = written(folder, changed(folder, MESSAGES, messages=texts))
    text = files["messages.yaml"] or ""
    assert "welcome" not in text and "# what everybody reads first" in text
    assert text.endswith("zh: 哎呀}\n  ours:\n    en: '12.00'\n    zh: 否\n# the end\n")


@pytest.mark.parametrize("layout", ["deeper", "flat"])
def test_a_file_laid_out_otherwise_says_the_same_in_the_end(folder: Path, layout: str) -> None:
    other = (
        WORDS.replace("  ", "    ") if layout == "deeper" else WORDS.replace("zh: 好   #", "zh: #")
    )
    other = other.replace("zh: # short", "zh: 好")
    (folder / "messages.yaml").write_text(other, encoding="utf-8")
    texts = {"welcome": {"en": "# Welcome\n\nwelcome: you\n", "zh": "新"}}
    written(folder, changed(folder, MESSAGES, messages=texts))


def test_golden_and_general_questions_come_and_go(folder: Path) -> None:
    content = load(folder).with_parts({GOLDEN: [ASKED], SCOPE: {"en": ["is it late?"], "zh": []}})
    files = written(folder, content)
    assert files["golden.csv"] == 'question,language,expected\n"late, ""so""?",en,late-fee\n'
    assert (files["out_of_scope.yaml"] or "").startswith("en:\n  - is it late?\n")
    files = written(folder, content.with_parts({GOLDEN: [], SCOPE: {}}))
    assert files == {"golden.csv": None, "out_of_scope.yaml": "{}\n"}


def test_a_partner_who_gives_up_a_language_is_written_back(folder: Path, tmp_path: Path) -> None:
    english = english_only(tmp_path / "english")
    entries = (english / "entries" / "some.yaml").read_bytes()
    content = load(english)
    files = others_of(folder, content)
    (folder / "entries" / "some.yaml").write_bytes(entries)
    for name, text in files.items():
        (folder / name).write_text(text or "", encoding="utf-8", newline="")
    assert load(folder) == content


def test_a_file_that_is_not_right_is_not_written_over(folder: Path) -> None:
    content = load(folder).with_parts({GOLDEN: [ASKED], MESSAGES: {"messages": {}}})
    (folder / "messages.yaml").write_text("messages: [\n", encoding="utf-8")
    with pytest.raises(KnowledgeError):
        others_of(folder, content)
    (folder / "messages.yaml").write_text(WORDS, encoding="utf-8")
    (folder / "golden.csv").write_text("question\n", encoding="utf-8")
    with pytest.raises(CasesError):
        others_of(folder, content)
