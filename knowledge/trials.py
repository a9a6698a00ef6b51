"""Asks the knowledge base what it does not know yet, to learn how far it can be trusted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.blend import Blend
from knowledge.confidence import Kind, Trials, evidence
from knowledge.fusion import Flags, Ints
from knowledge.index import Index, Phrasings, Seen
from knowledge.landmarks import spread
from knowledge.rankings import Ranking

FOLDS = 5
ENOUGH = 1500  # held-out phrasings; then the rounds that are left are not played
MOST_ASKED = 1000  # questions of each kind in a round
SEED = 20260101  # of the shuffles: the same entries always give the same index


@dataclass(frozen=True)
class Round:
    """One round of cross-validation: some entries are left out whole, and a share of the rest."""

    left_out: Flags  # by phrasing: its entry is not known
    held_out: Flags  # by phrasing: its entry is known, this phrasing is not

    @property
    def trained(self) -> Flags:
        return ~(self.left_out | self.held_out)


def rounds(phrasings: Phrasings) -> Iterator[Round]:
    """Every fifth phrasing is held out, and every tenth entry left out; the next ones next time.

    An entry's only phrasing cannot be held out: then nothing is known of the entry. What is out
    of scope is never left out, and all of it is held out in one round or another.
    """
    owners, entries = phrasings.owners, len(phrasings.entry_ids)
    count = min(FOLDS, max(2, -(-ENOUGH * FOLDS // len(owners))))
    dice = np.random.default_rng(SEED)
    entry_round = dice.permutation(entries) % (2 * FOLDS)
    shuffled = dice.permutation(len(owners))
    by_entry = shuffled[np.argsort(owners[shuffled], kind="stable")]
    phrasing_round = np.empty(len(owners), dtype=np.int64)
    phrasing_round[by_entry] = np.arange(len(owners)) % FOLDS
    if phrasings.outside is not None:
        entry_round[phrasings.outside] = -1
        general = np.flatnonzero(owners == phrasings.outside)
        phrasing_round[dice.permutation(general)] = np.arange(len(general)) % count
    for number in range(count):
        held_out = phrasing_round == number
        kept = np.bincount(owners[~held_out], minlength=entries) > 0
        left_out = (entry_round[owners] == number) | ~kept[owners]
        if not left_out.all():
            yield Round(left_out, held_out & ~left_out)


@dataclass(frozen=True)
class _Asking:
    seen: Seen
    owners: Ints  # the right entry of each
    kind: Kind


def hold_trials(index: Index, played: Sequence[tuple[Round, Ranking]]) -> tuple[Blend, Trials]:
    """Phrasings nobody had seen, phrasings of entries nobody had seen, and general questions."""
    askings: list[_Asking] = []
    for each, ranking in played:
        askings += _ask_all(index, ranking, each)
    if not askings:  # too little to hold anything out: then only what is exact is trusted
        owners = index.phrasings.owners
        every = np.ones(len(owners), dtype=np.bool_)
        seen = index.look_back(np.arange(len(owners)), index.ranking, every)
        askings = [_Asking(seen, owners, Kind.NEAR)]
    return _judge(askings, index.ranking.count)


def _ask_all(index: Index, ranking: Ranking, each: Round) -> Iterator[_Asking]:
    phrasings = index.phrasings
    general = phrasings.owners == phrasings.outside
    for flags, kind in (
        (each.held_out & ~general, Kind.IN_SCOPE),
        (each.left_out, Kind.NEAR),
        (each.held_out & general, Kind.GENERAL),
    ):
        rows = np.flatnonzero(flags)
        rows = rows[spread(len(rows), MOST_ASKED)]
        if len(rows):
            seen = index.look_back(rows, ranking, each.trained)
            yield _Asking(seen, phrasings.owners[rows], kind)


def _judge(askings: list[_Asking], heads: int) -> tuple[Blend, Trials]:
    inside = [each for each in askings if each.kind is Kind.IN_SCOPE]
    blend = Blend.fit([each.seen for each in inside], [each.owners for each in inside], heads)
    return blend, Trials.joined([_trials(each, blend) for each in askings])


def _trials(asking: _Asking, blend: Blend) -> Trials:
    best = blend.logs(asking.seen).argmax(axis=1)
    chosen = asking.seen.entries[np.arange(len(best)), best]
    right = (chosen == asking.owners) & (asking.kind is Kind.IN_SCOPE)
    return Trials(evidence(blend, asking.seen), right, np.full(len(best), int(asking.kind)))
