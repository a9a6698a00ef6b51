"""Keeps what was fitted on disk, named by everything it was fitted from."""

import json
from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.arrays import Array, Arrays, read_arrays, write_arrays
from knowledge.blend import Blend
from knowledge.confidence import Confidence, Trials
from knowledge.encoder import Encoder
from knowledge.fusion import Heads
from knowledge.index import Index, Phrasings
from knowledge.landmarks import Landmarks, Outlook
from knowledge.lexical import Corpus, LexicalIndex
from knowledge.postings import Postings
from knowledge.rankings import ByLandmarks, Middles, Ranking
from knowledge.spelling import Vocabulary
from knowledge.training import Fitted

FORMAT = 13  # raise it whenever the same content would be fitted differently
KEPT = 4  # files; older ones are removed


class IndexCache:
    """One file for each basis and encoder. A file that cannot be read counts as absent."""

    def __init__(self, folder: Path, digest: str, encoder: Encoder | None) -> None:
        """digest: of the basis."""
        told = (str(FORMAT), encoder.identity if encoder else "", digest)
        self._file = folder / f"index-{sha256(chr(0).join(told).encode()).hexdigest()[:32]}.npy"

    @property
    def exists(self) -> bool:
        return self._file.is_file()

    def read(self) -> Fitted | None:
        arrays = read_arrays(self._file)
        try:
            return _fitted(arrays) if arrays else None
        except (ValueError, KeyError, TypeError):
            return None

    def keep(self, fitted: Fitted) -> Fitted:
        """The same as it lies on disk, so that the memory it was made in is free again."""
        if write_arrays(self._file, _arrays(fitted)):
            self._remove_old()
        return self.read() or fitted

    def _remove_old(self) -> None:
        kept = sorted(
            self._file.parent.glob("index-*.np[yz]"), key=lambda file: -file.stat().st_mtime
        )
        for file in kept[KEPT:]:
            file.unlink(missing_ok=True)


def _arrays(fitted: Fitted) -> Arrays:
    index, ranking = fitted.index, fitted.index.ranking
    phrasings = index.phrasings
    arrays = {
        "owners": phrasings.owners,
        "starts": phrasings.starts,
        "texts": _text([phrasings.entry_ids, phrasings.shown, phrasings.texts, phrasings.sole]),
        "vocabulary": _text([index.vocabulary.counts, *map(sorted, index.vocabulary[1:])]),
        **_parts("corpus", index.lexical.corpus),
        **_parts("blend", fitted.blend),
        **_parts("confidence", fitted.confidence),
        **_parts("trials", fitted.trials),
    }
    if index.vectors is not None:
        arrays |= {"vectors": index.vectors, **_parts("outlook", index.outlook)}
    if isinstance(ranking, ByLandmarks):
        arrays |= {"landmarks": ranking.landmarks.numbers, **_parts("heads", ranking.heads)}
        return arrays | _parts("postings", ranking.landmarks.postings)
    assert isinstance(ranking, Middles)
    return arrays | _parts("middles", ranking) | _parts("postings", ranking.postings)


def _fitted(arrays: Arrays) -> Fitted:
    ids, shown, texts, sole = json.loads(arrays["texts"].tobytes())
    owners, starts = arrays["owners"], arrays["starts"]
    vectors = arrays.get("vectors")
    index = Index(
        Phrasings(tuple(ids), tuple(shown), tuple(texts), owners, starts, sole),
        Vocabulary(*json.loads(arrays["vocabulary"].tobytes())),
        LexicalIndex(Corpus(**_own(arrays, "corpus"))),
        None if vectors is None else Outlook(**_own(arrays, "outlook")),
        vectors,
        _ranking(arrays),
    )
    return Fitted(
        index,
        Blend(**_own(arrays, "blend")),
        Confidence(**_own(arrays, "confidence")),
        Trials(**_own(arrays, "trials")),
    )


def _ranking(arrays: Arrays) -> Ranking:
    postings = Postings(**_own(arrays, "postings"))
    if "landmarks" in arrays:
        landmarks = Landmarks.read(arrays["landmarks"], postings, arrays.get("vectors"))
        return ByLandmarks(landmarks, Heads(**_own(arrays, "heads")))
    without_encoder: Mapping[str, Any] = {"scaled": None, "plain": None}
    return Middles(**{**without_encoder, **_own(arrays, "middles")}, postings=postings)


def _parts(name: str, of: Any) -> Arrays:
    """The arrays a dataclass holds."""
    told = ((field.name, getattr(of, field.name)) for field in fields(of))
    return {f"{name}.{field}": value for field, value in told if isinstance(value, np.ndarray)}


def _own(arrays: Arrays, name: str) -> Arrays:
    prefix = f"{name}."
    return {key.removeprefix(prefix): arrays[key] for key in arrays if key.startswith(prefix)}


def _text(told: Any) -> Array:
    return np.frombuffer(json.dumps(told).encode(), np.uint8)
