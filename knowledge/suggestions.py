"""Help with writing an entry: phrasings from its own words, from words of the field that mean the
same, and from what customers asked; questions for a language that it lacks. Suggestions only: what
customers read and what is matched with is always what a person took and published."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from knowledge.entry import Entry
from knowledge.fusion import directions
from knowledge.learning.grouping import Meanings
from knowledge.matcher import Band, Result
from knowledge.synonyms import GROUPS, OPENINGS, exchanged
from knowledge.text import key_of, language_of

MOST = 12  # of each source and language
ALTERED = 4  # questions of an entry, from its title on, whose words are exchanged
SHORTEST, LONGEST = 4, 120  # characters of a phrasing
NEAR = 0.35  # cosine to an entry in another language: 65 % of its own questions, 2 % of others'
BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
LONGEST_TERM = 40  # characters of what is in bold; longer ones are sentences
ARTICLE = re.compile(r"^(?:an?|the|your|my|our)\s+", re.IGNORECASE)

Question = tuple[str, str]  # its language, and the text
Found = Awaitable[list[Result]]


class Source(StrEnum):
    WORDS = "words"  # the same question, begun differently
    SYNONYM = "synonym"
    ANSWER = "answer"  # what the answer itself puts in bold
    ASKED = "asked"  # by a customer
    NEIGHBOUR = "neighbour"  # near in meaning, in another language than the entry has
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Suggested:
    """`from_text` is what it was made from. `belongs_to` names the entry that is asked for in
    these words now: then it has to be reworded."""

    language: str
    text: str
    source: Source
    from_text: str = ""
    belongs_to: str = ""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a model writes: nothing but a draft for a person."""

    questions: tuple[str, ...]
    answer: str


class WritingModel(Protocol):
    """A language model that may propose texts, where the operator has one."""

    async def propose(self, entry: Entry, language: str) -> Proposed:
        """Raises ModelError."""


class ModelError(Exception):
    """The model could not be asked, or said nothing that can be used."""


async def phrasings(
    entry: Entry, asked: Sequence[Question], matching: Callable[[Sequence[str]], Found]
) -> list[Suggested]:
    """Ways to ask for the entry that it does not have yet, in its languages.

    Left out is what another entry would answer, and what this one answers at once anyway, unless
    customers really said it.
    """
    found = [*_begun_differently(entry), *_with_synonyms(entry), *_of_the_answer(entry)]
    fresh = list(_new(entry, found))
    results = await matching([each.text for each in fresh])
    useful = [each for each, result in zip(fresh, results, strict=True) if _may_add(entry, result)]
    said = _really_asked(entry, asked, await matching([text for _, text in asked]))
    return [*_first_of_each(_new(entry, said)), *_first_of_each(useful)]


def missing_language(
    entry: Entry,
    language: str,
    asked: Sequence[Question],
    entries: Sequence[Entry],
    meanings: Meanings,
) -> list[Suggested]:
    """Questions in a language which the entry lacks, that mean what it is asked for: customers'
    own first, then those of its neighbours, which show the words to use."""
    own = [text for texts in entry.questions.values() for text in texts[:MOST]]
    theirs = {
        text: other.id
        for other in entries
        if other.id != entry.id
        for text in other.questions.get(language, ())[:3]
    }
    customers = {text for spoken, text in asked if spoken == language and text not in theirs}
    pool = [*sorted(customers), *theirs]
    if not pool or not own:
        return []
    middle = directions(meanings.of(own).mean(axis=0, keepdims=True))[0]
    nearness = meanings.of(pool) @ middle
    order = sorted(range(len(pool)), key=lambda place: -float(nearness[place]))
    near = [
        Suggested(language, pool[n], Source.NEIGHBOUR, own[0], theirs.get(pool[n], ""))
        for n in order
        if nearness[n] >= NEAR
    ]
    near.sort(key=lambda each: bool(each.belongs_to))
    return list(_first_of_each(near))


def _begun_differently(entry: Entry) -> Iterator[Suggested]:
    for language, text in _questions(entry):
        for group in OPENINGS.get(language, ()):
            begun = next((each for each in group if _begins(text, each, language)), None)
            if begun is None:
                continue
            for other in group:
                if other != begun:
                    new = _sentence(text, begun, other, language)
                    yield Suggested(language, new, Source.WORDS, text)
            break


def _begins(text: str, opening: str, language: str) -> bool:
    return text.lower().startswith(opening.lower()) if language == "en" else opening in text


def _sentence(text: str, begun: str, other: str, language: str) -> str:
    if language != "en":
        return text.replace(begun, other, 1)
    new = other + text[len(begun) :]
    if other.startswith("I "):
        new = new.rstrip("?")
    return new[:1].upper() + new[1:]


def _with_synonyms(entry: Entry) -> Iterator[Suggested]:
    for language, text in _questions(entry):
        for group in GROUPS.get(language, ()):
            for new in exchanged(text, group, language):
                yield Suggested(language, new, Source.SYNONYM, text)


def _of_the_answer(entry: Entry) -> Iterator[Suggested]:
    """What stands out in the answer, as customers type it into a search field."""
    for language, answer in entry.answer.items():
        asked = " ".join(key_of(text) for text in entry.questions.get(language, ()))
        for term in BOLD.findall(answer):
            words = ARTICLE.sub("", " ".join(term.split())).strip(" .,:;。，：；")
            is_term = len(words) <= LONGEST_TERM and not re.search(r"[\d{}，。;；:：]", words)
            if is_term and key_of(words) not in asked:
                yield Suggested(language, words, Source.ANSWER, term)


def _really_asked(
    entry: Entry, asked: Sequence[Question], results: Sequence[Result]
) -> Iterator[Suggested]:
    """What customers asked that this entry is the nearest to, but not near enough to answer."""
    for (language, text), result in zip(asked, results, strict=True):
        best = result.matches[0] if result.matches else None
        if best and best.entry_id == entry.id and result.band is Band.ASK:
            spoken = language or language_of(text) or "en"
            yield Suggested(spoken, text, Source.ASKED, best.question)


def _may_add(entry: Entry, result: Result) -> bool:
    """Unless it is answered: then it belongs to another entry, or adds nothing to this one."""
    best = result.matches[0] if result.matches else None
    if best is None or result.band is Band.NONE:
        return True
    return best.entry_id == entry.id and result.band is Band.ASK


def _questions(entry: Entry) -> Iterator[Question]:
    for language, texts in entry.questions.items():
        yield from ((language, text) for text in texts[:ALTERED])


def _new(entry: Entry, found: Iterable[Suggested]) -> Iterator[Suggested]:
    """Without what the entry has, and each once."""
    there = {key_of(text) for texts in entry.questions.values() for text in texts}
    for each in found:
        key = key_of(each.text)
        if key not in there and SHORTEST <= len(each.text) <= LONGEST:
            there.add(key)
            yield each


def _first_of_each(found: Iterable[Suggested]) -> Iterator[Suggested]:
    counted: dict[tuple[str, str], int] = {}
    for each in found:
        kind = (each.source, each.language)
        counted[kind] = counted.get(kind, 0) + 1
        if counted[kind] <= MOST:
            yield each
