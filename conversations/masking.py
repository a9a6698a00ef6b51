"""Card numbers are taken out of what customers write before it is stored, logged or sent on."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from operator import is_not
from typing import Any

_ENOUGH_DIGITS = re.compile(r"\d(?:\D{0,5}\d){12}")
_LONGEST_PHONE = 15  # E.164
_GROUP = re.compile(r"\d+")
# What stands between the groups of one number: spaces, dashes and invisible characters, of which
# people mix several, or one of the marks that also stand between two numbers.
_SOFT = r"[\s\-‐-―−－·_\u200b-\u200f\u2060\ufeff\u00ad]"
_GAP = re.compile(rf"{_SOFT}{{1,4}}|{_SOFT}{{0,2}}([,./|，．／、]){_SOFT}{{0,2}}")
# Behind a card: its expiry date and its security code, each with or without its name.
_BESIDE = r"[^\w+#$€£¥]{1,4}"
_EXPIRY = r"(?:valid\s(?:thru|until)|exp(?:iry|ires|iration)?(?:\sdate)?|有效期至?)"
_CODE = r"(?:cvv2?|cvc2?|cvn2?|cid|csc|security\scode|安全码)"
_BEHIND = re.compile(
    rf"(?:{_BESIDE}(?:{_EXPIRY}\W{{0,2}})?(?:0?[1-9]|1[0-2])\s?[-/]\s?(?:20)?\d\d(?![\d.,]*\d))?"
    rf"(?:{_BESIDE}(?:{_CODE}\W{{0,2}})?\d{{3,4}}(?![\d.,]*\d|\s?(?-i:[A-Z]{{3}}\b|[$€£¥元])))?",
    re.IGNORECASE,
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?\b", re.ASCII)

# First digits and lengths of the issuers' ranges (ISO/IEC 7812 as the card schemes publish them).
_ISSUERS = (
    (re.compile(r"4"), {13, 16, 19}),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720"), {16}),  # Mastercard
    (re.compile(r"3[47]"), {15}),  # American Express
    (re.compile(r"62|81"), set(range(16, 20))),  # UnionPay
    (re.compile(r"35(2[89]|[3-8]\d)"), set(range(16, 20))),  # JCB
    (re.compile(r"3(0[0-5]|095|[689])"), set(range(14, 20))),  # Diners Club
    (re.compile(r"6011|64[4-9]|65"), set(range(16, 20))),  # Discover
    (re.compile(r"5018|5020|5038|5893|6304|6759|676[1-3]"), set(range(13, 20))),  # Maestro
)

_DOUBLED = str.maketrans("0123456789", "0246813579")  # the sum of the digits of twice as much

# Values under these keys are addresses and times, never what a person typed.
_STRUCTURAL = re.compile(r"(^|.*[a-z])(i?[Ii]d|ID|[Uu]rl|[Tt]imestamp|[Tt]ype|watermark)$")


def mask_cards(text: str) -> tuple[str, bool]:
    """The text without card numbers, and whether there was one."""
    if not _ENOUGH_DIGITS.search(text):
        return text, False
    kept, at = [], 0
    cards = _cards(text)
    for (start, end), (limit, _) in pairwise([*cards, (len(text), 0)]):
        last = _plain(text[start:end])[-4:]
        kept += [text[at:start], f"[card number removed, ends {last}]"]
        behind = _BEHIND.match(text, end, limit)
        at = behind.end() if behind else end
    return "".join([*kept, text[at:]]), bool(cards)


def mask_activity(body: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """An activity's JSON without card numbers anywhere a person can have typed one, and whether
    there was one; without, it is the same object."""
    masked = _masked(body)
    return masked, masked is not body


def _masked(part: Any) -> Any:
    """The same object when there is nothing to take out."""
    if isinstance(part, str):
        masked, found = mask_cards(part)
        return masked if found else part
    if isinstance(part, dict):
        changed = {
            name: masked
            for name, value in part.items()
            if not _is_structural(name) and (masked := _masked(value)) is not value
        }
        return {**part, **changed} if changed else part
    if isinstance(part, list):
        masked_parts = [_masked(each) for each in part]
        return masked_parts if any(map(is_not, masked_parts, part)) else part
    if isinstance(part, int) and not isinstance(part, bool):
        masked, found = mask_cards(str(part))
        return masked if found else part
    return part


@lru_cache(maxsize=1024)
def _is_structural(name: str) -> bool:
    return _STRUCTURAL.match(name) is not None


def is_card_number(digits: str) -> bool:
    """Luhn's check digit is right and an issuer has this range: 3 % of random numbers, not 10 %."""
    return len(digits) in _lengths(digits[:4]) and _luhn(digits)


@lru_cache(maxsize=10_000)
def _lengths(start: str) -> tuple[int, ...]:
    """How long the numbers are that begin with these four digits, the longest first."""
    known = (lengths for issuer, lengths in _ISSUERS if issuer.match(start))
    return tuple(sorted(set().union(*known), reverse=True))


def _luhn(digits: str) -> bool:
    doubled = digits[-2::-2].translate(_DOUBLED)
    return (sum(map(int, digits[-1::-2])) + sum(map(int, doubled))) % 10 == 0


def _cards(text: str) -> list[tuple[int, int]]:
    """Where card numbers begin and end; numbers that share digits are one place."""
    cards: list[tuple[int, int]] = []
    for start, end in _numbers(_IBAN.sub(_without_iban, text)):
        if cards and start < cards[-1][1]:
            start, before = cards.pop()
            end = max(before, end)
        cards.append((start, end))
    return cards


def _numbers(text: str) -> Iterator[tuple[int, int]]:
    """The longest card number that begins with each group of digits, whatever stands beside it."""
    groups = list(_GROUP.finditer(text))
    digits = "".join(_plain(group.group()) for group in groups)
    offsets = list(accumulate((len(group.group()) for group in groups), initial=0))
    places = {offset: place for place, offset in enumerate(offsets)}
    for first, (group, reach) in enumerate(zip(groups, _reach(text, groups), strict=True)):
        offset, start = offsets[first], group.start()
        is_phone = text[start - 1 : start] in ("+", "＋")
        for length in _lengths(digits[offset : offset + 4]):
            after = places.get(offset + length, 0)
            if not first < after <= reach or (is_phone and length <= _LONGEST_PHONE):
                continue
            number = digits[offset : offset + length]
            if _is_grouped(offsets[first : after + 1]) and is_card_number(number):
                yield start, groups[after - 1].end()
                break


def _reach(text: str, groups: list[re.Match[str]]) -> Iterator[int]:
    """For each group, the place behind the last one that may belong to the same number."""
    first = 0
    for mark, gaps in groupby(_mark(text, *each) for each in pairwise(groups)):
        last = first + sum(1 for _ in gaps)
        yield from (place + 1 if mark is None else last + 1 for place in range(first, last))
        first = last
    if groups:
        yield len(groups)


def _mark(text: str, before: re.Match[str], after: re.Match[str]) -> str | None:
    """What separates two groups of one number besides spaces and dashes; None: two numbers."""
    gap = _GAP.fullmatch(text, before.end(), after.start())
    return (gap[1] or "") if gap else None


def _is_grouped(offsets: list[int]) -> bool:
    """As people write cards: three digits or more at a time, or always as many. Amounts, dates and
    counts that stand side by side are not."""
    *all_but_last, last = [end - start for start, end in pairwise(offsets)]
    shortest, longest = min(all_but_last, default=3), max(all_but_last, default=3)
    return shortest >= 3 or last <= shortest == longest


def _plain(number: str) -> str:
    """Its digits, in ASCII."""
    return "".join(str(int(each)) for each in number if each.isdecimal())


def _without_iban(found: re.Match[str]) -> str:
    """As long as it was, where ISO 13616's check digits are right."""
    compact = found.group().replace(" ", "")
    number = "".join(str(int(each, 36)) for each in compact[4:] + compact[:4])
    return "x" * len(found.group()) if int(number) % 97 == 1 else found.group()
