"""How hard an English text is to read."""

import re


def reading_grade(text: str) -> float:
    """Flesch-Kincaid: years at school needed to read an English text; a line is a sentence, too."""
    sentences = [
        each for each in re.split(r"[.!?:](?:\s|$)|\n", text) if re.search("[A-Za-z]", each)
    ]
    words = re.findall(r"[A-Za-z']+", text)
    if not words or not sentences:
        return 0.0
    syllables = sum(max(len(re.findall(r"[aeiouy]+", _silent(word.lower()))), 1) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _silent(word: str) -> str:
    """Without the e at the end that is not spoken."""
    return word[:-1] if word.endswith("e") and not word.endswith("le") else word
