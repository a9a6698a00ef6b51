"""What can be wrong with a template: a code, its values, and the sentence in English."""

from dataclasses import dataclass

Value = str | int
SENTENCES = {
    # what may not stand in a template
    "too_long": "the answer is longer than {most} KiB; shorten it",
    "syntax": "{detail}",
    "too_deep": "this is nested too deep; make it flatter",
    "too_deep_for": "this is nested more than {most} deep; make it flatter",
    "too_many_parts": "the answer has more than {most} parts; shorten it",
    "long_number": "a number is too long",
    "not_allowed": "{what} is not allowed",
    "no_call": "calling something with () is not allowed",
    "no_joining": "joining with ~ is not allowed",
    "no_slice": "a slice is not allowed",
    "no_arithmetic": "arithmetic is not allowed",
    "no_stars": "* and ** are not allowed",
    "no_test": "test {test} is not allowed",
    "no_filter": "filter {filter} is not allowed",
    "filter_use": "filter {filter} is not used like this",
    "for_in_for": "a for inside a for is not allowed",
    "for_recursive": "a recursive for is not allowed",
    "for_over": "for goes over a list of the policy only",
    "for_name": "for takes one name",
    "name_taken": "{name} is taken; give the element of the list another name",
    "name_near": "{name} is not known here; did you mean {near}?",
    "name_unknown": "{name} is not known here; use one of {names}",
    "bad_key": "what stands in [] must be a number or a quoted key",
    "unknown_path": "{path} is not in the policy",
    # what fails when it is filled in
    "fails": "{detail}",
    "grows": "the answer grows longer than {most} KiB",
    "join_grows": "join gives too long a text",
    "not_shown": "what is to be shown is {shown}; name one value or use a filter",
    "needs_list": "{filter} needs a list",
    "needs_amount": "money needs an amount with its currency, or free",
    "needs_number": "{filter} needs a number",
    "needs_date": "date needs a date",
    "needs_time": "datetime needs a time, such as next_opening",
    "needs_hours": "weekly_hours needs opening hours, such as support.hours",
    "needs_texts": '{filter} needs a list of texts; take one with map(attribute="…")',
    "needs_filled": "{filter} needs a list that is not empty",
    "needs_length": "length needs a list or a text",
    "needs_text": "{filter} needs a text",
    "key_missing": "{key} is not a key of what the list holds",
    "test_use": "the test {test} is not allowed here; use equalto or ne",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong on a line of a template; 0 when no line is to blame."""

    line: int
    code: str
    values: tuple[tuple[str, Value], ...] = ()

    @property
    def message(self) -> str:
        return SENTENCES[self.code].format_map(dict(self.values))

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}" if self.line else self.message


def fault(line: int, code: str, **values: Value) -> Fault:
    return Fault(line, code, tuple(values.items()))
