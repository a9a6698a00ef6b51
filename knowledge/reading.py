"""Reads the parts of a knowledge base from plain data, and says all that is wrong with them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from knowledge.entry import Entry, Place, Problem, Question
from knowledge.golden import Case
from knowledge.messages import Messages
from knowledge.parts import Kind
from knowledge.policy import SupportPolicy
from knowledge.problems import problems_in
from knowledge.template_rules import template_faults
from knowledge.values import LANGUAGES
from knowledge.yaml_source import Path as Keys
from knowledge.yaml_source import Source

MESSAGES = "messages.yaml"
GOLDEN = "golden.csv"

SENTENCES = {
    "no_list": "An entry file is a list; start each entry with `- id:`.",
    "id_taken": "the id is there already{place}; choose another.",
    "other_language": "{name} is not a language of the partner, who speaks {spoken}; remove it.",
}

T = TypeVar("T")
Questions = Mapping[str, tuple[str, ...]]

POLICY_FORM = TypeAdapter(SupportPolicy)
ENTRY_FORM = TypeAdapter(Entry)
MESSAGES_FORM = TypeAdapter(Messages)
SCOPE_FORM: TypeAdapter[Questions] = TypeAdapter(dict[str, tuple[Question, ...]])
GOLDEN_FORM = TypeAdapter(tuple[Case, ...])


def unplaced(data: object) -> Source:
    return Source("", data, {(): 0}, [])


def languages_of(policy: Any) -> Sequence[str]:
    """The partner's languages, read before the policy is known to be right."""
    try:
        spoken = [language for language in policy["partner"]["languages"] if language in LANGUAGES]
    except (KeyError, TypeError):
        return LANGUAGES
    return spoken or LANGUAGES


class Reading:
    """Gathers what can be read, and the problems with the rest."""

    def __init__(self, languages: Sequence[str], with_templates: bool = True) -> None:
        self.languages = languages
        self._with_templates = with_templates
        self.problems: list[Problem] = []
        self.read: list[Entry] = []
        self.places: dict[Keys, Place] = {}

    def others(self, sources: Mapping[Kind, Source]) -> dict[str, Any]:
        """What could be read of the parts that are no entries, by name."""
        readers: dict[Kind, Callable[[Source], Any]] = {
            Kind.POLICY: self.policy,
            Kind.MESSAGES: self.messages,
            Kind.OUT_OF_SCOPE: self.out_of_scope,
            Kind.GOLDEN: self.golden,
        }
        read = {str(kind): readers[kind](source) for kind, source in sources.items()}
        return {name: part for name, part in read.items() if part is not None}

    def policy(self, source: Source) -> SupportPolicy | None:
        return self._valid(POLICY_FORM, source, ())

    def golden(self, source: Source) -> tuple[Case, ...]:
        self._place(GOLDEN, source)
        return self._valid(GOLDEN_FORM, source, ()) or ()

    def messages(self, source: Source) -> Messages | None:
        for name, texts in _mapping(source.data, "messages").items():
            self._check_templates(source, ("messages", name), texts)
        self._place(MESSAGES, source)
        return self._valid(MESSAGES_FORM, source, ())

    def out_of_scope(self, source: Source) -> Questions:
        found = self._valid(SCOPE_FORM, source, ()) or {}
        for language in found:
            self._known_language(source, (language,), "")
        return found

    def entries(self, source: Source) -> None:
        if source.data is not None and not isinstance(source.data, list):
            self._refuse(source, (), "", "no_list")
            return
        self.problems.extend(source.problems)
        for number, data in enumerate(source.data or ()):
            self._entry(replace(source, problems=[]), number, data)

    def _place(self, name: str, source: Source) -> None:
        self.places.update(
            ((name, *path), Place(source.file, line)) for path, line in source.lines.items()
        )

    def _entry(self, source: Source, number: int, data: Any) -> None:
        said = data.get("id") if isinstance(data, dict) else None
        name = said if isinstance(said, str) else ""
        entry = self._valid(ENTRY_FORM, source, (number,), name)
        self._check_languages(source, number, data, name)
        self._check_templates(source, (number, "answer"), _mapping(data, "answer"), name)
        if entry is None:
            return
        if first := self.places.get((entry.id,)):
            place = f" at {first.file}:{first.line}" if first.file else ""
            self._refuse(source, (number, "id"), name, "id_taken", place=place)
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
            self._refuse(source, path, name, "other_language", name=path[-1], spoken=spoken)

    def _check_templates(self, source: Source, place: Keys, texts: Any, name: str = "") -> None:
        looked_at = self._with_templates and isinstance(texts, dict)
        for language, template in texts.items() if looked_at else ():
            for fault in template_faults(template) if isinstance(template, str) else ():
                line = source.line((*place, language))
                at = line + fault.line - 1 if source.file else fault.line
                said = f"{place[-1]}.{language}: {fault if not source.file else fault.message}."
                told = {"fault": fault}
                self.problems.append(
                    Problem(source.file, at, said, entry=name, code="fault", values=told)
                )

    def _refuse(
        self, source: Source, path: Keys, entry: str, code: str, /, **values: object
    ) -> None:
        made = Problem.of(SENTENCES, code, source.file, source.line(path), **values)
        self.problems.append(replace(made, entry=entry))

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
