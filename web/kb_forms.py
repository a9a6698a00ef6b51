"""The shapes of what editors send: a draft may be unfinished, but each field is of its kind."""

import re
from typing import Annotated, Any, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from knowledge.entry import LONGEST_QUESTION, MOST_QUESTIONS, Entry, KnowledgeError, Problem
from knowledge.files import read_entry
from knowledge.messages import Messages
from knowledge.parts import Body, Kind, Part
from knowledge.policy import SupportPolicy
from web.bodies import read_json
from web.errors import Problem as Wrong
from web.errors import Refused
from web.kb_checks_said import Say, problem_said

MAX_BYTES = 4 * 1024 * 1024
"""The most questions at their longest, in two languages, are 2.4 MB of Chinese."""
ID = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*", re.ASCII)
LONGEST_ID = 80

Language = Literal["en", "zh"]
Short = Annotated[str, StringConstraints(max_length=200)]
Question = Annotated[str, StringConstraints(max_length=LONGEST_QUESTION)]
Questions = Annotated[list[Question], Field(max_length=MOST_QUESTIONS)]
Long = Annotated[str, StringConstraints(max_length=20_000)]
B = TypeVar("B", bound=BaseModel)


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class EntryForm(Form):
    """An entry while somebody writes it."""

    id: Short = ""
    topic: Short = ""
    questions: dict[Language, Questions] = {}
    answer: dict[Language, Long] = {}
    follow_ups: Annotated[list[Short], Field(max_length=50)] = []
    needs_account: bool = False
    owner: Short = ""
    review_by: Short = ""
    valid_from: Short | None = None
    valid_until: Short | None = None
    labels: Annotated[list[Short], Field(max_length=50)] = []
    route: Short | None = None


async def read_form(request: web.Request, form: type[B]) -> B:
    """Raises Refused."""
    try:
        return form.model_validate(await read_json(request, most=MAX_BYTES))
    except ValidationError:
        raise Refused(Wrong.BAD_REQUEST) from None


def part_of(kind: str, name: str = "") -> Part:
    """Raises Refused."""
    if kind not in list(Kind) or (kind == Kind.ENTRY) != bool(name):
        raise Refused(Wrong.NOT_FOUND)
    if name and (len(name) > LONGEST_ID or not ID.fullmatch(name)):
        raise Refused(Wrong.NOT_FOUND)
    return Part(Kind(kind), name)


def entry_body(body: Any, entry_id: str) -> Body:
    """The form's fields with those that are missing empty; raises Refused for another shape."""
    try:
        form = EntryForm.model_validate(body)
    except ValidationError:
        raise Refused(Wrong.BAD_REQUEST) from None
    return {**form.model_dump(), "id": entry_id}


def loosely_read(body: Any, entry_id: str) -> Entry:
    """The entry as far as it is written, to look at it; it may not be allowed yet."""
    form = EntryForm.model_validate(entry_body(body, entry_id))
    questions = {
        language: tuple(text for text in texts if text.strip())
        for language, texts in form.questions.items()
    }
    fields = form.model_dump() | {
        "questions": {language: texts for language, texts in questions.items() if texts},
        "answer": {name: text for name, text in form.answer.items() if text.strip()},
        "follow_ups": tuple(form.follow_ups),
        "labels": tuple(form.labels),
    }
    return Entry.model_construct(**fields)


def entry_problems(body: Body, languages: tuple[str, ...]) -> list[Problem]:
    """Why the entry could not be published as it is."""
    try:
        read_entry(body, languages)
    except KnowledgeError as error:
        return error.problems
    return []


FIELDS = {*Entry.model_fields, *SupportPolicy.model_fields, *Messages.model_fields}
PLACE = re.compile(r"([a-z_]+)(?:\.[A-Za-z_0-9]+|\[\d+\])*")


def told(problem: Problem, say: Say) -> dict[str, Any]:
    """`field` is the place that a problem's sentence begins with, as forms name their fields."""
    place = PLACE.match(problem.message)
    rest = problem.message[place.end() :] if place else ""
    field = place[0] if place and place[1] in FIELDS and rest[:1] in (" ", ":") else ""
    message = rest.lstrip(": ") if rest.startswith(":") else problem.message
    return {
        "field": field,
        "message": problem_said(problem, message, say),
        "line": problem.line,
        "severity": str(problem.severity),
        "entry": problem.entry,
    }
