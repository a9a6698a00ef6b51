"""Plain tables of questions and answers, in the shapes people keep them."""

import pytest

from tests.knowledge.interchange.samples import entries_in, entry, said_of, taken, xlsx

ENGLISH = "Question,Answer\nHow do I pay?,By transfer.\nWhen do I pay?,In 30 days.\n"
CHINESE = "问题\t答案\n怎么付款？\t银行转账。\n什么时候付款？\t三十天内。\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_a_header(delimiter: str) -> None:
    entries = entries_in(ENGLISH.replace(",", delimiter).encode())
    assert list(entries) == ["how-do-i-pay", "when-do-i-pay"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "gbk"]
)
def test_chinese_is_read_in_the_encodings_it_comes_in(encoding: str) -> None:
    entries = list(entries_in(CHINESE.encode(encoding)).values())
    assert [entry.questions for entry in entries] == [
        {"zh": ("怎么付款？",)},
        {"zh": ("什么时候付款？",)},
    ]
    assert entries[0].answer == {"zh": "银行转账。\n"}


def test_a_sheet_says_the_same_as_text() -> None:
    rows = [line.split(",") for line in ENGLISH.splitlines()]
    assert entries_in(xlsx({"Notes": [["hello"]], "FAQ": rows})) == entries_in(ENGLISH.encode())


def test_several_questions_stand_in_columns_or_lines() -> None:
    data = (
        "Question,Question 2,Similar questions,Answer\n"
        '"How do I pay?\nhow to settle",ways to pay,pay by card|pay online,By transfer.\n'
    )
    (made,) = entries_in(data.encode()).values()
    assert made.questions["en"] == (
        *("How do I pay?", "how to settle", "ways to pay", "pay by card", "pay online"),
    )


def test_rows_with_the_same_answer_are_one_entry() -> None:
    data = "q,a\nHow do I pay?,Transfer.\nWhere is it?,Here.\nways to pay,Transfer.\n"
    made = entries_in(data.encode())
    assert made["how-do-i-pay"].questions["en"] == ("How do I pay?", "ways to pay")
    assert len(made) == 2


def test_both_languages_stand_side_by_side_or_under_one_id() -> None:
    beside = (
        "question_en,question_zh,answer (en),答案_中文\nHow do I pay?,怎么付款？,Transfer.,转账。\n"
    )
    (made,) = entries_in(beside.encode()).values()
    assert made.answer == {"en": "Transfer.\n", "zh": "转账。\n"}
    under = "id,question,answer\npay,How do I pay?,Transfer.\npay,怎么付款？,转账。\n"
    assert entries_in(under.encode())["pay"].answer == made.answer


def test_a_language_that_is_given_wins_over_what_the_text_looks_like() -> None:
    (made,) = entries_in(b"Question,Answer\n365?,Azure\n", language="zh").values()
    assert list(made.questions) == list(made.answer) == ["zh"]


def test_ids_stay_the_same_and_are_told_apart() -> None:
    data = (
        "Question,Answer\n怎么付款？,转账。\n"
        + f"{'very ' * 30}long?,One\n{'very ' * 31}long?,Two\n"
    )
    first, again = entries_in(data.encode()), entries_in(data.encode())
    assert list(first) == list(again)
    assert len(first) == 3
    assert next(iter(first)).startswith("imported-")
    there = list(first.values())
    assert entries_in(data.encode(), there) == first


def test_a_question_that_is_there_changes_its_entry_and_nothing_else_of_it() -> None:
    data = "Question,Answer\nwhen is my invoice due,Soon.\nwhen is my invoice due!,Soon.\n"
    made = entries_in(data.encode(), [entry()])["payment-due"]
    assert made == entry(answer={"en": "Soon.\n", "zh": "30 天内。\n"})
    (change,) = taken(data.encode(), [entry()]).diff([entry()])
    assert [each.field for each in change.fields] == ["answer.en"]
    assert "has values of the policy" in said_of(data.encode(), [entry()])[0]


def test_an_id_that_happens_to_be_taken_does_not_change_a_stranger() -> None:
    made = entries_in(b"Question,Answer\nPayment due,Something else.\n", [entry()])
    (new_id,) = made
    assert new_id.startswith("payment-due-")


def test_what_is_there_already_is_no_change() -> None:
    made = taken(ENGLISH.encode())
    assert {change.what for change in made.diff([])} == {"added"}
    assert taken(ENGLISH.encode(), made.entries).diff(made.entries) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("Question,Answer\nWhy?,\n", "kb:2: error: column answer is empty"),
        ("Question,Answer\n,text\n", "kb:2: error: column question is empty"),
        ("Question,Answer\nWhy?,a,b\n", "kb:2: error: 3 cells under 2 columns"),
        (
            "Question,Answer\nWhy so?,<script>x</script>\n",
            "kb:2: error: column answer shows nothing",
        ),
        ("id,Question,Answer\nx,Why so?,a\nx,Why not?,b\n", "Another answer in en stands in row 2"),
        (f"Question,Answer\nWhy so?,{'long ' * 2000}\n", "kb:2: error: how"[:9]),
    ],
)
def test_what_is_wrong_is_said_with_its_row(data: str, said: str) -> None:
    made = taken(data.encode())
    assert made.failed and not made.entries
    assert said in str(made.problems[0])


def test_columns_without_a_place_are_said_once() -> None:
    (said,) = said_of(b"Question,Answer,Colour\nWhy not?,Because.,red\n")
    assert said == "kb:1: warning: Columns that an entry has no place for: Colour."
