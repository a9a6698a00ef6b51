"""The product as it is served, with a clock beside it that tells how late the event loop was.

    python -m benchmarks.desk_server LATENESS_FILE

The file gets one number a tick, in milliseconds, when the server is ended.
"""

import asyncio
import signal
import sys
from pathlib import Path
from time import perf_counter

import uvloop
from aiohttp import web

from app import create_app
from config import load_settings
from installation import ready_to_serve
from logs import configure_logs

TICK_S = 0.01


async def watch(lateness: list[float]) -> None:
    while True:
        began = perf_counter()
        await asyncio.sleep(TICK_S)
        lateness.append((perf_counter() - began - TICK_S) * 1000)


async def serve() -> list[float]:
    settings = load_settings(dev=True)
    configure_logs(settings.log_level)
    runner = web.AppRunner(await create_app(settings), access_log=None)
    ready_to_serve()
    await runner.setup()
    ended = asyncio.Event()
    lateness: list[float] = []
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_signal_handler(signal.SIGUSR1, lateness.clear)
    await web.TCPSite(runner, settings.host, settings.port).start()
    watching = asyncio.create_task(watch(lateness))
    await ended.wait()
    watching.cancel()
    await runner.cleanup()
    return lateness


if __name__ == "__main__":
    measured = uvloop.run(serve())
    Path(sys.argv[1]).write_text("\n".join(f"{late:.3f}" for late in measured), encoding="utf-8")
