"""Everything that can be wrong with a knowledge base that reads well: what `check` finds."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.answers import AnswerError, answer_context, render_texts
from knowledge.check_said import WARNINGS, Said
from knowledge.entry import Entry, KnowledgeError, Place, Problem, Severity
from knowledge.files import GOLDEN, MESSAGES, Content, load
from knowledge.messages import DESK_SAMPLE
from knowledge.policy import SupportPolicy
from knowledge.template_paths import unknown_paths
from knowledge.template_rules import DESK
from knowledge.text import key_of
from knowledge.yaml_source import Path as Keys

MOST_WORDS = 120
MOST_CHARACTERS = 240  # of Chinese: about as long to read
FEWEST_QUESTIONS = 10
FEWEST_GOLDEN = 3  # of an entry in a language
FEWEST_OUTSIDE = 80  # when none of them is answered, at most 4 % of such questions are, 95 % sure
MOST_NAMED = 5
SCHEMES = ("https:", "mailto:", "tel:")
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
A_DAY = timedelta(days=1)

Asked = tuple[str, str, int]
"""A question of an entry's: its id, the language, which of them."""

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
    found = [
        *checking.entries(),
        *checking.messages(),
        *checking.questions(),
        *checking.golden(),
        *checking.golden_missing(),
    ]
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
                path: Keys = (MESSAGES, "common_questions", number)
                yield self._problem(path, "no_entry", field=path[1], entry=entry_id)
        for name in says.missing():
            yield self._problem((MESSAGES, "messages"), "message_missing", name=name)
        for name, texts in says.messages.items():
            for language in texts:
                yield from self._text(texts, language, (MESSAGES, "messages", name, language))

    def questions(self) -> Iterator[Problem]:
        """The same question twice: a press of its button could mean either entry."""
        for here, question in self._asked():
            if (earlier := self._first[key_of(question)]) != here:
                yield self._repeated(question, here, earlier)

    def golden(self) -> Iterator[Problem]:
        """What is learned from proves nothing; what expects no entry can never pass."""
        texts = self._content.out_of_scope.values()
        outside = {key_of(text) for each in texts for text in each}
        for number, case in enumerate(self._content.golden):
            path, asked, key = (GOLDEN, number), case.question, key_of(case.question)
            if here := self._first.get(key):
                told = {"question": asked, "other": here[0], "place": self._standing_at(here)}
                yield self._problem(path, "golden_copied", **told)
            elif key in outside:
                yield self._problem(path, "golden_learned", question=asked)
            for entry in case.expected:
                if entry not in self._ids:
                    yield self._problem(path, "golden_no_entry", question=asked, entry=entry)

    def golden_missing(self) -> Iterator[Problem]:
        """One problem a language: one for each entry would hide what else is wrong."""
        if not (golden := self._content.golden):
            return
        asked = Counter((entry, case.language) for case in golden for entry in case.expected)
        for language in self._languages:
            few = [
                entry.id
                for entry in self._content.entries
                if language in entry.questions and asked[entry.id, language] < FEWEST_GOLDEN
            ]
            if few:
                entries = ", ".join([*few[:MOST_NAMED], *(["…"] if few[MOST_NAMED:] else [])])
                told = {"count": len(few), "entries": entries, "language": language}
                yield self._problem((GOLDEN,), "few_golden", fewest=FEWEST_GOLDEN, **told)
        outside = sum(not case.expected for case in golden)
        if outside < FEWEST_OUTSIDE:
            yield self._problem((GOLDEN,), "few_outside", count=outside, fewest=FEWEST_OUTSIDE)

    @cached_property
    def _first(self) -> dict[str, Asked]:
        """Where each question stands first, by its key."""
        first: dict[str, Asked] = {}
        for here, question in self._asked():
            first.setdefault(key_of(question), here)
        return first

    def _asked(self) -> Iterator[tuple[Asked, str]]:
        for entry in self._content.entries:
            for language, questions in entry.questions.items():
                for number, question in enumerate(questions):
                    yield (entry.id, language, number), question

    def _repeated(self, question: str, here: Asked, earlier: Asked) -> Problem:
        kind = "the title" if here[2] == 0 else "the question"
        path = (here[0], "questions", here[1], here[2])
        if here[0] == earlier[0]:
            return self._problem(path, "question_twice", kind=kind, question=question)
        told = {"other": earlier[0], "place": self._standing_at(earlier)}
        return self._problem(path, "question_elsewhere", kind=kind, question=question, **told)

    def _standing_at(self, asked: Asked) -> str:
        at = self._place((asked[0], "questions", asked[1], asked[2]))
        return f" ({at.file}:{at.line})" if at.file else ""

    def _references(self, entry: Entry) -> Iterator[Problem]:
        for field, role in (("owner", entry.owner), ("route", entry.route)):
            if role is not None and role not in self._roles:
                told = {"field": field, "role": role, "roles": ", ".join(self._roles)}
                yield self._problem((entry.id, field), "role_unknown", **told)
        for number, follow_up in enumerate(entry.follow_ups):
            path: Keys = (entry.id, "follow_ups", number)
            if follow_up not in self._ids:
                yield self._problem(path, "no_entry", field=path[1], entry=follow_up)
            elif follow_up == entry.id or follow_up in entry.follow_ups[:number]:
                yield self._problem(path, "adds_nothing", entry=follow_up)

    def _age(self, entry: Entry) -> Iterator[Problem]:
        if entry.review_by < self._today:
            path = (entry.id, "review_by")
            yield self._problem(path, "review_passed", day=str(entry.review_by))

    def _languages_of(self, entry: Entry) -> Iterator[Problem]:
        for language in self._languages:
            questions = entry.questions.get(language, ())
            if not questions or language not in entry.answer:
                missing = "answer" if questions else "questions"
                yield self._problem((entry.id, missing), f"no_{missing}", language=language)
            elif (count := len(questions)) < FEWEST_QUESTIONS:
                told = {"count": count, "fewest": FEWEST_QUESTIONS, "language": language}
                yield self._problem((entry.id, "questions", language), "few_questions", **told)

    def _text(self, texts: Mapping[str, str], language: str, path: Keys) -> Iterator[Problem]:
        """A template that fails at any of the moments, or gives what no customer should get."""
        made: set[str] = set()
        desk = DESK_SAMPLE if path[0] == MESSAGES else None
        context = {**answer_context(self._policy, language), DESK: desk or {}}
        faults = unknown_paths(texts[language], context)
        for moment in self._moments:
            try:
                made.add(render_texts(texts, language, self._policy, moment, desk))
            except AnswerError as error:
                faults.append(error.fault)
        found = [(fault.line, Said("fault", {"fault": fault})) for fault in faults]
        for text in sorted(made):
            found += [(1, each) for each in (*_too_long(text, language), *_dangerous(text))]
        first: dict[str, tuple[int, Said]] = {}
        for line, said in found:
            first.setdefault(said.message, (line, said))
        for line, said in first.values():
            yield self._told(path, said, f"{path[-2]}.{language}: ", line)

    def _problem(self, path: Keys, code: str, **values: object) -> Problem:
        return self._told(path, Said(code, values))

    def _told(self, path: Keys, said: Said, before: str = "", line: int = 1) -> Problem:
        """`line`: of the text that begins there."""
        place = self._place(path)
        severity = Severity.WARNING if said.code in WARNINGS else Severity.ERROR
        whose = str(path[0]) if path[0] in self._ids else ""
        at = place.line + max(line - 1, 0)
        message = f"{before}{said.message}."
        return Problem(place.file, at, message, severity, whose, said.code, said.values)

    def _place(self, path: Keys) -> Place:
        """Where the nearest part of the path stands; content from no file has no place."""
        for length in range(len(path), 0, -1):
            if place := self._content.places.get(path[:length]):
                return place
        return Place("", 0)


def _too_long(text: str, language: str) -> Iterator[Said]:
    code, count, most = "many_words", len(text.split()), MOST_WORDS
    if language == "zh":
        code, count, most = "many_characters", len(CHINESE.findall(text)), MOST_CHARACTERS
    if count > most:
        yield Said(code, {"count": count, "most": most})


def _dangerous(text: str) -> Iterator[Said]:
    for token in _tokens(MARKDOWN.parse(text)):
        if token.type in ("html_block", "html_inline"):
            yield Said("html", {})
        target = str(token.attrs.get("href") or token.attrs.get("src") or "")
        if target and not target.lower().startswith(SCHEMES):
            yield Said("link", {"target": target})


def _tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or [])
