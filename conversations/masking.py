"""Card numbers are taken out of what customers write before it is stored, logged or sent on."""

import re
from functools import lru_cache
from operator import is_not
from typing import Any

# 13 to 19 digits of any script, with at most two spaces, dashes, dots or invisible characters
# between any two of them.
_GAP = r"[\s\-‐-―−－.·_\u200b-\u200f\u2060\ufeff\u00ad]{0,2}"
_ANY_DIGITS = re.compile(r"\d(?:\D{0,2}\d){12}")
_DIGITS = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{12,18}}(?!\d)")

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

# Values under these keys are addresses and times, never what a person typed.
_STRUCTURAL = re.compile(r"(^|.*[a-z])(i?[Ii]d|ID|[Uu]rl|[Tt]imestamp|[Tt]ype|watermark)$")


def mask_cards(text: str) -> tuple[str, bool]:
    """The text without card numbers, and whether there was one."""
    if not _ANY_DIGITS.search(text):
        return text, False
    masked = _DIGITS.sub(_mask, text)
    return masked, masked != text


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
    known = any(issuer.match(digits) and len(digits) in lengths for issuer, lengths in _ISSUERS)
    return known and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = [2 * int(digit) for digit in digits[-2::-2]]
    total = sum(int(digit) for digit in digits[-1::-2]) + sum(d // 10 + d % 10 for d in doubled)
    return total % 10 == 0


def _mask(found: re.Match[str]) -> str:
    digits = "".join(str(int(c)) for c in found.group() if c.isdecimal())
    return f"[card number removed, ends {digits[-4:]}]" if is_card_number(digits) else found.group()
