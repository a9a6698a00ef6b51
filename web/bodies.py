"""JSON bodies of our own API, with a limit on their size and on the time they take."""

import asyncio
from typing import Any

from aiohttp import web

from bot.json_body import parse_json, read_body
from web.errors import Problem, Refused

MAX_BYTES = 256 * 1024
MAX_SECONDS = 30


async def read_json(
    request: web.Request, optional: bool = False, most: int = MAX_BYTES
) -> dict[str, Any]:
    """The object in the body; {} for no body at all where that is allowed."""
    if optional and not request.can_read_body:
        return {}
    try:
        async with asyncio.timeout(MAX_SECONDS):
            return parse_json(await read_body(request, most))
    except TimeoutError:
        raise Refused(Problem.TIMEOUT) from None
