"""Fits an index again after an edit of few phrasings, within seconds.

What is known of the others stays: how rare a word is, the landmarks, the middle of all vectors.
How the edit moves the heads is found with a sample of the landmarks, fitted before and after it;
that difference is added to the earlier heads. A full fit follows.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from knowledge.encoder import Encoder
from knowledge.fusion import Flags, Floats, Heads, Ints
from knowledge.index import OUTSIDE, Index, Phrasings
from knowledge.landmarks import Landmarks, spread
from knowledge.lexical import Corpus, LexicalIndex, features
from knowledge.products import SparseRows, gathered
from knowledge.rankings import ByLandmarks, Ranking, are_many
from knowledge.training import Fitted, fit_index, rank

SAMPLE = 1500  # landmarks of entries that were not edited
MOST = 400  # phrasings that came or went; for more all landmarks are fitted


def refit(
    phrasings: Phrasings, encoder: Encoder | None, remembering: Encoder | None, earlier: Fitted
) -> Fitted | None:
    """Everything but what was learned from trials, which is the earlier fit's. None where that
    ranks in another way, and says nothing of this one.

    remembering: the same encoder with the vectors on disk, for when all are wanted again.
    """
    old = earlier.index
    if are_many(len(phrasings.entry_ids)) is isinstance(old.ranking, ByLandmarks):
        return None
    edit = _Edit.of(old, phrasings)
    if len(edit.gone) + len(edit.fresh) > MOST:
        vectors = remembering.encode(phrasings.texts) if remembering else None
        return replace(earlier, index=fit_index(phrasings, vectors)[0])
    vectors = _vectors(phrasings, encoder, edit, old)
    lexical = _extended(old.lexical, phrasings, edit)
    vocabulary = phrasings.vocabulary()
    index = Index(phrasings, vocabulary, lexical, old.outlook, vectors, old.ranking)
    return replace(earlier, index=replace(index, ranking=_ranked_anew(old, index, edit)))


@dataclass(frozen=True)
class _Edit:
    """Rows of an index are its phrasings, then landmarks that are no phrasings any more: what was
    learned of the others still counts on them."""

    before: Ints  # of each row its number before the edit; -1 where there was none
    fresh: Ints  # the rows where there was none
    gone: Ints  # the rows of landmarks that were phrasings until now

    @staticmethod
    def of(old: Index, new: Phrasings) -> "_Edit":
        known = {key: number for number, key in enumerate(_keys(old.phrasings))}
        before = np.array([known.get(key, -1) for key in _keys(new)], dtype=np.int64)
        fresh = np.flatnonzero(before < 0)
        landmarks = _numbers(old.ranking)
        left = np.setdiff1d(landmarks, before)
        gone = len(before) + np.flatnonzero(left < len(old.phrasings.texts))
        return _Edit(np.concatenate([before, left]), fresh, gone)


def _numbers(ranking: Ranking) -> Ints:
    """Of the landmarks, where there are any."""
    return ranking.landmarks.numbers if isinstance(ranking, ByLandmarks) else np.zeros(0, np.int64)


def _keys(phrasings: Phrasings) -> list[tuple[str, str]]:
    names = [phrasings.entry_ids[owner] for owner in phrasings.owners.tolist()]
    return list(zip(names, phrasings.texts, strict=True))


def _vectors(
    phrasings: Phrasings, encoder: Encoder | None, edit: _Edit, earlier: Index
) -> Floats | None:
    """Of phrasings that were known already the vectors are taken over."""
    if encoder is None or earlier.vectors is None or earlier.outlook is None:
        return None
    vectors = earlier.vectors[edit.before]
    if len(edit.fresh):
        texts = [phrasings.texts[number] for number in edit.fresh]
        vectors[edit.fresh] = earlier.outlook.view(encoder.encode(texts))
    return np.asarray(vectors)


def _extended(earlier: LexicalIndex, phrasings: Phrasings, edit: _Edit) -> LexicalIndex:
    """New features are as rare as can be; the others stay as rare as they were."""
    corpus, rows = earlier.corpus, earlier.rows
    names = dict.fromkeys(corpus.names.tobytes().decode().split("\n"))
    count = len(names)
    texts = [phrasings.texts[number] for number in edit.fresh]
    for text in texts:
        names.update(dict.fromkeys(features(text)))
    rarest = math.log((1 + earlier.size) / 2) + 1
    idf = np.append(corpus.idf, np.full(len(names) - count, rarest))
    encoded = np.frombuffer("\n".join(names).encode(), dtype=np.uint8)
    reader = LexicalIndex(Corpus(encoded, idf, corpus.starts, corpus.features, corpus.weights))
    read = [reader.read(text) for text in texts]
    more = SparseRows.of([row.features for row in read], [row.weights for row in read])
    places = edit.before.copy()
    places[edit.fresh] = len(rows) + np.arange(len(edit.fresh))
    every = gathered([rows, more], places)
    return LexicalIndex(Corpus(encoded, idf, every.starts, every.columns, every.values))


def _ranked_anew(old: Index, new: Index, edit: _Edit) -> Ranking:
    if not isinstance(old.ranking, ByLandmarks):
        every = np.ones(len(edit.before), dtype=np.bool_)
        return rank(new.phrasings, new.lexical, new.vectors, [every])[0]
    kept = np.flatnonzero(np.isin(edit.before, old.ranking.landmarks.numbers))
    landmarks = Landmarks.of(np.union1d(kept, edit.fresh), new.lexical, new.vectors)
    return ByLandmarks(landmarks, _moved(old, new, old.ranking, landmarks.numbers, edit))


def _moved(old: Index, new: Index, ranking: ByLandmarks, landmarks: Ints, edit: _Edit) -> Heads:
    """The earlier heads over the new landmarks, and added to them how the edit moves them."""
    sample = _Sample.of(old, new, landmarks, edit)
    before, after = sample.fit(new)
    columns = np.array([sample.entries[entry_id] for entry_id in new.phrasings.entry_ids])
    number = {entry_id: place for place, entry_id in enumerate(old.phrasings.entry_ids)}
    then = np.array([number.get(entry_id, -1) for entry_id in new.phrasings.entry_ids])
    was = np.flatnonzero(then >= 0)
    origin = edit.before[landmarks]
    kept = np.flatnonzero(origin >= 0)
    rows = np.searchsorted(ranking.landmarks.numbers, origin[kept])
    heads = ranking.heads
    weights = np.zeros((len(after.weights), len(columns), len(origin)), dtype=np.float32)
    offsets = after.offsets[:, columns]
    offsets[:, was] += heads.offsets[:, then[was]] - before.offsets[:, columns[was]]
    places = np.searchsorted(landmarks, sample.rows)
    for each, earlier, added, taken in zip(
        weights, heads.weights, after.weights, before.weights, strict=True
    ):
        each[np.ix_(was, kept)] = earlier[np.ix_(then[was], rows)]
        each[:, places] += (added - taken)[columns]
    return Heads(weights, offsets)


@dataclass(frozen=True)
class _Sample:
    rows: Ints  # of landmarks that are phrasings, after the edit or before it
    were: Flags
    are: Flags
    owners: Ints  # ascending
    entries: dict[str, int]  # numbered to hold those that are and those that were
    share: float  # of all landmarks

    @staticmethod
    def of(old: Index, new: Index, landmarks: Ints, edit: _Edit) -> "_Sample":
        ids = dict.fromkeys((*new.phrasings.entry_ids, *old.phrasings.entry_ids))
        ordered = sorted(ids, key=lambda entry_id: entry_id == OUTSIDE)
        entries = {entry_id: number for number, entry_id in enumerate(ordered)}
        after, before = (_owners(index.phrasings, entries) for index in (new, old))
        owners = np.full(len(edit.before), -1)
        owners[: len(after)] = after
        owners[edit.gone] = before[edit.before[edit.gone]]
        everything = landmarks[owners[landmarks] >= 0]
        edited = np.isin(owners[everything], owners[np.union1d(edit.fresh, edit.gone)])
        others = everything[~edited]
        rows = np.concatenate([everything[edited], others[spread(len(others), SAMPLE)]])
        rows = rows[np.lexsort((rows, owners[rows]))]
        share = len(rows) / len(everything)
        were, are = edit.before[rows] >= 0, rows < len(after)
        return _Sample(rows, were, are, owners[rows], entries, share)

    def fit(self, new: Index) -> list[Heads]:
        """Before the edit and after it."""
        landmarks = Landmarks.of(self.rows, new.lexical, new.vectors)
        return Heads.fit(
            landmarks.among_themselves(new.lexical),
            self.owners,
            len(self.entries),
            [self.were, self.are],
            self.entries.get(OUTSIDE),
            self.share,
        )


def _owners(phrasings: Phrasings, entries: dict[str, int]) -> Ints:
    return np.array([entries[entry_id] for entry_id in phrasings.entry_ids])[phrasings.owners]
