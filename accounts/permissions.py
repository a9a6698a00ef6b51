"""Who may do what: the one table. The README shows it to people."""

from collections.abc import Mapping
from enum import StrEnum

from accounts.models import Person, Role


class Permission(StrEnum):
    ACCOUNT = "account"
    """One's own pages: everybody who is signed in."""
    ANSWER = "answer"
    """The queue and the conversations, and talking with customers."""
    REPORTS = "reports"
    EXPORT = "export"
    MANAGE_PEOPLE = "manage_people"
    AUDIT = "audit"
    EDIT_CONTENT = "edit_content"
    PUBLISH_CONTENT = "publish_content"


_ = Permission
ALLOWED: Mapping[Role, frozenset[Permission]] = {
    Role.GLOBAL_ADMIN: frozenset(Permission),
    Role.USER_ADMIN: frozenset({_.ACCOUNT, _.ANSWER, _.MANAGE_PEOPLE, _.AUDIT}),
    Role.HELPDESK_AGENT: frozenset({_.ACCOUNT, _.ANSWER}),
    Role.BILLING_ADMIN: frozenset({_.ACCOUNT, _.ANSWER, _.REPORTS, _.EXPORT}),
    Role.SALES_AGENT: frozenset({_.ACCOUNT, _.ANSWER}),
    Role.CONTENT_EDITOR: frozenset({_.ACCOUNT, _.EDIT_CONTENT}),
    Role.CONTENT_PUBLISHER: frozenset({_.ACCOUNT, _.EDIT_CONTENT, _.PUBLISH_CONTENT}),
}


def may(person: Person, permission: Permission) -> bool:
    if person.disabled:
        return False
    if permission is Permission.ACCOUNT:
        return True
    return any(permission in ALLOWED[role] for role in person.roles)


def may_change(actor: Person, subject: Person, roles: frozenset[Role]) -> bool:
    """Whether `actor` may give `subject` these roles, or do anything else to the account: only a
    global admin makes one, and touches one."""
    if not may(actor, Permission.MANAGE_PEOPLE):
        return False
    return Role.GLOBAL_ADMIN in actor.roles or Role.GLOBAL_ADMIN not in subject.roles | roles
