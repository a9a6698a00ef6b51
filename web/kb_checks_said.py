"""What is wrong with an entry, in the words of the person who writes it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from knowledge.entry import Entry, Problem
from knowledge.facts import Fact
from knowledge.faults import Fault
from knowledge.neighbours import Finding
from knowledge.problems import WITHOUT_TEXT
from knowledge.values import LANGUAGES as KNOWN

LANGUAGES = ("language", "one", "two")
"""Values that are a language's code."""

WEEKDAYS = ("weekday", "next_weekday")

WITHOUT_NUMBER = ("amount", "percent", "date", "weekday")
"""Kinds of facts that are not counted."""

Say = Callable[..., str]


def as_told(found: Sequence[Finding], titles: Mapping[str, str], say: Say) -> list[dict[str, Any]]:
    return [_told(each, titles.get(each.other, each.other), say) for each in found]


def _told(finding: Finding, title: str, say: Say) -> dict[str, Any]:
    values = {name: _value(name, value, say) for name, value in finding.values.items()}
    values |= {"other": title, "nearness": f"{finding.nearness:.0%}"}
    return {
        "code": str(finding.code),
        "field": finding.place,
        "message": say(f"editor.finding.{finding.code}", **values),
        "mend": say(f"editor.mend.{finding.code}", **values),
        "other": finding.other,
        "title": title,
        "line": finding.line,
    }


def _value(name: str, value: Any, say: Say) -> Any:
    if isinstance(value, Fault):
        return fault_said(value, say)
    if isinstance(value, list):
        return ", ".join(_fact(fact, say) for fact in value) or say("editor.fact.none")
    if name in LANGUAGES and value in KNOWN:
        return say(f"editor.language.{value}")
    if name == "field" and isinstance(value, str):
        return field_said(say, value)
    if name in WEEKDAYS:
        return say(f"editor.weekday.{value}")
    if name == "value" and value in WITHOUT_TEXT:
        return say(f"editor.shown.{value.replace(' ', '_')}")
    return value


def _fact(fact: Fact, say: Say) -> str:
    key = f"editor.fact.{fact.kind.replace(' ', '_')}"
    one = fact.value == "1" and fact.kind not in WITHOUT_NUMBER
    value = f"{fact.currency} {fact.value}".strip()
    if fact.kind == "weekday":
        value = say(f"editor.weekday.{fact.value}")
    return say(f"{key}.one" if one else key, value=value)


def fault_told(fault: Fault, place: str, say: Say) -> dict[str, Any]:
    return {"field": place, "message": fault_said(fault, say), "line": fault.line}


def fault_said(fault: Fault, say: Say) -> str:
    """With its line, without a full stop."""
    said = say(f"editor.fault.{fault.code}", **dict(fault.values))
    return say("editor.fault.line", line=fault.line, said=said) if fault.line else said


def problem_said(problem: Problem, message: str, say: Say) -> str:
    """`message` is its English, without the place where that stands beside it; a sentence without
    a code has nothing else."""
    if not problem.code:
        return message
    values = {name: _value(name, value, say) for name, value in problem.values.items()}
    said = say(f"editor.problem.{problem.code}", **values | {"message": message})
    return said if message == problem.message else said.removeprefix(f"{values.get('at')}：")


def field_said(say: Say, path: str) -> str:
    """A field of an entry; what is no entry's has its path alone, as templates name it."""
    name, _, language = path.partition(".")
    if name not in Entry.model_fields:
        return path
    said = say(f"editor.field.{name}")
    return f"{said} · {say(f'editor.language.{language}')}" if language in KNOWN else said
