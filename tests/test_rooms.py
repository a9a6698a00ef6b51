"""Who may import whom: the table of CONTRIBUTING.md, held to every import in the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT: dict[str, set[str]] = {
    "web": {"bot", "handoff", "knowledge", "conversations", "accounts", "storage"},
    "bot": {"dialogs", "handoff", "knowledge", "conversations", "storage"},
    "dialogs": {"handoff", "knowledge", "conversations"},
    "handoff": {"conversations", "knowledge", "storage"},
    "conversations": {"storage"},
    "knowledge": {"storage", "loops"},
    "accounts": {"storage"},
    "storage": set(),
    "config": set(),
    "logs": set(),
    "loops": set(),
}
ONLY_IN = {
    "botbuilder": "bot",
    "botframework": "bot",
    "sqlite3": "storage",
    "sqlite_utils": "storage",
    "psycopg": "storage",
    "psycopg_pool": "storage",
}


def files(room: str) -> list[Path]:
    alone = ROOT / f"{room}.py"
    return [alone] if alone.exists() else sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    rooms = MAY_IMPORT.keys() | {"app", "commands", "tests", "benchmarks"}
    for path in files(room):
        for module in imported(path):
            top = module.partition(".")[0]
            if top in rooms - {room}:
                assert top in MAY_IMPORT[room], f"{path.relative_to(ROOT)} imports {module}"


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_drivers_and_the_sdk_stay_in_their_rooms(room: str) -> None:
    for path in files(room):
        for module in imported(path):
            home = ONLY_IN.get(module.partition(".")[0], room)
            assert home == room, f"{path.relative_to(ROOT)} imports {module}"


def test_the_knowledge_works_without_a_database() -> None:
    users = {p.stem for p in files("knowledge") if any("storage" in m for m in imported(p))}
    assert users == {
        *("versions", "drafts", "releases", "folder", "publishing", "swapping", "editing"),
        *("rebasing", "reminders", "missed", "unanswered", "closing", "suggestions", "gathering"),
        *("answering", "importing", "archive", "origins"),
    }


def test_the_table_says_the_same() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for room, allowed in MAY_IMPORT.items():
        (row,) = [
            line
            for line in table.splitlines()
            if line.startswith("| ") and f"`{room}" in line.split("|")[1]
        ]
        cell = row.split("|")[3]
        assert set(re.findall(r"[a-z]+", cell)) & MAY_IMPORT.keys() == allowed, room
