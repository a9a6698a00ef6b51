"""Entries that are no longer there, each with its last text: taken out, undone with the version
that brought them, or discarded before they were ever published. Nothing that was written is lost.
"""

from collections.abc import Collection, Iterable

from knowledge import drafts, versions
from knowledge.parts import Body, Kind, Part
from knowledge.versions import Source
from storage.database import Connection

FROM_FILES = (Source.FILES, Source.MERGE)
"""Only these bring entries that never were a draft."""


class Archive:
    """Versions never change, so each of the files is looked through once."""

    def __init__(self) -> None:
        self._last: dict[Part, int] = {}  # by entry, the last version of the files that has it
        self._seen = 0

    def of(self, connection: Connection, there: Collection[Part]) -> dict[Part, Body]:
        """All but those that are `there`, published or as a draft."""
        written = [part for part in drafts.closed(connection) if part not in there]
        found = {part: draft.body for part in written if (draft := drafts.last(connection, part))}
        gone = [part for part in self._from_files(connection) if part not in {*there, *found}]
        return found | self._texts(connection, gone)

    def _from_files(self, connection: Connection) -> dict[Part, int]:
        newest = versions.head(connection).version
        if newest > self._seen:
            known = dict(self._last)
            for number in versions.numbers(connection, self._seen, FROM_FILES):
                manifest = versions.manifest_of(connection, number)
                known |= {part: number for part in manifest if part.kind is Kind.ENTRY}
            self._last, self._seen = known, newest
        return self._last

    def _texts(self, connection: Connection, gone: Iterable[Part]) -> dict[Part, Body]:
        by_version: dict[int, list[Part]] = {}
        for part in gone:
            by_version.setdefault(self._last[part], []).append(part)
        texts: dict[Part, Body] = {}
        for number, parts in by_version.items():
            texts |= versions.bodies_of(connection, number, parts)
        return texts
