"""Prepares and fits in a process of its own, at low priority, so that no turn waits for it.

The process is told contents part by part, and of a known one only what changed. One JSON object a
line goes each way. It ends by itself when nothing was asked for a while.
"""

import asyncio
import json
import os
import select
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from knowledge.building import Builder
from knowledge.encoder import load_encoder
from knowledge.files import Content
from knowledge.parts import Part
from knowledge.preparing import Known, Report, prepare

ROOT = Path(__file__).parent.parent
IDLE_S = 300.0
KEPT = 4  # contents the process remembers
LONGEST_LINE = 64 * 1024 * 1024
NICE = 10
REPORT = TypeAdapter(Report)

Json = dict[str, Any]


class WorkshopError(Exception):
    """The process could not do it; its own log says why."""


class Workshop:
    """Used from one event loop."""

    def __init__(self, encoder: str, cache: Path, max_wrong_answers: float) -> None:
        self._arguments = (encoder, str(cache), str(max_wrong_answers))
        self._bench: _Process | None = None
        self._fitting: _Process | None = None
        self._one_at_a_time = asyncio.Lock()

    async def prepare(self, before: Content, after: Content, now: datetime) -> Report:
        """The index of what `after` says at that time is on disk when this returns."""
        await asyncio.to_thread(lambda: (before.hash, after.hash))  # slow the first time
        async with self._one_at_a_time:
            if self._bench is None or self._bench.ended:
                self._bench = await _Process.begin(self._arguments)
            await self._bench.tell(before, None)
            await self._bench.tell(after, before)
            asked = {"do": "prepare", "before": before.hash, "after": after.hash}
            answer = await self._bench.ask({**asked, "now": now.isoformat()})
        return REPORT.validate_python(answer["report"])

    async def fit(self, content: Content) -> None:
        """In full; one that is under way for another content is given up."""
        if self._fitting is not None:
            await self._fitting.end()
        await asyncio.to_thread(lambda: content.hash)
        self._fitting = process = await _Process.begin(self._arguments)
        try:
            await process.tell(content, None)
            await process.ask({"do": "fit", "content": content.hash})
        finally:
            await process.end()

    async def close(self) -> None:
        for process in (self._bench, self._fitting):
            if process is not None:
                await process.end()


class _Process:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin and process.stdout
        self._process = process
        self._to, self._from = process.stdin, process.stdout
        self._told: list[str] = []

    @classmethod
    async def begin(cls, arguments: tuple[str, ...]) -> "_Process":
        one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "knowledge.workshop", *arguments),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, **one_thread, "PYTHONPATH": str(ROOT)},
                limit=LONGEST_LINE,
            )
        )

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None or self._from.at_eof()

    async def tell(self, content: Content, like: Content | None) -> None:
        """Make a content known, by its difference from one that is known."""
        if content.hash in self._told:
            self._told.remove(content.hash)
            self._told.append(content.hash)
            await self.ask({"do": "recall", "content": content.hash})
            return
        known = like if like is not None and like.hash in self._told else None
        lines = list(await asyncio.to_thread(lambda: list(_lines(content, known))))
        head = {"do": "know", "like": known.hash if known else "", "lines": len(lines)}
        await self.ask({**head, "content": content.hash}, lines)
        self._told = [*self._told, content.hash][-KEPT:]

    async def ask(self, question: Json, lines: Iterable[str] = ()) -> Json:
        try:
            for line in (json.dumps(question), *lines):
                self._to.write(line.encode() + b"\n")
                await self._to.drain()
            answer = json.loads(await self._from.readline() or b"{}")
        except (OSError, ValueError):
            answer = {}
        if not answer.get("done"):
            await self.end()
            raise WorkshopError(str(answer.get("failed", "it ended early")))
        return dict(answer)

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


def _lines(content: Content, like: Content | None) -> Iterator[str]:
    """The parts that differ from the known content; null takes one out."""
    known = like.part_hashes if like else {}
    wanted = content.part_hashes
    told = {part for part, digest in wanted.items() if known.get(part) != digest}
    for part, body in content.parts(told).items():
        yield json.dumps([str(part), body])
    for part in known:
        if part not in wanted:
            yield json.dumps([str(part), None])


class _Bench:
    """The other side: what the process does with what it is told."""

    def __init__(self, encoder: str, cache: str, max_wrong_answers: str) -> None:
        self._builder = Builder(load_encoder(encoder), Path(cache), float(max_wrong_answers))
        self._contents: dict[str, Content] = {}
        self._known: dict[str, Known] = {}

    def do(self, asked: Json, lines: Iterable[bytes]) -> Json:
        match asked["do"]:
            case "know":
                self._know(asked["content"], asked["like"], lines)
            case "recall":
                self._contents[asked["content"]] = self._contents.pop(asked["content"])
            case "prepare":
                before, after = (self._contents[asked[name]] for name in ("before", "after"))
                now = datetime.fromisoformat(asked["now"])
                report = prepare(before, after, self._builder, now, self._known)
                return {"report": REPORT.dump_python(report, mode="json")}
            case "fit":
                os.nice(NICE)  # nobody waits for it, as an editor does for what is prepared
                self._builder.build(self._contents[asked["content"]])
        return {}

    def _know(self, name: str, like: str, lines: Iterable[bytes]) -> None:
        told = {Part.read(part): body for part, body in map(json.loads, lines)}
        content = self._contents[like].with_parts(told) if like else Content.from_parts(told)
        self._contents[name] = content
        while len(self._contents) > KEPT:
            del self._contents[next(iter(self._contents))]


def main(arguments: list[str]) -> None:
    os.nice(NICE)
    bench, told, answers = _Bench(*arguments), sys.stdin.buffer, sys.stdout.buffer
    while select.select([told], [], [], IDLE_S)[0] and (line := told.readline()):
        asked = json.loads(line)
        lines = [told.readline() for _ in range(asked.get("lines", 0))]
        try:
            answer = {**bench.do(asked, lines), "done": True}
        except Exception as error:
            traceback.print_exc()
            answer = {"failed": type(error).__name__}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
