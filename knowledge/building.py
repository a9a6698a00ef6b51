"""Makes the matcher of a content: read from disk, fitted in full, or quickly from an earlier fit.

A full fit asks the knowledge base thousands of questions it has not seen, to learn how far it can
be trusted; that hardly changes with an edit. The quick one encodes what is new, moves the ranking
by it, and keeps what was learned of trust until a full fit has followed.
An edit that changes no question needs neither: the index is the same file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from knowledge.confidence import Thresholds
from knowledge.encoder import Encoder
from knowledge.index import Askable, Phrasings, Reader
from knowledge.index_cache import IndexCache
from knowledge.matcher import Matcher
from knowledge.rankings import are_many
from knowledge.refitting import refit
from knowledge.training import FEW, Fitted, fit
from knowledge.vector_cache import kept_vectors

QUICK = "quick"  # the folder beside the full fits: they must not be taken for one


class Base(Protocol):
    """A knowledge base, as far as it is matched with; a Content is one."""

    @property
    def entries(self) -> Sequence[Askable]: ...

    @property
    def out_of_scope(self) -> Mapping[str, tuple[str, ...]]: ...


class Ways(NamedTuple):
    """The ways to ask for an entry."""

    id: str
    questions: Mapping[str, tuple[str, ...]]


class Asked(NamedTuple):
    """A base and nothing else: those that are equal in it share an index."""

    entries: tuple[Ways, ...]
    out_of_scope: Mapping[str, tuple[str, ...]]

    @staticmethod
    def of(base: Base) -> "Asked":
        ways = tuple(Ways(entry.id, entry.questions) for entry in base.entries)
        return Asked(ways, base.out_of_scope)


class Builder:
    """Holds one encoder for all versions; the folder may be shared by processes."""

    def __init__(
        self,
        encoder: Encoder | None,
        cache: Path,
        max_wrong_answers: float = 0.02,
        max_turned_away: float = 0.03,
    ) -> None:
        self.encoder = encoder
        self._cache = cache
        self._limits = (max_wrong_answers, max_turned_away)

    def build(self, content: Base) -> Matcher:
        """From disk or fitted in full."""
        scope = _out_of_scope(content)
        return Matcher.build(content.entries, self.encoder, scope, self._cache, *self._limits)

    def start(self, content: Base) -> tuple[Matcher, bool]:
        """From disk, a quick fit too, or fitted from a part: no start waits for a full fit of
        landmarks, which takes a minute. And whether it is one."""
        phrasings = _phrasings(content)
        if not phrasings.inside:
            return self.build(content), True
        if full := self._full(phrasings).read():
            return self._matcher(full), True
        fitted = self._quick(phrasings).read()
        soon = len(phrasings.texts) <= FEW or are_many(len(phrasings.entry_ids))
        if fitted is None and soon:
            return self.build(content), True
        if fitted is None:
            fitted = fit(phrasings, kept_vectors(self.encoder, self._cache), FEW)
            self._quick(phrasings).write(fitted)
        return self._matcher(fitted), False

    def read(self, content: Base) -> Matcher | None:
        """From disk, a full fit or else a quick one; None when nothing lies there."""
        phrasings = _phrasings(content)
        if not phrasings.inside:
            return self.build(content)
        fitted = self._kept(phrasings)
        return self._matcher(fitted) if fitted else None

    def has_full(self, content: Base) -> bool:
        phrasings = _phrasings(content)
        return not phrasings.inside or self._full(phrasings).exists

    def has(self, content: Base) -> bool:
        """A full fit or a quick one lies on disk."""
        phrasings = _phrasings(content)
        kept = (self._full(phrasings), self._quick(phrasings))
        return not phrasings.inside or any(each.exists for each in kept)

    def quick(self, content: Base, like: Base) -> Matcher | None:
        """From disk, or fitted quickly with what was learned of `like`; None when no fit of that
        lies on disk, or it says nothing of this."""
        if found := self.read(content):
            return found
        earlier = self._kept(_phrasings(like))
        if earlier is None:
            return None
        phrasings = _phrasings(content)
        remembering = kept_vectors(self.encoder, self._cache)
        fitted = refit(phrasings, self.encoder, remembering, earlier)
        if fitted is None:
            return None
        self._quick(phrasings).write(fitted)
        return self._matcher(fitted)

    def _kept(self, phrasings: Phrasings) -> Fitted | None:
        if not phrasings.inside:
            return None
        return self._full(phrasings).read() or self._quick(phrasings).read()

    def _full(self, phrasings: Phrasings) -> IndexCache:
        return IndexCache(self._cache, phrasings, self.encoder)

    def _quick(self, phrasings: Phrasings) -> IndexCache:
        return IndexCache(self._cache / QUICK, phrasings, self.encoder)

    def _matcher(self, fitted: Fitted) -> Matcher:
        held = fitted.confidence.of(fitted.trials.evidence)
        thresholds = Thresholds.choose(fitted.trials, held, *self._limits)
        reader = Reader(self.encoder, fitted.index.phrasings)
        return Matcher(fitted, reader, thresholds)


def _phrasings(content: Base) -> Phrasings:
    return Phrasings.of(content.entries, _out_of_scope(content))


def _out_of_scope(content: Base) -> Sequence[str]:
    return [question for questions in content.out_of_scope.values() for question in questions]
