"""Amounts of money in a text, with their currency where it is told."""

import re
from collections.abc import Iterable
from string import ascii_lowercase

from knowledge.fact import ALONE, ALONE_ZH, CHINESE, ENGLISH, NUMBER, Fact, Found, plain

_CODES = (
    *("AED", "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR"),
    *("ILS", "INR", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "QAR", "SAR", "SEK"),
    *("SGD", "THB", "TRY", "TWD", "USD", "VND", "ZAR"),
)
_NAMES = {
    "AUD": "A$ AU$ australian-dollar 澳元 澳币",
    "CAD": "C$ CA$ canadian-dollar 加元",
    "CHF": "franc 瑞士法郎",
    "CNY": "RMB yuan renminbi 人民币",
    "EUR": "€ euro 欧元",
    "GBP": "£ pound 英镑",
    "HKD": "HK$ hong-kong-dollar 港元 港币",
    "IDR": "rupiah 印尼盾",
    "INR": "₹ rupee 卢比",
    "JPY": "yen 日元 日圆",
    "KRW": "₩ 韩元",
    "MYR": "RM ringgit 马币 令吉 林吉特",
    "NZD": "NZ$ new-zealand-dollar",
    "PHP": "₱",
    "SGD": "S$ SG$ singapore-dollar 新加坡元 新元 新币 坡币",
    "THB": "฿ baht 泰铢",
    "TWD": "NT$ 新台币 台币",
    "USD": "US$ us-dollar american-dollar 美元 美金",
    "VND": "₫",
    "$": "$ dollar",
    "¥": "¥",
    "": "元 块",
}
"""What currencies are called; `元` is said of any."""
_CURRENCY = {
    name.replace("-", " ").lower(): code for code, names in _NAMES.items() for name in names.split()
}
_CURRENCY |= {code.lower(): code for code in _CODES}


def _any_of(names: Iterable[str]) -> str:
    """The longest first, so that none is taken for its end."""
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


_SIGNS = [name for name in _CURRENCY if name[-1] in "$€£¥₹₩฿₫₱"]
_CAPITALS = (*_CODES, "RMB", "RM")
"""Never in small letters: `try 2` is no amount."""
_WORDS = [
    name for name in _CURRENCY if name[-1] in ascii_lowercase and name.upper() not in _CAPITALS
]
_CHINESE = [name for name in _CURRENCY if name[0] > "一"]
_FIRST = [name for name in _CHINESE if len(name) > 1]
_BEFORE = rf"(?i:{_any_of(_SIGNS)})|\b(?:{_any_of(_CAPITALS)})|{_any_of(_FIRST)}"
_AMOUNT = re.compile(
    rf"(?P<before>{_BEFORE})\s?(?P<first>{NUMBER})(?:\s*元)?"
    rf"|{ALONE}(?P<count>{NUMBER}|(?i:{ENGLISH}))[ -]?"
    rf"(?P<after>(?:(?i:{_any_of(_WORDS)})s?|{_any_of(_CAPITALS)})\b|€)"
    rf"|{ALONE_ZH}(?P<zh>{NUMBER}|{CHINESE}(?!块))\s*(?P<name>{_any_of(_CHINESE)})"
)


def amounts(text: str) -> Found:
    for match in _AMOUNT.finditer(text):
        told = (match["before"] or match["after"] or match["name"]).lower()
        number = match["first"] or match["count"] or match["zh"]
        currency = _CURRENCY.get(told, _CURRENCY.get(told.removesuffix("s"), ""))
        yield Fact("amount", plain(number), currency), match.span()
