"""Fits the head on all phrasings, and the confidence on phrasings the head did not see."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.confidence import Flags, Kind, Trials, evidence
from knowledge.fusion import Floats, Head, Ints, Space, spread
from knowledge.index import Asked, Index, Phrasings, Reader
from knowledge.lexical import LexicalIndex

FOLDS = 5
SEED = 20260101  # of the shuffles: the same entries always give the same index
MOST_TRIALS = 600  # of each kind in a round


def build_index(phrasings: Phrasings, vectors: Floats | None) -> tuple[Index, Floats]:
    """The index, and the feature rows of its own phrasings."""
    lexical = LexicalIndex(phrasings.texts)
    landmarks = spread(len(phrasings.texts))
    similarities = np.vstack(
        [lexical.similarities([text])[:, landmarks] for text in phrasings.texts]
    )
    space = Space.fit(vectors, landmarks, similarities[landmarks])
    features = space.features(vectors, similarities)
    head = Head.fit(features, phrasings.owners, len(phrasings.entry_ids))
    return Index(phrasings, lexical, vectors, space, head), features


@dataclass(frozen=True)
class Round:
    """One round of cross-validation: some entries are left out whole, and a share of the rest."""

    left_out: Flags  # by phrasing: its entry is not known
    held_out: Flags  # by phrasing: its entry is known, this phrasing is not

    @property
    def trained(self) -> Flags:
        return ~(self.left_out | self.held_out)


def rounds(owners: Ints, entries: int) -> list[Round]:
    """Every phrasing is held out in one round; every second entry is left out in one."""
    dice = np.random.default_rng(SEED)
    entry_round = dice.permutation(entries) % (2 * FOLDS)
    shuffled = dice.permutation(len(owners))
    by_entry = shuffled[np.argsort(owners[shuffled], kind="stable")]
    phrasing_round = np.empty(len(owners), dtype=np.int64)
    phrasing_round[by_entry] = np.arange(len(owners)) % FOLDS
    left_out = [entry_round[owners] == fold for fold in range(FOLDS)]
    return [
        Round(left_out[fold], ~left_out[fold] & (phrasing_round == fold)) for fold in range(FOLDS)
    ]


def hold_trials(
    index: Index, features: Floats, reader: Reader, out_of_scope: Sequence[str]
) -> Trials:
    """Phrasings nobody had seen, phrasings of entries nobody had seen, and general questions."""
    owners = index.phrasings.owners
    general = reader.read(out_of_scope) if out_of_scope else None
    entries = len(index.phrasings.entry_ids)
    parts: list[Trials] = []
    for each in rounds(owners, entries):
        known = index.with_head(Head.fit(features[each.trained], owners[each.trained], entries))
        for flags, kind in ((each.held_out, Kind.IN_SCOPE), (each.left_out, Kind.NEAR)):
            rows = np.flatnonzero(flags)
            rows = rows[spread(len(rows), MOST_TRIALS)]
            if len(rows):
                asked = _ask(index, rows)
                parts.append(_trial(known, asked, each.trained, owners[rows], kind))
        if general:
            parts.append(_trial(known, general, each.trained, None, Kind.GENERAL))
    return Trials.joined(parts)


def _ask(index: Index, rows: Ints) -> Asked:
    vectors = None if index.vectors is None else index.vectors[rows]
    return Asked([index.phrasings.texts[row] for row in rows], vectors, vectors)


def _trial(index: Index, asked: Asked, known: Flags, owners: Ints | None, kind: Kind) -> Trials:
    """Asks while only the `known` phrasings are compared with."""
    seen = index.look(asked)
    nearest = index.phrasings.per_entry
    rows = evidence(seen.logs, nearest(seen.meaning * known), nearest(seen.lexical * known))
    if kind is Kind.IN_SCOPE:
        right = seen.logs.argmax(axis=1) == owners
    else:
        right = np.zeros(len(rows), dtype=np.bool_)
    return Trials(rows, right, np.full(len(rows), kind))
