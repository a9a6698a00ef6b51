"""One call to somebody else's server, and what it means when it fails."""

from collections.abc import Mapping

from aiohttp import ClientConnectorError, ClientError, ConnectionTimeoutError, InvalidURL
from yarl import URL

from bot.delivery import DeliveryError
from bot.http import Answer, Http
from bot.public_addresses import NotPublic

_NOT_DONE = (ClientConnectorError, ConnectionTimeoutError)
_REFUSED_FOR_NOW = frozenset({408, 412, 425, 429, 503})


async def call(
    http: Http,
    method: str,
    url: str | URL,
    headers: Mapping[str, str],
    data: bytes | None = None,
    *,
    repeatable: bool = True,
) -> Answer:
    """An answer of 2xx; raises DeliveryError. What is not `repeatable` and may have been taken is
    unknown; a redirect is not followed and is a refusal."""
    try:
        answer = await http.call(method, url, headers=headers, data=data)
    except (ClientError, TimeoutError, OSError) as error:
        raise _failure(error, repeatable) from error
    if answer.status < 300:
        return answer
    reason = f"the answer was {answer.status}"
    if answer.status in _REFUSED_FOR_NOW:
        raise DeliveryError(reason)
    raise DeliveryError(
        reason,
        permanent=answer.status < 500,
        unknown=answer.status >= 500 and not repeatable,
    )


def _failure(error: Exception, repeatable: bool) -> DeliveryError:
    if isinstance(error, ClientConnectorError) and isinstance(error.os_error, NotPublic):
        return DeliveryError(str(error.os_error), permanent=True)
    if isinstance(error, InvalidURL):
        return DeliveryError("this is no address", permanent=True)
    return DeliveryError(
        type(error).__name__, unknown=not repeatable and not isinstance(error, _NOT_DONE)
    )
