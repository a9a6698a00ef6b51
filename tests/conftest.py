"""What all tests share."""

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

pytest_plugins = ["tests.databases", "tests.product"]


class OneBrowser(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """One worker drives the browser: two of them would fight for the processor. The groups of
    pytest-xdist 3.8 do the same, but pytest 9.2 gives them no names to tell apart."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneBrowser:
    return OneBrowser(config, log)
