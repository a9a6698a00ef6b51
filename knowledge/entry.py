"""The curated answer to one kind of question, and what can be wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from knowledge.rules import broken, wrong
from knowledge.values import Day

Id = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", min_length=1, max_length=80)
]
CHITCHAT = "conversation"  # the topic of greeting, thanks and the like
LONGEST_QUESTION = 1000
MOST_QUESTIONS = 301  # of a language: one and 300 alternates, as other systems allow
Question = Annotated[
    str, StringConstraints(pattern=r"^[^\r\n]*\S[^\r\n]*$", max_length=LONGEST_QUESTION)
]
Questions = Annotated[tuple[Question, ...], Field(min_length=1, max_length=MOST_QUESTIONS)]
Label = Annotated[str, StringConstraints(pattern=r"^[^\r\n]*\S[^\r\n]*$", max_length=60)]
Template = Annotated[str, StringConstraints(pattern=r"\S")]


class Entry(BaseModel):
    """One answer and the ways customers ask for it.

    The first question of each language is the entry's title: buttons show it and send it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    topic: Id
    questions: Annotated[Mapping[str, Questions], Field(min_length=1)]
    answer: Annotated[Mapping[str, Template], Field(min_length=1)]
    follow_ups: tuple[Id, ...] = ()
    needs_account: bool = False
    owner: str
    review_by: Day
    valid_from: Day | None = None  # the first day on which it answers
    valid_until: Day | None = None  # the last day
    labels: Annotated[tuple[Label, ...], Field(max_length=20)] = ()
    route: Id | None = None  # the role that takes over a handoff from here; else the policy decides

    def is_valid(self, day: date) -> bool:
        """Whether it answers on that day of the partner's."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day <= self.valid_until)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise wrong((("valid_until",), broken("ends_before")))
        return self

    def title(self, language: str) -> str:
        """The question that stands for this entry, in the language or else the first it has."""
        questions = self.questions.get(language) or next(iter(self.questions.values()))
        return questions[0]


def route_of(entries: Iterable[Entry], entry_id: str) -> str | None:
    return next((entry.route for entry in entries if entry.id == entry_id), None)


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; lines count from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in the knowledge base, where, and what to do about it.

    `file` is empty for content that came from no file; `entry` for what concerns no single entry;
    `code` and `values` are of the sentence, for who says it in another language.
    """

    file: str
    line: int
    message: str
    severity: Severity = Severity.ERROR
    entry: str = ""
    code: str = ""
    values: Mapping[str, object] = field(default_factory=dict, compare=False)

    @classmethod
    def of(
        cls, sentences: Mapping[str, str], code: str, file: str, line: int, /, **values: object
    ) -> "Problem":
        """What the sentences say of the code, with these values."""
        return cls(file, line, sentences[code].format_map(values), code=code, values=values)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file else ""
        whose = f"{self.entry}: " if self.entry else ""
        return f"{where}{self.severity}: {whose}{self.message}"


class KnowledgeError(Exception):
    """The knowledge base cannot be used; every problem found is listed, not the first alone."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
