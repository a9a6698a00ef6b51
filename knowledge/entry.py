"""The curated answer to one kind of question, and what can be wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict


class Entry(BaseModel):
    """One answer and the ways customers ask for it.

    The first question of each language is the entry's title: buttons show it and send it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    topic: str
    questions: Mapping[str, tuple[str, ...]]
    answer: Mapping[str, str]
    follow_ups: tuple[str, ...] = ()
    needs_account: bool = False
    owner: str
    review_by: date

    def title(self, language: str) -> str:
        """The question that stands for this entry, in the language or else the first it has."""
        questions = self.questions.get(language) or next(iter(self.questions.values()))
        return questions[0]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in the knowledge base, where, and what to do about it."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class KnowledgeError(Exception):
    """The knowledge base cannot be used; every problem found is listed, not the first alone."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
