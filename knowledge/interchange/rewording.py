"""Synonyms of another system as phrasings to take or leave: here phrasings do the work of both."""

from collections.abc import Iterator, Mapping

from knowledge.entry import LONGEST_QUESTION, Entry
from knowledge.interchange.found import Found, Suggestion, Synonyms
from knowledge.synonyms import exchanged
from knowledge.text import key_of


def reworded(found: Found, entries: Mapping[str, Entry]) -> Iterator[Suggestion]:
    """For each entry that is asked for in such a word the same with the others, once for a group;
    what is asked with already is left out. Groups that nobody says are warned of."""
    texts = {each: [text for _, text in _questions(entry)] for each, entry in entries.items()}
    lowered = {each: "\n".join(questions).lower() for each, questions in texts.items()}
    asked = {key_of(text) for questions in texts.values() for text in questions}
    for group in found.synonyms:
        used = [entries[each] for each, questions in lowered.items() if _says(questions, group)]
        if not used:
            words = ", ".join(group.words)
            found.warn(group.file, group.row, "synonyms_unused", words=words)
        for entry in used:
            for text in _exchanged(entry, group):
                key = key_of(text)
                if key not in asked and len(text) <= LONGEST_QUESTION:
                    asked.add(key)
                    yield Suggestion(entry.id, text, 0)


def _questions(entry: Entry) -> Iterator[tuple[str, str]]:
    return ((language, text) for language, each in entry.questions.items() for text in each)


def _says(lowered: str, group: Synonyms) -> bool:
    return any(word.lower() in lowered for word in group.words)


def _exchanged(entry: Entry, group: Synonyms) -> list[str]:
    """Of its first question that has one of the words."""
    tried = (list(exchanged(text, group.words, language)) for language, text in _questions(entry))
    return next(filter(None, tried), [])
