"""Which encoding a text file has: its mark, or the first that reads all of it."""

import codecs
import re

from knowledge.interchange.found import unreadable

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
TWO_BYTES = re.compile(rb"[\x81-\xfe]([\x40-\xfe])")


def decoded(name: str, data: bytes) -> str:
    """The text; raises KnowledgeError when no encoding gives one."""
    text = _read(name, data)
    if (at := text.find("\0")) >= 0:
        row = text.count("\n", 0, at) + 1
        raise unreadable(name, row, "no_text")
    return text


def _read(name: str, data: bytes) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _strictly(name, data, encoding)
    if b"\0" in data[:4096]:
        return _strictly(name, data, _utf_16(data[:4096]))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise unreadable(name, row, "encoding_unknown") from None
    if not _chinese(data):
        raise unreadable(name, row, "encoding_unknown")
    return text


def _strictly(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        shown = encoding.removesuffix("-sig").upper()
        raise unreadable(name, row, "encoding_damaged", encoding=shown) from None


def _utf_16(start: bytes) -> str:
    return "utf-16-be" if start[::2].count(0) > start[1::2].count(0) else "utf-16-le"


def _chinese(data: bytes) -> bool:
    """GB18030 reads nearly every Western text too; but there the second byte is an ASCII letter."""
    seconds: list[bytes] = TWO_BYTES.findall(data)
    return sum(second >= b"\x80" for second in seconds) * 2 > len(seconds)
