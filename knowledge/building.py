"""Makes the matcher of a content: read from disk, fitted in full, or quickly from an earlier fit.

A full fit asks the knowledge base thousands of questions it has not seen, to learn how far it can
be trusted; that hardly changes with an edit. The quick one encodes what is new, moves the ranking
by it, and keeps what was learned of trust until a full fit has followed.
An edit that changes no question needs neither: the index is the same file.
"""

from pathlib import Path

from knowledge.basis import Basis
from knowledge.encoder import Encoder
from knowledge.index import Phrasings
from knowledge.index_cache import IndexCache
from knowledge.matcher import Matcher
from knowledge.rankings import are_many
from knowledge.refitting import refit
from knowledge.training import FEW, Fitted, fit
from knowledge.vector_cache import kept_vectors

QUICK = "quick"  # the folder beside the full fits: they must not be taken for one


class Builder:
    """Holds one encoder for all versions; the folder may be shared by processes.

    What it builds or reads is slow and synchronous: call it in a thread."""

    def __init__(self, encoder: Encoder | None, cache: Path, *limits: float) -> None:
        """limits: as a Matcher takes them."""
        self.encoder = encoder
        self._cache = cache
        self._limits = limits

    def build(self, basis: Basis) -> Matcher:
        """From disk or fitted in full."""
        fitted = self._full(basis.digest).read()
        if fitted is None and not basis.is_empty:
            fitted = self._fit(_phrasings(basis), basis.digest)
        return self._matcher(fitted)

    def fit_kept(self, digest: str) -> bool:
        """In full, what was fitted quickly or from a part; False when that does not lie on disk."""
        if self._full(digest).exists:
            return True
        quick = self._quick(digest).read()
        if quick:
            self._fit(quick.index.phrasings, digest)
        return quick is not None

    def start(self, basis: Basis) -> tuple[Matcher, bool]:
        """From disk or fitted, from a part if there is much: no start waits for a full fit of
        landmarks, which takes a minute. And whether it is a full one."""
        if found := self.kept(basis.digest):
            return found
        phrasings = _phrasings(basis)
        if len(phrasings.texts) <= FEW or are_many(len(phrasings.entry_ids)):
            return self.build(basis), True
        fitted = fit(phrasings, kept_vectors(self.encoder, self._cache), FEW)
        return self._matcher(self._quick(basis.digest).keep(fitted)), False

    def kept(self, digest: str) -> tuple[Matcher, bool] | None:
        """The matcher of the basis with this digest, and whether it is a full fit, or else a quick
        one; None when neither lies on disk."""
        fitted, full = self._read(digest)
        return (self._matcher(fitted), full) if fitted else None

    def held(self, basis: Basis) -> Matcher:
        """From disk, a quick fit too, or fitted in full."""
        found = self.kept(basis.digest)
        return found[0] if found else self.build(basis)

    def has_full(self, basis: Basis) -> bool:
        return basis.is_empty or self._full(basis.digest).exists

    def has(self, basis: Basis) -> bool:
        """A full fit or a quick one lies on disk."""
        return self.has_full(basis) or self._quick(basis.digest).exists

    def quick(self, basis: Basis, like: Basis) -> Matcher | None:
        """From disk, or fitted quickly with what was learned of `like`; None when no fit of that
        lies on disk, or it says nothing of this."""
        if found := self.kept(basis.digest):
            return found[0]
        earlier, _ = self._read(like.digest)
        phrasings = _phrasings(basis)
        if earlier is None or not phrasings.inside:
            return None
        remembering = kept_vectors(self.encoder, self._cache)
        fitted = refit(phrasings, self.encoder, remembering, earlier)
        if fitted is None:
            return None
        return self._matcher(self._quick(basis.digest).keep(fitted))

    def _read(self, digest: str) -> tuple[Fitted | None, bool]:
        """And whether it is a full fit."""
        full = self._full(digest).read()
        return full or self._quick(digest).read(), full is not None

    def _fit(self, phrasings: Phrasings, digest: str) -> Fitted:
        return self._full(digest).keep(fit(phrasings, kept_vectors(self.encoder, self._cache)))

    def _full(self, digest: str) -> IndexCache:
        return IndexCache(self._cache, digest, self.encoder)

    def _quick(self, digest: str) -> IndexCache:
        return IndexCache(self._cache / QUICK, digest, self.encoder)

    def _matcher(self, fitted: Fitted | None) -> Matcher:
        return Matcher(fitted, self.encoder, *self._limits)


def _phrasings(basis: Basis) -> Phrasings:
    return Phrasings.of(basis.entries, basis.out_of_scope)
