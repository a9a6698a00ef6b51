"""Processes over one database, with two small entries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from storage.database import Database
from tests.knowledge.editing import NOW
from tests.knowledge.publishing import Process, process
from tests.product import Clock


@pytest.fixture
async def reviewed(database: Database, tmp_path: Path) -> Process:
    return await process(database, tmp_path, Clock(NOW), review=True)


@pytest.fixture
async def one(database: Database, tmp_path: Path) -> AsyncIterator[Process]:
    made = await process(database, tmp_path, Clock(NOW))
    yield made
    for task in made.running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
