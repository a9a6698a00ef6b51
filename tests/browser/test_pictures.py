"""The README's pictures can be taken again, each of them and no others.

With `PICTURES=docs/pictures` the test puts them there.
"""

import os
import re
from pathlib import Path
from types import ModuleType

import pytest
from playwright.async_api import Browser

from tests.browser import admin_pictures, console_screens, editor_pictures
from tests.browser.pictures import README, take

TAKEN_BY = (console_screens, editor_pictures, admin_pictures)
PNG = b"\x89PNG\r\n"


@pytest.mark.parametrize("module", TAKEN_BY, ids=lambda module: module.__name__.split(".")[-1])
async def test_each_picture_can_be_taken(
    browser: Browser, tmp_path: Path, module: ModuleType
) -> None:
    folder = Path(os.environ.get("PICTURES", tmp_path))
    await take(module.SHOWN, module.begun, folder, browser)
    for name in module.SHOWN:
        assert (folder / f"{name}.png").read_bytes().startswith(PNG)


def test_the_readme_shows_what_can_be_taken() -> None:
    shown = re.findall(rf"{README}/([\w-]+)\.png", Path("README.md").read_text(encoding="utf-8"))
    there = {path.stem for path in README.glob("*.png")}
    assert set(shown) == there == {name for module in TAKEN_BY for name in module.SHOWN}
