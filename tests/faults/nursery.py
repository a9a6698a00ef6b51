"""Starts the product again and again, each time in a fresh process, without loading it anew.

Reads lines and forks at each: the child serves and dies by whatever signal it gets; its clock is as
many minutes ahead as the line says, and one more at each SIGUSR1. Prints the child's pid when it is
ready. The parent opens no database and starts no thread.
"""

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from unittest.mock import patch

from aiohttp import web

from app import create_app
from config import Settings
from installation import build_matcher
from knowledge.answers import Answers
from knowledge.files import load
from knowledge.matcher import Matcher
from knowledge.matching import InThread
from logs import configure_logs
from tests.matchers import InThreads
from tests.product import CACHE
from web.rendering import HERE, load_words

PATHS = ("content", "cache")


def main(database_url: str, port: int, ahead_s: float, changes: str) -> None:
    """`changes` of the settings, as JSON; the product's clock is `ahead_s` of the real one."""
    configure_logs("ERROR")  # to stderr: stdout is for the pids
    given = json.loads(changes)
    given |= {name: Path(given[name]) for name in PATHS if name in given}
    settings = Settings(
        **{
            "database_url": database_url,
            "port": port,
            "cache": CACHE,
            "dev": True,
            "encoder": "none",
            **given,
        }
    )
    read, words = cache(load), cache(load_words)  # all children find what the first one reads
    content = read(settings.content)
    words(HERE / "words")
    matcher = build_matcher(content, settings)
    Answers(content).compile()

    with patch("app.load", read), patch("web.rendering.load_words", words):
        for line in sys.stdin:
            child = os.fork()
            if child == 0:
                ahead = timedelta(seconds=ahead_s, minutes=int(line))
                asyncio.run(_serve(settings, matcher, Clock(ahead)))
                os._exit(0)
            _, ended = os.waitpid(child, 0)
            if os.WIFEXITED(ended) and os.WEXITSTATUS(ended):
                sys.exit("it did not start")


@dataclass
class Clock:
    ahead: timedelta

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def a_minute_passes(self) -> None:
        self.ahead += timedelta(minutes=1)


async def _serve(settings: Settings, matcher: Matcher, now: Clock) -> None:
    matchers = InThreads(lambda content: InThread(matcher))
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    loop.add_signal_handler(signal.SIGUSR1, now.a_minute_passes)
    runner = web.AppRunner(await create_app(settings, now, matchers), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", settings.port).start()
    print(os.getpid(), flush=True)
    await stopping.wait()
    await runner.cleanup()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
