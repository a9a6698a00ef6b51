"""What stands beside a field is said in the language of whoever writes, as is every fault."""

import re
from dataclasses import replace

import pytest

from accounts.models import LANGUAGES
from knowledge import check_said, facts, faults, problems, reading, yaml_source
from knowledge.entry import Entry, Problem
from knowledge.interchange import sentences
from knowledge.neighbours import Code, findings
from tests.knowledge.samples import OPEN, shipped
from tests.web.editors import body_of
from web.kb_checks_said import _fact, as_told
from web.kb_forms import told
from web.rendering import HERE, load_words

WORDS = load_words(HERE / "words")
HOLE = re.compile(r"\{(\w+)\}")
ALL_WRONG = body_of(
    "{{ payment.due }}",
    questions={"en": ["Why?"], "zh": []},
    answer={"zh": f"{'很' * 300}，见[这里](https://example.com/x)或[那里](http//x)，30 天。"},
)


TABLES = (
    check_said.SENTENCES,
    problems.SENTENCES,
    dict((problems.WRONG_FORM, *problems.FORMS.values())),
    {"cannot_be": problems.CANNOT_BE, "extra_forbidden": "{at}"},
    reading.SENTENCES,
    sentences.SENTENCES,
)
NAMES = re.compile(
    r"YAML|JSON|CSV|TSV|XLSX|\.xlsx?|ZIP|HTML|Markdown|UTF-?8?|GB18030|Windows|Excel|MiB|Rasa|nlu"
    r"|responses|rules|QnaId|Question|Answer|questions|value|qnaDocuments|key|sdk|kit|utter_|text:"
    r"|partner\.languages|IANA|Asia/Singapore|ISO|SGD?|en_GB|https?:?|mailto:|tel:"
)
"""What is called so in Chinese, too."""


def say_in(language: str):  # type: ignore[no-untyped-def]
    return lambda key, **values: WORDS[key][language].format_map(values)


@pytest.mark.parametrize("area", ["finding", "mend"])
@pytest.mark.parametrize("code", Code)
def test_every_code_has_its_words_in_every_language(area: str, code: Code) -> None:
    assert set(WORDS[f"editor.{area}.{code}"]) == set(LANGUAGES)


@pytest.mark.parametrize("code", faults.SENTENCES)
def test_every_fault_of_a_template_is_said_as_the_command_line_says_it(code: str) -> None:
    words = WORDS[f"editor.fault.{code}"]
    assert words["en"] == faults.SENTENCES[code]
    assert set(HOLE.findall(words["zh"])) <= set(HOLE.findall(words["en"]))


@pytest.mark.parametrize("table", TABLES)
def test_every_problem_is_said_in_chinese_with_what_its_english_tells(
    table: dict[str, str],
) -> None:
    assert table
    for code, english in table.items():
        words = WORDS[f"editor.problem.{code}"]
        assert set(words) == set(LANGUAGES), code
        told = {hole.partition(".")[0] for hole in re.findall(r"\{([\w.]+)\}", english)}
        said = say_in("zh")(f"editor.problem.{code}", **dict.fromkeys(told, "0"), message="")
        written = NAMES.sub("", said)
        assert not re.search("[A-Za-z]{3,}", written), written


def test_a_code_means_one_sentence() -> None:
    assert yaml_source.SENTENCES.items() <= sentences.SENTENCES.items()
    told = [code for table in TABLES for code in table]
    twice = {code for code in told if told.count(code) > 1}
    assert twice == {"string_too_short"}  # two forms that mean the same


def test_every_kind_of_fact_can_be_said() -> None:
    text = "S$5, 2 %, 2026-12-25, 1 minute, 2 hours, 3 working days, 4 days, 5 weeks, 6 months, "
    found = facts.facts(text + "7 years")
    assert len(found) == 10
    for fact in found:
        for value in ("1", "2"):
            assert value in _fact(replace(fact, value=value), say_in("en"))


def test_currencies_and_weekdays_are_said() -> None:
    said = [_fact(each, say_in("zh")) for each in sorted(facts.facts("S$5 on Tuesdays"))]
    assert said == ["SGD 5", "星期二"]


def test_no_english_is_left_in_a_chinese_sentence() -> None:
    draft = Entry.model_construct(**ALL_WRONG | {"id": "draft"})
    found = findings(draft, shipped().policy, OPEN)
    assert len({each.code for each in found}) >= 5
    for each in as_told(found, {}, say_in("zh")):
        said = re.sub(r"https?\S*|mailto:\S*|tel:\S*", "", each["message"] + each["mend"])
        assert not re.search("[A-Za-z]{3,}", said), said


def test_languages_that_contradict_each_other_are_told_with_their_values() -> None:
    texts = {"en": "Pay in 30 days.", "zh": "请在 14 天内付款。"}
    draft = Entry.model_validate(body_of(answer=texts) | {"id": "draft"})
    [found] = findings(draft, shipped().policy, OPEN)
    english, chinese = (as_told([found], {}, say_in(each))[0]["message"] for each in LANGUAGES)
    assert english == "English says 30 days; Chinese says 14 days."
    assert chinese == "英文为 30 天，中文为 14 天。"


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("topic is missing; add it.", "topic"),
        ("answer.en: {detail} is not allowed.", "answer.en"),
        ("questions.en[2] is empty; write it.", "questions.en[2]"),
        ('the title "Hello!" is also one of greeting; keep it in one entry.', ""),
    ],
)
def test_a_problem_stands_beside_the_field_it_names(message: str, field: str) -> None:
    assert told(Problem("", 0, message), say_in("en"))["field"] == field
