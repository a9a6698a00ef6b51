"""The pictures for the admin that the README shows: people, an invitation, what happened, accounts.

python -m tests.browser.admin_pictures [FOLDER] [NAME ...]
"""

import sys
from datetime import timedelta
from pathlib import Path

from accounts import audit, changes, links, sessions, store
from accounts.audit import Action
from accounts.links import NewLink, Purpose
from accounts.models import Person, Role
from accounts.sessions import Browser, Lifetimes
from storage.database import Connection
from tests.browser.desk_scene import ADA, MEI, RAJ
from tests.browser.pictures import README, Look, Shot, Stage, main
from tests.browser.served import Served
from tests.product import MONDAY_MORNING, Clock

UMA = Person("p-uma", "Uma Pillai", "uma@partner.example", frozenset({Role.USER_ADMIN}), "en")
LENA = Person("p-lena", "林佳怡", "jiayi@partner.example", frozenset({Role.SALES_AGENT}), "zh")
OTTO = Person(
    "p-otto", "Otto Brandt", "otto@partner.example", frozenset({Role.CONTENT_EDITOR}), "en"
)
HERE = Browser("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/142.0.0.0", "203.0.113.24")
PHONE = Browser(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6) Version/18.6 Safari/604.1", "198.51.100.7"
)
HOME = Browser("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/145.0", "198.51.100.7")
KEY = sessions.new_key()
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PROVIDER = {
    "oidc_issuer": "https://login.partner.example/v2.0",
    "oidc_client_id": "billing-assistant",
    "oidc_client_secret": "never asked for",
}


def signed_in(
    connection: Connection, person: Person, ago: timedelta, browser: Browser, key: str = ""
) -> None:
    at = MONDAY_MORNING - ago
    sessions.begin(connection, key or sessions.new_key(), person.id, browser, at, Lifetimes())
    details = {"how": "password", "address": browser.address}
    audit.record(connection, person.id, Action.SIGNED_IN, person.id, details, at)


def invited(connection: Connection, email: str, role: Role, ago: timedelta) -> str:
    """The key in the link."""
    key = links.new_key()
    new = NewLink(Purpose.INVITATION, key, email, frozenset({role}), made_by=ADA.id)
    changes.invite(connection, ADA, new, MONDAY_MORNING - ago)
    return key


def joined(connection: Connection, person: Person, ago: timedelta) -> None:
    (role,) = person.roles
    key = invited(connection, person.email, role, ago + 2 * HOUR)
    changes.join(connection, key, person, "", MONDAY_MORNING - ago)


def a_fortnight(connection: Connection) -> None:
    """From the first start's link to this morning."""
    now = MONDAY_MORNING
    store.add(connection, ADA, "", now - 14 * DAY)
    audit.record(connection, None, Action.ADMIN_LINK_MADE, "", {}, now - 14 * DAY - 5 * MINUTE)
    audit.record(
        connection, ADA.id, Action.JOINED, ADA.id, {"roles": "global_admin"}, now - 14 * DAY
    )
    for days, person in enumerate((OTTO, LENA, RAJ, MEI, UMA)):
        joined(connection, person, (13 - days) * DAY)
    more = RAJ.roles | {Role.SALES_AGENT}
    changes.change_roles(connection, ADA.id, RAJ.id, more, now - 3 * DAY)
    changes.disable(connection, UMA.id, OTTO.id, now - 2 * DAY)
    signed_in(connection, UMA, 2 * DAY + HOUR, HERE)
    signed_in(connection, LENA, 20 * HOUR, PHONE)
    invited(connection, "ann@partner.example", Role.HELPDESK_AGENT, 5 * HOUR)
    invited(connection, "noor@partner.example", Role.BILLING_ADMIN, 4 * HOUR)
    signed_in(connection, MEI, 70 * MINUTE, HERE)
    audit.record(
        connection,
        None,
        Action.SIGN_IN_FAILED,
        RAJ.id,
        {"address": HOME.address},
        now - 52 * MINUTE,
    )
    changes.make_reset_link(connection, ADA.id, RAJ.id, links.new_key(), now - 45 * MINUTE)
    changes.change_password(connection, RAJ.id, "", now - 42 * MINUTE)
    signed_in(connection, RAJ, 41 * MINUTE, HOME)
    signed_in(connection, ADA, 100 * MINUTE, PHONE)
    signed_in(connection, ADA, 85 * MINUTE, HOME)
    signed_in(connection, ADA, MINUTE, HERE, KEY)


async def people(look: Look) -> None:
    await look.goes("/admin/people")


async def invitation(look: Look) -> None:
    await look.goes("/admin/people")
    await look.page.get_by_role("button", name="Invite somebody").click()
    await look.page.get_by_label("E-mail").fill("sofia@partner.example")
    await look.page.get_by_role("checkbox", name="Helpdesk agent").check()
    await look.page.get_by_role("checkbox", name="Content editor").check()


async def log(look: Look) -> None:
    await look.goes("/admin/audit")


async def account(look: Look) -> None:
    await look.goes("/account")
    await look.page.get_by_role(
        "heading", name="Where you are signed in"
    ).scroll_into_view_if_needed()
    await look.page.mouse.wheel(0, 2000)


async def sign_in(look: Look) -> None:
    await look.page.context.clear_cookies()
    await look.goes("/sign-in")


SHOWN: dict[str, Shot] = {
    "admin": (people, "en", "light", "wide"),
    "admin-invitation": (invitation, "en", "light", "wide"),
    "admin-audit": (log, "en", "dark", "wide"),
    "admin-account": (account, "en", "light", "wide"),
    "admin-phone": (people, "en", "light", "narrow"),
    "admin-sign-in": (sign_in, "en", "light", "wide"),
}


async def begun(data: Path) -> Stage:
    served = Served(data, Clock(), **PROVIDER)
    await served.start()
    await served.database.write(a_fortnight)
    return Stage(served, ADA, KEY)


if __name__ == "__main__":
    main(begun, SHOWN, README, sys.argv[1:])
