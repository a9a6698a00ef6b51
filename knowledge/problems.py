"""What a failed validation says to an editor: the place, and what to do about it."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from knowledge.entry import Problem
from knowledge.rules import RULES
from knowledge.yaml_source import Path, Source

NOT_TEXT = "{at} must be text, not {value}; put it in quotes."
SENTENCES = {
    "string_type": NOT_TEXT,
    "int_type": "{at} must be a whole number, not {value}.",
    "int_from_float": "{at} must be a whole number, not {value}.",
    "int_parsing": "{at} must be a whole number, not {value}.",
    "bool_type": "{at} must be true or false, not {value}.",
    "decimal_type": "{at} must be a number, not {value}.",
    "decimal_parsing": "{at} must be a number, not {value}.",
    "date_type": "{at} must be a date such as 2026-12-25, not {value}.",
    "date_parsing": "{at} must be a date such as 2026-12-25, not {value}.",
    "date_from_datetime_parsing": "{at} is not a date of the calendar; {value} does not exist.",
    "tuple_type": "{at} must be a list; start each line with a dash.",
    "list_type": "{at} must be a list; start each line with a dash.",
    "dict_type": "{at} must be keys with values, not {value}.",
    "mapping_type": "{at} must be keys with values, not {value}.",
    "model_type": "{at} must be keys with values, not {value}.",
    "literal_error": "{at} must be {expected}, not {value}.",
    "greater_than_equal": "{at} must be {ge} or more.",
    "less_than_equal": "{at} must be {le} or less.",
    "too_short": "{at} is empty; at least {min_length} is needed.",
    "too_long": "{at} is too long; at most {max_length} are read.",
    "string_too_short": "{at} is empty; write it.",
    "string_too_long": "{at} is too long; at most {max_length} characters are read.",
    "missing": "{at} is missing; add it.",
} | {code: f"{{at}}: {said}." for code, said in RULES.items()}
WITHOUT_TEXT = EMPTY, A_LIST, KEYS = "empty", "a list", "keys with values"
"""What stands for a value that is no text."""

CANNOT_BE = "{at} cannot be {value}."
WRONG_FORM = ("wrong_form", "{at} is not of the right form: {value}.")
FORMS = {
    r"\S": ("string_too_short", "{at} is empty; write it."),
    r"^[^\r\n]*\S[^\r\n]*$": ("one_line", "{at} must be one line of text."),
    r"^https://[A-Za-z0-9._~:/?#@!$&'+,;=%-]+$": (
        "address",
        "{at} must be an https:// address, not {value}.",
    ),
    r"^[A-Z]{2}$": (
        "country",
        "{at} must be a country code of two letters such as SG, not {value}.",
    ),
}


def problems_in(error: ValidationError, source: Source, start: Path = ()) -> list[Problem]:
    """Every error as a sentence at its line; `start` is where in the source validation began."""
    return [_problem(dict(problem), source, start) for problem in error.errors(include_url=False)]


def _problem(problem: dict[str, Any], source: Source, start: Path) -> Problem:
    code, said, values = _sentence(problem, source, start)
    line = source.line((*start, *problem["loc"]))
    return Problem(source.file, line, said, code=code, values=values)


def _sentence(
    problem: dict[str, Any], source: Source, start: Path
) -> tuple[str, str, dict[str, Any]]:
    """Its code, the sentence, and what it tells."""
    kind, location = problem["type"], (*start, *problem["loc"])
    path = source.nearest(location)
    if kind == "missing":
        path = (*path, location[-1])
    at = _named(path[len(start) :])
    context = problem.get("ctx", {})
    if kind == "extra_forbidden":
        return kind, _unknown(str(location[-1]), at), {"at": at}
    code, form = kind if kind in SENTENCES else "cannot_be", SENTENCES.get(kind, CANNOT_BE)
    if kind == "string_pattern_mismatch":
        code, form = FORMS.get(context["pattern"], WRONG_FORM)
    values = {**context, "at": at, "value": _shown(problem["input"])}
    return code, form.format(**values), values


def _named(path: Path) -> str:
    """`support.contacts[2].name`, as an editor would point at it."""
    name = ""
    for step in path:
        name += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return name.lstrip(".") or "This"


def _unknown(key: str, at: str) -> str:
    near = [] if key in _known_keys() else get_close_matches(key, _known_keys(), 1, 0.75)
    advice = f"did you mean {near[0]}?" if near else "remove it."
    return f"{at} is not a key that is read here; {advice}"


@cache
def _known_keys() -> tuple[str, ...]:
    return tuple(sorted(_fields_below(BaseModel)))


def _fields_below(model: type[BaseModel]) -> Iterator[str]:
    for kind in model.__subclasses__():
        if kind.__module__.startswith("knowledge."):
            yield from kind.model_fields
        yield from _fields_below(kind)


def _shown(value: object) -> str:
    if value is None:
        return EMPTY
    if isinstance(value, dict | list):
        return A_LIST if isinstance(value, list) else KEYS
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
