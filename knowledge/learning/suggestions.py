"""Phrasings that customers themselves suggest, and what becomes of a group of questions."""

import json
from collections import Counter
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

READ = 5  # times as many rows as are listed: one question can stand in several


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Asked so often; with 0 never, but understood by another system's synonyms. `taken`: customers
    took this entry from "did you mean"; else it came first there, and they took none."""

    entry_id: str
    language: str
    question: str
    count: int
    taken: bool = True


def suggestions(connection: Connection, most: int = 200) -> list[Suggestion]:
    """Neither accepted nor dismissed yet: those that were taken first, then most often asked."""
    taken = _taken(connection, most)
    there = {(each.entry_id, each.language, each.question) for each in taken}
    nearest = (Suggestion(*key, count, False) for key, count in _nearest(connection, most))
    more = (each for each in nearest if (each.entry_id, each.language, each.question) not in there)
    return [*taken, *more][:most]


def _taken(connection: Connection, most: int) -> list[Suggestion]:
    rows = connection.execute(
        "SELECT m.accepted, m.language, m.question, SUM(m.times) AS count FROM missed_questions m"
        " LEFT JOIN phrasing_suggestions s ON s.entry_id = m.accepted AND s.language = m.language"
        " AND s.question = m.question WHERE m.accepted <> '' AND s.question IS NULL"
        " GROUP BY m.accepted, m.language, m.question"
        " ORDER BY SUM(m.times) DESC, m.accepted, m.question LIMIT %(most)s",
        most=most,
    )
    return [
        Suggestion(row["accepted"], row["language"], row["question"], int(row["count"]))
        for row in rows
    ]


def _nearest(connection: Connection, most: int) -> list[tuple[tuple[str, str, str], int]]:
    """What was asked back about and not taken, by the entry that came first, unless an editor
    did something else about it. The same question had other confidences in other versions."""
    rows = connection.execute(
        "SELECT m.candidates, m.language, m.question, COUNT(*) AS count FROM missed_questions m"
        " LEFT JOIN missed_clusters c ON c.id = m.cluster"
        " WHERE m.kind = 'asked_back' AND m.accepted = '' AND m.candidates <> '[]'"
        " AND (c.state IS NULL OR c.state = 'open') AND NOT EXISTS (SELECT 1"
        " FROM phrasing_suggestions s WHERE s.question = m.question AND s.language = m.language"
        """ AND m.candidates LIKE '[["' || s.entry_id || '",%')"""
        " GROUP BY m.candidates, m.language, m.question"
        " ORDER BY COUNT(*) DESC, m.question LIMIT %(read)s",
        read=READ * most,
    )
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        first = json.loads(row["candidates"])[0][0]
        counts[first, row["language"], row["question"]] += int(row["count"])
    return counts.most_common(most)


def decide(
    connection: Connection, decided: Sequence[Suggestion], accepted: bool, who: Who, now: datetime
) -> list[Suggestion]:
    """Accept or dismiss many at once. Returns those that were: what an entry that is gone cannot
    take stays suggested."""
    done = _added(connection, decided, who, now) if accepted else list(decided)
    for each in done:
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
    return done


def _added(
    connection: Connection, decided: Sequence[Suggestion], who: Who, now: datetime
) -> list[Suggestion]:
    by_entry: dict[str, list[Suggestion]] = {}
    for each in decided:
        by_entry.setdefault(each.entry_id, []).append(each)
    added: list[Suggestion] = []
    for entry_id, group in by_entry.items():
        questions = [(each.language, each.question) for each in group]
        if add_phrasings(connection, entry_id, questions, who, now):
            added += group
    return added


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
