"""What kind of field each value of the policy takes, read from the policy's own types."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator

from knowledge.hours import Hours, Span, Week
from knowledge.policy import SupportPolicy
from knowledge.values import Money

Shape = dict[str, Any]
PLAIN = {bool: "bool", int: "count", Decimal: "decimal", date: "date", str: "line"}

SECTIONS: dict[str, tuple[str, ...]] = {
    "hours": ("support.hours.time_zone", "support.hours.weekly"),
    "days": ("support.hours.special_days",),
    "contacts": ("support.contacts", "support.response_times", "support.complaints"),
    "plans": ("support.plans", "prices"),
    "payment": ("payment",),
    "collections": ("collections",),
    "escalation": ("escalation",),
    "handoff": ("handoff",),
    "support": (
        *("support.provider", "support.provider_name", "support.provides", "support.excludes"),
    ),
    "invoices": ("invoices", "tax"),
    "subscriptions": ("subscriptions", "microsoft"),
    "partner": ("partner", "roles", "products"),
}
"""The pages, and what of the policy stands on each; together they are all of it."""


def shape_at(path: str) -> Shape:
    """Of a place such as `support.hours`."""
    model: type[BaseModel] = SupportPolicy
    *above, last = path.split(".")
    for name in above:
        found = model.model_fields[name].annotation
        assert isinstance(found, type)
        model = found
    field = model.model_fields[last]
    return shape(field.annotation, field.metadata)


def shape(kind: Any, metadata: Sequence[Any] = ()) -> Shape:
    """`{kind, ...}`: a list has the shape of its `item`, a group `fields` in their order, a choice
    its `options`; what is `optional` may be left empty."""
    if get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        return shape(kind, more)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _union([part for part in parts if part is not NoneType], NoneType in parts)
    if origin is Literal:
        return {"kind": "choice", "options": list(parts)}
    if origin is tuple:
        return {"kind": "spans"} if parts[0] is Span else {"kind": "list", "item": shape(parts[0])}
    if origin is dict:
        is_text = any(isinstance(each, BeforeValidator) for each in metadata)
        return {"kind": "text"} if is_text else {"kind": "map", "item": shape(parts[1])}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {"kind": "money"} if kind is Money else _group(kind)
    return {"kind": PLAIN[kind]}


def _group(model: type[BaseModel]) -> Shape:
    fields = [
        (name, shape(field.annotation, field.metadata))
        for name, field in model.model_fields.items()
    ]
    return {"kind": "group", "fields": fields}


def _union(parts: list[Any], optional: bool) -> Shape:
    """The few pairs that a policy has, each with a field of its own."""
    bare = [get_args(part)[0] if get_origin(part) is Annotated else part for part in parts]
    found: Shape
    if Money in bare:
        found = {"kind": "price"}
    elif Week in bare:
        found = {"kind": "weekly", "options": ["always", "never"]}
    elif Hours in bare:
        found = {"kind": "own_hours", "item": _group(Hours)}
    elif str in bare:
        found = {"kind": "text_or_line"}
    else:
        found = shape(parts[0])
    return found | ({"optional": True} if optional else {})
