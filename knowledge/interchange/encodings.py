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

CODECS = {"Big5": "cp950", "Shift-JIS": "cp932", "EUC-JP": "euc_jp", "EUC-KR": "cp949"}
CHINESE = (
    "的一是不了在人有我他这個个们中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得"
    "于自之年过過发發后後作里用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天"
    "分还還进進好小部其些主样樣理心本前开開但因只从從想实實日问問题題答案回怎什请請付款账帳单單费費"
)
"""The commonest characters, simplified and traditional, and those of a billing desk."""

JAPANESE = "のにはをたがでとてしれさるいかまなすもこうあらりくんきそっよ"
KOREAN = "이다는의에가을를고하은로도지요니습한어기서인나사자시리과해면"
COMMON = {"Big5": CHINESE, "Shift-JIS": JAPANESE, "EUC-JP": JAPANESE, "EUC-KR": KOREAN}
CHANCE = 2  # common characters that a wrong encoding may give by chance


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
    text = _decoded(data, "gb18030")
    other = _rather(data, text)
    if other or not _chinese(data):
        raise unreadable(name, row, "encoding_unknown", encoding=other or "Windows-1252")
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


def _rather(data: bytes, text: str) -> str:
    """The East Asian encoding in which more of it is what its language is full of; mostly none.

    GB18030 reads nearly all of them, as characters that nobody would put beside one another.
    """
    said = {name: _decoded(data, codec) for name, codec in CODECS.items()}
    counts = {name: _common(text, COMMON[name]) for name, text in said.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] > _common(text, CHINESE) + CHANCE else ""


def _decoded(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return ""


def _common(text: str, characters: str) -> int:
    return sum(map(text.count, characters))


def _chinese(data: bytes) -> bool:
    """GB18030 reads nearly every Western text too; but there the second byte is an ASCII letter."""
    seconds: list[bytes] = TWO_BYTES.findall(data)
    return sum(second >= b"\x80" for second in seconds) * 2 > len(seconds)
