"""Phrasings that customers themselves suggest, and what becomes of a group of questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledge import drafts, versions
from knowledge.drafts import Draft
from knowledge.parts import Body, Kind, Part
from knowledge.text import key_of
from knowledge.versions import Who
from storage.database import Connection
from storage.times import stored_time


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Asked so often, and each time the customer took this entry from "did you mean"."""

    entry_id: str
    language: str
    question: str
    count: int


def suggestions(connection: Connection, most: int = 200) -> list[Suggestion]:
    """Neither accepted nor dismissed yet; most often asked first."""
    rows = connection.execute(
        "SELECT m.accepted, m.language, m.question, COUNT(*) AS count FROM missed_questions m"
        " LEFT JOIN phrasing_suggestions s ON s.entry_id = m.accepted AND s.language = m.language"
        " AND s.question = m.question WHERE m.accepted <> '' AND s.question IS NULL"
        " GROUP BY m.accepted, m.language, m.question"
        " ORDER BY COUNT(*) DESC, m.accepted, m.question LIMIT %(most)s",
        most=most,
    )
    return [
        Suggestion(row["accepted"], row["language"], row["question"], int(row["count"]))
        for row in rows
    ]


def decide(
    connection: Connection, decided: Sequence[Suggestion], accepted: bool, who: Who, now: datetime
) -> list[Draft]:
    """Accept or dismiss many at once; the drafts that have the accepted ones now."""
    for each in decided:
        connection.execute(
            "INSERT INTO phrasing_suggestions (entry_id, language, question, state, changed_by,"
            " changed_at) VALUES (%(entry)s, %(language)s, %(question)s, %(state)s, %(who)s,"
            " %(at)s) ON CONFLICT DO NOTHING",
            entry=each.entry_id,
            language=each.language,
            question=each.question,
            state="accepted" if accepted else "dismissed",
            who=who.id,
            at=stored_time(now),
        )
    if not accepted:
        return []
    by_entry: dict[str, list[tuple[str, str]]] = {}
    for each in decided:
        by_entry.setdefault(each.entry_id, []).append((each.language, each.question))
    made = (add_phrasings(connection, *each, who, now) for each in by_entry.items())
    return [draft for draft in made if draft]


def undecide(connection: Connection, each: Suggestion) -> None:
    """It is suggested again; what it brought into a draft is left there."""
    connection.execute(
        "DELETE FROM phrasing_suggestions WHERE entry_id = %(entry)s AND language = %(language)s"
        " AND question = %(question)s",
        entry=each.entry_id,
        language=each.language,
        question=each.question,
    )


def add_phrasings(
    connection: Connection,
    entry_id: str,
    questions: Sequence[tuple[str, str]],  # language and text
    who: Who,
    now: datetime,
) -> Draft | None:
    """To the entry's draft, or a new draft of what is published; None when there is no entry."""
    part = Part(Kind.ENTRY, entry_id)
    return _change(connection, part, lambda body: with_phrasings(body, questions), who, now)


def add_out_of_scope(
    connection: Connection, questions: Sequence[tuple[str, str]], who: Who, now: datetime
) -> Draft | None:
    """Not ours: examples from which the matcher learns doubt."""
    part = Part(Kind.OUT_OF_SCOPE)
    return _change(connection, part, lambda body: _with_more(body, questions), who, now)


def add_golden(
    connection: Connection,
    question: str,
    language: str,
    expected: Sequence[str],
    who: Who,
    now: datetime,
) -> Draft | None:
    """ "This should have been ...": from now on every publish is asked it."""
    case = {"question": question, "language": language, "expected": list(expected)}

    def with_case(body: Body) -> Body:
        return [*(each for each in body if each["question"] != question), case]

    return _change(connection, Part(Kind.GOLDEN), with_case, who, now)


def with_phrasings(body: Mapping[str, Any], questions: Sequence[tuple[str, str]]) -> Body:
    return {**body, "questions": _with_more(body.get("questions") or {}, questions)}


def _with_more(body: Mapping[str, Any], questions: Sequence[tuple[str, str]]) -> Body:
    """Texts by language; what is there in other punctuation is not added again."""
    more = {language: list(texts) for language, texts in body.items()}
    for language, text in questions:
        there = more.setdefault(language, [])
        if key_of(text) not in map(key_of, there):
            there.append(" ".join(text.split()))
    return more


def _change(
    connection: Connection, part: Part, change: Any, who: Who, now: datetime
) -> Draft | None:
    newest = versions.head(connection).version
    draft = drafts.get(connection, part)
    body = draft.body if draft else versions.bodies_of(connection, newest, [part]).get(part)
    if body is None:
        return None
    based_on = draft.revision if draft else 0
    archived = bool(draft and draft.archived)
    return drafts.save(connection, part, change(body), based_on, newest, who, now, archived)
