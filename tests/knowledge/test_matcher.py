"""The matcher on the knowledge base we ship, and on a few entries without sentence vectors."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import Settings
from knowledge.basis import Basis
from knowledge.building import Builder
from knowledge.encoder import load_encoder
from knowledge.entry import Entry
from knowledge.matcher import Band, Matcher
from tests.knowledge.samples import shipped
from tests.product import CACHE, matcher_once


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return matcher_once(shipped(), Settings(cache=CACHE, dev=True))


def entry(entry_id: str, *questions: str, language: str = "en") -> Entry:
    return Entry.model_validate(
        {
            "id": entry_id,
            "topic": "some",
            "questions": {language: questions},
            "answer": {language: "Yes."},
            "owner": "billing_admin",
            "review_by": "2027-01-01",
        }
    )


FEW = [
    entry("due", "when must i pay", "due date of my invoice", "how long do i have to pay"),
    entry("cancel", "how do i cancel", "stop my subscription", "i want to end the contract"),
    entry("human", "talk to a person", "human please", "give me an agent"),
]
NONSENSE = ["what is the weather", "tell me a joke", "who won the match", "how tall is the tower"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_title_finds_its_entry_for_sure(matcher: Matcher, language: str) -> None:
    titles = {each.title(language): each.id for each in shipped().entries}
    for result, entry_id in zip(matcher.match(list(titles)), titles.values(), strict=True):
        assert result.matches[0].entry_id == entry_id
        assert result.band is Band.ANSWER


@pytest.mark.parametrize(
    ("question", "entry_id"),
    [
        ("we were billed twice for the same thing", "duplicate-charge"),
        ("我要找真人", "talk-to-human"),
        ("how do i get rid of a subscripton", "cancel-subscription"),
        ("怎么给我们加几个账号", "add-licenses"),
    ],
)
def test_it_finds_what_is_asked_in_other_words(
    matcher: Matcher, question: str, entry_id: str
) -> None:
    (result,) = matcher.match([question])
    assert entry_id in [match.entry_id for match in result.matches]
    assert result.band is not Band.NONE


@pytest.mark.parametrize(
    "question", ["what is the capital of peru", "今晚吃什么好", "write me a poem about autumn"]
)
def test_it_answers_nothing_that_is_not_ours(matcher: Matcher, question: str) -> None:
    assert matcher.match([question])[0].band is not Band.ANSWER


def test_a_batch_is_what_its_questions_are_alone(matcher: Matcher) -> None:
    questions = ["when is it due", "", "扣款失败了怎么办", "!!!", "human"]
    alone = [matcher.match([question])[0] for question in questions]
    together = matcher.match(questions)
    assert [r.band for r in together] == [r.band for r in alone]
    assert [[m.entry_id for m in r.matches] for r in together] == [
        [m.entry_id for m in r.matches] for r in alone
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(question=st.text(max_size=300))
def test_whatever_is_typed_gets_a_result(matcher: Matcher, question: str) -> None:
    (result,) = matcher.match([question])
    confidences = [match.confidence for match in result.matches]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)


def test_it_works_without_sentence_vectors() -> None:
    few = Matcher.build(FEW, None, NONSENSE)
    (result,) = few.match(["Cancel my subscription, please"])
    assert result.matches[0].entry_id == "cancel"
    assert few.match(["human, please!"])[0].band is Band.ANSWER


@pytest.mark.parametrize(
    ("question", "entry_id"),
    [
        ("我的账单什么时候到期？", "due"),
        ("怎么取消订阅", "cancel"),
        ("I would like my money back", "refund"),
        ("can a colleague of yours call me", "person"),
    ],
)
def test_an_entry_of_one_language_is_found_in_the_other(question: str, entry_id: str) -> None:
    entries = [
        *FEW[:2],
        entry("refund", "可以退款吗", "怎么把钱退给我", language="zh"),
        entry("person", "我要找真人客服", "请转人工", language="zh"),
    ]
    (result,) = Matcher.build(entries, load_encoder("default"), NONSENSE).match([question])
    assert result.matches[0].entry_id == entry_id
    assert result.band is not Band.NONE


def test_the_index_is_kept_and_read_back(tmp_path: Path) -> None:
    asked = ["when do i pay", "stop it", "weather"]
    basis, builder = Basis(FEW, NONSENSE), Builder(None, tmp_path)
    built = builder.build(basis).match(asked)
    (file,) = tmp_path.glob("index-*.npy")
    kept = builder.kept(basis.digest)
    assert kept and kept[0].match(asked) == built
    file.write_bytes(file.read_bytes()[:100])
    assert builder.kept(basis.digest) is None
    assert builder.build(basis).match(asked) == built


def test_an_empty_knowledge_base_answers_nothing() -> None:
    assert Matcher.build([], None, []).match(["hello"])[0].band is Band.NONE
