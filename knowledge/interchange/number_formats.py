"""A number as a spreadsheet shows it, where its format is simple: decimals, percent, a currency."""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

AS_IT_IS = ("General", "@", "")
NOT_SHOWN = r"_.|\*.|\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)\]"
PART = re.compile(
    rf"(?P<none>{NOT_SHOWN})|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]|\"(?P<quoted>[^\"]*)\"|\\(?P<one>.)"
    r"|(?P<digits>[#0](?:[#0,]*[#0])?(?:\.[#0]+)?)(?!,)|(?P<sign>[-+$€£¥()/:!^&'~{}<>= %])",
    re.IGNORECASE,
)
MOST_DIGITS = 15  # of a number in a spreadsheet


def shown(value: int | float, format: str) -> str | None:
    """None where the format is none of the simple ones."""
    if format in AS_IT_IS:
        return plain(value)
    sections = format.split(";")
    own = len(sections) > 1 and value < 0  # of negative numbers, with the sign in it
    if abs(value) >= 10**MOST_DIGITS:
        return None
    try:
        parts = list(_parts(sections[1 if own else 2 if not value and sections[2:] else 0]))
    except ValueError:
        return None
    digits = [text for kind, text in parts if kind == "digits"]
    if len(digits) != 1:
        return None
    percent = sum(text == "%" for kind, text in parts if kind == "sign")
    number = _number(abs(Decimal(plain(value)) * 100**percent), digits[0])
    text = "".join(number if kind == "digits" else text for kind, text in parts).strip()
    return f"-{text}" if value < 0 and not own else text


def plain(value: int | float) -> str:
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    return f"{value:.{MOST_DIGITS}g}"


def _parts(section: str) -> Iterator[tuple[str, str]]:
    """Raises ValueError where something else stands."""
    at = 0
    while at < len(section):
        if not (found := PART.match(section, at)):
            raise ValueError(section)
        kind = found.lastgroup or "none"
        if kind != "none":
            yield kind, found[kind]
        at = found.end()


def _number(value: Decimal, digits: str) -> str:
    whole, _, decimals = digits.partition(".")
    rounded = value.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    before, _, after = f"{rounded:f}".partition(".")
    before = before.zfill(whole.count("0")) if before != "0" or "0" in whole else ""
    if "," in whole:
        before = f"{int(before or 0):,}"
    kept = len(decimals.rstrip("#"))
    after = after[:kept] + after[kept:].rstrip("0")
    return f"{before}.{after}" if after else before
