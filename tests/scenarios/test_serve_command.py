"""The command that serves, as an operator starts and stops it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from aiohttp import ClientSession

from tests.databases import free_port
from tests.product import CACHE

READY_S = 60


async def test_it_is_started_answers_and_is_stopped_from_the_keyboard(tmp_path: Path) -> None:
    port = free_port()
    told = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'billing.db'}",
        "PORT": str(port),
        "ENCODER": "none",
        "CACHE": str(CACHE.absolute()),
        "LOG_LEVEL": "WARNING",
    }
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "app.py", "serve", "--dev"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **told},
        start_new_session=True,  # what is typed goes to all its processes, and to nobody else's
    )
    assert server.stdout and server.stderr
    try:
        async with asyncio.timeout(READY_S):
            while not (await server.stdout.readline()).startswith(b"Ready"):
                assert server.returncode is None, await server.stderr.read()
        url = f"http://127.0.0.1:{port}"
        async with ClientSession() as session, session.get(f"{url}/health") as health:
            assert health.status == 200
        os.killpg(server.pid, signal.SIGINT)
        async with asyncio.timeout(READY_S):
            assert await server.wait() == 0
        assert b"Traceback" not in await server.stderr.read()
    finally:
        if server.returncode is None:
            os.killpg(server.pid, signal.SIGKILL)
            await server.wait()
