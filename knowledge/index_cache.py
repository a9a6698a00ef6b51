"""Keeps what was fitted on disk, named by everything it was fitted from."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from knowledge.blend import Blend
from knowledge.confidence import Confidence, Trials
from knowledge.encoder import Encoder
from knowledge.fusion import Floats, Heads
from knowledge.index import Index, Phrasings
from knowledge.landmarks import Landmarks, Outlook
from knowledge.lexical import Corpus, LexicalIndex
from knowledge.rankings import ByLandmarks, Middles, Ranking
from knowledge.training import Fitted

FORMAT = 11  # raise it whenever the same content would be fitted differently
KEPT = 4  # files; older ones are removed
_PARTS = {
    "corpus": Corpus,
    "blend": Blend,
    "confidence": Confidence,
    "trials": Trials,
}


class IndexCache:
    """One file for each content and encoder. A file that cannot be read counts as absent."""

    def __init__(self, folder: Path, phrasings: Phrasings, encoder: Encoder | None) -> None:
        self._phrasings = phrasings
        digest = hashlib.sha256(phrasings.owners.tobytes())
        for told in ((str(FORMAT), encoder.identity if encoder else ""), phrasings.entry_ids):
            digest.update("\n".join(told).encode() + b"\0")
        digest.update("\n".join(phrasings.texts).encode())
        self._file = folder / f"index-{digest.hexdigest()[:32]}.npy"

    @property
    def exists(self) -> bool:
        return self._file.is_file()

    def read(self) -> Fitted | None:
        try:
            with self._file.open("rb") as file:
                arrays = _read(file)
            parts = {name: kind(**_own(arrays, name)) for name, kind in _PARTS.items()}
            lexical = LexicalIndex(parts.pop("corpus"))
            vectors = arrays.get("vectors")
            outlook = None if vectors is None else Outlook(**_own(arrays, "outlook"))
            ranking = _ranking(arrays, lexical, vectors)
        except (OSError, ValueError, KeyError, TypeError, EOFError):
            return None
        return Fitted(Index(self._phrasings, lexical, outlook, vectors, ranking), **parts)

    def write(self, fitted: Fitted) -> None:
        """Readers see the whole file or none. A folder that cannot be written is no fault."""
        index, ranking = fitted.index, fitted.index.ranking
        judges = (fitted.blend, fitted.confidence, fitted.trials)
        parts: dict[str, Any] = dict(zip(_PARTS, (index.lexical.corpus, *judges), strict=True))
        arrays: dict[str, Any] = {}
        if index.vectors is not None:
            arrays["vectors"] = index.vectors
            parts["outlook"] = index.outlook
        if isinstance(ranking, ByLandmarks):
            arrays["landmarks"] = ranking.landmarks.numbers
            parts["heads"] = ranking.heads
        else:
            parts["middles"] = ranking
        for name, part in parts.items():
            told = ((field.name, getattr(part, field.name)) for field in fields(part))
            arrays |= {f"{name}.{field}": value for field, value in told if value is not None}
        unfinished = self._file.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                _write(file, arrays)
            unfinished.replace(self._file)
            self._remove_old()
        except OSError:
            unfinished.unlink(missing_ok=True)

    def _remove_old(self) -> None:
        kept = sorted(
            self._file.parent.glob("index-*.np[yz]"), key=lambda file: -file.stat().st_mtime
        )
        for file in kept[KEPT:]:
            file.unlink(missing_ok=True)


def _ranking(arrays: Mapping[str, Any], lexical: LexicalIndex, vectors: Floats | None) -> Ranking:
    if "landmarks" in arrays:
        landmarks = Landmarks.of(arrays["landmarks"], lexical, vectors)
        return ByLandmarks(landmarks, Heads(**_own(arrays, "heads")))
    without_encoder: dict[str, Any] = {"scaled": None, "plain": None}
    return Middles(**without_encoder | _own(arrays, "middles"))


def _write(file: BinaryIO, arrays: Mapping[str, Any]) -> None:
    """Their names, then one array after the other: each is read in one go that lets other threads
    run meanwhile. A zip archive is read in small pieces that do not."""
    for array in (np.array(list(arrays)), *arrays.values()):
        np.save(file, array, allow_pickle=False)


def _read(file: BinaryIO) -> dict[str, Any]:
    names = np.load(file, allow_pickle=False)
    return {str(name): np.load(file, allow_pickle=False) for name in names}


def _own(arrays: Mapping[str, Any], name: str) -> dict[str, Any]:
    prefix = f"{name}."
    return {key.removeprefix(prefix): arrays[key] for key in arrays if key.startswith(prefix)}
