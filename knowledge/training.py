"""Fits all that ranks and judges: the head on every phrasing, the rest on what it did not see."""

from dataclasses import dataclass

import numpy as np

from knowledge.blend import Blend
from knowledge.confidence import Confidence, Trials
from knowledge.encoder import Encoder
from knowledge.fusion import Floats, Heads, directions
from knowledge.index import Index, Landmarks, Phrasings, spread
from knowledge.lexical import LexicalIndex
from knowledge.trials import hold_trials

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
    similarities = landmarks.among_themselves(lexical)
    owners = phrasings.owners[landmarks.numbers]
    known = np.ones(len(owners), dtype=np.bool_)
    heads = Heads.fit(similarities, owners, len(phrasings.entry_ids), known, phrasings.outside)
    index = Index(phrasings, lexical, vectors, landmarks, heads)
    blend, trials = hold_trials(index, similarities)
    return Fitted(index, blend, Confidence.fit(trials), trials)


def choose_landmarks(lexical: LexicalIndex, vectors: Floats | None) -> Landmarks:
    numbers = spread(lexical.size, LANDMARKS)
    if vectors is None:
        return Landmarks(numbers, lexical.postings(numbers), None, None)
    mean = vectors.mean(axis=0)
    return Landmarks(numbers, lexical.postings(numbers), mean, directions(vectors[numbers] - mean))
