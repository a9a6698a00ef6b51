"""What an answer's template may be made of: a list of what is allowed, the rest is refused.

What passes is bounded by construction: no calls, no arithmetic, one loop at a time over a list of
the policy, filters of ours only. So a render needs no watchdog.
"""

import inspect
from collections.abc import Callable, Iterator
from difflib import get_close_matches

from jinja2 import Environment, TemplateSyntaxError, nodes

from knowledge.faults import Fault, fault
from knowledge.filters import FILTERS, TESTS
from knowledge.policy import SupportPolicy

MAX_SOURCE = 8 * 1024
MAX_NODES = 500
MAX_DEPTH = 20
LOOP = ("first", "last", "index", "length")
TIMELY = frozenset({"open_now", "next_opening", "today"})
DESK = "desk"
"""What the desk tells with a message, such as the agent's name; answers have none of it."""

NAMES = frozenset(SupportPolicy.model_fields) | TIMELY | {DESK}

PARSER = Environment(autoescape=False)  # only parses; answers.py renders

PLAIN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
    nodes.If,
    nodes.List,
    nodes.Tuple,
    nodes.Keyword,
)
NAMED = {
    nodes.Call: "no_call",
    nodes.Concat: "no_joining",
    nodes.Slice: "no_slice",
    nodes.BinExpr: "no_arithmetic",
    nodes.UnaryExpr: "no_arithmetic",
}
TAGS = {
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.FilterBlock: "filter",
    nodes.FromImport: "import",
    nodes.CallBlock: "call",
    nodes.Scope: "autoescape",
}


def template_faults(source: str) -> list[Fault]:
    """Everything in the template that is not allowed, in the order of the lines."""
    if len(source.encode(errors="replace")) > MAX_SOURCE:
        return [fault(1, "too_long", most=MAX_SOURCE // 1024)]
    try:
        tree = PARSER.parse(source)
    except TemplateSyntaxError as error:
        detail = (error.message or "this is not a template").rstrip(".")
        return [fault(error.lineno, "syntax", detail=detail)]
    except RecursionError:
        return [fault(1, "too_deep")]
    except (ValueError, OverflowError):
        return [fault(1, "long_number")]
    if large := _too_large(tree):
        return [large]
    found = dict.fromkeys(_faults(tree, frozenset()))
    return sorted(found, key=lambda each: each.line)


def _too_large(tree: nodes.Template) -> Fault | None:
    count = 0
    waiting: list[tuple[nodes.Node, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if depth > MAX_DEPTH:
            return fault(node.lineno, "too_deep_for", most=MAX_DEPTH)
        if count > MAX_NODES:
            return fault(node.lineno, "too_many_parts", most=MAX_NODES)
        waiting.extend((child, depth + 1) for child in node.iter_child_nodes())
    return None


def _faults(node: nodes.Node, loops: frozenset[str]) -> Iterator[Fault]:
    """Faults in a node and below; `loops` holds the name that stands for the loop's element."""
    if isinstance(node, nodes.For):
        yield from _loop_faults(node, loops)
        return
    if isinstance(node, nodes.Name):
        yield from _name_faults(node, loops)
    elif isinstance(node, nodes.Getattr):
        if loops and _is_loop(node.node) and node.attr in LOOP:
            return
        if node.attr.startswith("_"):
            yield fault(node.lineno, "not_allowed", what=node.attr)
    elif isinstance(node, nodes.Getitem):
        yield from _key_faults(node)
    elif isinstance(node, nodes.Filter):
        yield from _filter_faults(node)
    elif isinstance(node, nodes.Test):
        if node.name not in TESTS:
            yield fault(node.lineno, "no_test", test=node.name)
    elif not isinstance(node, PLAIN):
        yield _refused(node)
        return
    for child in node.iter_child_nodes():
        yield from _faults(child, loops)


def _line(node: nodes.Node) -> int:
    """Some nodes know no line; then it is that of the first below that does."""
    below = (each.lineno for each in node.find_all(nodes.Node) if each.lineno)
    return node.lineno or next(below, 1)


def _refused(node: nodes.Node) -> Fault:
    for kind in type(node).__mro__:
        if kind in NAMED:
            return fault(_line(node), NAMED[kind])
        if kind in TAGS:
            return fault(_line(node), "not_allowed", what=TAGS[kind])
    return fault(_line(node), "not_allowed", what=type(node).__name__.lower())


def _loop_faults(node: nodes.For, loops: frozenset[str]) -> Iterator[Fault]:
    if loops:
        yield fault(node.lineno, "for_in_for")
    if node.recursive:
        yield fault(node.lineno, "for_recursive")
    if not isinstance(_root(node.iter), nodes.Name):
        yield fault(node.lineno, "for_over")
    if not isinstance(node.target, nodes.Name):
        yield fault(node.lineno, "for_name")
        return
    name = node.target.name
    if name in NAMES or name == "loop" or name.startswith("_"):
        yield fault(node.lineno, "name_taken", name=name)
    yield from _faults(node.iter, loops)
    for child in [*([node.test] if node.test else []), *node.body]:
        yield from _faults(child, frozenset({name}))
    for child in node.else_:
        yield from _faults(child, loops)


def _root(node: nodes.Node) -> nodes.Node:
    while isinstance(node, nodes.Getattr | nodes.Getitem | nodes.Filter) and node.node:
        node = node.node
    return node


def _name_faults(node: nodes.Name, loops: frozenset[str]) -> Iterator[Fault]:
    if node.name in NAMES or node.name in loops:
        return
    if near := get_close_matches(node.name, [*NAMES, *loops], n=1):
        yield fault(node.lineno, "name_near", name=node.name, near=near[0])
    else:
        names = ", ".join(sorted(NAMES))
        yield fault(node.lineno, "name_unknown", name=node.name, names=names)


def _is_loop(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "loop"


def _key_faults(node: nodes.Getitem) -> Iterator[Fault]:
    key = node.arg
    if not isinstance(key, nodes.Const) or not isinstance(key.value, int | str):
        yield fault(node.lineno, "bad_key")
    elif isinstance(key.value, str) and key.value.startswith("_"):
        yield fault(node.lineno, "not_allowed", what=key.value)


def _filter_faults(node: nodes.Filter) -> Iterator[Fault]:
    known = FILTERS.get(node.name)
    if node.node is None or known is None:
        yield fault(node.lineno, "no_filter", filter=node.name)
    elif node.dyn_args is not None or node.dyn_kwargs is not None:
        yield fault(node.lineno, "no_stars")
    elif not _fits(known, node):
        yield fault(node.lineno, "filter_use", filter=node.name)


def _fits(function: Callable[..., object], node: nodes.Filter) -> bool:
    """Whether the filter takes this many values and these names."""
    context = [None] if hasattr(function, "jinja_pass_arg") else []
    named = dict.fromkeys(str(keyword.key) for keyword in node.kwargs)
    try:
        inspect.signature(function).bind(*context, None, *node.args, **named)
    except TypeError:
        return False
    return len(named) == len(node.kwargs)
