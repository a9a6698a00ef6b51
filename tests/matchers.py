"""Matchers without a process for each product that a test starts."""

import asyncio
from collections.abc import Callable

from knowledge.files import Content
from knowledge.matching import InThread


class InThreads:
    """Opens what the function gives for a content."""

    def __init__(self, given: Callable[[Content], InThread]) -> None:
        self._given = given

    async def open(self, content: Content) -> InThread:
        return await asyncio.to_thread(self._given, content)

    async def get_ready(self) -> None:
        """Nothing is waited for."""

    async def close(self) -> None:
        """Nothing is held."""
