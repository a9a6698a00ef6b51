"""Named arrays in one file: written whole or not at all, and read by looking at the file itself."""

import mmap
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

ALIGNED = 64  # bytes; arrays that begin elsewhere are slow
PIECE = 4 * 1024 * 1024  # bytes

Array = npt.NDArray[Any]
Arrays = dict[str, Array]


def read_arrays(path: Path) -> Arrays | None:
    """They stay on disk until they are looked at, and processes share them; they cannot be changed.
    None for a file that is none of these."""
    try:
        with path.open("rb") as file:
            everything = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            names = np.load(file, allow_pickle=False)
            return {str(name): _next(file, everything) for name in names}
    except (OSError, ValueError, EOFError, TypeError):
        return None


def write_arrays(path: Path, arrays: Arrays) -> bool:
    """False for a folder that cannot be written, which is no fault."""
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            for array in (np.array(list(arrays)), *arrays.values()):
                _write(file, array)
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        return False
    return True


def _write(file: BinaryIO, array: Array) -> None:
    """In pieces that are on disk before the next: a commit of the database would wait for all that
    the file system still has to write."""
    file.write(bytes(-file.tell() % ALIGNED))
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
    np.lib.format.write_array_header_1_0(file, header)
    content = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
    for begin in range(0, len(content), PIECE):
        file.write(content[begin : begin + PIECE])
        file.flush()
        os.fdatasync(file.fileno())


def _next(file: BinaryIO, everything: mmap.mmap) -> Array:
    file.seek(-file.tell() % ALIGNED, os.SEEK_CUR)
    np.lib.format.read_magic(file)
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    array: Array = np.ndarray(shape, dtype, everything, file.tell())
    file.seek(array.nbytes, os.SEEK_CUR)
    return array
