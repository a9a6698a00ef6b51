"""Fits all that ranks and judges: the head on every phrasing, the rest on what it did not see."""

from dataclasses import dataclass

import numpy as np

from knowledge.blend import Blend
from knowledge.confidence import Confidence, Trials
from knowledge.encoder import Encoder
from knowledge.fusion import Floats, Heads, directions
from knowledge.index import Index, Landmarks, Phrasings, spread
from knowledge.lexical import LexicalIndex
from knowledge.trials import hold_trials, rounds

LANDMARKS = 6000


@dataclass(frozen=True)
class Fitted:
    """What was learned."""

    index: Index
    blend: Blend
    confidence: Confidence
    trials: Trials


def fit(phrasings: Phrasings, encoder: Encoder | None) -> Fitted:
    vectors = encoder.encode(phrasings.texts) if encoder else None
    lexical = LexicalIndex.of(phrasings.texts)
    landmarks = choose_landmarks(lexical, vectors)
    played = list(rounds(phrasings))
    known = [np.ones(len(phrasings.texts), dtype=np.bool_), *(each.trained for each in played)]
    heads, *tried = Heads.fit(
        landmarks.among_themselves(lexical),
        phrasings.owners[landmarks.numbers],
        len(phrasings.entry_ids),
        [flags[landmarks.numbers] for flags in known],
        phrasings.outside,
    )
    index = Index(phrasings, lexical, vectors, landmarks, heads)
    blend, trials = hold_trials(index, list(zip(played, tried, strict=True)))
    return Fitted(index, blend, Confidence.fit(trials), trials)


def choose_landmarks(lexical: LexicalIndex, vectors: Floats | None) -> Landmarks:
    numbers = spread(lexical.size, LANDMARKS)
    if vectors is None:
        return Landmarks(numbers, lexical.postings(numbers), None, None)
    mean = vectors.mean(axis=0)
    return Landmarks(numbers, lexical.postings(numbers), mean, directions(vectors[numbers] - mean))
