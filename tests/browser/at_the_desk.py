"""On a Monday morning, when the desk is open: the product, people to stage, and Mei's window."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.agent_page import AgentWindow
from tests.browser.desk_scene import MEI, DeskScene
from tests.browser.served import Served
from tests.product import Clock


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    served = Served(tmp_path, Clock())
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def scene(served: Served) -> DeskScene:
    return DeskScene(served)


@pytest.fixture
async def mei(browser: Browser, scene: DeskScene) -> AsyncIterator[AgentWindow]:
    window = await AgentWindow.of(browser, scene, MEI)
    yield window
    await window.context.close()
    assert not window.complaints
