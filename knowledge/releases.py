"""Drafts that are to be published together: in review, scheduled, published or not."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import TypeAdapter

from knowledge.drafts import Draft
from knowledge.entry import Problem
from knowledge.parts import Part
from knowledge.preparing import GoldenRun
from knowledge.stored_problems import read_problems, stored
from knowledge.versions import NOBODY, Who
from storage.database import Connection, Row
from storage.times import stored_time

INTERRUPTED_AFTER = timedelta(minutes=10)
"""A process that began to publish and has not come back by then has died."""

_GOLDEN = TypeAdapter(GoldenRun)


class Status(StrEnum):
    IN_REVIEW = "in_review"
    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    REFUSED = "refused"  # by the reviewer
    WITHDRAWN = "withdrawn"  # by its author
    FAILED = "failed"  # could not be published; `problems` say why, none: it was interrupted


OPEN = (Status.IN_REVIEW, Status.SCHEDULED, Status.PUBLISHING)


class ReleaseChanged(Exception):
    """Somebody was faster: the release is no longer what the page showed."""


@dataclass(frozen=True, slots=True)
class Release:
    id: str
    status: Status
    drafts: tuple[tuple[Part, int], ...]  # with the revision that was looked at
    note: str
    who: Who
    created_at: str
    reason: str = ""  # why although golden questions fail
    reviewer: Who = NOBODY
    answer: str = ""  # the reviewer's
    publish_at: str = ""  # empty: at once
    version: int | None = None
    problems: tuple[Problem, ...] = ()
    golden: GoldenRun | None = None  # as it was when this was handed in


def add(connection: Connection, release: Release) -> None:
    connection.execute(
        "INSERT INTO releases (id, status, drafts, note, reason, author_id, author_name,"
        " publish_at, version, golden, created_at, updated_at) VALUES (%(id)s, %(status)s,"
        " %(drafts)s, %(note)s, %(reason)s, %(who)s, %(name)s, %(publish_at)s, %(version)s,"
        " %(golden)s, %(at)s, %(at)s)",
        id=release.id,
        status=release.status,
        drafts=json.dumps([[str(part), revision] for part, revision in release.drafts]),
        note=release.note,
        reason=release.reason,
        who=release.who.id,
        name=release.who.name,
        publish_at=release.publish_at,
        version=release.version,
        golden=_GOLDEN.dump_json(release.golden).decode() if release.golden else "",
        at=release.created_at,
    )
    connection.notify("releases", release.id)


def move(
    connection: Connection,
    release_id: str,
    before: Iterable[Status],
    after: Status,
    now: datetime,
    reviewer: Who | None = None,
    answer: str = "",
    reason: str = "",
    version: int | None = None,
    problems: Sequence[Problem] = (),
) -> Release:
    """Raises ReleaseChanged unless it is in one of the states named; one of two wins."""
    names = {f"s{number}": status for number, status in enumerate(before)}
    places = ", ".join(f"%({name})s" for name in names)
    rows = connection.execute(
        "UPDATE releases SET status = %(after)s, updated_at = %(at)s,"
        " reviewer_id = COALESCE(%(reviewer)s, reviewer_id),"
        " reviewer_name = COALESCE(%(reviewer_name)s, reviewer_name),"
        " answer = CASE WHEN %(answer)s = '' THEN answer ELSE %(answer)s END,"
        " reason = CASE WHEN %(reason)s = '' THEN reason ELSE %(reason)s END,"
        " version = COALESCE(%(version)s, version), problems = %(problems)s"
        f" WHERE id = %(id)s AND status IN ({places}) RETURNING *",
        id=release_id,
        after=after,
        at=stored_time(now),
        reviewer=reviewer.id if reviewer else None,
        reviewer_name=reviewer.name if reviewer else None,
        answer=answer,
        reason=reason,
        version=version,
        problems=json.dumps(stored(problems), ensure_ascii=False),
        **names,
    )
    if not rows:
        raise ReleaseChanged(release_id)
    connection.notify("releases", release_id)
    return _release(rows[0])


def get(connection: Connection, release_id: str) -> Release | None:
    rows = connection.execute("SELECT * FROM releases WHERE id = %(id)s", id=release_id)
    return _release(rows[0]) if rows else None


def waiting(connection: Connection) -> list[Release]:
    """In review or scheduled, the oldest first."""
    rows = connection.execute(
        "SELECT * FROM releases WHERE status IN ('in_review', 'scheduled', 'publishing')"
        " ORDER BY created_at, id"
    )
    return [_release(row) for row in rows]


def recent(connection: Connection, most: int = 50) -> list[Release]:
    rows = connection.execute(
        "SELECT * FROM releases ORDER BY updated_at DESC, id LIMIT %(most)s", most=most
    )
    return [_release(row) for row in rows]


def take_due(connection: Connection, by: datetime, now: datetime) -> Release | None:
    """The scheduled release that is due first, for this process alone to publish. What somebody
    wanted at once, and a process died over, has failed: nobody waits for it any more."""
    now_and_dead = {"now": stored_time(now), "dead": stored_time(now - INTERRUPTED_AFTER)}
    connection.execute(
        "UPDATE releases SET status = 'failed', updated_at = %(now)s WHERE status = 'publishing'"
        " AND publish_at = '' AND updated_at < %(dead)s",
        **now_and_dead,
    )
    rows = connection.execute(
        "UPDATE releases SET status = 'publishing', updated_at = %(now)s WHERE id = ("
        " SELECT id FROM releases WHERE publish_at <> '' AND publish_at <= %(by)s AND ("
        " status = 'scheduled' OR (status = 'publishing' AND updated_at < %(dead)s))"
        " ORDER BY publish_at, id LIMIT 1)"
        " AND (status = 'scheduled' OR updated_at < %(dead)s) RETURNING *",
        by=stored_time(by),
        **now_and_dead,
    )
    return _release(rows[0]) if rows else None


def status_of(drafts: Iterable[Draft], open_releases: Iterable[Release]) -> dict[Part, str]:
    """`draft`, `in_review` or `scheduled` for each open draft; all else is `published`. A draft
    that was changed after it was handed in is a draft again."""
    handed_in = {
        (part, revision): release.status
        for release in open_releases
        for part, revision in release.drafts
    }
    return {
        draft.part: str(handed_in.get((draft.part, draft.revision), "draft")) for draft in drafts
    }


def _release(row: Row) -> Release:
    return Release(
        id=row["id"],
        status=Status(row["status"]),
        drafts=tuple((Part.read(name), int(n)) for name, n in json.loads(row["drafts"])),
        note=row["note"],
        who=Who(row["author_id"], row["author_name"]),
        created_at=row["created_at"],
        reason=row["reason"],
        reviewer=Who(row["reviewer_id"], row["reviewer_name"]),
        answer=row["answer"],
        publish_at=row["publish_at"],
        version=row["version"],
        problems=read_problems(json.loads(row["problems"])),
        golden=_GOLDEN.validate_json(row["golden"]) if row["golden"] else None,
    )
