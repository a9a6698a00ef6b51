"""An address to answer at: an e-mail address or a phone number in what a customer writes."""

import re
import unicodedata
from collections.abc import Iterator

_EMAIL = re.compile(
    r"[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![a-z0-9@])",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"(?<![A-Za-z0-9_\[#-])\+?\(?\d[\d\s().-]{5,24}\d(?![A-Za-z0-9_\]])")
_DIGITS = range(8, 16)  # E.164 allows 15; fewer than 8 is no number one could call from abroad
_NO_PHONE = re.compile(
    r"(?:19|20)\d\d([-. ]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)"  # a date
    r"|(?:0?[1-9]|[12]\d|3[01])([-. ])(?:0?[1-9]|1[0-2])\2(?:19|20)\d\d(?!\d)"
    r"|[\d\s.]*\.\d\d$"  # an amount
)
_ONLY_A_NUMBER = re.compile(r"[\s+()\d.-]{4,}")

# What somebody writes who leaves an address, and who writes about one.
_REACH = r"\b(?:call|phone|ring|text|reach|contact|whatsapp|(?:e-?)?mail|write to)\s+(?:me|us)\b"
_BEFORE = re.compile(
    rf"{_REACH}(?:.{{0,40}}\b(?:at|on|under|via|by))?\W*$"
    r"|\bmy\s+(?:contact|number|address)(?:\s+(?:number|is))*\W*$"
    r"|(?:打|拨|回|联系|致电|发).{0,6}我们?(?:的?(?:电话|手机|邮箱))?[吧吗]?\W*$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"\W*(?:please\s+|pls\s+)?{_REACH}|\W*(?:请|麻烦|可以)*(?:打|拨|回|联系|致电|发|给).{{0,6}}我",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?<!your )\b(?:call|dial|tel|(?:tele)?phone|mobile|cell|whatsapp|(?:e-?)?mail)"
    r"(?:\s+(?:number|no|address|is))*\W*$"
    r"|(?:电话|手机|座机|(?<![单票])号码|邮箱|电邮|邮件|联系|致电|拨|打)(?:号码|地址|方式|[号是为到至])*\W*$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"[?？]|\b(?:why|who|no|not|never|nobody|yesterday|sent|called|bounced|wrong)\b|n't\b"
    r"|[已昨没不吗谁错]|怎么|什么",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"\b(?:please|pls|thanks?|thx|you|hi|hello|ok|okay|yes|sure|here|it|its|is|s|this|use|or|and)\b"
    r"|请|谢谢|您好|你好|好的?|是的?|这是|我的|可以|麻烦|[用吧或]",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+|[^\W\da-z_]", re.IGNORECASE)
_NEAR = 60  # characters
_NAME_WORDS = 3  # beside an e-mail address; beside a number they say what is numbered


def contact_in(text: str) -> str | None:
    """An e-mail address or a phone number that is left: the message is little else, asks to be
    answered there, or has the number with its country code."""
    plain = unicodedata.normalize("NFKC", text)
    return next(_left(plain), None)


def is_meant_as_contact(text: str) -> bool:
    """Looks like an address but is none that could be used."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if re.fullmatch(r"\S*@\S*", plain):
        return True
    return bool(_ONLY_A_NUMBER.fullmatch(plain)) and not _NO_PHONE.match(plain)


def _left(text: str) -> Iterator[str]:
    for found in _EMAIL.finditer(text):
        if _is_left(*_beside(found), _NAME_WORDS):
            yield found.group().rstrip(".")
    for found in _NUMBER.finditer(text):
        number = " ".join(found.group().split())
        if sum(map(str.isdecimal, number)) not in _DIGITS or _NO_PHONE.match(number):
            continue
        if number.startswith("+") or _is_left(*_beside(found), 0):
            yield number


def _beside(found: re.Match[str]) -> tuple[str, str]:
    start, end = found.span()
    return found.string[max(start - _NEAR, 0) : start], found.string[end : end + _NEAR]


def _is_left(before: str, behind: str, most_words: int) -> bool:
    if _BEFORE.search(before) or _BEHIND.match(behind):
        return True
    beside = f"{before} {behind}"
    if _ABOUT.search(beside):
        return False
    others = _WORD.findall(_COURTESY.sub(" ", beside))
    return bool(_LABEL.search(before)) or len(others) <= most_words
