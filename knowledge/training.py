"""Fits all that ranks and judges: the head on every phrasing, the rest on what it did not see."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.blend import Blend
from knowledge.confidence import Confidence, Trials
from knowledge.encoder import Encoder
from knowledge.fusion import Flags, Floats, Heads
from knowledge.index import Index, Phrasings
from knowledge.landmarks import Landmarks, Outlook, spread
from knowledge.lexical import LexicalIndex
from knowledge.rankings import ByLandmarks, Middles, Ranking, are_many
from knowledge.trials import hold_trials, rounds

LANDMARKS = 12_000
"""What is left out of a fit is felt in every answer: of 9,400 phrasings, learning from 6,000 ranks
2.4 points worse. A fit of 10,000 takes 2 GB for a minute."""
FEW = 4000
"""From so many the first matcher of an installation is fitted, in a quarter of the time."""


@dataclass(frozen=True)
class Fitted:
    """What was learned."""

    index: Index
    blend: Blend
    confidence: Confidence
    trials: Trials


def fit(phrasings: Phrasings, encoder: Encoder | None, most: int = LANDMARKS) -> Fitted:
    vectors = encoder.encode(phrasings.texts) if encoder else None
    played = list(rounds(phrasings))
    index, tried = fit_index(phrasings, vectors, [each.trained for each in played], most)
    blend, trials = hold_trials(index, list(zip(played, tried, strict=True)))
    return Fitted(index, blend, Confidence.fit(trials), trials)


def fit_index(
    phrasings: Phrasings,
    vectors: Floats | None,
    known: Sequence[Flags] = (),
    most: int = LANDMARKS,
) -> tuple[Index, list[Ranking]]:
    """Of all phrasings; and what the ranking would be if only these were known."""
    lexical = LexicalIndex.of(phrasings.texts)
    outlook = None if vectors is None else Outlook.of(vectors)
    views = None if vectors is None or outlook is None else outlook.view(vectors)
    every = np.ones(lexical.size, dtype=np.bool_)
    ranking, *others = rank(phrasings, lexical, views, [every, *known], most)
    vocabulary = phrasings.vocabulary()
    return Index(phrasings, vocabulary, lexical, outlook, views, ranking), others


def rank(
    phrasings: Phrasings,
    lexical: LexicalIndex,
    vectors: Floats | None,
    known: Sequence[Flags],
    most: int = LANDMARKS,
) -> list[Ranking]:
    """One for each set of phrasings that are known."""
    owners, entries = phrasings.owners, len(phrasings.entry_ids)
    if are_many(entries):
        fixed = lexical, vectors, owners, entries, phrasings.outside
        return [Middles.fit(*fixed, flags) for flags in known]
    landmarks = Landmarks.of(spread(lexical.size, most), lexical, vectors)
    numbers = landmarks.numbers
    near = landmarks.among_themselves(lexical)
    used = [flags[numbers] for flags in known]
    fitted = Heads.fit(near, owners[numbers], entries, used, phrasings.outside)
    return [ByLandmarks(landmarks, heads) for heads in fitted]
