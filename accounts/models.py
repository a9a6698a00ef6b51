"""Who signs in: people, their roles, and the sessions they have open."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LANGUAGES = ("en", "zh")
THEMES = ("", "light", "dark")
"""Empty: as the system is set."""


class Role(StrEnum):
    GLOBAL_ADMIN = "global_admin"
    USER_ADMIN = "user_admin"
    HELPDESK_AGENT = "helpdesk_agent"
    BILLING_ADMIN = "billing_admin"
    SALES_AGENT = "sales_agent"
    CONTENT_EDITOR = "content_editor"
    CONTENT_PUBLISHER = "content_publisher"


@dataclass(frozen=True, slots=True)
class Person:
    """`local`: signs in with a password of ours, not through the provider."""

    id: str
    name: str
    email: str
    roles: frozenset[Role]
    language: str
    disabled: bool = False
    theme: str = ""
    local: bool = True
    signed_in_at: str = ""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Person":
        return cls(
            id=row["id"],
            name=row["name"],
            email=row["email"],
            roles=roles_of(row["roles"]),
            language=row["language"],
            disabled=bool(row["disabled"]),
            theme=row["theme"],
            local=row["login"] is not None,
            signed_in_at=row["signed_in_at"],
        )


@dataclass(frozen=True, slots=True)
class Session:
    """`id` is the hash of what the browser holds; `agent` is the browser as it names itself."""

    id: str
    person_id: str
    created_at: str
    seen_at: str
    expires_at: str
    agent: str
    address: str


def roles_of(text: str) -> frozenset[Role]:
    """Roles as they are stored: their names with spaces between."""
    return frozenset(Role(word) for word in text.split())


def roles_text(roles: frozenset[Role]) -> str:
    return " ".join(role for role in Role if role in roles)
