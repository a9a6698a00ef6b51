"""Published versions in the database: numbered, never changed, so that any old answer can be read
as it stood."""

from storage.database import Connection


def publish(connection: Connection, hash: str, content: str, published_at: str) -> int:
    """The number of the version with this content; a new one if it was never published."""
    known = connection.execute(
        "SELECT number FROM knowledge_versions WHERE hash = %(hash)s", hash=hash
    )
    if known:
        return int(known[0]["number"])
    made = connection.execute(
        "INSERT INTO knowledge_versions (number, hash, content, published_at)"
        " SELECT COALESCE(MAX(number), 0) + 1, %(hash)s, %(content)s, %(at)s"
        " FROM knowledge_versions RETURNING number",
        hash=hash,
        content=content,
        at=published_at,
    )
    return int(made[0]["number"])
