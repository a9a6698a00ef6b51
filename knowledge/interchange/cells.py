"""A text in a cell of a spreadsheet: never a formula, and back to exactly the text it was."""

import re

DANGEROUS = re.compile(r"'*(?:[\s\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212]|[\t\r\n])")
ALWAYS_RUN = re.compile(r"[\s\ufeff\u200b]*[=@\uff1d\uff20]|[\t\r\n]")
ACTIVE = re.compile(r"[A-Za-z_]\d*\((?![a-z]{1,2}\))|\S\|[^|]*!")
"""A call such as HYPERLINK(...), or a link to another program such as cmd|'...'!A0; invoice(s) is
neither."""

NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def to_cell(text: str) -> str:
    """An apostrophe before what a spreadsheet would run, and before what looks so marked."""
    return f"'{text}" if DANGEROUS.match(text) else text


def to_services_cell(text: str) -> str:
    """For a reader that takes no apostrophe away: only before what would do something. A list and a
    phone number begin with a sign and do nothing."""
    marked = text.startswith("'") and DANGEROUS.match(text)
    runs = ALWAYS_RUN.match(text) or (DANGEROUS.match(text) and ACTIVE.search(text))
    return f"'{text}" if marked or runs else text


def from_cell(text: str) -> str:
    return text[1:] if text.startswith("'") and DANGEROUS.match(text) else text


def to_xml(text: str) -> str:
    """Characters that a workbook cannot hold, as Excel writes them: _x000D_."""
    return NOT_IN_XML.sub(lambda found: f"_x{ord(found.group()):04X}_", text)


def from_xml(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)
