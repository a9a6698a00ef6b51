"""Figures about questions with known entries, and clear words about files that are wrong."""

from pathlib import Path

import pytest

from knowledge.evaluate import evaluate
from knowledge.golden import CasesError, read_cases
from knowledge.matcher import Matcher
from tests.knowledge.test_matcher import FEW, NONSENSE


def written(folder: Path, text: str) -> Path:
    file = folder / "cases.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_it_counts_what_was_found_and_what_was_not(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "question,language,expected\nhuman please,en,human\nhow do i cancel,en,cancel|due\n"
        "talk to a person,en,due\nmay it rain today,en,\n",
    )
    figures = evaluate(Matcher.build(FEW, None, NONSENSE), read_cases(file)).as_dict()
    assert (figures["cases"], figures["in_scope"], figures["out_of_scope"]) == (4, 3, 1)
    assert figures["accuracy_at_1"] == pytest.approx(2 / 3, abs=1e-3)
    assert figures["answered_wrong"] == pytest.approx(1 / 3, abs=1e-3)
    assert figures["by_language"].keys() == {"en"}
    assert figures["latency_ms"].keys() == {"p50", "p95"}
    assert [miss["question"] for miss in figures["misses"]] == ["talk to a person"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("question,expected\nx,y\n", "row 1: the column language is missing"),
        ("question,language,expected\n", "there is no question in it"),
        ("question,language,expected\nx,en,a\n ,en,a\n", "row 3: the question is empty"),
        ("question,language,expected\nx,en\n", "row 2: has not exactly the columns"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_row(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CasesError, match=said):
        read_cases(written(tmp_path, text))
