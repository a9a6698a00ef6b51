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
from knowledge.fusion import Heads
from knowledge.index import Index, Phrasings
from knowledge.landmarks import Landmarks, Outlook
from knowledge.lexical import Corpus, LexicalIndex
from knowledge.training import Fitted

FORMAT = 11  # raise it whenever the same content would be fitted differently
KEPT = 4  # files; older ones are removed
_PARTS = {
    "corpus": Corpus,
    "heads": Heads,
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
            numbers, vectors = arrays["landmarks"], arrays.get("vectors")
            outlook = None if vectors is None else Outlook(**_own(arrays, "outlook"))
        except (OSError, ValueError, KeyError, TypeError, EOFError):
            return None
        lexical = LexicalIndex(parts.pop("corpus"))
        landmarks = Landmarks.of(numbers, lexical, vectors)
        index = Index(self._phrasings, lexical, outlook, vectors, landmarks, parts.pop("heads"))
        return Fitted(index, **parts)

    def write(self, fitted: Fitted) -> None:
        """Readers see the whole file or none. A folder that cannot be written is no fault."""
        index = fitted.index
        judges = (fitted.blend, fitted.confidence, fitted.trials)
        learned = (index.lexical.corpus, index.heads, *judges)
        parts: list[tuple[str, Any]] = list(zip(_PARTS, learned, strict=True))
        if index.vectors is not None:
            parts.append(("outlook", index.outlook))
        arrays: dict[str, Any] = {
            f"{name}.{field.name}": getattr(part, field.name)
            for name, part in parts
            for field in fields(part)
        }
        arrays["landmarks"] = index.landmarks.numbers
        if index.vectors is not None:
            arrays["vectors"] = index.vectors
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
