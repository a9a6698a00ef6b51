"""The files and what editors published in the browser, brought together at every start.

Files are a full way in: what changed in them since they were last read is published. What editors
published since then stays, part by part and field by field. Where both changed the same thing the
files win, for somebody has just put them there; the editors' text becomes a draft, and the conflict
is reported. Nothing is thrown away: each text is also in the version that said it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from knowledge import drafts, versions
from knowledge.entry import KnowledgeError
from knowledge.files import Content
from knowledge.merging import Clash, merge
from knowledge.parts import Body, Part
from knowledge.versions import NOBODY, NewVersion, Source
from storage.database import Connection, Row
from storage.times import stored_time


@dataclass(frozen=True, slots=True)
class Conflict:
    """A part that the files and an editor changed differently; `kept` when it is a draft now,
    False when an older draft of it was open already."""

    part: Part
    clashes: tuple[Clash, ...]
    kept: bool


@dataclass(frozen=True, slots=True)
class Start:
    """What is in force after the files were read."""

    version: int
    content: Content
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class _Merge:
    content: Content
    ours: Mapping[Part, Body]  # what editors published and the files now contradict
    clashes: Mapping[Part, tuple[Clash, ...]]


def known(connection: Connection, digest: str) -> Start | None:
    """What is in force, when the files' bytes are those that were read last."""
    read = _last_read(connection)
    return _in_force(connection) if read and digest and read["digest"] == digest else None


def start(connection: Connection, folder: Content, now: datetime, digest: str = "") -> Start:
    """Publish what is new in the folder; the same folder again changes nothing."""
    begun = _start(connection, folder, now)
    connection.execute(
        "UPDATE knowledge_files SET digest = %(digest)s"
        " WHERE number = (SELECT MAX(number) FROM knowledge_files)",
        digest=digest,
    )
    return begun


def _start(connection: Connection, folder: Content, now: datetime) -> Start:
    newest = versions.head(connection).version
    read = _last_read(connection)
    if read and read["hash"] == folder.hash and (in_force := _in_force(connection)):
        return in_force
    if not newest:
        return Start(_publish(connection, Source.FILES, folder, 0, now), folder)
    return _bring_together(connection, folder, newest, read["version"] if read else newest, now)


def _in_force(connection: Connection) -> Start | None:
    """None when an older program allowed what this one does not: then the files are taken."""
    newest = versions.head(connection).version
    try:
        return Start(newest, versions.content_of(connection, newest))
    except KnowledgeError:
        return None


def _bring_together(
    connection: Connection, folder: Content, newest: int, base: int, now: datetime
) -> Start:
    edited = versions.manifest_of(connection, newest)
    if edited == folder.part_hashes:
        _note_reading(connection, newest, folder, now)
        return Start(newest, folder)
    before = versions.manifest_of(connection, base)
    imported = _publish(connection, Source.FILES, folder, newest, now)
    if edited == before:
        return Start(imported, folder)
    merged = _merge(
        versions.bodies_of(connection, base),
        versions.bodies_of(connection, newest),
        folder,
    )
    conflicts = tuple(_keep(connection, part, merged, imported, now) for part in merged.clashes)
    if merged.content.hash == folder.hash:
        return Start(imported, folder, conflicts)
    both = versions.of_content(
        Source.MERGE, merged.content, note=f"Files with what was published up to {newest}"
    )
    return Start(versions.publish(connection, both, imported, now), merged.content, conflicts)


def _merge(before: Mapping[Part, Body], ours: Mapping[Part, Body], folder: Content) -> _Merge:
    theirs = folder.parts()
    found = {
        part: merge(before.get(part), theirs.get(part), ours.get(part))
        for part in {**theirs, **ours}
    }
    clashes = {part: merged.clashes for part, merged in found.items() if merged.clashes}
    told = {part: ours[part] for part in clashes if part in ours}
    bodies = {part: merged.body for part, merged in found.items() if merged.body is not None}
    try:
        return _Merge(Content.from_parts(bodies), told, clashes)
    except KnowledgeError:  # each is allowed alone, together they are not
        changed = {
            p for p in {**theirs, **ours} if ours.get(p) not in (before.get(p), theirs.get(p))
        }
        told = {part: ours[part] for part in changed if part in ours}
        return _Merge(folder, told, {part: clashes.get(part, ()) for part in changed})


def _keep(
    connection: Connection, part: Part, merged: _Merge, version: int, now: datetime
) -> Conflict:
    """The editors' text as a draft that begins from the files; what an editor took out comes as a
    draft that takes it out."""
    clashes = merged.clashes[part]
    if drafts.get(connection, part):
        return Conflict(part, clashes, kept=False)
    body = merged.ours.get(part)
    archived = body is None
    text = merged.content.part(part) if archived else body
    drafts.save(connection, part, text, 0, version, NOBODY, now, archived)
    return Conflict(part, clashes, kept=True)


def _publish(
    connection: Connection, source: Source, content: Content, after: int, now: datetime
) -> int:
    new: NewVersion = versions.of_content(source, content)
    number = versions.publish(connection, new, after, now)
    _note_reading(connection, number, content, now)
    return number


def _last_read(connection: Connection) -> Row | None:
    """The `version` that said what the files said when they were read last, and their hashes: of
    what they say, and of their bytes."""
    rows = connection.execute(
        "SELECT version, hash, digest FROM knowledge_files ORDER BY number DESC LIMIT 1"
    )
    return rows[0] if rows else None


def _note_reading(connection: Connection, version: int, content: Content, now: datetime) -> None:
    connection.execute(
        "INSERT INTO knowledge_files (number, version, hash, read_at)"
        " SELECT COALESCE(MAX(number), 0) + 1, %(version)s, %(hash)s, %(at)s FROM knowledge_files",
        version=version,
        hash=content.hash,
        at=stored_time(now),
    )
