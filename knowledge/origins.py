"""What another system called the entries that came from it, kept for the way back."""

import json
from collections.abc import Iterable

from knowledge.interchange.found import Origin
from storage.database import Connection


def keep(connection: Connection, origins: Iterable[Origin]) -> None:
    """A later import of the same entry counts."""
    for origin in origins:
        connection.execute(
            "INSERT INTO origins (entry_id, language, origin_key, source, metadata) VALUES"
            " (%(entry)s, %(language)s, %(key)s, %(source)s, %(metadata)s)"
            " ON CONFLICT (entry_id, language) DO UPDATE SET origin_key = excluded.origin_key,"
            " source = excluded.source, metadata = excluded.metadata",
            entry=origin.entry_id,
            language=origin.language,
            key=origin.key,
            source=origin.source,
            metadata=json.dumps(dict(origin.metadata), ensure_ascii=False),
        )


def kept(connection: Connection) -> list[Origin]:
    rows = connection.execute("SELECT * FROM origins ORDER BY entry_id, language")
    return [
        Origin(
            entry_id=row["entry_id"],
            language=row["language"],
            key=row["origin_key"],
            source=row["source"],
            metadata=json.loads(row["metadata"]),
        )
        for row in rows
    ]
