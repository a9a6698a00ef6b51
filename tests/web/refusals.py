"""What every refusal must be: the answer of the table, readable by a page, and nothing stored."""

import time
from typing import Any

import jwt
from jwt.utils import base64url_encode

from storage.database import Connection
from tests.web.conftest import BASE, SECRET, Channel, Customer
from web.errors import Problem
from web.tokens import Grant, Tokens

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
Answer = tuple[int, str, str]
"""Status, code and message."""


async def assert_refused(
    channel: Channel, expected: Problem | Answer, method: str, path: str, **options: Any
) -> None:
    before = await channel.database.read(_everything)
    answer = await channel.client.request(method, BASE + path, **options)
    status, code, message = expected.value if isinstance(expected, Problem) else expected
    assert (answer.status, await answer.json()) == (
        status,
        {"error": {"code": code, "message": message}},
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert await channel.database.read(_everything) == before


def bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}


def forged_tokens(me: Customer) -> dict[str, str]:
    """Everything that is not quite a token for this customer's conversation, by name."""
    claims = jwt.decode(me.token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(me.token)["kid"]
    late = Tokens((SECRET,), lambda: time.time() - 3600)
    head, body, signature = me.token.split(".")
    return {
        "empty": "",
        "garbage": "a.b.c",
        "expired": late.issue(Grant(me.conversation, me.user_id)),
        "unsigned": jwt.encode(claims, "", "none", headers={"kid": kid}),
        "other key": jwt.encode(claims, "k" * 40, headers={"kid": kid}),
        "other kid": jwt.encode(claims, SECRET, headers={"kid": "other"}),
        "no kid": jwt.encode(claims, SECRET),
        "no signature": f"{head}.{body}.",
        "other body": f"{head}.{_packed(b'{}')}.{signature}",
        "nested": f"{_packed(b'[' * 3000)}.{body}.{signature}",
        "huge": "a" * 5000,
        "secret": SECRET,
        "stream": me.ticket,
        "resume": me.resume,
    }


FORGERIES = (
    "empty", "garbage", "expired", "unsigned", "other key", "other kid", "no kid", "no signature",
    "other body", "nested", "huge", "secret", "stream", "resume",
)  # fmt: skip


def _packed(raw: bytes) -> str:
    return base64url_encode(raw).decode()


def _everything(connection: Connection) -> list[int]:
    """How much is stored; the numbers taken are in it too."""
    rows = connection.execute(
        "SELECT (SELECT COUNT(*) FROM activities) AS activities, COUNT(*) AS conversations,"
        " SUM(next_number) AS numbers FROM conversations"
    )
    return [int(value) for value in rows[0].values()]
