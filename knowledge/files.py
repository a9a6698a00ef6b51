"""The knowledge base in files: read all of it, say all that is wrong with it, or give it whole."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from knowledge.entry import Entry, KnowledgeError, Place, Problem, Question
from knowledge.messages import Messages
from knowledge.policy import SupportPolicy
from knowledge.problems import problems_in
from knowledge.template_rules import template_faults
from knowledge.values import LANGUAGES
from knowledge.yaml_source import Path as Keys
from knowledge.yaml_source import Source, read_yaml

POLICY = "policy.yaml"
ENTRIES = "entries"
OUT_OF_SCOPE = "out_of_scope.yaml"
MESSAGES = "messages.yaml"

T = TypeVar("T")
Questions = Mapping[str, tuple[str, ...]]

POLICY_FORM = TypeAdapter(SupportPolicy)
ENTRY_FORM = TypeAdapter(Entry)
MESSAGES_FORM = TypeAdapter(Messages)
SCOPE_FORM: TypeAdapter[Questions] = TypeAdapter(dict[str, tuple[Question, ...]])


@dataclass(frozen=True)
class Content:
    """A whole knowledge base; equal when it says the same, wherever it was read."""

    policy: SupportPolicy
    entries: tuple[Entry, ...]
    messages: Messages = field(default_factory=Messages)
    out_of_scope: Questions = field(default_factory=dict)
    places: Mapping[Keys, Place] = field(default_factory=dict, compare=False, repr=False)
    """Where in the files the parts of an entry stand: ("payment-due", "answer", "en"), and of a
    message: ("messages.yaml", "messages", "welcome", "en")."""

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what it says; the order of files and entries does not count."""
        canonical = json.dumps(self._plain(), sort_keys=True, separators=(",", ":"))
        return sha256(canonical.encode()).hexdigest()

    def as_json(self) -> str:
        """One text that holds all of it: `from_json` reads it back equal."""
        return json.dumps(self._plain(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Content":
        """Raises KnowledgeError when the text is no content, or what it says is not allowed."""
        try:
            parts = json.loads(text)
            policy, entries, messages, scope = (
                _unplaced(parts[name]) for name in ("policy", "entries", "messages", "out_of_scope")
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            raise KnowledgeError([Problem("", 0, "This is not a stored knowledge base.")]) from None
        return _content(policy, [entries], messages, scope)

    def _plain(self) -> dict[str, Any]:
        ordered = sorted(self.entries, key=lambda entry: entry.id)
        return {
            "policy": self.policy.model_dump(mode="json"),
            "entries": [entry.model_dump(mode="json") for entry in ordered],
            "messages": self.messages.model_dump(mode="json"),
            "out_of_scope": self.out_of_scope,
        }


def load(folder: Path) -> Content:
    """Reads a folder of YAML; raises KnowledgeError with every problem in all of its files."""
    return _content(
        _file(folder / POLICY),
        [_file(path) for path in sorted((folder / ENTRIES).glob("*.yaml"))],
        _file_if_there(folder / MESSAGES),
        _file_if_there(folder / OUT_OF_SCOPE),
    )


def read_entry(data: object, languages: Sequence[str] = LANGUAGES) -> Entry:
    """One entry from plain data, as a form or an import sends it; raises KnowledgeError."""
    reading = _Reading(languages)
    reading.entries(_unplaced([data]))
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
    return _file(path) if path.exists() else _unplaced({})


def _unplaced(data: object) -> Source:
    return Source("", data, {(): 0}, [])


def _content(policy: Source, entries: Iterable[Source], messages: Source, scope: Source) -> Content:
    reading = _Reading(_languages(policy.data))
    partner = reading.policy(policy)
    for source in entries:
        reading.entries(source)
    says = reading.messages(messages)
    out_of_scope = reading.out_of_scope(scope)
    if reading.problems or partner is None or says is None:
        order = sorted(reading.problems, key=lambda problem: (problem.file, problem.line))
        raise KnowledgeError(order)
    read = tuple(sorted(reading.read, key=lambda entry: entry.id))
    return Content(partner, read, says, out_of_scope, reading.places)


def _languages(policy: Any) -> Sequence[str]:
    """The partner's languages, read before the policy is known to be right."""
    try:
        spoken = [language for language in policy["partner"]["languages"] if language in LANGUAGES]
    except (KeyError, TypeError):
        return LANGUAGES
    return spoken or LANGUAGES


class _Reading:
    """Gathers what can be read, and the problems with the rest."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = languages
        self.problems: list[Problem] = []
        self.read: list[Entry] = []
        self.places: dict[Keys, Place] = {}

    def policy(self, source: Source) -> SupportPolicy | None:
        return self._valid(POLICY_FORM, source, ())

    def messages(self, source: Source) -> Messages | None:
        for name, texts in _mapping(source.data, "messages").items():
            self._check_templates(source, ("messages", name), texts)
        self.places.update(
            ((MESSAGES, *path), Place(source.file, line)) for path, line in source.lines.items()
        )
        return self._valid(MESSAGES_FORM, source, ())

    def out_of_scope(self, source: Source) -> Questions:
        found = self._valid(SCOPE_FORM, source, ()) or {}
        for language in found:
            self._known_language(source, (language,), "")
        return found

    def entries(self, source: Source) -> None:
        if source.data is not None and not isinstance(source.data, list):
            said = "An entry file is a list; start each entry with `- id:`."
            self.problems.append(source.problem((), said))
            return
        self.problems.extend(source.problems)
        for number, data in enumerate(source.data or ()):
            self._entry(replace(source, problems=[]), number, data)

    def _entry(self, source: Source, number: int, data: Any) -> None:
        said = data.get("id") if isinstance(data, dict) else None
        name = said if isinstance(said, str) else ""
        entry = self._valid(ENTRY_FORM, source, (number,), name)
        self._check_languages(source, number, data, name)
        self._check_templates(source, (number, "answer"), _mapping(data, "answer"), name)
        if entry is None:
            return
        if first := self.places.get((entry.id,)):
            where = f" at {first.file}:{first.line}" if first.file else ""
            self._refuse(
                source, (number, "id"), f"the id is there already{where}; choose another.", name
            )
            return
        self.read.append(entry)
        self.places.update(
            ((entry.id, *path[1:]), Place(source.file, line))
            for path, line in source.lines.items()
            if path[:1] == (number,)
        )
        self.places.setdefault((entry.id,), Place(source.file, source.line((number,))))

    def _check_languages(self, source: Source, number: int, data: Any, name: str) -> None:
        for part in ("questions", "answer"):
            for language in _mapping(data, part):
                self._known_language(source, (number, part, language), name)

    def _known_language(self, source: Source, path: Keys, name: str) -> None:
        if path[-1] not in self.languages:
            spoken = " and ".join(self.languages)
            said = f"{path[-1]} is not a language of the partner, who speaks {spoken}; remove it."
            self._refuse(source, path, said, name)

    def _check_templates(self, source: Source, place: Keys, texts: Any, name: str = "") -> None:
        for language, template in texts.items() if isinstance(texts, dict) else ():
            for fault in template_faults(template) if isinstance(template, str) else ():
                line = source.line((*place, language))
                at = line + fault.line - 1 if source.file else fault.line
                said = f"{place[-1]}.{language}: {fault if not source.file else fault.message}."
                self.problems.append(Problem(source.file, at, said, entry=name))

    def _refuse(self, source: Source, path: Keys, message: str, name: str) -> None:
        self.problems.append(replace(source.problem(path, message), entry=name))

    def _valid(self, form: TypeAdapter[T], source: Source, start: Keys, name: str = "") -> T | None:
        """What stands at the place, or None with the problems noted."""
        self.problems.extend(source.problems)
        if source.problems and source.data is None:
            return None
        data = source.data[start[0]] if start else source.data
        try:
            return form.validate_json(
                json.dumps(data), strict=True, context={"languages": self.languages}
            )
        except ValidationError as error:
            found = problems_in(error, source, start)
            self.problems.extend(replace(problem, entry=name) for problem in found)
            return None


def _mapping(data: Any, part: str) -> Mapping[str, Any]:
    found = data.get(part) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}
