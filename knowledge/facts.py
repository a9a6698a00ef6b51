"""Amounts, percentages, days and dates in a text of either language, so that texts can be compared.

What is compared is the value: `30 days`, `thirty days` and `30 天` are the same fact.
"""

import re
import unicodedata

from knowledge.fact import (
    ALONE,
    ALONE_ZH,
    CHINESE,
    ENGLISH,
    NUMBER,
    Fact,
    Finder,
    Found,
    counted,
    without,
)
from knowledge.fact_amounts import amounts
from knowledge.fact_days import dates, month_days, weekdays

__all__ = ["Fact", "facts", "without"]

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
        rf"{ALONE}(?P<count>{NUMBER}|{ENGLISH})[ -]{en}\b"
        rf"|{ALONE_ZH}(?P<zh>{NUMBER}|{CHINESE})\s*{zh}"
    )
    for unit, (en, zh) in _UNITS.items()
}
_DAY_NUMBER = re.compile(
    rf"\bday (?P<count>{NUMBER})\b(?! of)|第\s*(?P<zh>{NUMBER}|{CHINESE})\s*天"
)
_PERCENT = re.compile(rf"(?P<count>{NUMBER})\s*(?:%|percent\b)|百分之(?P<zh>{NUMBER}|{CHINESE})")


def facts(text: str) -> set[Fact]:
    """What is found first is not found again: a date is no day, a percentage no amount."""
    found: set[Fact] = set()
    text = unicodedata.normalize("NFKC", text).replace("*", "")
    finders: tuple[Finder, ...] = (dates, month_days, weekdays, _percents, amounts, _durations)
    for finder in finders:
        spans = list(finder(text))
        found.update(fact for fact, _ in spans)
        for _, (start, end) in spans:
            text = text[:start] + " " * (end - start) + text[end:]
    return found


def _percents(text: str) -> Found:
    return counted("percent", _PERCENT, text)


def _durations(text: str) -> Found:
    yield from counted("day", _DAY_NUMBER, text.lower())
    for unit, pattern in _DURATIONS.items():
        yield from counted(unit, pattern, text.lower())
