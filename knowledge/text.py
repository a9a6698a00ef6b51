"""Reading what somebody typed: one written form, the language, the words, the spelling."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

Language = Literal["en", "zh"]

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_LATIN_WORD = re.compile(r"[a-z\u00c0-\u024f]+(?:'[a-z]+)?", re.IGNORECASE)
_WORD = re.compile(rf"(?:(?![{_HAN}])[^\W_])+(?:'(?:(?![{_HAN}])[^\W_])+)?")
_HAN_RUN = re.compile(f"[{_HAN}]+")
_NOT_CONTENT = re.compile(r"[\W_]+")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201b": "'", "\u201c": '"', "\u201d": '"'})

SHORTEST_REPAIRED = 4  # letters; shorter words have too many neighbours to repair
TWO_EDITS_FROM = 8  # letters; a long word may be two edits away from the one that was meant


def normalise(text: str) -> str:
    """The one written form: NFKC, case folded, no invisible characters, single spaces."""
    while (folded := _fold(text)) != text:
        text = folded
    return text


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().translate(_QUOTES)
    if not text.isprintable():
        text = "".join(map(_visible, text))
    return " ".join(text.split())


def _visible(character: str) -> str:
    """Formats (zero-width marks, soft hyphens) vanish; control characters separate."""
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return " " if category in ("Cc", "Cs") else character


def key_of(text: str) -> str:
    """What is left without punctuation and spaces: equal keys are the same question."""
    return _NOT_CONTENT.sub("", normalise(text))


def language_of(text: str) -> Language | None:
    """The language a text is written in; None where it cannot be told.

    A Chinese question may name English products, so its characters weigh as much as words do.
    """
    if _KANA_OR_HANGUL.search(text):
        return None
    characters = len(_HAN_CHARACTER.findall(text))
    latin = _LATIN_WORD.findall(text)
    if characters and characters >= len(latin):
        return "zh"
    if len(latin) >= 2 or (latin and len(latin[0]) >= 4):
        return "en"
    return None


def words(text: str) -> list[str]:
    """The words of a normalised text in the scripts that write spaces."""
    return _WORD.findall(text)


def han_runs(text: str) -> list[str]:
    """The unbroken stretches of Chinese characters of a normalised text."""
    return _HAN_RUN.findall(text)


class Spelling:
    """Puts right what is nearly a word of the texts; other words stay as they are.

    `correct` texts have words that are well spelt, too, but that nobody is likely to mean.
    """

    def __init__(self, texts: Iterable[str], correct: Iterable[str] = ()) -> None:
        counts = Counter(word for text in texts for word in words(text))
        self._known = frozenset(counts).union(*(words(text) for text in correct))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        self._candidates = [word for word in ranked if len(word) >= SHORTEST_REPAIRED - 1]
        self._nearest = lru_cache(maxsize=50_000)(self._find_nearest)

    def repair(self, text: str) -> str:
        """The normalised text with each misspelt word replaced."""
        return _WORD.sub(lambda found: self._nearest(found.group()), text)

    def _find_nearest(self, word: str) -> str:
        if len(word) < SHORTEST_REPAIRED or word in self._known or not word.isalpha():
            return word
        edits = 2 if len(word) >= TWO_EDITS_FROM else 1
        near = [other for other in self._candidates if abs(len(other) - len(word)) <= edits]
        if not near:
            return word
        distances = cdist([word], near, scorer=OSA.distance, score_cutoff=edits)[0]
        wrong_start = np.array([other[0] != word[0] for other in near])
        best = int((2 * distances + wrong_start).argmin())  # the first of equals: most frequent
        return near[best] if distances[best] <= edits else word
