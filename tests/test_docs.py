"""The documentation says what the code does."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from commands import commands
from config import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = [field.metadata for field in fields(Settings) if field.metadata]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: str(setting["name"]))
def test_every_setting_is_in_the_readme_with_what_it_does(setting: dict[str, str]) -> None:
    (row,) = [line for line in README.splitlines() if line.startswith(f"| `{setting['name']}`")]
    assert setting["help"] in row


def test_the_readme_names_no_setting_that_is_gone() -> None:
    rows = re.findall(r"^\| `([A-Za-z_]+)` \|[^|]*\|[^|]*\|$", README, re.MULTILINE)
    assert set(rows) == {setting["name"] for setting in SETTINGS}


@pytest.mark.parametrize("name", commands.commands)
def test_every_command_has_help_and_is_in_the_readme(name: str) -> None:
    assert commands.commands[name].help
    assert f"app.py {name}" in README


@pytest.mark.parametrize(
    "line", (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()[1:]
)
def test_every_dependency_has_its_reason(line: str) -> None:
    name = re.split(r"[\[<>=]", line)[0]
    assert re.search(rf"^\| {re.escape(name)} \| .{{10,}} \|$", README, re.MULTILINE), name


def test_every_file_that_is_named_is_there() -> None:
    for text in (README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        for path in re.findall(r"`((?:[\w.-]+/)+[\w.-]*\w/?)`", text):
            assert path.startswith("data/") or (ROOT / path).exists(), path
