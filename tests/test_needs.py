"""Where CI is set no test is left out."""

import re
from pathlib import Path

import pytest

from tests.needs import needs

TESTS = Path(__file__).parent


def test_what_is_missing_skips_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium"):
        needs(None, "no Chromium")


def test_and_fails_it_where_ci_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Chromium"):
        needs(None, "no Chromium")
    assert needs("chromium", "no Chromium") == "chromium"


def test_nothing_else_skips_a_test() -> None:
    skips = re.compile(r"pytest\.(?:skip\(|importorskip|mark\.skip)")
    files = {
        path.relative_to(TESTS) for path in TESTS.rglob("*.py") if "node_modules" not in path.parts
    }
    assert {str(path) for path in files if skips.search((TESTS / path).read_text("utf-8"))} == {
        "needs.py"
    }
