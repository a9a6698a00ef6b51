"""Amounts, percentages, days and dates in a text of either language, so that texts can be compared.

What is compared is the value: `30 days`, `thirty days` and `30 天` are the same fact.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_ENGLISH = rf"(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_TEENS[:9])}))?|{'|'.join(_TEENS[::-1])}"
_NUMERAL = f"[{''.join((*_DIGITS, *_PLACES))}]"
_CHINESE = f"{_NUMERAL}{{1,9}}"
_UNITS = {
    "minute": ("minutes?", "分钟"),
    "hour": ("(?:(?:business|working|office) )?hours?", "个?(?:工作|营业|办公)?小时"),
    "working day": ("(?:business|working)[ -]days?", "个?工作[日天]"),
    "day": ("(?:calendar[ -])?days?", "(?:个自然日|天|日[内后前])"),
    "week": ("weeks?", "个?(?:星期|周)"),
    "month": ("months?", "个?月"),
    "year": ("years?", "年"),
}
_DURATIONS = {
    unit: re.compile(
        r"(?<![\w.,])(?<!hundred )(?<!hundred and )(?<!ty-)\b"
        rf"(?P<count>{_NUMBER}|{_ENGLISH})[ -]{en}\b"
        rf"|(?<![\d第月万])(?<!第 )(?<!{_NUMERAL})(?P<zh>{_NUMBER}|{_CHINESE})\s*{zh}"
    )
    for unit, (en, zh) in _UNITS.items()
}
_DAY_NUMBER = re.compile(
    rf"\bday (?P<count>{_NUMBER})\b(?! of)|第\s*(?P<zh>{_NUMBER}|{_CHINESE})\s*天"
)
_PERCENT = re.compile(rf"(?P<count>{_NUMBER})\s*(?:%|percent\b)|百分之(?P<zh>{_NUMBER}|{_CHINESE})")
_AMOUNT = re.compile(
    rf"(?:[A-Z]{{0,3}}\$|[€£¥]|\b[A-Z]{{3}}\s)\s?(?P<count>{_NUMBER})"
    rf"|(?P<zh>{_NUMBER})\s*(?:新元|新币|美元|元|块|[A-Z]{{3}}\b)"
)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_CHINESE_DATE = re.compile(
    rf"(?:(\d{{4}}|{_CHINESE})\s*年\s*)?"
    rf"(\d{{1,2}}|{_CHINESE})\s*月\s*(\d{{1,2}}|{_CHINESE})\s*[日号]"
)
_ENGLISH_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+({'|'.join(_MONTHS)})(?:,?\s+(\d{{4}}))?\b", re.IGNORECASE
)
_AMERICAN_DATE = re.compile(
    rf"\b({'|'.join(map(str.title, _MONTHS))})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(\d{{4}})\b)?"
)


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """`kind` is amount, percent, date or a unit of time; `value` is written one way."""

    kind: str
    value: str

    def __str__(self) -> str:
        if self.kind == "percent":
            return f"{self.value} %"
        return self.value if self.kind in ("amount", "date") else f"{self.value} × {self.kind}"


def facts(text: str) -> set[Fact]:
    """What is found first is not found again: a date is no day, a percentage no amount."""
    found: set[Fact] = set()
    text = text.replace("*", "")
    for finder in (_dates, _percents, _amounts, _durations):
        spans = list(finder(text))
        found.update(fact for fact, _ in spans)
        for _, (start, end) in spans:
            text = text[:start] + " " * (end - start) + text[end:]
    return found


Found = Iterator[tuple[Fact, tuple[int, int]]]


def _dates(text: str) -> Found:
    for match in _ISO.finditer(text):
        year, month, day = map(int, match.groups())
        yield Fact("date", _date(year, month, day)), match.span()
    for match in _CHINESE_DATE.finditer(text):
        year, month, day = (int(_plain(each or "0")) for each in match.groups())
        yield Fact("date", _date(year, month, day)), match.span()
    for match in _ENGLISH_DATE.finditer(text):
        yield Fact("date", _date_of(match[3], match[2], match[1])), match.span()
    for match in _AMERICAN_DATE.finditer(text):
        yield Fact("date", _date_of(match[3], match[1], match[2])), match.span()


def _date_of(year: str | None, month: str, day: str) -> str:
    return _date(int(year or 0), _MONTHS.index(month.lower()) + 1, int(day))


def _date(year: int, month: int, day: int) -> str:
    try:
        return date(year or 2000, month, day).strftime("%Y-%m-%d" if year else "%m-%d")
    except ValueError:
        return f"{year}-{month}-{day}"


def _percents(text: str) -> Found:
    return _counted("percent", _PERCENT, text)


def _amounts(text: str) -> Found:
    return _counted("amount", _AMOUNT, text)


def _durations(text: str) -> Found:
    yield from _counted("day", _DAY_NUMBER, text.lower())
    for unit, pattern in _DURATIONS.items():
        yield from _counted(unit, pattern, text.lower())


def _counted(kind: str, pattern: re.Pattern[str], text: str) -> Found:
    for match in pattern.finditer(text):
        written = match["count"] or match["zh"]
        yield Fact(kind, _plain(written)), match.span()


def _plain(written: str) -> str:
    if written[0].isascii() and written[0].isdigit():
        return f"{Decimal(written.replace(',', '')).normalize():f}"
    if written[0].isascii():
        return str(sum(_WORDS[word] for word in re.split("[ -]", written)))
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
