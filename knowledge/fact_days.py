"""Dates, days of the month and days of the week in a text of either language."""

import re
from datetime import date

from knowledge.fact import CHINESE, NUMERAL, Fact, Found, plain

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_MONTH = "|".join(rf"{each}|{each[:3]}\b\.?" for each in _MONTHS) + r"|sept\b\.?"
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th)"
_DAY_ZH = rf"(\d{{1,2}}|{CHINESE})"
_YEAR_FIRST = re.compile(r"(?<![\d/-])(\d{4})(?:-(\d{2})-|/(\d{1,2})/)(\d{1,2})(?![\d/-])")
_SLASHES = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])")
_CHINESE_DATE = re.compile(
    rf"(?:(\d{{4}}|{CHINESE})\s*年\s*)?(\d{{1,2}}|{CHINESE})\s*月\s*{_DAY_ZH}\s*[日号]"
)
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH})(?:,?\s+(\d{{4}}))?(?!\w)", re.IGNORECASE
)
_MONTH_FIRST = re.compile(
    rf"\b((?=[A-Z])(?i:{_MONTH}))\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(\d{{4}})\b)?"
)
_MONTH_DAY = re.compile(
    rf"\b(?:on|by|before|after|from|until|till|to) the {_ORDINAL}(?=\s*(?:[.,;:!?)]|$|\n)"
    rf"|\s+(?:and|or|to|at|each|every)\b)"
    rf"|\bthe {_ORDINAL}(?: day)? of (?:each|every|the|a|this|that|next|the next) month\b"
    rf"|(?:每个?月|当月|本月|次月|下个?月|上个?月)的?\s*{_DAY_ZH}\s*[日号]"
    rf"|(?<![\d第月])(?<!{NUMERAL}){_DAY_ZH}\s*号(?=[前后之以起止到至或和，。；、）]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_SHORT = {"Mon": 0, "Tues": 1, "Tue": 1, "Wed": 2, "Thurs": 3, "Thur": 3, "Thu": 3, "Fri": 4}
_SHORT |= {"Sat": 5, "Sun": 6}
_CHINESE_DAYS = dict(zip("一二三四五六日天", (*range(7), 6), strict=True))
_WEEKDAY = re.compile(
    rf"\b(?P<long>(?i:{'|'.join(WEEKDAYS)}))s?\b|\b(?P<short>{'|'.join(_SHORT)})\b"
    r"|(?P<weekend>\b[Ww]eekends?\b|周末)"
    rf"|(?<![\d几半])(?<![\d几半]\s)(?<!{NUMERAL})(?:周|星期|礼拜)"
    r"(?P<zh>(?:六日|[一二三四五六日天])(?:\s*[、和及与至到~–—-]\s*[一二三四五六日](?![\d个名位家张次天月号十百千]))*)"
    r"(?![次个天年期张家份遍趟回])"
)


def dates(text: str) -> Found:
    for match in _YEAR_FIRST.finditer(text):
        yield _date(match[1], match[2] or match[3], match[4]), match.span()
    for match in _SLASHES.finditer(text):
        day, month, year = match.groups()
        if int(month) > 12:  # nobody's day comes first then
            day, month = month, day
        yield _date(year, month, day), match.span()
    for match in _CHINESE_DATE.finditer(text):
        yield _date(*(plain(each) if each else None for each in match.groups())), match.span()
    for match in _DAY_FIRST.finditer(text):
        yield _date(match[3], _month(match[2]), match[1]), match.span()
    for match in _MONTH_FIRST.finditer(text):
        yield _date(match[3], _month(match[1]), match[2]), match.span()


def _month(name: str) -> str:
    return str(next(n for n, each in enumerate(_MONTHS, 1) if each[:3] == name[:3].lower()))


def _date(year: str | None, month: str | None, day: str | None) -> Fact:
    numbers = int(year or 0), int(month or 0), int(day or 0)
    try:
        known = date(numbers[0] or 2000, *numbers[1:])
    except ValueError:
        return Fact("date", "-".join(map(str, numbers)))
    return Fact("date", known.strftime("%Y-%m-%d" if year else "%m-%d"))


def month_days(text: str) -> Found:
    for match in _MONTH_DAY.finditer(text):
        yield Fact("month day", plain(next(filter(None, match.groups())))), match.span()


def weekdays(text: str) -> Found:
    for match in _WEEKDAY.finditer(text):
        for number in _weekdays(match):
            yield Fact("weekday", WEEKDAYS[number]), match.span()


def _weekdays(match: re.Match[str]) -> list[int]:
    if match["long"]:
        return [WEEKDAYS.index(match["long"].lower())]
    if match["short"]:
        return [_SHORT[match["short"]]]
    if match["weekend"]:
        return [5, 6]
    return [_CHINESE_DAYS[each] for each in match["zh"] if each in _CHINESE_DAYS]
