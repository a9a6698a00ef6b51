"""What an editor should know while writing an entry: near duplicates, questions another entry
would win, contradictions, and texts that are hard to read. Plain functions of values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
from markdown_it import MarkdownIt

from knowledge.answers import AnswerError, answer_context, render_texts
from knowledge.check import CHINESE, MOST_CHARACTERS, MOST_WORDS
from knowledge.entry import Entry
from knowledge.facts import Fact, facts, without
from knowledge.faults import Fault
from knowledge.fusion import directions
from knowledge.learning.grouping import Meanings, Vectors
from knowledge.matcher import Band, Result
from knowledge.policy import SupportPolicy
from knowledge.readability import reading_grade
from knowledge.template_paths import unknown_paths
from knowledge.template_rules import template_faults
from knowledge.text import key_of

COMPARED = 12  # questions of an entry and language that stand for it
DUPLICATE = 0.85  # nearness of two entries from which they may be one
NEAR = 0.6  # from which their answers should not contradict each other
MOST_NEIGHBOURS = 3
HIGHEST_GRADE = 12.0  # Flesch-Kincaid: years at school
LONGEST_SENTENCE = 60  # Chinese characters
LINK = re.compile(
    r"^(?:https://[\w-]+(?:\.[\w-]+)+(?:[/?#:]\S*)?|mailto:[^@\s]+@[^@\s]+\.\w+|tel:\+?[\d-]{5,})$"
)
PLACEHOLDER = re.compile(r"example\.(?:com|org|net)\b|localhost|127\.0\.0\.1", re.IGNORECASE)
SAID_OTHERWISE = ("month day", "weekday")
"""Kinds of facts that a language may put in words that are not read: working days, mid-month."""
TEMPLATE = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)

_MARKDOWN = MarkdownIt("commonmark")
_MARKDOWN.validateLink = lambda url: True  # type: ignore[method-assign]


class Code(StrEnum):
    NEAR_DUPLICATE = "near_duplicate"
    OTHER_WINS = "other_wins"
    OTHER_FIRST = "other_first"
    NOT_ASKED = "not_asked"
    SAME_QUESTION = "same_question"
    LANGUAGES_DISAGREE = "languages_disagree"
    ENTRIES_DISAGREE = "entries_disagree"
    QUESTIONS_MISSING = "questions_missing"
    ANSWER_MISSING = "answer_missing"
    TEMPLATE = "template"
    UNKNOWN_VARIABLE = "unknown_variable"
    LINK = "link"
    LINK_EXAMPLE = "link_example"
    MANY_WORDS = "many_words"
    MANY_CHARACTERS = "many_characters"
    HARD_TO_READ = "hard_to_read"
    LONG_SENTENCE = "long_sentence"


@dataclass(frozen=True, slots=True)
class Finding:
    """`place` is a field such as `questions.en.2` (from 0) or `answer.zh`; `values` what is to be
    told: numbers, texts, codes of languages, lists of facts, the fault of a template; `other` the
    entry that is meant, and `nearness` how near it is (0-1)."""

    code: Code
    place: str
    values: Mapping[str, Any] = field(default_factory=dict)
    other: str = ""
    nearness: float = 0.0
    line: int = 0


Drafts = Mapping[str, Entry | None]
"""By id, what takes the place of what is published; None takes it out."""


class Neighbourhood:
    """Where the entries of a version lie among each other. Slow to make (it encodes); immutable."""

    def __init__(self, entries: Sequence[Entry], meanings: Meanings) -> None:
        self._entries = entries
        self._meanings = meanings
        self._middles = (
            np.stack([_middle(entry, meanings) for entry in entries]) if entries else None
        )

    def near(self, entry: Entry, drafts: Drafts) -> list[tuple[Entry, float]]:
        """The entries nearest in meaning, itself left out; nearest first."""
        middle = _middle(entry, self._meanings)
        written = [each for each in drafts.values() if each and each.questions]
        found = [(each, float(_middle(each, self._meanings) @ middle)) for each in written]
        if self._middles is not None:
            found += zip(self._entries, map(float, self._middles @ middle), strict=True)
        gone = {entry.id, *drafts}
        others = (
            each for n, each in enumerate(found) if n < len(written) or each[0].id not in gone
        )
        return sorted(others, key=lambda each: -each[1])[:MOST_NEIGHBOURS]


def _middle(entry: Entry, meanings: Meanings) -> Vectors:
    asked = [text for texts in entry.questions.values() for text in texts[:COMPARED]]
    return np.asarray(directions(meanings.of(asked).mean(axis=0, keepdims=True))[0])


def findings(
    entry: Entry,
    policy: SupportPolicy,
    now: datetime,
    around: Neighbourhood | None = None,
    drafts: Drafts | None = None,
) -> list[Finding]:
    """All about a draft but what customers would be answered. `around` is of the version in force,
    `drafts` are the others on top of it; what needs them is left out without `around`, and is the
    slow part (tens of ms)."""
    said = dict(_rendered(entry, policy, now))
    found = [*_languages(entry, policy), *_templates(entry, policy, now), *_disagreeing(said)]
    for language, text in said.items():
        found += _form(f"answer.{language}", text, language)
    if around:
        found += _beside(entry, said, around.near(entry, drafts or {}), policy, now)
        found += _asked_in(entry, drafts or {})
    return found


def _asked_in(entry: Entry, drafts: Drafts) -> Iterator[Finding]:
    """The very same question in another draft: no version knows of either yet."""
    asked = {
        key_of(text): draft.id for draft in drafts.values() if draft for _, text in placed(draft)
    }
    for place, text in placed(entry):
        if (key := key_of(text)) in asked:
            yield Finding(Code.SAME_QUESTION, place, {}, asked[key], 1.0)


def placed(entry: Entry) -> list[tuple[str, str]]:
    """Every question with its place."""
    return [
        (f"questions.{language}.{number}", text)
        for language, texts in entry.questions.items()
        for number, text in enumerate(texts)
    ]


def _rendered(entry: Entry, policy: SupportPolicy, now: datetime) -> Iterator[tuple[str, str]]:
    for language in entry.answer:
        try:
            yield language, render_texts(entry.answer, language, policy, now)
        except AnswerError:  # said by _templates
            continue


def _languages(entry: Entry, policy: SupportPolicy) -> Iterator[Finding]:
    for language in policy.partner.languages:
        for part, there in (("questions", entry.questions), ("answer", entry.answer)):
            if language not in there:
                code = Code(f"{part}_missing")
                yield Finding(code, f"{part}.{language}", {"language": language})


def _templates(entry: Entry, policy: SupportPolicy, now: datetime) -> Iterator[Finding]:
    for language, source in entry.answer.items():
        code = Code.TEMPLATE
        faults = template_faults(source)
        if not faults:
            faults = unknown_paths(source, answer_context(policy, language))
            code = Code.UNKNOWN_VARIABLE if faults else Code.TEMPLATE
        for fault in faults or _failing(entry, language, policy, now):
            yield Finding(code, f"answer.{language}", {"fault": fault}, line=fault.line)


def _failing(entry: Entry, language: str, policy: SupportPolicy, now: datetime) -> list[Fault]:
    """What is allowed and there, and yet cannot be shown: a value that a filter does not take."""
    try:
        render_texts(entry.answer, language, policy, now)
    except AnswerError as error:
        return [error.fault]
    return []


def _disagreeing(said: Mapping[str, str]) -> Iterator[Finding]:
    """A fact that one language has and the other has not, of a kind that both speak of."""
    told = {language: facts(text) for language, text in said.items()}
    for one in told:
        for other in told:
            if one >= other:
                continue
            only, their = without(told[one], told[other]), without(told[other], told[one])
            for kind in sorted({fact.kind for fact in only | their}):
                here, there = _of(kind, only), _of(kind, their)
                if kind in SAID_OTHERWISE and not (_of(kind, told[one]) and _of(kind, told[other])):
                    continue
                values = {"one": one, "two": other, "here": here, "there": there}
                place = f"answer.{other if here else one}"
                yield Finding(Code.LANGUAGES_DISAGREE, place, values)


def _beside(
    entry: Entry,
    said: Mapping[str, str],
    near: Sequence[tuple[Entry, float]],
    policy: SupportPolicy,
    now: datetime,
) -> Iterator[Finding]:
    for other, nearness in near:
        if nearness >= DUPLICATE:
            yield Finding(Code.NEAR_DUPLICATE, "questions", {}, other.id, nearness)
        if nearness >= NEAR:
            yield from _contradicting(
                entry, said, other, nearness, dict(_rendered(other, policy, now))
            )


def _contradicting(
    entry: Entry, said: Mapping[str, str], other: Entry, nearness: float, theirs: Mapping[str, str]
) -> Iterator[Finding]:
    """Only what is written out: values of the policy are the same everywhere. Where both say one
    thing of a kind, the rest of the kind may be about something else."""
    for language in said.keys() & theirs.keys():
        typed = facts(TEMPLATE.sub(" ", entry.answer[language]))
        ours, there = facts(said[language]), facts(theirs[language])
        shared = ours - without(ours, there)
        for kind in sorted({fact.kind for fact in typed}):
            here, others = _of(kind, without(typed, there)), _of(kind, there)
            if here and others and not _of(kind, shared):
                place, values = f"answer.{language}", {"here": here, "there": others}
                yield Finding(Code.ENTRIES_DISAGREE, place, values, other.id, nearness)


def _of(kind: str, found: set[Fact]) -> list[Fact]:
    return sorted(fact for fact in found if fact.kind == kind)


def others_win(
    entry_id: str, placed: Sequence[tuple[str, str]], results: Sequence[Result]
) -> Iterator[Finding]:
    """Of an entry's questions, each with its place, those that are answered with another entry, or
    asked back about with another first."""
    for (place, text), result in zip(placed, results, strict=True):
        best = result.matches[0] if result.matches else None
        if best is None or best.entry_id == entry_id or result.band is Band.NONE:
            continue
        code = Code.OTHER_WINS if result.band is Band.ANSWER else Code.OTHER_FIRST
        if key_of(best.question) == key_of(text):
            code = Code.SAME_QUESTION
        yield Finding(code, place, {}, best.entry_id, best.confidence)


def _form(place: str, text: str, language: str) -> Iterator[Finding]:
    for target in _links(text):
        if not LINK.match(target):
            yield Finding(Code.LINK, place, {"target": target})
        elif PLACEHOLDER.search(target):
            yield Finding(Code.LINK_EXAMPLE, place, {"target": target})
    plain = re.sub(r"\]\([^)]*\)|[*_#`>\[\]]", " ", text)
    yield from _chinese(place, plain) if language == "zh" else _english(place, plain)


def _links(text: str) -> Iterator[str]:
    for token in _MARKDOWN.parse(text):
        for child in token.children or ():
            target = child.attrs.get("href") or child.attrs.get("src")
            if target:
                yield str(target)


def _english(place: str, text: str) -> Iterator[Finding]:
    words = re.findall(r"[A-Za-z']+", text)
    if (count := len(text.split())) > MOST_WORDS:
        yield Finding(Code.MANY_WORDS, place, {"count": count, "most": MOST_WORDS})
    grade = reading_grade(text)
    if len(words) >= 30 and grade > HIGHEST_GRADE:
        yield Finding(Code.HARD_TO_READ, place, {"grade": round(grade)})


def _chinese(place: str, text: str) -> Iterator[Finding]:
    if (count := len(CHINESE.findall(text))) > MOST_CHARACTERS:
        yield Finding(Code.MANY_CHARACTERS, place, {"count": count, "most": MOST_CHARACTERS})
    longest = max(
        (len(CHINESE.findall(each)) for each in re.split(r"[。！？；\n]", text)), default=0
    )
    if longest > LONGEST_SENTENCE:
        yield Finding(Code.LONG_SENTENCE, place, {"count": longest})
