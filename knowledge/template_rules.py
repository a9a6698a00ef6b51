"""What an answer's template may be made of: a list of what is allowed, the rest is refused.

What passes is bounded by construction: no calls, no arithmetic, one loop at a time over a list of
the policy, filters of ours only. So a render needs no watchdog.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from jinja2 import Environment, TemplateSyntaxError, nodes

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
WORDS = {
    nodes.Call: "calling something with ()",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.FilterBlock: "a filter block",
    nodes.FromImport: "import",
    nodes.CallBlock: "call",
    nodes.Scope: "autoescape",
    nodes.Concat: "joining with ~",
    nodes.Slice: "a slice",
    nodes.BinExpr: "arithmetic",
    nodes.UnaryExpr: "arithmetic",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong on a line of a template."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}"


def template_faults(source: str) -> list[Fault]:
    """Everything in the template that is not allowed, in the order of the lines."""
    if len(source.encode(errors="replace")) > MAX_SOURCE:
        return [Fault(1, f"the answer is longer than {MAX_SOURCE // 1024} KiB; shorten it")]
    try:
        tree = PARSER.parse(source)
    except TemplateSyntaxError as error:
        return [Fault(error.lineno, (error.message or "this is not a template").rstrip("."))]
    except RecursionError:
        return [Fault(1, "this is nested too deep; make it flatter")]
    except (ValueError, OverflowError):
        return [Fault(1, "a number is too long")]
    if fault := _too_large(tree):
        return [fault]
    found = dict.fromkeys(_faults(tree, frozenset()))
    return sorted(found, key=lambda fault: fault.line)


def _too_large(tree: nodes.Template) -> Fault | None:
    count = 0
    waiting: list[tuple[nodes.Node, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if depth > MAX_DEPTH:
            return Fault(node.lineno, f"this is nested more than {MAX_DEPTH} deep; make it flatter")
        if count > MAX_NODES:
            return Fault(node.lineno, f"the answer has more than {MAX_NODES} parts; shorten it")
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
            yield Fault(node.lineno, f"{node.attr} is not allowed")
    elif isinstance(node, nodes.Getitem):
        yield from _key_faults(node)
    elif isinstance(node, nodes.Filter):
        yield from _filter_faults(node)
    elif isinstance(node, nodes.Test):
        if node.name not in TESTS:
            yield Fault(node.lineno, f"test {node.name} is not allowed")
    elif not isinstance(node, PLAIN):
        yield Fault(_line(node), f"{_word(node)} is not allowed")
        return
    for child in node.iter_child_nodes():
        yield from _faults(child, loops)


def _line(node: nodes.Node) -> int:
    """Some nodes know no line; then it is that of the first below that does."""
    below = (each.lineno for each in node.find_all(nodes.Node) if each.lineno)
    return node.lineno or next(below, 1)


def _word(node: nodes.Node) -> str:
    for kind in type(node).__mro__:
        if kind in WORDS:
            return WORDS[kind]
    return type(node).__name__.lower()


def _loop_faults(node: nodes.For, loops: frozenset[str]) -> Iterator[Fault]:
    if loops:
        yield Fault(node.lineno, "a for inside a for is not allowed")
    if node.recursive:
        yield Fault(node.lineno, "a recursive for is not allowed")
    if not isinstance(_root(node.iter), nodes.Name):
        yield Fault(node.lineno, "for goes over a list of the policy only")
    if not isinstance(node.target, nodes.Name):
        yield Fault(node.lineno, "for takes one name")
        return
    name = node.target.name
    if name in NAMES or name == "loop" or name.startswith("_"):
        yield Fault(node.lineno, f"{name} is taken; give the element of the list another name")
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
    near = get_close_matches(node.name, [*NAMES, *loops], n=1)
    advice = f"did you mean {near[0]}?" if near else f"use one of {', '.join(sorted(NAMES))}"
    yield Fault(node.lineno, f"{node.name} is not known here; {advice}")


def _is_loop(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "loop"


def _key_faults(node: nodes.Getitem) -> Iterator[Fault]:
    key = node.arg
    if not isinstance(key, nodes.Const) or not isinstance(key.value, int | str):
        yield Fault(node.lineno, "what stands in [] must be a number or a quoted key")
    elif isinstance(key.value, str) and key.value.startswith("_"):
        yield Fault(node.lineno, f"{key.value} is not allowed")


def _filter_faults(node: nodes.Filter) -> Iterator[Fault]:
    known = FILTERS.get(node.name)
    if node.node is None or known is None:
        yield Fault(node.lineno, f"filter {node.name} is not allowed")
    elif node.dyn_args is not None or node.dyn_kwargs is not None:
        yield Fault(node.lineno, "* and ** are not allowed")
    elif not _fits(known, node):
        yield Fault(node.lineno, f"filter {node.name} is not used like this")


def _fits(function: Callable[..., object], node: nodes.Filter) -> bool:
    """Whether the filter takes this many values and these names."""
    context = [None] if hasattr(function, "jinja_pass_arg") else []
    named = dict.fromkeys(str(keyword.key) for keyword in node.kwargs)
    try:
        inspect.signature(function).bind(*context, None, *node.args, **named)
    except TypeError:
        return False
    return len(named) == len(node.kwargs)
