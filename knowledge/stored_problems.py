"""Problems as the database keeps them, so that each reader is told in their own language."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from knowledge.entry import Problem
from knowledge.faults import Fault

_PROBLEMS = TypeAdapter(tuple[Problem, ...])
_FAULT = TypeAdapter(Fault)


def stored(problems: Iterable[Problem]) -> list[Any]:
    """As plain data."""
    return list(_PROBLEMS.dump_python(tuple(problems), mode="json"))


def read_problems(kept: Iterable[Any]) -> tuple[Problem, ...]:
    """What was kept as a sentence, as it once was, has that alone."""
    told = [Problem("", 1, each) if isinstance(each, str) else each for each in kept]
    return tuple(map(_with_its_fault, _PROBLEMS.validate_python(told)))


def _with_its_fault(problem: Problem) -> Problem:
    """Of what a problem tells, a template's fault alone is more than JSON gives back."""
    if "fault" not in problem.values:
        return problem
    fault = _FAULT.validate_python(problem.values["fault"])
    return replace(problem, values={**problem.values, "fault": fault})
