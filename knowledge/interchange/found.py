"""What a file holds, before it is made into entries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from knowledge.entry import KnowledgeError, Problem, Severity
from knowledge.interchange.sentences import SENTENCES
from knowledge.yaml_source import Source

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
MAX_FILES = 500
MAX_ROWS = 100_000
MAX_COLUMNS = 64
MAX_ENTRIES = 10_000
IN_ROWS = 0  # the line of a whole source whose lines are the rows of a table
OF_A_TEMPLATE = re.compile(r"answer\.(\w+): (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A question or an answer, the row it stands in, and its language where the file says it;
    `label` is what a prompt shows for what it leads to."""

    text: str
    row: int
    language: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One answer with its questions as another system has them; nothing is ours yet.

    `file` names the sheet too; `row` counts from 1 as a spreadsheet does, in JSON the documents.
    """

    file: str
    row: int
    questions: tuple[Phrase, ...]
    answers: tuple[Phrase, ...]
    key: str = ""
    """What the prompts of other pairs call this one."""
    follow_ups: tuple[Phrase, ...] = ()
    """Keys of other pairs, in order."""
    id: str = ""
    topic: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    """Values of an entry that the file states: owner, review_by, needs_account."""
    source: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    alternates: tuple[tuple[str, int], ...] = ()
    """Questions the other system suggests, and how often it saw each."""


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Words that the other system takes for one another. Here phrasings do that."""

    file: str
    row: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A phrasing for an editor to take or leave: the other system saw customers use it so often,
    or, with 0, would understand it by its synonyms."""

    entry_id: str
    question: str
    count: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an entry in a language came from, as the other system had it; an entry itself has no
    place for it."""

    entry_id: str
    language: str
    key: str
    source: str
    metadata: Mapping[str, str]
    file: str = ""
    row: int = 0


@dataclass(slots=True)
class Found:
    """Everything the files hold, and everything that is wrong with them."""

    pairs: list[Pair] = field(default_factory=list)
    entries: list[Source] = field(default_factory=list)
    """Whole entries of our own formats, each a list of one with the lines it stands on."""
    synonyms: list[Synonyms] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, file: str, row: int, code: str, /, **values: object) -> None:
        self.problems.append(Problem.of(SENTENCES, code, file, row, **values))

    def warn(self, file: str, row: int, code: str, /, **values: object) -> None:
        made = Problem.of(SENTENCES, code, file, row, **values)
        self.problems.append(replace(made, severity=Severity.WARNING))


def unreadable(file: str, row: int, code: str, /, **values: object) -> KnowledgeError:
    """Nothing can be read from the file; raise it."""
    return KnowledgeError([Problem.of(SENTENCES, code, file, row, **values)])


def at_its_row(problem: Problem, row: int) -> Problem:
    """Rows have no lines within; where a template is wrong is said in the sentence."""
    if not (found := OF_A_TEMPLATE.fullmatch(problem.message)):
        return problem
    said = f"answer.{found[1]}: Line {problem.line - row + 1}: {found[2]}"
    return replace(problem, line=row, message=said)
