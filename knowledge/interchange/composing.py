"""Pairs and whole entries made into entries of ours, on top of those that are there."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from knowledge.entry import LONGEST_QUESTION, Entry, Place, Problem
from knowledge.interchange.found import (
    IN_ROWS,
    MAX_ENTRIES,
    OF_A_TEMPLATE,
    Found,
    Origin,
    Pair,
    Phrase,
    Suggestion,
    at_its_row,
)
from knowledge.interchange.markup import TEMPLATE_MARK as MARK
from knowledge.interchange.markup import answer_from, said_literally, visible
from knowledge.interchange.naming import new_id, slug
from knowledge.interchange.ours import value_of
from knowledge.interchange.rewording import reworded
from knowledge.reading import Reading
from knowledge.text import key_of, language_of
from knowledge.yaml_source import Path as Keys
from knowledge.yaml_source import Source

LONGEST_ANSWER = 25_000  # the services' own limit; what is longer would be slow to take apart
HELD = {"topic", "category", "entry", "language", "owner", "review_by", "needs_account"}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What an entry needs and another system's file does not say."""

    owner_for: Callable[[str], str]  # of a topic
    review_by: date
    language: str = ""  # of everything in the file; empty: told from each text
    topic: str = "imported"


@dataclass(slots=True)
class _Draft:
    """An entry in the making: as plain data, with the row that each part of it comes from."""

    pair: Pair
    data: dict[str, Any]
    lines: dict[Keys, int]
    follow_ups: tuple[Phrase, ...] = ()
    spoken: set[str] = field(default_factory=set)

    def add(self, questions: Sequence[Phrase], answers: Mapping[str, Phrase]) -> None:
        """These questions besides those there, and these answers instead."""
        asked = {_key(text) for texts in self.data["questions"].values() for text in texts}
        for phrase in questions:
            if _key(phrase.text) not in asked:
                texts = self.data["questions"].setdefault(phrase.language, [])
                self.lines[0, "questions", phrase.language, len(texts)] = phrase.row
                texts.append(phrase.text)
        for language, phrase in answers.items():
            self.data["answer"][language] = phrase.text
            self.lines[0, "answer", language] = phrase.row
        self.spoken |= answers.keys()


class Composing:
    """One import on its way to entries; `entries`, and what is wrong in `found.problems`."""

    def __init__(
        self, found: Found, base: Sequence[Entry], languages: Sequence[str], defaults: Defaults
    ) -> None:
        self.found = found
        self.languages = languages
        self.defaults = defaults
        self.suggestions: list[Suggestion] = []
        self.origins: dict[tuple[str, str], Origin] = {}
        self.in_rows: set[str] = set()
        self._base = {entry.id: entry for entry in base}
        self._asked_there = {
            _key(question): entry.id
            for entry in reversed(base)
            for questions in entry.questions.values()
            for question in questions
        }
        self._asked_here: dict[str, Pair] = {}
        self._drafts: dict[str, _Draft] = {}
        self._taken = set(self._base)
        self._id_of: dict[str, str] = {}
        self._reading = Reading(languages)
        self.places: Mapping[Keys, Place] = self._reading.places

    def entries(self) -> tuple[Entry, ...]:
        """Every entry the files make or change; none when there is an error."""
        count = len(self.found.pairs) + len(self.found.entries)
        if count > MAX_ENTRIES:
            counts = {"count": count, "most": MAX_ENTRIES}
            self.found.refuse(self._first_file(), 1, "too_many_entries", **counts)
            return ()
        for source in self.found.entries:
            self._read(source)
        for pair in self.found.pairs:
            self._draft(pair)
        for draft in self._drafts.values():
            self._lead_on(draft)
            self._read(Source(draft.pair.file, [draft.data], {(): IN_ROWS, **draft.lines}, []))
        self._warn_of_metadata()
        entries = tuple(self._reading.read)
        known = self._base | {entry.id: entry for entry in entries}
        self.suggestions.extend(reworded(self.found, known))
        return entries

    def _first_file(self) -> str:
        sources = [source.file for source in self.found.entries]
        return next(iter([*sources, *(pair.file for pair in self.found.pairs)]), "")

    def _read(self, source: Source) -> None:
        before = len(self._reading.problems)
        self._reading.entries(source)
        problems = self._reading.problems[before:]
        if in_rows := source.lines[()] == IN_ROWS:
            self.in_rows.add(source.data[0]["id"])
        self.found.problems.extend(
            _at_its_row(problem, source) if in_rows else problem for problem in problems
        )

    def _draft(self, pair: Pair) -> None:
        answers = self._answers(pair)
        questions = self._questions(pair, next(iter(answers), ""))
        if not questions or not answers:
            return
        entry_id = self._id(pair, [question.text for question in questions])
        draft = self._drafts.get(entry_id)
        if draft and not (pair.id and draft.spoken.isdisjoint(answers)):
            told = {"row": draft.pair.row, "entry": entry_id}
            self.found.refuse(pair.file, pair.row, "same_entry", **told)
            return
        questions = self._unasked(pair, questions, entry_id)
        if not questions and not draft and entry_id not in self._base:
            self.found.refuse(pair.file, pair.row, "never_asked")
            return
        self._warn_of_values(pair, self._base.get(entry_id), answers)
        draft = draft or self._begun(entry_id, pair)
        draft.add(questions, answers)
        draft.follow_ups += pair.follow_ups
        self._drafts[entry_id] = draft
        self._taken.add(entry_id)
        self._remember(entry_id, pair, questions, answers)

    def _warn_of_values(
        self, pair: Pair, there: Entry | None, answers: Mapping[str, Phrase]
    ) -> None:
        for language in answers:
            if there and MARK.search(said_literally(there.answer.get(language, ""))):
                told = {"entry": there.id, "language": language}
                self.found.warn(pair.file, pair.row, "policy_values", **told)

    def _remember(
        self, entry_id: str, pair: Pair, questions: Sequence[Phrase], languages: Iterable[str]
    ) -> None:
        left = {name: value for name, value in pair.metadata.items() if name not in HELD}
        for each in languages:
            origin = Origin(entry_id, each, pair.key, pair.source, left, pair.file, pair.row)
            self.origins[entry_id, each] = origin
        if pair.key:
            self._id_of[pair.key] = entry_id
        known = {_key(phrase.text) for phrase in questions}
        self.suggestions.extend(
            Suggestion(entry_id, text, count)
            for text, count in pair.alternates
            if _key(text) not in known
        )

    def _answers(self, pair: Pair) -> dict[str, Phrase]:
        """By language, as templates; two in one language are an error."""
        answers: dict[str, Phrase] = {}
        spoken = [language_of(question.text) for question in pair.questions]
        for phrase in pair.answers:
            if len(phrase.text) > LONGEST_ANSWER:
                self._refuse_long(pair, phrase.row, "answer", len(phrase.text), LONGEST_ANSWER)
                continue
            template, changed = answer_from(phrase.text)
            for code, link in changed:
                self.found.warn(pair.file, phrase.row, code, link=link)
            language = self._language(phrase, next(filter(None, spoken), None))
            if not template:
                self.found.refuse(pair.file, phrase.row, "shows_nothing")
            elif first := answers.get(language):
                told = {"language": language, "row": first.row}
                self.found.refuse(pair.file, phrase.row, "other_answer", **told)
            else:
                answers[language] = Phrase(template, phrase.row, language)
        return answers

    def _questions(self, pair: Pair, answer_language: str) -> list[Phrase]:
        questions: list[Phrase] = []
        for phrase in pair.questions:
            text = " ".join(visible(phrase.text).split())
            if len(text) > LONGEST_QUESTION:
                self._refuse_long(pair, phrase.row, "question", len(text), LONGEST_QUESTION)
            elif text:
                language = self._language(phrase, answer_language or None)
                questions.append(Phrase(text, phrase.row, language))
        return questions

    def _refuse_long(self, pair: Pair, row: int, column: str, count: int, most: int) -> None:
        told = {"column": column, "count": count, "most": most}
        self.found.refuse(pair.file, row, "text_long", **told)

    def _language(self, phrase: Phrase, otherwise: str | None) -> str:
        told = self.defaults.language or phrase.language or language_of(phrase.text)
        return told or otherwise or self.languages[0]

    def _id(self, pair: Pair, questions: Sequence[str]) -> str:
        """The entry that is asked for in these words already, else a new one."""
        if named := slug(pair.id) if not _is_id(pair.id) else pair.id:
            return named
        there = (self._asked_there.get(_key(question)) for question in questions)
        if known := next(filter(None, there), None):
            return known
        title = next((each for each in questions if language_of(each) == "en"), questions[0])
        return new_id(title, self._topic(pair), self._taken)

    def _topic(self, pair: Pair) -> str:
        return slug(pair.topic) or self.defaults.topic

    def _unasked(self, pair: Pair, questions: Sequence[Phrase], entry_id: str) -> list[Phrase]:
        """Without those that another entry is asked with: no question can mean two."""
        kept: list[Phrase] = []
        for phrase in questions:
            key = _key(phrase.text)
            there, here = self._asked_there.get(key, entry_id), self._asked_here.get(key)
            if here is pair:
                continue
            if here or there != entry_id:
                where = {"row": here.row} if here else {"other": there}
                code = "asked_in_row" if here else "asked_in_entry"
                self.found.warn(pair.file, phrase.row, code, question=phrase.text, **where)
                continue
            self._asked_here[key] = pair
            kept.append(phrase)
        return kept

    def _begun(self, entry_id: str, pair: Pair) -> _Draft:
        """A new entry, or the one there; what the file does not say stays."""
        there = self._base.get(entry_id)
        data: dict[str, Any] = (
            there.model_dump(mode="json")
            if there
            else {
                "id": entry_id,
                "topic": (topic := self._topic(pair)),
                "owner": self.defaults.owner_for(topic),
                "review_by": self.defaults.review_by.isoformat(),
                "questions": {},
                "answer": {},
            }
        )
        data |= {name: value_of(name, str(value)) for name, value in pair.fields.items()}
        return _Draft(pair, data, {(0,): pair.row})

    def _lead_on(self, draft: _Draft) -> None:
        """The keys of prompts as ids; an answer that leads to itself leads nowhere."""
        ids: list[str] = []
        for phrase in draft.follow_ups:
            if (entry_id := self._id_of.get(phrase.text)) is None:
                file, prompt = draft.pair.file, phrase.text
                self.found.refuse(file, phrase.row, "prompt_nowhere", prompt=prompt)
                continue
            asked = self._drafts[entry_id].data["questions"].values()
            if phrase.label and _key(phrase.label) not in {_key(q) for each in asked for q in each}:
                told = {"label": phrase.label, "entry": entry_id}
                self.found.warn(draft.pair.file, phrase.row, "prompt_label", **told)
            if entry_id not in (*ids, draft.data["id"]):
                ids.append(entry_id)
        if ids:
            draft.data["follow_ups"] = ids

    def _warn_of_metadata(self) -> None:
        keys = {key: pair for pair in reversed(self.found.pairs) for key in pair.metadata}
        if left := sorted(keys.keys() - HELD):
            first = keys[left[0]]
            self.found.warn(first.file, first.row, "metadata_left", names=", ".join(left))


def _at_its_row(problem: Problem, source: Source) -> Problem:
    answer = OF_A_TEMPLATE.fullmatch(problem.message)
    return at_its_row(problem, source.line((0, "answer", answer[1]))) if answer else problem


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[a-z0-9]+([_-][a-z0-9]+)*", text) is not None and len(text) <= 80


def _key(question: str) -> str:
    return key_of(question) or question
