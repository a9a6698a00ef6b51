"""Working copies: one for each part that somebody changes, saved as they write.

A save names the revision it was written on. Whoever comes second is told, with what the other
wrote, and merges (`knowledge.merging`). Revisions are kept; deleting an entry archives it.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from knowledge.parts import Body, Kind, Part, written
from knowledge.versions import NOBODY, Who, bodies_of, head
from storage.database import Connection, Row
from storage.times import stored_time

SITTING = timedelta(minutes=10)


class State(StrEnum):
    OPEN = "open"
    PUBLISHED = "published"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Draft:
    """A revision of a part; `archived` takes the entry out when it is published."""

    part: Part
    revision: int  # 0: as it was published, no draft
    base_version: int  # the version it was begun from
    body: Body
    archived: bool
    who: Who
    saved_at: str


class SavedOver(Exception):
    """Somebody else saved or published the part in the meantime; `theirs` is what it says now.

    `before` is what both began from, where it is known, for a merge.
    """

    def __init__(self, theirs: Draft, before: Body | None) -> None:
        super().__init__(f"{theirs.part} was saved by {theirs.who.name or 'the files'}")
        self.theirs = theirs
        self.before = before


def save(
    connection: Connection,
    part: Part,
    body: Body,
    based_on: int,
    version: int,
    who: Who,
    now: datetime,
    archived: bool = False,
) -> Draft:
    """The draft as it is now; raises SavedOver.

    based_on: the revision the text was written on, 0 for what is published.
    version: the version in force when the page was opened; it counts where there is no draft.
    """
    row = _locked(connection, part)
    current, is_open = int(row["revision"]), row["state"] == State.OPEN
    last = revision(connection, part, current)
    if is_open and last and _same(last, body, archived):
        return last
    if last and (is_open or based_on) and based_on != current:
        raise SavedOver(last, _before(connection, part, based_on, version))
    if is_open:
        base = int(row["base_version"])
    else:
        base = _base(connection, part, int(row["base_version"]) if based_on else version)
    made = Draft(part, current + 1, base, body, archived, who, stored_time(now))
    _write(connection, made)
    return made


def _base(connection: Connection, part: Part, version: int) -> int:
    """Where a new draft begins: the version looked at, if the part has not changed since."""
    newest = head(connection).version
    if version == newest:
        return newest
    then, now = (bodies_of(connection, n, [part]).get(part) for n in (version, newest))
    if then != now:
        theirs = Draft(part, 0, newest, now, now is None, NOBODY, "")
        raise SavedOver(theirs, then)
    return newest


def _before(connection: Connection, part: Part, based_on: int, version: int) -> Body | None:
    known = revision(connection, part, based_on) if based_on else None
    return known.body if known else bodies_of(connection, version, [part]).get(part)


def _same(last: Draft, body: Body, archived: bool) -> bool:
    return last.archived == archived and written(last.body) == written(body)


def _locked(connection: Connection, part: Part) -> Row:
    """The part's row, made if need be; two who save at once come one after the other."""
    (row,) = connection.execute(
        "INSERT INTO drafts (kind, id, revision, base_version, state)"
        " VALUES (%(kind)s, %(id)s, 0, 0, 'published')"
        " ON CONFLICT (kind, id) DO UPDATE SET revision = drafts.revision RETURNING *",
        kind=part.kind,
        id=part.id,
    )
    return row


def _write(connection: Connection, draft: Draft) -> None:
    connection.execute(
        "INSERT INTO draft_revisions (kind, id, revision, base_version, body, archived,"
        " author_id, author_name, saved_at) VALUES (%(kind)s, %(id)s, %(revision)s, %(base)s,"
        " %(body)s, %(archived)s, %(who)s, %(name)s, %(at)s)",
        kind=draft.part.kind,
        id=draft.part.id,
        revision=draft.revision,
        base=draft.base_version,
        body=json.dumps(draft.body, ensure_ascii=False),
        archived=int(draft.archived),
        who=draft.who.id,
        name=draft.who.name,
        at=draft.saved_at,
    )
    connection.execute(
        "UPDATE drafts SET revision = %(revision)s, base_version = %(base)s, state = 'open'"
        " WHERE kind = %(kind)s AND id = %(id)s",
        kind=draft.part.kind,
        id=draft.part.id,
        revision=draft.revision,
        base=draft.base_version,
    )
    connection.notify("drafts", str(draft.part))


def get(connection: Connection, part: Part) -> Draft | None:
    """The open draft of the part; None when there is none."""
    return next(iter(_open(connection, "AND d.kind = %(kind)s AND d.id = %(id)s", part)), None)


def all_open(connection: Connection) -> list[Draft]:
    return _open(connection, "", Part(Kind.ENTRY))


def are_open(connection: Connection) -> bool:
    return bool(connection.execute("SELECT 1 FROM drafts WHERE state = 'open' LIMIT 1"))


def closed(connection: Connection) -> list[Part]:
    """The entries that were written once and are no draft now."""
    rows = connection.execute(
        "SELECT id FROM drafts WHERE kind = 'entry' AND state <> 'open' AND revision > 0"
    )
    return [Part(Kind.ENTRY, row["id"]) for row in rows]


def last(connection: Connection, part: Part) -> Draft | None:
    """What was saved last, whatever became of it."""
    return next(iter(history(connection, part, 1)), None)


def _open(connection: Connection, which: str, part: Part) -> list[Draft]:
    rows = connection.execute(
        "SELECT r.*, d.base_version AS base FROM drafts d JOIN draft_revisions r"
        " ON r.kind = d.kind AND r.id = d.id AND r.revision = d.revision"
        f" WHERE d.state = 'open' {which} ORDER BY d.kind, d.id",
        kind=part.kind,
        id=part.id,
    )
    return [_draft({**row, "base_version": row["base"]}) for row in rows]


def revision(connection: Connection, part: Part, number: int) -> Draft | None:
    rows = connection.execute(
        "SELECT * FROM draft_revisions"
        " WHERE kind = %(kind)s AND id = %(id)s AND revision = %(number)s",
        kind=part.kind,
        id=part.id,
        number=number,
    )
    return _draft(rows[0]) if rows else None


def history(connection: Connection, part: Part, most: int = 100) -> list[Draft]:
    """Everything that was saved, newest first."""
    rows = connection.execute(
        "SELECT * FROM draft_revisions WHERE kind = %(kind)s AND id = %(id)s"
        " ORDER BY revision DESC LIMIT %(most)s",
        kind=part.kind,
        id=part.id,
        most=most,
    )
    return [_draft(row) for row in rows]


def sittings(connection: Connection, part: Part) -> list[int]:
    """The last revision of each sitting, newest first, and the very first: a page saves as somebody
    writes, and what one person saved within ten minutes is one thing to go back to."""
    rows = connection.execute(
        "SELECT revision, archived, author_id, saved_at FROM draft_revisions"
        " WHERE kind = %(kind)s AND id = %(id)s ORDER BY revision DESC",
        kind=part.kind,
        id=part.id,
    )
    ends = rows[:1]
    for row in rows:
        if not _in_one_sitting(row, ends[-1]):
            ends.append(row)
    return list(dict.fromkeys(int(row["revision"]) for row in (*ends, *rows[-1:])))


def _in_one_sitting(earlier: Row, last: Row) -> bool:
    by_whom = ("author_id", "archived")
    began, ended = (datetime.fromisoformat(row["saved_at"]) for row in (earlier, last))
    return all(earlier[each] == last[each] for each in by_whom) and ended - began <= SITTING


def discard(connection: Connection, part: Part, based_on: int) -> Draft | None:
    """Go back to what is published. The draft is given back: saving it again undoes this."""
    row = _locked(connection, part)
    last = revision(connection, part, int(row["revision"]))
    if row["state"] != State.OPEN or last is None:
        return None
    if last.revision != based_on:
        raise SavedOver(last, None)
    _close(connection, part, State.DISCARDED)
    return last


def published(connection: Connection, draft: Draft, body: Body, version: int) -> None:
    """Close what was published. What was saved since goes on; it began from that version, unless
    the published text (`body`) was a merge that the draft does not know."""
    row = _locked(connection, draft.part)
    if row["state"] == State.OPEN and int(row["revision"]) == draft.revision:
        _close(connection, draft.part, State.PUBLISHED)
    elif written(body) != written(draft.body):
        return
    rebase(connection, draft.part, version)


def rebase(connection: Connection, part: Part, version: int) -> None:
    """Say that the part's draft, or the next one, was begun from that version."""
    connection.execute(
        "UPDATE drafts SET base_version = %(version)s WHERE kind = %(kind)s AND id = %(id)s",
        version=version,
        kind=part.kind,
        id=part.id,
    )


def _close(connection: Connection, part: Part, state: State) -> None:
    connection.execute(
        "UPDATE drafts SET state = %(state)s WHERE kind = %(kind)s AND id = %(id)s",
        state=state,
        kind=part.kind,
        id=part.id,
    )
    connection.notify("drafts", str(part))


def _draft(row: Row) -> Draft:
    return Draft(
        part=Part(Kind(row["kind"]), row["id"]),
        revision=int(row["revision"]),
        base_version=int(row["base_version"]),
        body=json.loads(row["body"]),
        archived=bool(row["archived"]),
        who=Who(row["author_id"], row["author_name"]),
        saved_at=row["saved_at"],
    )
