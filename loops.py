"""What a process does for as long as it lives goes on, whatever happens to it."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

PAUSE_S = 5.0

log = structlog.get_logger()


async def forever(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Begun anew when it fails, which is on record; what ends by itself has nothing to do."""
    while True:
        try:
            return await run()
        except Exception:
            log.exception("loop_failed", loop=name)
            await asyncio.sleep(PAUSE_S)
