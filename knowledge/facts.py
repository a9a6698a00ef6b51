"""Amounts, percentages, days and dates in a text of either language, so that texts can be compared.

What is compared is the value: `30 days`, `thirty days` and `30 天` are the same fact.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_WORDS = {
    word: number
    for number, words in enumerate(
        (
            *("one 一", "two 二 两", "three 三", "four 四", "five 五", "six 六", "seven 七"),
            *("eight 八", "nine 九", "ten 十"),
        ),
        start=1,
    )
    for word in words.split()
}
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_COUNT = rf"(?P<count>{_NUMBER}|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
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
        rf"(?<![\w.,])\b{_COUNT}[ -]{en}\b"
        rf"|(?<![\d第月])(?<!第 ){_COUNT.replace('count', 'zh')}\s*{zh}"
    )
    for unit, (en, zh) in _UNITS.items()
}
_DAY_NUMBER = re.compile(rf"\bday (?P<count>{_NUMBER})\b(?! of)|第\s*(?P<zh>{_NUMBER})\s*天")
_PERCENT = re.compile(rf"(?P<count>{_NUMBER})\s*(?:%|percent\b)|百分之(?P<zh>{_NUMBER})")
_AMOUNT = re.compile(
    rf"(?:[A-Z]{{0,3}}\$|[€£¥]|\b[A-Z]{{3}}\s)\s?(?P<count>{_NUMBER})"
    rf"|(?P<zh>{_NUMBER})\s*(?:新元|新币|美元|元|块|[A-Z]{{3}}\b)"
)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_CHINESE_DATE = re.compile(r"(?:(\d{4})\s*年\s*)?(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")
_ENGLISH_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+({'|'.join(_MONTHS)})(?:\s+(\d{{4}}))?\b", re.IGNORECASE
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
        yield Fact("date", _date(*(int(each or 0) for each in match.groups()))), match.span()
    for match in _ENGLISH_DATE.finditer(text):
        month = _MONTHS.index(match[2].lower()) + 1
        yield Fact("date", _date(int(match[3] or 0), month, int(match[1]))), match.span()


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
    if written in _WORDS:
        return str(_WORDS[written])
    return f"{Decimal(written.replace(',', '')).normalize():f}"
