"""What a matcher is made from: the ways to ask for each entry, and what no entry answers."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from knowledge.text import key_of


class Askable(Protocol):
    """An entry, as far as it is matched with."""

    @property
    def id(self) -> str: ...

    @property
    def questions(self) -> Mapping[str, tuple[str, ...]]: ...


class Ways(NamedTuple):
    """The ways to ask for an entry, by language."""

    id: str
    questions: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Basis:
    """Contents that are equal in it share an index."""

    entries: Sequence[Askable]
    out_of_scope: Sequence[str]  # general questions that no entry answers, to learn doubt from

    @cached_property
    def digest(self) -> str:
        """SHA-256; the order in which an entry names its languages does not count."""
        digest = sha256(json.dumps(self.out_of_scope).encode())
        for entry in self.entries:  # one by one: what is written in one go holds up the turns
            digest.update(json.dumps([entry.id, sorted(entry.questions.items())]).encode())
        return digest.hexdigest()

    @property
    def is_empty(self) -> bool:
        """No question finds an entry."""
        return not any(
            key_of(question)
            for entry in self.entries
            for questions in entry.questions.values()
            for question in questions
        )

    def told(self) -> tuple[dict[str, Any], Iterator[str]]:
        """For another process: what is asked with it, and its lines of data."""
        lines = (json.dumps([entry.id, dict(entry.questions)]) for entry in self.entries)
        return {"out_of_scope": self.out_of_scope, "lines": len(self.entries)}, lines

    @staticmethod
    def heard(asked: Mapping[str, Any], lines: Iterable[bytes]) -> "Basis":
        entries = [
            Ways(entry_id, {language: tuple(each) for language, each in questions.items()})
            for entry_id, questions in map(json.loads, lines)
        ]
        return Basis(entries, tuple(asked["out_of_scope"]))
