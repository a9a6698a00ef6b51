"""The parts of a knowledge base that are written, compared and merged one by one.

A part's body is plain data, as JSON holds it; it need not be allowed while somebody writes it.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

Body = Any


class Kind(StrEnum):
    ENTRY = "entry"
    POLICY = "policy"
    MESSAGES = "messages"
    GOLDEN = "golden"
    OUT_OF_SCOPE = "out_of_scope"


class Part(NamedTuple):
    """An entry by its id, or one of the others, whose id is empty."""

    kind: Kind
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}" if self.id else str(self.kind)

    @classmethod
    def read(cls, text: str) -> "Part":
        kind, _, entry_id = text.partition("/")
        return cls(Kind(kind), entry_id)


Bodies = Mapping[Part, Body]


def written(body: Body) -> str:
    """One text for equal bodies."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(body: Body) -> str:
    return sha256(written(body).encode()).hexdigest()


def differing(before: Mapping[Part, str], after: Mapping[Part, str]) -> list[Part]:
    """By their hashes: the parts that are new, changed or taken out."""
    return sorted(part for part in {**before, **after} if before.get(part) != after.get(part))
