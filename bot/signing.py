"""How webhooks are signed, in both directions: HMAC-SHA256 over `timestamp.body`.

The delivery's id is part of the body, so it cannot be changed to send something twice.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

SIGNATURE, TIMESTAMP, DELIVERY = "X-Desk-Signature", "X-Desk-Timestamp", "X-Desk-Delivery"
TOLERANCE = timedelta(minutes=5)


def signed(secret: str, body: bytes, delivery: str, now: datetime) -> dict[str, str]:
    """The headers of a delivery."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        DELIVERY: delivery,
        TIMESTAMP: timestamp,
        SIGNATURE: signature(secret, timestamp, body),
    }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    signed_text = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed_text, hashlib.sha256).hexdigest()


def is_genuine(
    secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime
) -> bool:
    """Signed with one of the secrets, not longer than TOLERANCE ago or ahead."""
    timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        return False
    made = (signature(secret, timestamp, body) for secret in secrets)
    return any(hmac.compare_digest(each.encode(), given.encode()) for each in made)
