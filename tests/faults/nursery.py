"""Starts the product again and again, each time in a fresh process, without loading it anew.

Reads `start` lines and forks: the child serves and dies by whatever signal it gets. Prints the
child's pid when it is ready. The parent opens no database and starts no thread.
"""

import asyncio
import os
import signal
import sys

from aiohttp import web

from app import build_matcher, create_app
from config import Settings
from knowledge.answers import Answers
from knowledge.files import Content, load
from knowledge.matcher import Matcher
from logs import configure_logs
from tests.product import CACHE


def main(database_url: str, port: int) -> None:
    configure_logs("ERROR")  # to stderr: stdout is for the pids
    settings = Settings(database_url=database_url, port=port, cache=CACHE, dev=True, encoder="none")
    content = load(settings.content)
    matcher = build_matcher(content, settings)
    Answers(content).compile()  # once for all children
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(_serve(settings, matcher))
            os._exit(0)
        os.waitpid(child, 0)


async def _serve(settings: Settings, matcher: Matcher) -> None:
    def built(content: Content, settings: Settings) -> Matcher:
        return matcher

    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    runner = web.AppRunner(await create_app(settings, build=built), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", settings.port).start()
    print(os.getpid(), flush=True)
    await stopping.wait()
    await runner.cleanup()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
