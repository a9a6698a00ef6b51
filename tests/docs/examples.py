"""The examples of the guides for editors, read from their Markdown.

A fenced block says what is done with it: `entries` makes or adds to entries, from there to the end
of its section (`entries everywhere` for the whole guide); `match` asks questions, `talk` has a
conversation, `check` looks at a question that an editor is about to add.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.entry import Entry
from knowledge.files import Content
from knowledge.text import language_of
from tests.knowledge.samples import shipped

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = ("writing-questions.md", "writing-questions.zh.md")
OUT_OF_SCOPE = "out-of-scope"
ENTRIES = ("entries", "entries everywhere")

Questions = dict[str, tuple[str, ...]]  # of each entry


@dataclass(frozen=True)
class Example:
    """One block, and the made-up entries that are there for it."""

    guide: str
    section: int
    line: int
    kind: str  # the words behind the fence
    lines: tuple[str, ...]
    entries: Questions

    @property
    def content(self) -> Content:
        """The shipped content, or it with the made-up entries in place of its own."""
        return shipped() if "shipped" in self.kind else made_up(tuple(self.entries.items()))

    def __str__(self) -> str:
        return f"{self.guide}:{self.line}"


def examples(guide: str) -> Iterator[Example]:
    tokens = MarkdownIt("commonmark").parse((DOCS / guide).read_text(encoding="utf-8"))
    always = _always(tokens)
    entries, section = always, 0
    for token in tokens:
        if token.type == "heading_open":
            entries, section = always, section + 1
        elif token.type == "fence" and token.info == "entries":
            entries = with_questions(entries, token.content)
        elif token.type == "fence" and token.info not in ENTRIES:
            line = token.map[0] + 1 if token.map else 0
            lines = tuple(token.content.splitlines())
            yield Example(guide, section, line, token.info, lines, entries)


def _always(tokens: list[Token]) -> Questions:
    (block,) = [token for token in tokens if token.info == "entries everywhere"]
    return with_questions({}, block.content)


def with_questions(entries: Questions, block: str) -> Questions:
    """`name:` and `- question` lines make the entry, `+ question` lines add to it."""
    changed, name = dict(entries), ""
    made: set[str] = set()
    for line in block.splitlines():
        if heading := re.fullmatch(r"([a-z-]+):", line):
            name = heading[1]
            continue
        mark, question = line[:2], line[2:]
        assert name and mark in ("- ", "+ "), f"not an entry: {line}"
        if mark == "- " and name not in made:
            changed[name] = ()
            made.add(name)
        changed[name] = (*changed.get(name, ()), question)
    return changed


@cache
def made_up(entries: tuple[tuple[str, tuple[str, ...]], ...]) -> Content:
    """These entries among the shipped policy, messages and general questions."""
    known = dict(entries)
    scope = {**shipped().out_of_scope, "more": known.pop(OUT_OF_SCOPE, ())}
    made = tuple(entry(*each) for each in known.items())
    return replace(shipped(), entries=made, out_of_scope=scope, places={}, golden=())


def entry(entry_id: str, questions: tuple[str, ...]) -> Entry:
    by_language: dict[str, list[str]] = {}
    for question in questions:
        by_language.setdefault(language_of(question) or "en", []).append(question)
    answers = {"en": f"The answer of {entry_id}.", "zh": f"{entry_id} 的答案。"}
    return Entry.model_validate(
        {
            "id": entry_id,
            "topic": "made-up",
            "questions": by_language,
            "answer": {language: answers[language] for language in by_language},
            "owner": "billing_admin",
            "review_by": "2027-06-30",
        }
    )
