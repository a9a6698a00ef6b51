"""What a test needs of the machine: without it a test is skipped, and fails where CI is set."""

import os
import shutil
from pathlib import Path
from typing import TypeVar

import pytest

MODULES = Path(__file__).parent / "node" / "node_modules"

T = TypeVar("T")


def needs(found: T | None, missing: str) -> T:
    """What was found; `missing` says what was not, and how to get it."""
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{missing}, and with CI set nothing is skipped")
    if found is None:
        pytest.skip(missing)
    return found


def needs_node() -> str:
    return needs(shutil.which("node"), "Node.js is not installed (apt-get install nodejs npm)")


def needs_package(path: str) -> Path:
    """A file or folder of the packages of tests/node."""
    found = MODULES / path
    missing = f"{path} is not installed (npm ci --prefix tests/node)"
    return needs(found if found.exists() else None, missing)
