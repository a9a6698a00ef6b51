"""Reading what somebody typed: one written form, the language, the words."""

import re
import unicodedata
from typing import Literal

Language = Literal["en", "zh"]

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_LATINWORD = re.compile(r"[a-z\u00c0-\u024f]+(?:'[a-z]+)?", re.IGNORECASE)
WORD = re.compile(rf"(?:(?![{_HAN}])[^\W_])+(?:'(?:(?![{_HAN}])[^\W_])+)?")
_FREQUENT = re.compile(
    r"an?|am|and|are|at|can|could|do|does|did|for|from|have|how|i|i'm|in|is|it|me|my|need|no|not|of"
    r"|on|or|our|please|still|the|there|this|to|want|was|we|were|what|what's|when|where|which|who"
    r"|why|will|with|would|you|your",
    re.IGNORECASE,
)
_HAN_RUN = re.compile(f"[{_HAN}]+")
_NOT_CONTENT = re.compile(r"[\W_]+")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201b": "'", "\u201c": '"', "\u201d": '"'})


def normalise(text: str) -> str:
    """The one written form: NFKC, case folded, no invisible characters, single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
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
    return key_of_normal(normalise(text))


def key_of_normal(text: str) -> str:
    """The same of a normalised text."""
    return _NOT_CONTENT.sub("", text)


def language_of(text: str) -> Language | None:
    """The language a text is written in; None where it cannot be told: names say nothing about it,
    nor does a single word, nor one of each. Chinese questions are full of English terms."""
    if _KANA_OR_HANGUL.search(text):
        return None
    characters = len(_HAN_CHARACTER.findall(text))
    latin = sum(map(_is_no_name, _LATINWORD.findall(text)))
    if characters > latin or characters == latin > 1:
        return "zh"
    return "en" if latin > max(characters, 1) else None


def _is_no_name(word: str) -> bool:
    """Products and brands are written with capitals; so is all of a shouted question, and a single
    letter is most often half of `E3`."""
    return (len(word) > 1 and word.islower()) or bool(_FREQUENT.fullmatch(word))


def words(text: str) -> list[str]:
    """The words of a normalised text in the scripts that write spaces."""
    return WORD.findall(text)


def han_runs(text: str) -> list[str]:
    """The unbroken stretches of Chinese characters of a normalised text."""
    return _HAN_RUN.findall(text)
