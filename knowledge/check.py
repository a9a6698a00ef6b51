"""Everything that can be wrong with a knowledge base that reads well: what `check` finds."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.answers import AnswerError, answer_context, render_texts
from knowledge.entry import Entry, KnowledgeError, Place, Problem, Severity
from knowledge.files import MESSAGES, Content, load
from knowledge.messages import DESK_SAMPLE
from knowledge.policy import SupportPolicy
from knowledge.template_paths import unknown_paths
from knowledge.template_rules import DESK
from knowledge.text import key_of
from knowledge.yaml_source import Path as Keys

MOST_WORDS = 120
MOST_CHARACTERS = 240  # of Chinese: about as long to read
FEWEST_QUESTIONS = 10
SCHEMES = ("https:", "mailto:", "tel:")
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
A_DAY = timedelta(days=1)

MARKDOWN = MarkdownIt("commonmark")
MARKDOWN.validateLink = lambda url: True  # type: ignore[method-assign]  # every link is to be seen


def check_folder(folder: Path, now: datetime) -> list[Problem]:
    """Every problem of the files, errors first; empty when all is well."""
    try:
        return check(load(folder), now)
    except KnowledgeError as error:
        return error.problems


def check(
    content: Content, now: datetime, texts_of: Collection[str] | None = None
) -> list[Problem]:
    """Every problem of a content that could be read, errors first.

    texts_of: the entries whose answers are filled in, where the others are known to be well.
    """
    checking = _Checking(content, now, texts_of)
    found = [*checking.entries(), *checking.messages(), *checking.questions()]
    return sorted(found, key=lambda problem: (problem.severity, problem.file, problem.line))


def telling_moments(policy: SupportPolicy, now: datetime) -> list[datetime]:
    """Now, while open, on the next special day and on the next closed day: noon of each."""
    hours = policy.support.hours
    today = now.astimezone(ZoneInfo(hours.time_zone))
    noon = today.replace(hour=12, minute=0, second=0, microsecond=0)
    special = sorted(
        day for each in hours.special_days for day in each.dates if day >= today.date()
    )
    moments = [now, policy.next_opening(now)]
    if special:
        moments.append(datetime.combine(special[0], noon.timetz()))
    moments.append(next((day for day in _days(noon) if not policy.is_open(day)), None))
    return [moment for moment in moments if moment]


def _days(noon: datetime) -> Iterator[datetime]:
    return (noon + number * A_DAY for number in range(14))


@dataclass(frozen=True, slots=True)
class Said:
    """Which sentence, and what it tells."""

    code: str
    values: dict[str, Any]


class _Checking:
    def __init__(self, content: Content, now: datetime, texts_of: Collection[str] | None) -> None:
        self._content = content
        self._texts_of = texts_of
        self._policy = content.policy
        self._languages = content.policy.partner.languages
        self._moments = telling_moments(content.policy, now)
        self._today = now.astimezone(ZoneInfo(content.policy.support.hours.time_zone)).date()
        self._roles = [role.id for role in content.policy.roles]
        self._ids = {entry.id for entry in content.entries}

    def entries(self) -> Iterator[Problem]:
        for entry in self._content.entries:
            yield from self._references(entry)
            yield from self._age(entry)
            yield from self._languages_of(entry)
            if self._texts_of is not None and entry.id not in self._texts_of:
                continue
            for language in entry.answer:
                yield from self._text(entry.answer, language, (entry.id, "answer", language))

    def messages(self) -> Iterator[Problem]:
        says = self._content.messages
        for number, entry_id in enumerate(says.common_questions):
            if entry_id not in self._ids:
                said = f"common_questions: there is no entry {entry_id}"
                path: Keys = (MESSAGES, "common_questions", number)
                yield self._problem(path, said, "no_entry", entry=entry_id)
        for name in says.missing():
            said = f"the message {name} is missing; add it"
            yield self._problem((MESSAGES, "messages"), said, "message_missing", name=name)
        for name, texts in says.messages.items():
            for language in texts:
                yield from self._text(texts, language, (MESSAGES, "messages", name, language))

    def questions(self) -> Iterator[Problem]:
        """The same question twice: a press of its button could mean either entry."""
        first: dict[str, tuple[str, str, int]] = {}
        for entry in self._content.entries:
            for language, questions in entry.questions.items():
                for number, question in enumerate(questions):
                    here = (entry.id, language, number)
                    earlier = first.setdefault(key_of(question), here)
                    if earlier != here:
                        yield self._repeated(question, here, earlier)

    def _repeated(
        self, question: str, here: tuple[str, str, int], earlier: tuple[str, str, int]
    ) -> Problem:
        kind = "the title" if here[2] == 0 else "the question"
        path = (here[0], "questions", here[1], here[2])
        if here[0] == earlier[0]:
            said = f'{kind} "{question}" stands twice; keep one'
            return self._problem(
                path, said, "question_twice", severity=Severity.WARNING, question=question
            )
        place = self._place((earlier[0], "questions", earlier[1], earlier[2]))
        where = f" ({place.file}:{place.line})" if place.file else ""
        said = f'{kind} "{question}" is also one of {earlier[0]}{where}; keep it in one entry'
        return self._problem(path, said, "question_elsewhere", question=question, other=earlier[0])

    def _references(self, entry: Entry) -> Iterator[Problem]:
        if entry.owner not in self._roles:
            roles = ", ".join(self._roles)
            said = f"owner {entry.owner} is no role; use one of {roles}"
            yield self._problem(
                (entry.id, "owner"), said, "owner_unknown", owner=entry.owner, roles=roles
            )
        for number, follow_up in enumerate(entry.follow_ups):
            if follow_up not in self._ids:
                said = f"follow_ups: there is no entry {follow_up}"
                path: Keys = (entry.id, "follow_ups", number)
                yield self._problem(path, said, "no_entry", entry=follow_up)
            elif follow_up == entry.id or follow_up in entry.follow_ups[:number]:
                said = f"follow_ups: {follow_up} adds nothing; choose another"
                path = (entry.id, "follow_ups", number)
                yield self._problem(path, said, "adds_nothing", entry=follow_up)

    def _age(self, entry: Entry) -> Iterator[Problem]:
        if entry.review_by < self._today:
            said = f"review_by {entry.review_by} has passed; read the answer again, set a new date"
            yield self._problem(
                (entry.id, "review_by"),
                said,
                "review_passed",
                severity=Severity.WARNING,
                day=str(entry.review_by),
            )

    def _languages_of(self, entry: Entry) -> Iterator[Problem]:
        for language in self._languages:
            questions = entry.questions.get(language, ())
            if not questions or language not in entry.answer:
                missing = "answer" if questions else "questions"
                said = f"no {missing} in {language}; customers get another language"
                yield self._problem(
                    (entry.id, missing),
                    said,
                    f"no_{missing}",
                    severity=Severity.WARNING,
                    language=language,
                )
            elif len(questions) < FEWEST_QUESTIONS:
                said = f"{len(questions)} questions in {language}; write {FEWEST_QUESTIONS} or more"
                yield self._problem(
                    (entry.id, "questions", language),
                    said,
                    "few_questions",
                    severity=Severity.WARNING,
                    count=len(questions),
                    fewest=FEWEST_QUESTIONS,
                    language=language,
                )

    def _text(self, texts: Mapping[str, str], language: str, path: Keys) -> Iterator[Problem]:
        """A template that fails at any of the moments, or gives what no customer should get."""
        said: dict[str, tuple[int, Said]] = {}
        made: set[str] = set()
        desk = DESK_SAMPLE if path[0] == MESSAGES else None
        context = {**answer_context(self._policy, language), DESK: desk or {}}
        for fault in unknown_paths(texts[language], context):
            said.setdefault(fault.message, (fault.line, Said("fault", {"fault": fault})))
        for moment in self._moments:
            try:
                made.add(render_texts(texts, language, self._policy, moment, desk))
            except AnswerError as error:
                said.setdefault(error.message, (error.line, Said("fault", {"fault": error.fault})))
        for text in sorted(made):
            for message, told in (*_too_long(text, language), *_dangerous(text)):
                said.setdefault(message, (1, told))
        for message, (line, told) in said.items():
            whole = f"{path[-2]}.{language}: {message}"
            yield self._problem(path, whole, told.code, line=line, **told.values)

    def _problem(
        self,
        path: Keys,
        said: str,
        code: str,
        *,
        severity: Severity = Severity.ERROR,
        line: int = 1,
        **values: object,
    ) -> Problem:
        place = self._place(path)
        whose = str(path[0]) if path[0] in self._ids else ""
        at = place.line + max(line - 1, 0)
        return Problem(place.file, at, f"{said}.", severity, whose, code, values)

    def _place(self, path: Keys) -> Place:
        """Where the nearest part of the path stands; content from no file has no place."""
        for length in range(len(path), 0, -1):
            if place := self._content.places.get(path[:length]):
                return place
        return Place("", 0)


def _too_long(text: str, language: str) -> Iterator[tuple[str, Said]]:
    code = "many_words"
    count, most, unit = len(text.split()), MOST_WORDS, "words"
    if language == "zh":
        code = "many_characters"
        count, most, unit = len(CHINESE.findall(text)), MOST_CHARACTERS, "Chinese characters"
    if count > most:
        said = f"{count} {unit}; shorten it to {most}"
        yield said, Said(code, {"count": count, "most": most})


def _dangerous(text: str) -> Iterator[tuple[str, Said]]:
    for token in _tokens(MARKDOWN.parse(text)):
        if token.type in ("html_block", "html_inline"):
            yield "HTML is not shown; write Markdown", Said("html", {})
        target = str(token.attrs.get("href") or token.attrs.get("src") or "")
        if target and not target.lower().startswith(SCHEMES):
            said = f"the link {target} must start with https:, mailto: or tel:"
            yield said, Said("link", {"target": target})


def _tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or [])
