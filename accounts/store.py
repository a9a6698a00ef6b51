"""People in the database. Whatever changes what somebody may do is told to the topic "people"."""

from datetime import datetime

from accounts.models import Person, Role, roles_text
from accounts.permissions import Permission, may
from storage.database import Connection
from storage.times import stored_time

PEOPLE = "people"


def login_of(email: str) -> str:
    """How an e-mail address is compared: two that differ in case are one."""
    return email.strip().casefold()


def add(connection: Connection, person: Person, password: str, now: datetime) -> bool:
    """False if somebody signs in with that address already. `password` is its hash."""
    rows = connection.execute(
        "INSERT INTO people (id, name, email, login, password, roles, language, theme,"
        " created_at, updated_at) VALUES (%(id)s, %(name)s, %(email)s, %(login)s, %(password)s,"
        " %(roles)s, %(language)s, %(theme)s, %(at)s, %(at)s)"
        " ON CONFLICT (login) DO NOTHING RETURNING id",
        id=person.id,
        name=person.name,
        email=person.email,
        login=login_of(person.email) if person.local else None,
        password=password,
        roles=roles_text(person.roles),
        language=person.language,
        theme=person.theme,
        at=stored_time(now),
    )
    return bool(rows)


def get(connection: Connection, person_id: str) -> Person | None:
    rows = connection.execute("SELECT * FROM people WHERE id = %(id)s", id=person_id)
    return Person.from_row(rows[0]) if rows else None


def everybody(connection: Connection) -> list[Person]:
    rows = connection.execute("SELECT * FROM people ORDER BY disabled, name, id")
    return [Person.from_row(row) for row in rows]


def owners(connection: Connection, role: str) -> dict[str, str]:
    """E-mail address and language of those who have the role; of who may write the content, where
    nobody has it."""
    there = [each for each in everybody(connection) if not each.disabled and each.email]
    theirs = [each for each in there if role in each.roles]
    writers = [each for each in there if may(each, Permission.EDIT_CONTENT)]
    return {each.email: each.language for each in theirs or writers}


def with_password(connection: Connection, email: str) -> tuple[Person, str] | None:
    """Who signs in with that address, and the hash of the password."""
    rows = connection.execute("SELECT * FROM people WHERE login = %(login)s", login=login_of(email))
    return (Person.from_row(rows[0]), str(rows[0]["password"])) if rows else None


def set_password(connection: Connection, person_id: str, password: str, now: datetime) -> None:
    connection.execute(
        "UPDATE people SET password = %(password)s, updated_at = %(at)s WHERE id = %(id)s",
        password=password,
        at=stored_time(now),
        id=person_id,
    )


def set_profile(
    connection: Connection, person_id: str, name: str, language: str, theme: str, now: datetime
) -> None:
    connection.execute(
        "UPDATE people SET name = %(name)s, language = %(language)s, theme = %(theme)s,"
        " updated_at = %(at)s WHERE id = %(id)s",
        name=name,
        language=language,
        theme=theme,
        at=stored_time(now),
        id=person_id,
    )


def set_email(connection: Connection, person_id: str, email: str, now: datetime) -> None:
    """Of who does not sign in with it."""
    connection.execute(
        "UPDATE people SET email = %(email)s, updated_at = %(at)s WHERE id = %(id)s",
        email=email,
        at=stored_time(now),
        id=person_id,
    )


def set_roles(
    connection: Connection, person_id: str, roles: frozenset[Role], now: datetime
) -> None:
    connection.execute(
        "UPDATE people SET roles = %(roles)s, updated_at = %(at)s WHERE id = %(id)s",
        roles=roles_text(roles),
        at=stored_time(now),
        id=person_id,
    )
    connection.notify(PEOPLE, person_id)


def set_disabled(connection: Connection, person_id: str, disabled: bool, now: datetime) -> None:
    connection.execute(
        "UPDATE people SET disabled = %(disabled)s, updated_at = %(at)s WHERE id = %(id)s",
        disabled=int(disabled),
        at=stored_time(now),
        id=person_id,
    )
    connection.notify(PEOPLE, person_id)


def global_admins(connection: Connection, now: datetime) -> set[str]:
    """The ids of those who can sign in. The rows are changed, so that two who take the role from
    each other at the same time come one after the other."""
    rows = connection.execute(
        "UPDATE people SET updated_at = %(at)s WHERE disabled = 0"
        " AND roles LIKE '%%global_admin%%' RETURNING id",
        at=stored_time(now),
    )
    return {str(row["id"]) for row in rows}
