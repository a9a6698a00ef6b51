"""Turns a second through /api/messages against the SDK's stock echo bot, 16 conversations at once.

Both check real RS256 tokens of the same loopback channel and answer to its connector. The stock
bot echoes; ours stores every message durably, matches it, renders an answer and stores that too.
`ours` asks every question once, `cached` asks them again, `direct_line` is the web channel. CPU is
the server's, with its threads and the process of its matcher. Access logs are off on both sides.

    python -m benchmarks.turns [--json] [--turns 1500] [--server "python app.py serve"]
"""

import argparse
import functools
import json
import os
import secrets
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, sleep

import uvloop
from aiohttp import ClientSession, TCPConnector

from benchmarks.load import Ask, ListeningChannel, ask_over_direct_line, distinct_questions, rate
from benchmarks.stock_bot import environment
from tests.bot.channel import APP_ID, APP_PASSWORD

CONTENT = Path("knowledge/content")
ROUNDS = 3
STOCK_SHARE = 8
"""The stock bot is asked so many times fewer questions, to be done in the same time."""
START_S = 120.0


class Server:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.pid = process.pid
        self.url = url

    def cpu_seconds(self) -> float:
        return sum(map(_cpu_seconds, (self.pid, *_children(self.pid))))


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in threads for child in each.read_text().split()]


@contextmanager
def serving(command: list[str], environ: dict[str, str], port: int) -> Iterator[Server]:
    process = subprocess.Popen(command, env=os.environ | environ, stdout=subprocess.DEVNULL)
    try:
        _wait_for(process, port)
        yield Server(process, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = monotonic() + START_S
    while process.poll() is None and monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.05)
    raise RuntimeError(f"{shlex.join(map(str, process.args))} does not answer")  # type: ignore[arg-type]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def ours(
    command: str, channel: ListeningChannel, folder: str, secret: str
) -> tuple[list[str], dict[str, str], int]:
    port = free_port()
    environ = {
        "DATABASE_URL": f"sqlite:///{folder}/billing.db",
        "PORT": str(port),
        "MicrosoftAppId": APP_ID,
        "MicrosoftAppPassword": APP_PASSWORD,
        "CHANNEL_OPENID_METADATA_URL": f"{channel.url}/.well-known/openidconfiguration",
        "CHANNEL_TOKEN_URL": f"{channel.url}/login",
        "SERVICE_URL_HOSTS": "127.0.0.1",
        "DIRECT_LINE_SECRET": secret,
        "LOG_LEVEL": "WARNING",
    }
    return shlex.split(command), environ, port


def stock(channel: ListeningChannel) -> tuple[list[str], dict[str, str], int]:
    port = free_port()
    command = [str(environment()), "benchmarks/stock_bot.py", "--port", str(port)]
    metadata = f"{channel.url}/.well-known/openidconfiguration"
    return [*command, "--app-id", APP_ID, "--metadata", metadata], {}, port


async def measured(server: Server, ask: Ask, questions: list[str]) -> tuple[float, float]:
    """Turns a second, and CPU milliseconds of the server for each."""
    before = server.cpu_seconds()
    turns_per_s = await rate(ask, questions)
    return turns_per_s, (server.cpu_seconds() - before) * 1000 / len(questions)


async def measure(command: str, turns: int, folder: str) -> dict[str, float]:
    secret = secrets.token_urlsafe(32)
    questions = distinct_questions(CONTENT)
    shares = [questions[first::ROUNDS][:turns] for first in range(ROUNDS)]
    connector = TCPConnector(limit=0)
    async with ListeningChannel() as channel, ClientSession(connector=connector) as session:
        theirs, mine = stock(channel), ours(command, channel, folder, secret)
        with serving(*theirs) as stock_bot, serving(*mine) as bot:
            ask_stock = functools.partial(channel.ask, session, stock_bot.url)
            ask_ours = functools.partial(channel.ask, session, bot.url)
            ask_web = functools.partial(ask_over_direct_line, session, bot.url, secret)
            for ask in (ask_stock, ask_ours):
                await rate(ask, [f"warm up {number}" for number in range(32)])
            rounds = [
                (
                    await measured(stock_bot, ask_stock, share[: turns // STOCK_SHARE]),
                    await measured(bot, ask_ours, share),
                    await measured(bot, ask_ours, share),
                    await measured(bot, ask_web, share),
                )
                for share in shares
            ]
    return summary(rounds)


Measured = tuple[float, float]


def summary(rounds: list[tuple[Measured, Measured, Measured, Measured]]) -> dict[str, float]:
    def middle(part: int, value: int) -> float:
        return median(each[part][value] for each in rounds)

    def ratio(part: int) -> float:
        return median(each[part][0] / each[0][0] for each in rounds)

    return {
        "stock_turns_per_s": round(middle(0, 0), 1),
        "ours_turns_per_s": round(middle(1, 0), 1),
        "cached_turns_per_s": round(middle(2, 0), 1),
        "direct_line_turns_per_s": round(middle(3, 0), 1),
        "ratio": round(ratio(1), 2),
        "ratio_cached": round(ratio(2), 2),
        "stock_cpu_ms": round(middle(0, 1), 2),
        "ours_cpu_ms": round(middle(1, 1), 2),
        "cached_cpu_ms": round(middle(2, 1), 2),
        "direct_line_cpu_ms": round(middle(3, 1), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Turns a second against the stock bot.")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--turns", type=int, default=1500, help="questions a round")
    parser.add_argument("--server", default=f"{sys.executable} app.py serve", help="our command")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        result = uvloop.run(measure(given.server, given.turns, folder))
    if given.json:
        print(json.dumps(result))
    else:
        print("\n".join(f"{name:24} {value:>10}" for name, value in result.items()))


if __name__ == "__main__":
    main()
