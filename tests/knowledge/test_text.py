"""Reading what somebody typed, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.spelling import Spelling, Vocabulary
from knowledge.text import key_of, language_of, normalise

ANYTHING = st.text(alphabet=st.characters(), max_size=200)


@given(ANYTHING)
def test_normalising_never_fails_and_is_done_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once == once.strip() and "  " not in once


@given(ANYTHING)
def test_the_language_can_always_be_asked(text: str) -> None:
    assert language_of(text) in ("en", "zh", None)


@given(ANYTHING)
def test_a_key_has_no_punctuation_and_is_its_own_key(text: str) -> None:
    assert key_of(key_of(text)) == key_of(text)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  ＨＥＬＬＯ   World ", "hello world"),
        ("in\u200bvoice", "invoice"),
        ("don\u2019t", "don't"),
        ("付款\u3000方式", "付款 方式"),
        ("a\x00b\nc", "a b c"),
    ],
)
def test_one_written_form(typed: str, read: str) -> None:
    assert normalise(typed) == read


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("when is my invoice due", "en"),
        ("账单什么时候到期", "zh"),
        ("Azure 账单怎么看", "zh"),
        ("E3 升级 E5", "zh"),
        ("late fee 多少", "zh"),
        ("Power BI Pro 升 Premium Per User", "zh"),
        ("how do i pay 发票", "en"),
        ("Can I pay?", "en"),
        ("WHERE IS MY INVOICE", "en"),
        ("and for Azure?", "en"),
        ("invoice copy", "en"),
        ("Azure", None),
        ("azure?", None),
        ("PayNow", None),
        ("Visa", None),
        ("Microsoft 365", None),
        ("Microsoft 365 Business Premium", None),
        ("for Dynamics 呢", None),
        ("Azure 呢？", "zh"),
        ("12345", None),
        ("👍", None),
        ("ok", None),
    ],
)
def test_the_language_of_a_question(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("my invioce is wrong", "my invoice is wrong"),
        ("subscripton", "subscription"),
        ("cancl it", "cancel it"),
        ("how do i cancle", "how do i cancel"),
        ("howdo i cancel", "how do i cancel"),
        ("howxdo i cancel", "how do i cancel"),
        ("ho wdo i cancel", "how do i cancel"),
        ("hwo do i cancel", "how do i cancel"),
        ("hop do i cancel", "hop do i cancel"),  # too short to be sure
        ("zanzibar", "zanzibar"),  # near nothing
    ],
)
def test_spelling_is_repaired_towards_known_words(typed: str, read: str) -> None:
    texts = ["my invoice is wrong", "how do i cancel the subscription", "invoice"]
    assert Spelling(Vocabulary.of(texts)).repair(typed) == read
