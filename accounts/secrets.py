"""Secrets that nobody has to invent: made at the first start, the same for every process."""

import secrets

from storage.database import Connection, Database


async def kept_secret(database: Database, name: str) -> str:
    """The secret of that name, made now if there is none yet."""
    return await database.write(_keep, name, secrets.token_urlsafe(48))


def _keep(connection: Connection, name: str, made: str) -> str:
    connection.execute(
        "INSERT INTO secrets (name, value) VALUES (%(name)s, %(value)s)"
        " ON CONFLICT (name) DO NOTHING",
        name=name,
        value=made,
    )
    rows = connection.execute("SELECT value FROM secrets WHERE name = %(name)s", name=name)
    return str(rows[0]["value"])
