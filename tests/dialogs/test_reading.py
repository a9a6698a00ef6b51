"""How a message is taken apart before anything is matched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.reading import MAX_CHARACTERS, MAX_QUESTIONS, parts


@pytest.mark.parametrize(
    "pieces",
    [
        ("when is my invoice due", " and ", "how can i pay"),
        ("I was charged twice", " and ", "when is my invoice due"),
        ("how do I pay", ", ", "where is my invoice?"),
        ("can I pay by card", ", and ", "does it cost more"),
        ("how do I pay?", " ", "where is my invoice"),
        ("账单什么时候到期", "，", "怎么付款？"),
        ("怎么付款", "以及", "什么时候到期"),
        ("我被重复扣款了", "，另外", "账单什么时候到期"),
        ("怎么付款", "，还有", "发票在哪里下载"),
        ("怎么付款", "；", "会退款吗", "，", "账单什么时候到期"),
    ],
)
def test_several_questions_are_told_apart(pieces: tuple[str, ...]) -> None:
    assert parts("".join(pieces)) == list(pieces[::2])


@pytest.mark.parametrize(
    "text",
    [
        "how do I add and remove licences",
        "invoices and receipts, where are they",
        "when and how do i pay",
        "if I cancel, how do I get a refund",
        "when my card expires, what happens",
        "what is the difference between CSP and NCE",
        "can you tell me what CSP is and how it works",
        "please cancel my licences and refund them",
        "发票以及收据在哪里下载",
        "怎么添加和删除许可证",
        "我的订阅还有多少天到期",
        "订阅到期了，怎么续订",
    ],
)
def test_one_question_stays_one(text: str) -> None:
    assert parts(text) == []


@given(st.lists(st.sampled_from(["how do i pay", "怎么付款", " and ", "，", "?"]), max_size=300))
def test_there_are_never_more_questions_than_are_answered(words: list[str]) -> None:
    assert len(parts("".join(words)[:MAX_CHARACTERS])) in {0, *range(2, MAX_QUESTIONS + 1)}
