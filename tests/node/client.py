"""botframework-directlinejs in a process of its own."""

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.needs import needs_node, needs_package

FOLDER = Path(__file__).parent
ONLINE, EXPIRED = 2, 3

Json = dict[str, Any]


class DirectLineClient:
    def __init__(self, process: Process) -> None:
        self._process = process
        self.events: list[Json] = []

    async def do(self, command: str, **arguments: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": command, **arguments}).encode() + b"\n")
        await self._process.stdin.drain()

    async def say(self, text: str, client_id: str) -> None:
        data = {"clientActivityID": client_id}
        sender = {"id": "somebody", "role": "bot"}
        activity = {"type": "message", "text": text, "from": sender, "channelData": data}
        await self.do("post", activity=activity)

    async def sees(self, wanted: Callable[[Json], bool]) -> Json:
        """The first event that is wanted, of those to come."""
        assert self._process.stdout
        async with asyncio.timeout(40):
            while line := await self._process.stdout.readline():
                self.events.append(json.loads(line))
                if wanted(self.events[-1]):
                    return self.events[-1]
        raise AssertionError("the client has ended")

    async def hears(self, part: str) -> Json:
        """The activity with this in its text."""
        event = await self.sees(lambda event: part in event.get("activity", {}).get("text", ""))
        activity: Json = event["activity"]
        return activity

    @property
    def texts(self) -> list[str]:
        seen = [event["activity"] for event in self.events if "activity" in event]
        return [activity["text"] for activity in seen if activity["type"] == "message"]


@asynccontextmanager
async def running() -> AsyncIterator[DirectLineClient]:
    needs_package("botframework-directlinejs")
    process = await asyncio.create_subprocess_exec(
        needs_node(), str(FOLDER / "talk.mjs"), stdin=PIPE, stdout=PIPE, limit=2**20
    )
    try:
        yield DirectLineClient(process)
    finally:
        assert process.stdin
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 10)
