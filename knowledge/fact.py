"""One thing that a text says in numbers, and when two texts say the same."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

MAY_BE = {
    "$": {"AUD", "CAD", "HKD", "NZD", "SGD", "TWD", "USD"},
    "¥": {"CNY", "JPY"},
}
"""The currencies that share a sign."""

_TEENS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: number for number, word in enumerate(_TEENS, 1)}
_WORDS |= {word: 10 * number for number, word in enumerate(_TENS, 2)}
_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}

NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
ENGLISH = rf"(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_TEENS[:9])}))?|{'|'.join(_TEENS[::-1])}"
NUMERAL = f"[{''.join((*_DIGITS, *_PLACES))}]"
CHINESE = f"{NUMERAL}{{1,9}}"
ALONE = r"(?<![\w.,])(?<!hundred )(?<!hundred and )(?<!ty-)\b"
"""Before a number in English that is no part of another."""
ALONE_ZH = rf"(?<![\d第月万])(?<!第 )(?<!{NUMERAL})"


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """`kind` is amount, percent, date, month day (the 15th), weekday (1 to 7) or a unit of time;
    `value` is written one way; `currency` is a code, a sign that several share, or unknown."""

    kind: str
    value: str
    currency: str = ""

    def agrees(self, other: "Fact") -> bool:
        """What one of them leaves open does not make them differ."""
        if (self.kind, self.value) != (other.kind, other.value):
            return False
        one, two = self.currency, other.currency
        known = one and two and one != two
        return not known or two in MAY_BE.get(one, ()) or one in MAY_BE.get(two, ())


Found = Iterator[tuple[Fact, tuple[int, int]]]
Finder = Callable[[str], Found]


def without(facts: Collection[Fact], others: Collection[Fact]) -> set[Fact]:
    """Those that none of the others says."""
    return {fact for fact in facts if not any(fact.agrees(other) for other in others)}


def counted(kind: str, pattern: re.Pattern[str], text: str) -> Found:
    for match in pattern.finditer(text):
        yield Fact(kind, plain(match["count"] or match["zh"])), match.span()


def plain(written: str) -> str:
    """The number in digits, whatever it is written in."""
    if written[0].isascii() and written[0].isdigit():
        return f"{Decimal(written.replace(',', '')).normalize():f}"
    if written[0].isascii():
        return str(sum(_WORDS[word] for word in re.split("[ -]", written.lower())))
    return str(_chinese_number(written))


def _chinese_number(written: str) -> int:
    """`十五` is 15, `二百零五` 205; without a place between them the digits stand side by side."""
    if not _PLACES.keys() & set(written):
        return int("".join(str(_DIGITS[digit]) for digit in written))
    total, digit = 0, 0
    for character in written:
        if place := _PLACES.get(character):
            total, digit = total + (digit or 1) * place, 0
        else:
            digit = _DIGITS[character]
    return total + digit
