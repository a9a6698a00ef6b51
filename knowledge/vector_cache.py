"""Keeps sentence vectors on disk, so that a fit encodes only texts that no fit has met."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.arrays import read_arrays, write_arrays
from knowledge.encoder import Encoder, Vectors

MOST = 50_000  # vectors kept; those of the last fit first
AT_ONCE = 256  # texts; two threads take turns
_NAME = 16  # bytes of a digest

Names = npt.NDArray[np.uint8]


def kept_vectors(encoder: Encoder | None, folder: Path | None) -> Encoder | None:
    return KeptVectors(encoder, folder) if encoder and folder else encoder


class KeptVectors:
    """An encoder that looks first whether the vectors lie in the folder."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self.identity = encoder.identity
        digest = hashlib.sha256(self.identity.encode()).hexdigest()
        self._file = folder / f"vectors-{digest[:16]}.npy"

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return self._encoder.encode([])
        names, vectors = self._read()
        place = {name.tobytes(): row for row, name in enumerate(names)}
        wanted = [hashlib.sha256(text.encode()).digest()[:_NAME] for text in texts]
        known = np.array([place.get(name, -1) for name in wanted])
        fresh = np.flatnonzero(known < 0)
        if not len(fresh):
            return np.asarray(vectors[known])
        new = self._encode([texts[number] for number in fresh.tolist()])
        rows = vectors[known] if len(vectors) else np.zeros((len(texts), new.shape[1]), np.float32)
        rows[fresh] = new
        others = np.setdiff1d(np.arange(len(names)), known)[: max(MOST - len(texts), 0)]
        kept = np.frombuffer(b"".join(wanted), np.uint8).reshape(-1, _NAME)
        if len(others):
            kept = np.concatenate([kept, names[others]])
        self._write(kept, np.concatenate([rows, vectors[others]]) if len(others) else rows)
        return rows

    def _encode(self, texts: Sequence[str]) -> Vectors:
        parts = [texts[at : at + AT_ONCE] for at in range(0, len(texts), AT_ONCE)]
        with ThreadPoolExecutor(2) as threads:
            return np.concatenate([*threads.map(self._encoder.encode, parts)])

    def _read(self) -> tuple[Names, Vectors]:
        kept = read_arrays(self._file) or {}
        if kept.keys() != {"names", "vectors"}:
            return np.zeros((0, _NAME), np.uint8), np.zeros((0, 0), np.float32)
        return kept["names"], kept["vectors"]

    def _write(self, names: Names, vectors: Vectors) -> None:
        write_arrays(self._file, {"names": names, "vectors": vectors})
        self._file.with_suffix(".npz").unlink(missing_ok=True)  # as they were kept once
