"""Which values of the policy a template names that are not there, in branches not taken too."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jinja2 import nodes

from knowledge.faults import Fault, fault
from knowledge.template_rules import PARSER, TIMELY

Samples = Sequence[Any] | None
"""What an expression may stand for; None when that cannot be told without rendering."""


def unknown_paths(source: str, context: Mapping[str, Any]) -> list[Fault]:
    """Faults of an allowed template: each dotted path of which no value has the key."""
    scope: dict[str, Samples] = {name: [value] for name, value in context.items()}
    scope.update(dict.fromkeys(TIMELY))
    found = dict.fromkeys(_in(PARSER.parse(source), scope))
    return sorted(found, key=lambda each: each.line)


def _in(node: nodes.Node, scope: Mapping[str, Samples]) -> Iterator[Fault]:
    if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
        yield from _in(node.iter, scope)
        inside = {**scope, node.target.name: _elements(_samples(node.iter, scope)), "loop": None}
        for child in [*([node.test] if node.test else []), *node.body]:
            yield from _in(child, inside)
        for child in node.else_:
            yield from _in(child, scope)
        return
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        above = _samples(node.node, scope)
        if above and not _below(above, _key(node)):
            yield fault(node.lineno, "unknown_path", path=_written(node))
    for child in node.iter_child_nodes():
        yield from _in(child, scope)


def _samples(node: nodes.Node, scope: Mapping[str, Samples]) -> Samples:
    if isinstance(node, nodes.Name):
        return scope.get(node.name)
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        above = _samples(node.node, scope)
        return _below(above, _key(node)) if above else None
    if isinstance(node, nodes.Filter) and node.node:
        values = _samples(node.node, scope)
        if node.name in ("selectattr", "rejectattr"):
            return values
        if node.name in ("first", "last"):
            return _elements(values)
    return None


def _elements(samples: Samples) -> Samples:
    lists = [sample for sample in samples or () if isinstance(sample, tuple)]
    return [element for values in lists for element in values] or None


def _below(samples: Sequence[Any], key: Any) -> list[Any]:
    found = []
    for sample in samples:
        there = sample.keys() if isinstance(sample, dict) else range(_length(sample))
        if key in there:
            found.append(sample[key])
    return found


def _length(sample: Any) -> int:
    return len(sample) if isinstance(sample, tuple) else 0


def _key(node: nodes.Getattr | nodes.Getitem) -> Any:
    if isinstance(node, nodes.Getattr):
        return node.attr
    return node.arg.value if isinstance(node.arg, nodes.Const) else None


def _written(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        return f"{_written(node.node)}.{_key(node)}"
    return "…"
