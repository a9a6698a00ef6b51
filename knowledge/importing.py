"""An import between its preview and its end: what was read from the file, kept for an hour, and put
into drafts exactly as it was shown. The file itself is not kept."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from knowledge import drafts, origins
from knowledge.differences import Change
from knowledge.drafts import Draft
from knowledge.entry import Entry, KnowledgeError, Problem, Severity
from knowledge.files import Content, read_entry
from knowledge.interchange.found import Origin, Suggestion
from knowledge.interchange.reading import Import
from knowledge.parts import Kind, Part
from knowledge.policy import SupportPolicy
from knowledge.reading import Reading, unplaced
from knowledge.stored_problems import read_problems, stored
from knowledge.text import language_of
from knowledge.values import LANGUAGES
from knowledge.versions import Who
from storage.database import Connection
from storage.times import stored_time

KEPT = timedelta(hours=1)
MOST_PROBLEMS = 1000

_ENTRIES = TypeAdapter(tuple[Entry, ...])
_CHANGES = TypeAdapter(tuple[Change, ...])


@dataclass(frozen=True, slots=True)
class Base:
    """What an import is laid on: what is published, in force or not, with today's drafts of entries
    and of the policy on top, and the revision of each entry's draft (0 where there is none)."""

    version: int
    content: Content
    revisions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Preview:
    """`entries` are those that change; `same` counts the others."""

    id: str
    name: str
    base_version: int
    entries: tuple[Entry, ...]
    revisions: Mapping[str, int]
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    problem_count: int
    same: int
    suggestions: tuple[Suggestion, ...]
    origins: tuple[Origin, ...]

    @property
    def failed(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def base_of(version: int, content: Content, open_drafts: Sequence[Draft]) -> Base:
    """A draft that is not right yet is left out; what is published stands for it."""
    policy = _policy(content, open_drafts)
    entries = {entry.id: entry for entry in content.entries}
    revisions: dict[str, int] = {}
    for draft in open_drafts:
        if draft.part.kind is not Kind.ENTRY:
            continue
        revisions[draft.part.id] = draft.revision
        try:
            body = {**draft.body, "id": draft.part.id}
            entries[draft.part.id] = read_entry(body, policy.partner.languages)
        except (KnowledgeError, TypeError):
            continue
    with_drafts = replace(content, policy=policy, entries=tuple(entries.values()))
    return Base(version, with_drafts, revisions)


def _policy(content: Content, open_drafts: Sequence[Draft]) -> SupportPolicy:
    drafted = (each.body for each in open_drafts if each.part.kind is Kind.POLICY)
    read = (Reading(LANGUAGES).policy(unplaced(body)) for body in drafted)
    return next(filter(None, read), content.policy)


def preview_of(name: str, made: Import, base: Base) -> Preview:
    """What is shown, and later done. Errors come first, and only so many are kept."""
    changes = tuple(made.diff(base.content.entries))
    changed = {change.part.id for change in changes}
    return Preview(
        id=secrets.token_urlsafe(16),
        name=name,
        base_version=base.version,
        entries=tuple(entry for entry in made.entries if entry.id in changed),
        revisions={each: base.revisions.get(each, 0) for each in changed},
        changes=changes,
        problems=made.problems[:MOST_PROBLEMS],
        problem_count=len(made.problems),
        same=len(made.entries) - len(changed),
        suggestions=made.suggestions,
        origins=tuple(each for each in made.origins if each.entry_id in changed),
    )


def keep(connection: Connection, preview: Preview, who: Who, now: datetime) -> None:
    """Until it is done or an hour has passed; what is older goes."""
    connection.execute(
        "DELETE FROM imports WHERE created_at < %(old)s", old=stored_time(now - KEPT)
    )
    found = {
        "entries": _ENTRIES.dump_python(preview.entries, mode="json"),
        "revisions": dict(preview.revisions),
        "changes": _CHANGES.dump_python(preview.changes, mode="json"),
        "problems": stored(preview.problems),
        "problem_count": preview.problem_count,
        "same": preview.same,
        "suggestions": [asdict(each) for each in preview.suggestions],
        "origins": [asdict(each) for each in preview.origins],
    }
    connection.execute(
        "INSERT INTO imports (id, person_id, name, base_version, found, created_at) VALUES"
        " (%(id)s, %(who)s, %(name)s, %(base)s, %(found)s, %(at)s)",
        id=preview.id,
        who=who.id,
        name=preview.name,
        base=preview.base_version,
        found=json.dumps(found, ensure_ascii=False),
        at=stored_time(now),
    )


def kept(connection: Connection, import_id: str, who: Who, now: datetime) -> Preview | None:
    """Only for who uploaded it, and not after its hour."""
    rows = connection.execute(
        "SELECT * FROM imports WHERE id = %(id)s AND person_id = %(who)s AND created_at >= %(old)s",
        id=import_id,
        who=who.id,
        old=stored_time(now - KEPT),
    )
    if not rows:
        return None
    found = json.loads(rows[0]["found"])
    return Preview(
        id=import_id,
        name=rows[0]["name"],
        base_version=int(rows[0]["base_version"]),
        entries=_ENTRIES.validate_python(found["entries"]),
        revisions=found["revisions"],
        changes=_CHANGES.validate_python(found["changes"]),
        problems=read_problems(found["problems"]),
        problem_count=found["problem_count"],
        same=found["same"],
        suggestions=tuple(Suggestion(**each) for each in found["suggestions"]),
        origins=tuple(Origin(**each) for each in found["origins"]),
    )


def forget(connection: Connection, import_id: str, who: Who) -> None:
    connection.execute(
        "DELETE FROM imports WHERE id = %(id)s AND person_id = %(who)s",
        id=import_id,
        who=who.id,
    )


def apply(connection: Connection, preview: Preview, who: Who, now: datetime) -> int:
    """Every entry as a draft, or none: raises SavedOver if one was changed since the preview."""
    for entry in preview.entries:
        drafts.save(
            connection,
            Part(Kind.ENTRY, entry.id),
            entry.model_dump(mode="json"),
            preview.revisions[entry.id],
            preview.base_version,
            who,
            now,
        )
    for each in preview.suggestions:
        _suggest(connection, preview, each, now)
    origins.keep(connection, preview.origins)
    forget(connection, preview.id, who)
    return len(preview.entries)


def _suggest(connection: Connection, preview: Preview, each: Suggestion, now: datetime) -> None:
    """Where editors find what customers suggest: another system saw these being asked so often."""
    connection.execute(
        "INSERT INTO missed_questions (conversation_id, number, question, language, kind,"
        " candidates, version, missed_at, accepted, times) VALUES (%(id)s, 0, %(question)s,"
        " %(language)s, 'asked_back', '[]', %(version)s, %(at)s, %(entry)s, %(times)s)"
        " ON CONFLICT (conversation_id, number) DO UPDATE SET times = excluded.times",
        id=f"import|{each.entry_id}|{each.question}",
        question=each.question,
        language=language_of(each.question) or "en",
        version=preview.base_version,
        at=stored_time(now),
        entry=each.entry_id,
        times=each.count,
    )
