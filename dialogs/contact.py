"""An address to answer at: an e-mail address or a phone number in what a customer writes."""

import re
import unicodedata

_EMAIL = re.compile(
    r"[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![a-z0-9@])",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"(?<![\w\[])\+?\(?\d[\d\s().-]{5,24}\d(?![\w\]])")
_DIGITS = range(8, 16)  # E.164 allows 15; fewer than 8 is no number one could call from abroad
_MOST_WORDS_AROUND = 60
_ONLY_A_NUMBER = re.compile(r"[\s+()\d.-]{4,}")


def contact_in(text: str) -> str | None:
    """An e-mail address anywhere; a phone number when the message is about little else."""
    plain = unicodedata.normalize("NFKC", text)
    if found := _EMAIL.search(plain):
        return found.group().rstrip(".")
    number = _NUMBER.search(plain)
    if number and len(plain) - len(number.group()) <= _MOST_WORDS_AROUND:
        written = " ".join(number.group().split())
        digits = sum(each.isdecimal() for each in written)
        is_alone = written.startswith("+") or not re.search(r"[A-Za-z]{2,}-?\d", plain)
        return written if digits in _DIGITS and is_alone else None
    return None


def is_meant_as_contact(text: str) -> bool:
    """Looks like an address but is none that could be used."""
    plain = unicodedata.normalize("NFKC", text).strip()
    has_at = re.fullmatch(r"\S*@\S*", plain) is not None
    return has_at or _ONLY_A_NUMBER.fullmatch(plain) is not None
