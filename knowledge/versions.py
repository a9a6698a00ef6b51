"""Published versions in the database: numbered, never changed, so that any old answer can be read
as it stood.

A version is a list of parts, each kept once by its hash: publishing an edit writes what changed.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from knowledge.differences import Change, differences
from knowledge.entry import Entry, KnowledgeError
from knowledge.files import Content, read_entry
from knowledge.parts import Body, Kind, Part, differing, hash_of, written
from storage.database import Connection, Row
from storage.times import stored_time

TOPIC = "knowledge"  # of the notices; the key is the version's number
AT_ONCE = 400  # parts read or written by one statement


class Source(StrEnum):
    FILES = "files"
    EDITOR = "editor"
    ROLLBACK = "rollback"
    MERGE = "merge"  # of the files with what editors had published


@dataclass(frozen=True, slots=True)
class Who:
    """A person of `accounts`; no id where nobody did it."""

    id: str
    name: str


NOBODY = Who("", "")


class PublishedMeanwhile(Exception):
    """Another version was published since the one this was made from; it has to be made again."""


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    source: Source
    hash: str
    who: Who
    note: str
    reason: str  # why it was published although golden questions fail; mostly empty
    golden: Mapping[str, Any]  # {cases, passed, answered, asked_back, better, worse}; {} unknown
    published_at: str


@dataclass(frozen=True, slots=True)
class NewVersion:
    """`bodies` are the parts that may be new; `manifest` names all by their hashes."""

    source: Source
    manifest: Mapping[Part, str]
    bodies: Mapping[Part, Body]
    who: Who = NOBODY
    note: str = ""
    reason: str = ""
    golden: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        return hash_of(sorted((str(part), digest) for part, digest in self.manifest.items()))


def of_content(source: Source, content: Content, **more: Any) -> NewVersion:
    return NewVersion(source, content.part_hashes, content.parts(), **more)


@dataclass(frozen=True, slots=True)
class Head:
    """What is in force, and which build of its index; a higher build is the same, fitted anew."""

    version: int
    build: int


def head(connection: Connection) -> Head:
    (row,) = connection.execute("SELECT version, build FROM knowledge_head WHERE id = 1")
    return Head(int(row["version"]), int(row["build"]))


def publish(connection: Connection, new: NewVersion, after: int, now: datetime) -> int:
    """The number of the new version; raises PublishedMeanwhile unless it follows on `after`."""
    taken = connection.execute(
        "UPDATE knowledge_head SET version = version + 1, build = 0"
        " WHERE id = 1 AND version = %(after)s RETURNING version",
        after=after,
    )
    if not taken:
        raise PublishedMeanwhile
    number = int(taken[0]["version"])
    for part, body in new.bodies.items():
        connection.execute(
            "INSERT INTO knowledge_parts (hash, body) VALUES (%(hash)s, %(body)s)"
            " ON CONFLICT (hash) DO NOTHING",
            hash=new.manifest[part],
            body=written(body),
        )
    connection.execute(
        "INSERT INTO knowledge_versions (number, hash, source, manifest, author_id, author_name,"
        " note, reason, golden, published_at) VALUES (%(number)s, %(hash)s, %(source)s,"
        " %(manifest)s, %(id)s, %(name)s, %(note)s, %(reason)s, %(golden)s, %(at)s)",
        number=number,
        hash=new.hash,
        source=new.source,
        manifest=json.dumps({str(part): digest for part, digest in new.manifest.items()}),
        id=new.who.id,
        name=new.who.name,
        note=new.note,
        reason=new.reason,
        golden=json.dumps(new.golden),
        at=stored_time(now),
    )
    connection.notify(TOPIC, str(number))
    return number


def built_anew(connection: Connection, version: int) -> bool:
    """Tell every process that a better index of this version lies ready; False when it is old."""
    told = connection.execute(
        "UPDATE knowledge_head SET build = build + 1 WHERE id = 1 AND version = %(version)s"
        " RETURNING build",
        version=version,
    )
    if told:
        connection.notify(TOPIC, str(version))
    return bool(told)


def version(connection: Connection, number: int) -> Version | None:
    return next(iter(_versions(connection, number, number)), None)


def latest(connection: Connection, most: int = 50, before: int | None = None) -> list[Version]:
    """Newest first, those with a number below `before`."""
    top = (before or head(connection).version + 1) - 1
    return list(_versions(connection, top - most + 1, top))


def numbers(connection: Connection, after: int, sources: Iterable[Source]) -> list[int]:
    """Of the versions of these sources that came later than `after`; oldest first."""
    wanted = set(sources)
    rows = connection.execute(
        "SELECT number, source FROM knowledge_versions WHERE number > %(after)s ORDER BY number",
        after=after,
    )
    return [int(row["number"]) for row in rows if row["source"] in wanted]


def _versions(connection: Connection, first: int, last: int) -> Iterator[Version]:
    rows = connection.execute(
        "SELECT number, hash, source, author_id, author_name, note, reason, golden, published_at"
        " FROM knowledge_versions WHERE number BETWEEN %(first)s AND %(last)s ORDER BY number DESC",
        first=first,
        last=last,
    )
    for row in rows:
        yield Version(
            number=int(row["number"]),
            source=Source(row["source"]),
            hash=row["hash"],
            who=Who(row["author_id"], row["author_name"]),
            note=row["note"],
            reason=row["reason"],
            golden=json.loads(row["golden"]),
            published_at=row["published_at"],
        )


def manifest_of(connection: Connection, number: int) -> dict[Part, str]:
    """Its parts by hash; {} for a number that was never published."""
    row = _row(connection, number)
    if row is None:
        return {}
    if row["manifest"]:
        return {Part.read(name): digest for name, digest in json.loads(row["manifest"]).items()}
    return {part: hash_of(body) for part, body in _whole(row["content"]).items()}


def bodies_of(
    connection: Connection, number: int, only: Iterable[Part] | None = None
) -> dict[Part, Body]:
    """The parts as they were published, all of them or those named that it has."""
    row = _row(connection, number)
    if row is None:
        return {}
    wanted = None if only is None else set(only)
    if not row["manifest"]:
        whole = _whole(row["content"])
        return {part: body for part, body in whole.items() if wanted is None or part in wanted}
    named = {Part.read(name): digest for name, digest in json.loads(row["manifest"]).items()}
    chosen = {part: digest for part, digest in named.items() if wanted is None or part in wanted}
    bodies = _read_parts(connection, sorted(set(chosen.values())))
    return {part: json.loads(bodies[digest]) for part, digest in chosen.items()}


def content_of(connection: Connection, number: int) -> Content:
    """Raises KnowledgeError when what was allowed then is not allowed by this program."""
    return Content.from_parts(bodies_of(connection, number))


def entry_at(connection: Connection, number: int, entry_id: str) -> Entry | None:
    """The entry as it was live in that version; None when it had none of that id."""
    part = Part(Kind.ENTRY, entry_id)
    body = bodies_of(connection, number, [part]).get(part)
    return None if body is None else read_entry(body)


def changed(connection: Connection, before: int, after: int) -> list[Part]:
    """The parts that `after` says otherwise than `before`."""
    return differing(manifest_of(connection, before), manifest_of(connection, after))


def changes(
    connection: Connection, before: int, after: int, parts: Collection[Part]
) -> list[Change]:
    """How `after` says these otherwise than `before`."""
    return differences(bodies_of(connection, before, parts), bodies_of(connection, after, parts))


def _row(connection: Connection, number: int) -> Row | None:
    rows = connection.execute(
        "SELECT manifest, content FROM knowledge_versions WHERE number = %(number)s", number=number
    )
    return rows[0] if rows else None


def _read_parts(connection: Connection, hashes: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(hashes), AT_ONCE):
        names = {f"h{n}": digest for n, digest in enumerate(hashes[start : start + AT_ONCE])}
        places = ", ".join(f"%({name})s" for name in names)
        rows = connection.execute(
            f"SELECT hash, body FROM knowledge_parts WHERE hash IN ({places})", **names
        )
        found.update((row["hash"], row["body"]) for row in rows)
    return found


def _whole(content: str) -> dict[Part, Body]:
    """Versions were once kept as one text."""
    try:
        parts = {"golden": [], **json.loads(content)}
    except ValueError:
        raise KnowledgeError([]) from None
    others = {Part(kind): parts[kind] for kind in Kind if kind is not Kind.ENTRY}
    return {Part(Kind.ENTRY, each["id"]): each for each in parts["entries"]} | others
