"""What is kept on disk is read back as it was, or counts as absent."""

from pathlib import Path

import numpy as np
import pytest

from knowledge import arrays
from knowledge.arrays import Arrays, read_arrays, write_arrays

KEPT: Arrays = {
    "a row": np.arange(5),
    "by columns": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    "empty": np.zeros((0, 4), np.float32),
    "flags": np.array([True, False, True]),
    "one": np.array(7.5),
}


def test_they_are_read_back_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "PIECE", 3)
    file = tmp_path / "folder" / "kept.npy"
    assert write_arrays(file, KEPT)
    found = read_arrays(file)
    assert found is not None and list(found) == list(KEPT)
    for name, array in KEPT.items():
        assert found[name].dtype == array.dtype and found[name].shape == array.shape
        assert np.array_equal(found[name], array)
        assert found[name].ctypes.data % arrays.ALIGNED == 0
        assert not found[name].flags.writeable
    assert [each.name for each in file.parent.iterdir()] == ["kept.npy"]


@pytest.mark.parametrize("kept", [0, 1, 100, 200, -1])
def test_a_file_that_was_cut_off_counts_as_absent(tmp_path: Path, kept: int) -> None:
    file = tmp_path / "kept.npy"
    write_arrays(file, KEPT)
    file.write_bytes(file.read_bytes()[:kept])
    assert read_arrays(file) is None


def test_no_file_and_no_folder_to_write_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert read_arrays(tmp_path / "nothing.npy") is None
    assert not write_arrays(tmp_path / "file" / "kept.npy", KEPT)
