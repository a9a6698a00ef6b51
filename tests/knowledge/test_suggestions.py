"""Help with writing: what is suggested for an entry, and what is not."""

import asyncio
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from config import Settings
from knowledge.encoder import load_encoder
from knowledge.entry import Entry
from knowledge.files import Content, load
from knowledge.learning.grouping import Meanings
from knowledge.matcher import Band
from knowledge.matching import InThread
from knowledge.suggestions import Source, Suggested, missing_language, phrasings
from knowledge.text import key_of
from tests.product import CACHE, matcher_once
from tests.web.learning import small_content


@cache
def content() -> Content:
    with TemporaryDirectory() as folder:
        return load(small_content(Path(folder)))


def entry(entry_id: str, **changes: object) -> Entry:
    found = next(each for each in content().entries if each.id == entry_id)
    return found.model_copy(update=changes)


def suggested(asked_for: Entry, *asked: tuple[str, str]) -> list[Suggested]:
    matcher = matcher_once(content(), Settings(encoder="none", cache=CACHE))
    return asyncio.run(phrasings(asked_for, asked, InThread(matcher).match))


def texts(found: list[Suggested], source: Source) -> list[str]:
    return [each.text for each in found if each.source is source]


def test_a_question_is_begun_differently_and_said_with_synonyms() -> None:
    found = suggested(entry("payment-methods"))
    assert "How to pay my invoice?" in texts(found, Source.WORDS)
    assert texts(found, Source.SYNONYM)
    for each in found:
        assert each.from_text


def test_what_the_entry_has_or_answers_at_once_is_not_suggested() -> None:
    matcher = matcher_once(content(), Settings(encoder="none", cache=CACHE))
    for one in content().entries:
        there = {key_of(text) for each in one.questions.values() for text in each}
        for each in suggested(one):
            assert key_of(each.text) not in there
            assert matcher.match([each.text])[0].band is not Band.ANSWER


def test_what_the_answer_puts_in_bold_is_a_term_and_no_figure() -> None:
    answer = {"en": "**Annual plans** take **30 days**. See **{{ payment.due_days }} days** there."}
    found = suggested(entry("refund", answer=answer))
    assert texts(found, Source.ANSWER) == ["Annual plans"]


def test_customers_own_words_come_first_when_this_entry_is_the_nearest() -> None:
    asked = ("en", "which ways of settling do you offer for a bill")
    matcher = matcher_once(content(), Settings(encoder="none", cache=CACHE))
    best = matcher.match([asked[1]])[0]
    found = suggested(entry("payment-methods"), asked, ("en", "what is the weather"))
    if best.band is Band.ASK and best.matches[0].entry_id == "payment-methods":
        assert found[0] == Suggested("en", asked[1], Source.ASKED, best.matches[0].question)
    assert all(each.text != "what is the weather" for each in found)


def test_a_missing_language_is_suggested_from_neighbours_in_meaning() -> None:
    only = entry("refund", questions={"en": entry("refund").questions["en"]})
    asked = [("zh", "怎么把钱退回来"), ("zh", "今天天气怎么样"), ("en", "money back")]
    encoder = load_encoder("default")
    titles = [each.title(code) for each in content().entries for code in each.questions]
    found = missing_language(only, "zh", asked, content().entries, Meanings(encoder, titles))
    assert found[0] == Suggested("zh", "怎么把钱退回来", Source.NEIGHBOUR, only.title("en"))
    assert "今天天气怎么样" not in [each.text for each in found]
    assert all(each.belongs_to for each in found[1:])


def test_nothing_is_suggested_of_nothing() -> None:
    meanings = Meanings(None, [])
    assert missing_language(entry("refund"), "fr", [], content().entries, meanings) == []
