"""Tickets that open the console's socket: once, within half a minute, in the session they were
given to. A session's cookie alone would let any page that a browser shows open one."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

from web.errors import Problem, Refused
from web.limits import Once

LIFETIME_S = 30


class Tickets:
    """Signed, so that another process can take what this one gave; each process takes it once.

    A second one may take it again, which gives nobody more than they have: it also needs the
    session's cookie and one of our own pages, and whoever has both is given as many as they ask.
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock
        self._once = Once(clock)

    def give(self, session_id: str) -> str:
        about = f"{secrets.token_urlsafe(12)}.{int(self._clock()) + LIFETIME_S}"
        return f"{about}.{self._signature(about, session_id)}"

    def take(self, ticket: str, session_id: str) -> None:
        """Raises Refused at the second time, too late, or in another session."""
        about, _, signature = ticket.rpartition(".")
        expected = self._signature(about, session_id)
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode()):
            raise Refused(Problem.TICKET)
        unique, _, end = about.partition(".")
        if not self._once.use(unique, float(end)):
            raise Refused(Problem.TICKET)

    def _signature(self, about: str, session_id: str) -> str:
        signed = f"{about} {session_id}".encode("utf-8", "replace")
        return hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
