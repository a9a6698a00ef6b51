"""Asks the knowledge base what it does not know yet, to learn how far it can be trusted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.blend import Blend
from knowledge.confidence import Kind, Trials, evidence
from knowledge.fusion import Flags, Floats, Head, Ints
from knowledge.index import Asked, Index, Reader, Seen, spread

FOLDS = 5
SEED = 20260101  # of the shuffles: the same entries always give the same index
ENOUGH = 1500  # held-out phrasings; no further rounds then
MOST_ASKED = 1000  # questions of each kind in a round


@dataclass(frozen=True)
class Round:
    """One round of cross-validation: some entries are left out whole, and a share of the rest."""

    left_out: Flags  # by phrasing: its entry is not known
    held_out: Flags  # by phrasing: its entry is known, this phrasing is not

    @property
    def trained(self) -> Flags:
        return ~(self.left_out | self.held_out)


def rounds(owners: Ints, entries: int) -> Iterator[Round]:
    """Every phrasing is held out in one round; every second entry is left out in one.

    An entry's only phrasing cannot be held out: then nothing is known of the entry.
    """
    dice = np.random.default_rng(SEED)
    entry_round = dice.permutation(entries) % (2 * FOLDS)
    shuffled = dice.permutation(len(owners))
    by_entry = shuffled[np.argsort(owners[shuffled], kind="stable")]
    phrasing_round = np.empty(len(owners), dtype=np.int64)
    phrasing_round[by_entry] = np.arange(len(owners)) % FOLDS
    for number in range(FOLDS):
        held_out = phrasing_round == number
        kept = np.bincount(owners[~held_out], minlength=entries) > 0
        left_out = (entry_round[owners] == number) | ~kept[owners]
        if not left_out.all():
            yield Round(left_out, held_out & ~left_out)


@dataclass(frozen=True)
class _Asking:
    seen: Seen
    owners: Ints  # the right entry of each; -1: none
    kind: Kind


def hold_trials(
    index: Index, similarities: Floats, reader: Reader, out_of_scope: Sequence[str]
) -> tuple[Blend, Trials]:
    """Phrasings nobody had seen, phrasings of entries nobody had seen, and general questions.

    `similarities`: of the landmarks with each other.
    """
    general = reader.read(out_of_scope) if out_of_scope else None
    owners, entries = index.phrasings.owners, len(index.phrasings.entry_ids)
    askings: list[_Asking] = []
    for each in rounds(owners, entries):
        numbers = index.landmarks.numbers
        head = Head.fit(similarities, owners[numbers], entries, each.trained[numbers])
        askings += _ask_all(index.trained_on(head, each.trained), each, general)
        if sum(len(a.owners) for a in askings if a.kind is Kind.IN_SCOPE) >= ENOUGH:
            break
    return _judge(askings)


def _ask_all(index: Index, each: Round, general: Asked | None) -> Iterator[_Asking]:
    for flags, kind in ((each.held_out, Kind.IN_SCOPE), (each.left_out, Kind.NEAR)):
        rows = np.flatnonzero(flags)
        rows = rows[spread(len(rows), MOST_ASKED)]
        if len(rows):
            right = index.phrasings.owners[rows] if kind is Kind.IN_SCOPE else _none(len(rows))
            yield _Asking(index.look(_own_phrasings(index, rows)), right, kind)
    if general:
        yield _Asking(index.look(general), _none(len(general.texts)), Kind.GENERAL)


def _none(count: int) -> Ints:
    return np.full(count, -1, dtype=np.int64)


def _own_phrasings(index: Index, rows: Ints) -> Asked:
    vectors = None if index.vectors is None else index.vectors[rows]
    return Asked([index.phrasings.texts[row] for row in rows], vectors, vectors)


def _judge(askings: list[_Asking]) -> tuple[Blend, Trials]:
    inside = [each for each in askings if each.kind is Kind.IN_SCOPE]
    blend = Blend.fit([each.seen for each in inside], [each.owners for each in inside])
    return blend, Trials.joined([_trials(each, blend) for each in askings])


def _trials(asking: _Asking, blend: Blend) -> Trials:
    logs = blend.logs(asking.seen)
    best = logs.argmax(axis=1)
    chosen = asking.seen.entries[np.arange(len(best)), best]
    kinds = np.full(len(best), int(asking.kind))
    return Trials(evidence(logs, asking.seen), chosen == asking.owners, kinds)
