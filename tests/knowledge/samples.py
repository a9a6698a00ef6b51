"""The knowledge base we ship, in a folder of a test's own where it can be spoilt."""

import json
import re
import shutil
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.answers import render_texts
from knowledge.entry import KnowledgeError, Problem
from knowledge.files import Content, load

SHIPPED = Path(__file__).parents[2] / "knowledge" / "content"
CLOSED = datetime.fromisoformat("2026-11-22T12:00:00+08:00")
OPEN = datetime.fromisoformat("2026-11-23T10:00:00+08:00")

ENTRY = """\
- id: late-fee
  topic: collections
  owner: billing_admin
  review_by: 2027-05-31
  questions:
    en:
      - What does a late payment cost?
    zh:
      - 逾期付款要多少钱？
  answer:
    en: |
      A late payment costs {{ collections.late_fee.percent | percent }}.
    zh: |
      逾期付款加收 {{ collections.late_fee.percent | percent }}。
"""


def shipped_copy(folder: Path, entries: str = ENTRY) -> Path:
    """The shipped policy and messages with a few entries, none of which is a common question."""
    (folder / "entries").mkdir(parents=True)
    shutil.copy(SHIPPED / "policy.yaml", folder)
    messages = (SHIPPED / "messages.yaml").read_text(encoding="utf-8")
    messages = re.sub(r"common_questions: .*", "common_questions: []", messages)
    (folder / "messages.yaml").write_text(messages, encoding="utf-8")
    (folder / "entries" / "some.yaml").write_text(entries, encoding="utf-8")
    return folder


def english_only(folder: Path, entries: str = ENTRY) -> Path:
    """Of a partner who speaks nothing else."""
    content = shipped_copy(folder, entries)
    for path in content.rglob("*.yaml"):
        english = without_chinese(yaml.safe_load(path.read_text(encoding="utf-8")))
        path.write_text(json.dumps(english, default=str), encoding="utf-8")
    return content


def without_chinese(value: Any) -> Any:
    if isinstance(value, list):
        return [without_chinese(each) for each in value if each != "zh"]
    if isinstance(value, dict):
        return {key: without_chinese(each) for key, each in value.items() if key != "zh"}
    return value


def problems_of(folder: Path) -> list[Problem]:
    try:
        load(folder)
    except KnowledgeError as error:
        return error.problems
    return []


def content_of(folder: Path, entries: str = ENTRY) -> Content:
    return load(shipped_copy(folder, entries))


@cache
def shipped() -> Content:
    return load(SHIPPED)


def say(template: str, language: str = "en", now: datetime = CLOSED) -> str:
    return render_texts({language: template}, language, shipped().policy, now)
