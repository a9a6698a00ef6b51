"""The filters and tests an answer may use; what is not here does not exist for it.

They take and give plain values, never grow them without bound, and give lists where Jinja's own
would give generators, so that an empty selection counts as false.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from jinja2.tests import TESTS as JINJA_TESTS

from knowledge.faults import Fault, Value, fault
from knowledge.formats import Formats

FORMATS = "_formats"
"""Where a render keeps its Formats among the variables; no answer can name it."""

MAX_OUTPUT = 16 * 1024


class FilterError(Exception):
    """A value that the filter cannot take; the fault, of no line, says which it can."""

    def __init__(self, code: str, **values: Value) -> None:
        self.fault: Fault = fault(0, code, **values)
        super().__init__(self.fault.message)


def _list(values: object, filter_name: str) -> Sequence[Any]:
    if not isinstance(values, tuple | list):
        raise FilterError("needs_list", filter=filter_name)
    return values


def _formats(context: Context) -> Formats:
    formats: Formats = context[FORMATS]
    return formats


@pass_context
def money(context: Context, price: Any) -> str:
    if price != "free" and not (isinstance(price, dict) and "amount" in price):
        raise FilterError("needs_amount")
    return _formats(context).money(price)


@pass_context
def percent(context: Context, value: Any) -> str:
    return _formats(context).percent(_number(value, "percent"))


@pass_context
def number(context: Context, value: Any) -> str:
    return _formats(context).number(_number(value, "number"))


def _number(value: object, filter_name: str) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise FilterError("needs_number", filter=filter_name)
    return value


@pass_context
def a_date(context: Context, value: Any) -> str:
    if not isinstance(value, date):
        raise FilterError("needs_date")
    return _formats(context).day(value)


@pass_context
def a_datetime(context: Context, value: Any) -> str:
    if not isinstance(value, datetime):
        raise FilterError("needs_time")
    return _formats(context).moment(value)


@pass_context
def weekly_hours(context: Context, hours: Any) -> str:
    if hours not in ("always", "never") and not (isinstance(hours, dict) and "weekly" in hours):
        raise FilterError("needs_hours")
    return _formats(context).weekly_hours(hours)


@pass_context
def spans(context: Context, values: Any) -> str:
    """The hours of one day, such as those of a special day; closed when it has none."""
    return _formats(context).spans(_list(values, "spans"))


@pass_context
def listed(context: Context, values: Any) -> str:
    return _formats(context).listed(_printable(values, "listed"))


def join(values: Any, separator: str = "") -> str:
    texts = [str(value) for value in _printable(values, "join")]
    if sum(map(len, texts)) + len(separator) * len(texts) > MAX_OUTPUT:
        raise FilterError("join_grows")
    return separator.join(texts)


def _printable(values: object, filter_name: str) -> Sequence[Any]:
    found = _list(values, filter_name)
    if any(isinstance(value, dict | tuple | list | bool) or value is None for value in found):
        raise FilterError("needs_texts", filter=filter_name)
    return found


def default(value: Any, instead: Any = "") -> Any:
    """The other value where there is none: a key the policy leaves out."""
    return instead if value is None or isinstance(value, Undefined) else value


def first(values: Any) -> Any:
    return _end(values, 0, "first")


def last(values: Any) -> Any:
    return _end(values, -1, "last")


def _end(values: object, position: int, filter_name: str) -> Any:
    found = _list(values, filter_name)
    if not found:
        raise FilterError("needs_filled", filter=filter_name)
    return found[position]


def length(values: Any) -> int:
    if not isinstance(values, tuple | list | dict | str):
        raise FilterError("needs_length")
    return len(values)


def lower(value: Any) -> str:
    return _text(value, "lower").lower()


def upper(value: Any) -> str:
    return _text(value, "upper").upper()


def _text(value: object, filter_name: str) -> str:
    if not isinstance(value, str):
        raise FilterError("needs_text", filter=filter_name)
    return value


def mapped(values: Any, attribute: str) -> tuple[Any, ...]:
    return tuple(_of(value, attribute) for value in _list(values, "map"))


def selectattr(values: Any, key: str, test: str = "true", other: Any = None) -> tuple[Any, ...]:
    found = _list(values, "selectattr")
    return tuple(value for value in found if _holds(_of(value, key), test, other))


def rejectattr(values: Any, key: str, test: str = "true", other: Any = None) -> tuple[Any, ...]:
    found = _list(values, "rejectattr")
    return tuple(value for value in found if not _holds(_of(value, key), test, other))


def _of(value: object, key: str) -> Any:
    if not isinstance(value, dict) or key not in value:
        raise FilterError("key_missing", key=key)
    return value[key]


def _holds(value: object, test: str, other: object) -> bool:
    if test in ("equalto", "eq", "=="):
        return value == other
    if test in ("ne", "!="):
        return value != other
    if test == "true":
        return bool(value)
    raise FilterError("test_use", test=test)


FILTERS: dict[str, Callable[..., Any]] = {
    "date": a_date,
    "datetime": a_datetime,
    "default": default,
    "first": first,
    "join": join,
    "last": last,
    "length": length,
    "listed": listed,
    "lower": lower,
    "map": mapped,
    "money": money,
    "number": number,
    "percent": percent,
    "rejectattr": rejectattr,
    "selectattr": selectattr,
    "spans": spans,
    "upper": upper,
    "weekly_hours": weekly_hours,
}
TESTS: dict[str, Any] = {
    name: JINJA_TESTS[name]
    for name in ("defined", "undefined", "none", "true", "false", "equalto", "eq", "ne", "in")
}
