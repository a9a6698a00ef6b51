"""A ZIP of files, read within bounds: what it claims to hold is counted before any is unpacked."""

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from knowledge.interchange.found import MAX_FILES, MAX_UNPACKED, unreadable

MARK = b"PK\x03\x04"
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError)
MIB = 1024 * 1024


def is_zip(data: bytes) -> bool:
    return data.startswith((MARK, b"PK\x05\x06"))


def is_workbook(data: bytes) -> bool:
    """Whether a ZIP is a spreadsheet: by what it holds, not by its name."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    except BROKEN:
        return False
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def bounded(name: str, data: bytes) -> list[zipfile.ZipInfo]:
    """The files in a ZIP; raises KnowledgeError when they are too many, too large or locked.

    zipfile unpacks no more of a file than the size that is counted here.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
    except BROKEN:
        raise unreadable(name, 1, "zip_damaged") from None
    if len(files) > MAX_FILES or sum(info.file_size for info in files) > MAX_UNPACKED:
        raise unreadable(name, 1, "too_much", files=MAX_FILES, most=MAX_UNPACKED // MIB)
    if any(info.flag_bits & 1 for info in files):
        raise unreadable(name, 1, "locked")
    return files


def unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each file as `archive/file` with its bytes; what systems add for themselves is left out."""
    files = bounded(name, data)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for info in sorted(files, key=lambda info: info.filename):
            parts = info.filename.split("/")
            if parts[0] == "__MACOSX" or parts[-1].startswith("."):
                continue
            try:
                yield f"{name}/{info.filename}", archive.read(info)
            except (*BROKEN, RuntimeError):
                raise unreadable(f"{name}/{info.filename}", 1, "zip_damaged") from None
