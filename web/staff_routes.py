"""The signed-in pages that every installation has: signing in, one's account, people, the audit."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from accounts.passwords import Passwords
from storage.database import Database
from web.account_pages import AccountPages
from web.audit_page import AuditPage
from web.guard import Guard
from web.joining import Joining
from web.origins import Origins
from web.people_pages import PeoplePages
from web.rendering import Rendering
from web.sign_in import SignIn


def staff_routes(
    database: Database,
    guard: Guard,
    rendering: Rendering,
    passwords: Passwords,
    sign_in: SignIn,
    origins: Origins,
    now: Callable[[], datetime],
    local: bool,
) -> list[web.RouteDef]:
    """Without local accounts nobody is invited by us: the links open nothing."""
    routes = [
        *sign_in.routes(),
        *AccountPages(database, guard, rendering, passwords, sign_in, now).routes(),
        *PeoplePages(database, guard, rendering, origins, now).routes(),
        *AuditPage(database, guard, rendering).routes(),
    ]
    if local:
        routes += Joining(database, guard, rendering, passwords, sign_in, now).routes()
    return routes
