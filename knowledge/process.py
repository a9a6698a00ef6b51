"""Work in a process of its own, so that it holds up no turn: the two sides of asking it.

One JSON object a line goes each way; a question may have lines of data after it. The process ends
with who asks it, and otherwise when it was told to, or was not asked for a while.
"""

import asyncio
import json
import os
import select
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from subprocess import Popen
from typing import Any, Self

ROOT = Path(__file__).parent.parent
LONGEST_LINE = 64 * 1024 * 1024
LINES_AT_ONCE = 50
BEGIN = ("/bin/sh", "-c", 'trap "" INT; exec nice -n "$0" "$@"')
"""From its first moment a process has its priority, and is deaf to an interrupt from the keyboard:
who asks may have turns to finish."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

Json = dict[str, Any]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class ProcessError(Exception):
    """The process could not do it; a sentence that names it."""


class Process:
    """Used from one event loop, for one question at a time."""

    def __init__(self, module: str, process: Popen[bytes], streams: Streams) -> None:
        self._module = module
        self._process = process
        self._from, self._to = streams

    @classmethod
    async def begin(cls, module: str, *arguments: str, nice: int = 0) -> Self:
        """nice: from 0, as important as this process, to 19."""
        process, ours = _begin((*BEGIN, str(nice), sys.executable, "-m", module, *arguments))
        streams = await asyncio.open_unix_connection(sock=ours, limit=LONGEST_LINE)
        closing = partial(asyncio.get_running_loop().call_soon_threadsafe, streams[1].close)
        threading.Thread(target=_see_to_the_end, args=(process, closing), daemon=True).start()
        return cls(module, process, streams)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None or self._from.at_eof()

    async def ask(self, question: Json, lines: Iterable[str] = ()) -> Json:
        """Raises ProcessError, and ends the process then: nobody knows what it still holds."""
        try:
            await self._tell(chain((json.dumps(question),), lines))
            answer = json.loads(await self._from.readline() or b"{}")
        except (OSError, ValueError):
            answer = {}
        except asyncio.CancelledError:
            self.kill()
            raise
        if not answer.get("done"):
            await self.end()
            why = answer.get("failed", "it ended early")
            raise ProcessError(f"The process {self._module} failed ({why}); its own log says why.")
        return dict(answer)

    async def _tell(self, lines: Iterable[str]) -> None:
        for number, line in enumerate(lines, 1):
            self._to.write(line.encode() + b"\n")
            await self._to.drain()
            if number % LINES_AT_ONCE == 0:
                await asyncio.sleep(0)  # a socket that takes all would not let others run

    def kill(self) -> None:
        """From any thread."""
        self._process.kill()

    async def end(self) -> None:
        self.kill()
        await asyncio.to_thread(self._process.wait)


def _begin(command: Sequence[str]) -> tuple[Popen[bytes], socket.socket]:
    """Not by the event loop's own means: uvloop's would copy the tables of all our memory, which
    holds up every turn for 15 ms and more."""
    ours, theirs = socket.socketpair()
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)}
    with theirs:
        end = theirs.fileno()
        return Popen(command, stdin=end, stdout=end, env=environment), ours


def _see_to_the_end(process: Popen[bytes], closing: Callable[[], object]) -> None:
    process.wait()
    with suppress(RuntimeError):  # the event loop has ended before
        closing()


def attend(do: Callable[[Json, Iterator[bytes]], Json], idle_s: float | None = None) -> None:
    """The other side: does what is asked until nobody can ask, or nobody did for so long."""
    told, answers = sys.stdin.buffer, sys.stdout.buffer
    while select.select([told], [], [], idle_s)[0] and (line := told.readline()):
        asked = json.loads(line)
        lines = iter([told.readline() for _ in range(asked.get("lines", 0))])
        try:
            answer = {**do(asked, lines), "done": True}
        except Exception as error:
            traceback.print_exc()
            answer = {"failed": type(error).__name__}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()
