"""The knowledge base in files: read all of it, say all that is wrong with it, or give it whole."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from knowledge.basis import Basis
from knowledge.entry import Entry, KnowledgeError, Place, Problem
from knowledge.golden import Case, CasesError, read_cases
from knowledge.messages import Messages
from knowledge.parts import Bodies, Body, Kind, Part, hash_of
from knowledge.policy import SupportPolicy
from knowledge.reading import (
    GOLDEN,
    GOLDEN_FORM,
    MESSAGES,
    Questions,
    Reading,
    languages_of,
    unplaced,
)
from knowledge.values import LANGUAGES
from knowledge.yaml_source import Path as Keys
from knowledge.yaml_source import Source, read_yaml

__all__ = ["GOLDEN", "MESSAGES", "Content", "load", "read_entry"]

POLICY = "policy.yaml"
ENTRIES = "entries"
OUT_OF_SCOPE = "out_of_scope.yaml"

OTHERS = (Kind.POLICY, Kind.MESSAGES, Kind.OUT_OF_SCOPE, Kind.GOLDEN)


@dataclass(frozen=True)
class Content:
    """A whole knowledge base; equal when it says the same, wherever it was read."""

    policy: SupportPolicy
    entries: tuple[Entry, ...]
    messages: Messages = field(default_factory=Messages)
    out_of_scope: Questions = field(default_factory=dict)
    places: Mapping[Keys, Place] = field(default_factory=dict, compare=False, repr=False)
    """Where in the files the parts of an entry stand: ("payment-due", "answer", "en"), and of a
    message: ("messages.yaml", "messages", "welcome", "en"), and the rows of ("golden.csv", 0)."""

    golden: tuple[Case, ...] = ()
    """Questions that must find their entries; not matched with."""

    @cached_property
    def basis(self) -> Basis:
        """What of it is matched with."""
        general = chain.from_iterable(each for _, each in sorted(self.out_of_scope.items()))
        return Basis(self.entries, tuple(general))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what it says; the order of files and entries does not count."""
        return hash_of(sorted((str(part), digest) for part, digest in self.part_hashes.items()))

    @cached_property
    def part_hashes(self) -> dict[Part, str]:
        return {part: hash_of(body) for part, body in self.bodies()}

    def parts(self, only: Collection[Part] | None = None) -> dict[Part, Body]:
        """All of it as plain data, part by part, or those named that there are."""
        return dict(self.bodies(only))

    def part(self, part: Part) -> Body | None:
        """The part as plain data; None when there is no such entry."""
        return self.parts([part]).get(part)

    def valid_on(self, day: date) -> "Content":
        """Without the entries that do not answer yet, or any more."""
        valid = tuple(entry for entry in self.entries if entry.is_valid(day))
        if len(valid) == len(self.entries):
            return self
        out = {Part(Kind.ENTRY, each.id) for each in self.entries if not each.is_valid(day)}
        return self._hashed_as(replace(self, entries=valid), out)

    def as_json(self) -> str:
        """One text that holds all of it: `from_json` reads it back equal."""
        parts = self.parts()
        plain = {str(kind): parts.pop(Part(kind)) for kind in OTHERS}
        plain["entries"] = list(parts.values())
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Content":
        """Raises KnowledgeError when the text is no content, or what it says is not allowed."""
        try:
            parts = {"golden": [], **json.loads(text)}
            entries = parts["entries"]
            others = {kind: parts[kind] for kind in OTHERS}
        except (ValueError, KeyError, TypeError, RecursionError):
            raise KnowledgeError([Problem("", 0, "This is not a stored knowledge base.")]) from None
        return _content({kind: unplaced(body) for kind, body in others.items()}, [entries])

    @classmethod
    def from_parts(cls, parts: Bodies, with_templates: bool = True) -> "Content":
        """Raises KnowledgeError. An entry has the id of its part, whatever its body says.

        with_templates: whether they are looked at, which is most of the time that reading takes.
        """
        others = {kind: unplaced(parts[Part(kind)]) for kind in OTHERS}
        entries = [(part.id, body) for part, body in parts.items() if part.kind is Kind.ENTRY]
        return _content(others, [[_named(*each) for each in sorted(entries)]], with_templates)

    def with_parts(self, changed: Mapping[Part, Body | None]) -> "Content":
        """With these parts changed, or taken out (None); what is unchanged is not read again."""
        if Part(Kind.POLICY) in changed:  # other languages may be allowed now
            parts = {**self.parts(), **changed}
            return Content.from_parts({p: body for p, body in parts.items() if body is not None})
        reading = Reading(self.policy.partner.languages)
        for part, body in changed.items():
            if part.kind is Kind.ENTRY and body is not None:
                reading.entries(unplaced([_named(part.id, body)]))
        others = reading.others(
            {part.kind: unplaced(body) for part, body in changed.items() if not part.id}
        )
        if reading.problems:
            raise KnowledgeError(reading.problems)
        ids = {part.id for part in changed}
        kept = (entry for entry in self.entries if entry.id not in ids)
        entries = sorted([*kept, *reading.read], key=lambda entry: entry.id)
        changed_to = replace(self, entries=tuple(entries), places={}, **others)
        return self._hashed_as(changed_to, changed.keys())

    def _hashed_as(self, other: "Content", changed: Collection[Part]) -> "Content":
        """What is unchanged is not hashed again: of thousands of entries that takes a second."""
        if "part_hashes" in self.__dict__:
            kept = {part: each for part, each in self.part_hashes.items() if part not in changed}
            kept |= {part: hash_of(body) for part, body in other.parts(changed).items()}
            other.__dict__["part_hashes"] = kept
        return other

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.entries}

    def bodies(self, only: Collection[Part] | None = None) -> Iterator[tuple[Part, Body]]:
        """The same one after the other: ten thousand at once set the collector to work."""
        entries = self._entries
        ids = sorted(entries if only is None else {part.id for part in only} & entries.keys())
        for entry_id in ids:
            yield Part(Kind.ENTRY, entry_id), entries[entry_id].model_dump(mode="json")
        for kind in OTHERS:
            if only is None or Part(kind) in only:
                yield Part(kind), self._other(kind)

    def _other(self, kind: Kind) -> Body:
        match kind:
            case Kind.OUT_OF_SCOPE:
                return {language: list(each) for language, each in self.out_of_scope.items()}
            case Kind.GOLDEN:
                return GOLDEN_FORM.dump_python(self.golden, mode="json")
            case Kind.POLICY:
                return self.policy.model_dump(mode="json")
            case _:
                return self.messages.model_dump(mode="json")


def load(folder: Path) -> Content:
    """Reads a folder of YAML; raises KnowledgeError with every problem in all of its files."""
    others = {
        Kind.POLICY: _file(folder / POLICY),
        Kind.MESSAGES: _file_if_there(folder / MESSAGES),
        Kind.OUT_OF_SCOPE: _file_if_there(folder / OUT_OF_SCOPE),
        Kind.GOLDEN: _golden(folder / GOLDEN),
    }
    return _content(others, [_file(path) for path in sorted((folder / ENTRIES).glob("*.yaml"))])


def digest_of(folder: Path) -> str:
    """Of the bytes of all that `load` would read; empty when it could not."""
    names = (POLICY, MESSAGES, OUT_OF_SCOPE, GOLDEN)
    there = [folder / name for name in names if (folder / name).exists()]
    digest = sha256()
    try:
        for path in (*there, *sorted((folder / ENTRIES).glob("*.yaml"))):
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    except OSError:
        return ""
    return digest.hexdigest()


def read_entry(data: object, languages: Sequence[str] = LANGUAGES) -> Entry:
    """One entry from plain data, as a form or an import sends it; raises KnowledgeError."""
    reading = Reading(languages)
    reading.entries(unplaced([data]))
    if reading.problems:
        raise KnowledgeError(reading.problems)
    return reading.read[0]


def _file(path: Path) -> Source:
    try:
        return read_yaml(path.read_bytes(), str(path))
    except OSError as error:
        said = f"The file cannot be read: {error.strerror}."
        return Source(str(path), None, {(): 1}, [Problem(str(path), 1, said)])


def _file_if_there(path: Path) -> Source:
    return _file(path) if path.exists() else unplaced({})


def _golden(path: Path) -> Source:
    if not path.exists():
        return unplaced([])
    try:
        cases = GOLDEN_FORM.dump_python(tuple(read_cases(path)), mode="json")
    except CasesError as error:
        said = str(error).removeprefix(f"{path}: ")
        return Source(str(path), None, {(): 1}, [Problem(str(path), 1, said)])
    return Source(
        str(path), cases, {(): 1} | {(number,): number + 2 for number in range(len(cases))}, []
    )


def _named(entry_id: str, body: Body) -> Body:
    """The entry under the id of its part, which is what everything else calls it."""
    return {**body, "id": entry_id} if isinstance(body, dict) else body


def _content(
    others: Mapping[Kind, Source],
    entries: Iterable[Source | list[Any]],
    with_templates: bool = True,
) -> Content:
    reading = Reading(languages_of(others[Kind.POLICY].data), with_templates)
    for source in entries:
        reading.entries(source if isinstance(source, Source) else unplaced(source))
    read = reading.others(others)
    if reading.problems or len(read) < len(OTHERS):
        order = sorted(reading.problems, key=lambda problem: (problem.file, problem.line))
        raise KnowledgeError(order)
    ordered = tuple(sorted(reading.read, key=lambda entry: entry.id))
    return Content(entries=ordered, places=reading.places, **read)
