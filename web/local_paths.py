"""Where a page may send its visitor on to: somewhere on this site, never to another."""

import re
from urllib.parse import urlsplit

MAX_LENGTH = 1000
_PLAIN = re.compile(r"/(?![/\\])[!#-\[\]-~]*")
"""Visible ASCII without quotation mark and backslash, which browsers read as a slash."""


def local_path(given: str) -> str:
    """The path with its query, "" for anything that could lead elsewhere."""
    if len(given) > MAX_LENGTH or not _PLAIN.fullmatch(given):
        return ""
    try:
        parts = urlsplit(given)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else given
