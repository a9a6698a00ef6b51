"""An entry's answer as Markdown: the editor's template, filled from the partner's policy.

A customer's text never comes here. The editor's Markdown stays as it is; values of the policy are
escaped, so that none can start a link, HTML or emphasis.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, Template, Undefined, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from knowledge.entry import Entry
from knowledge.faults import Fault, fault
from knowledge.files import Content
from knowledge.filters import FILTERS, FORMATS, MAX_OUTPUT, TESTS, FilterError
from knowledge.formats import Formats
from knowledge.hours import Span
from knowledge.policy import SupportPolicy
from knowledge.template_rules import DESK, LOOP, TIMELY, template_faults
from knowledge.values import LANGUAGES, Model

MARKUP = re.compile(r"[\\`*\[\]<>]|(?<!\w)_|_(?!\w)")
BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
LINE_BREAKS = re.compile(r"\s*[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]\s*")

COMPILED = 4096  # templates kept
_NEVER = datetime.min.replace(tzinfo=UTC)


class AnswerError(Exception):
    """The answer cannot be given."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault
        self.message = fault.message
        self.line = fault.line


def render(entry: Entry, language: str, policy: SupportPolicy, now: datetime) -> str:
    """The entry's answer in the language, or in another it has; raises AnswerError."""
    return render_texts(entry.answer, language, policy, now)


def render_texts(
    templates: Mapping[str, str],
    language: str,
    policy: SupportPolicy,
    now: datetime,
    desk: Mapping[str, str | int] | None = None,
) -> str:
    """The template of the language, or the first there is, filled in that language."""
    return _rendered(templates, language, policy, now, desk)[0]


def _rendered(
    templates: Mapping[str, str],
    language: str,
    policy: SupportPolicy,
    now: datetime,
    desk: Mapping[str, str | int] | None = None,
) -> tuple[str, bool]:
    """Also whether it would say something else at another time."""
    spoken = language if language in templates else next(iter(templates))
    template, timely = _compiled(templates[spoken])
    variables = answer_context(policy, spoken)
    if timely:
        variables = {**variables, **_at(policy, now)}
    if desk is not None:
        variables = {**variables, DESK: _plain(desk, spoken)}
    return _written(template, variables), timely


class Answers:
    """What one version says; raises AnswerError when it cannot."""

    def __init__(self, content: Content) -> None:
        self._policy = content.policy
        self._entries = {entry.id: entry for entry in content.entries}
        self._messages = content.messages.messages
        self._known: dict[tuple[str, str, str], tuple[datetime | None, str]] = {}

    def templates(self) -> dict[str, None]:
        """Each once, those of the messages first."""
        answers = (entry.answer for entry in self._entries.values())
        groups = (*self._messages.values(), *answers)
        return {source: None for texts in groups for source in texts.values()}

    def compile(self, known: Collection[str] = ()) -> None:
        """All but the known at once, so that no customer waits for it: about a second for a
        hundred entries. Of more than are kept, the others when they are asked for."""
        fresh = [source for source in self.templates() if source not in known]
        for source in fresh[:COMPILED]:
            _compiled(source)

    def answer(self, entry_id: str, language: str, now: datetime) -> str:
        answer = self._entries[entry_id].answer
        return self._said(("answer", entry_id, language), answer, now)

    def say(
        self, message: str, language: str, now: datetime, desk: Mapping[str, str | int] | None
    ) -> str:
        texts = self._messages[message]
        if desk is not None:
            return render_texts(texts, language, self._policy, now, desk)
        return self._said(("message", message, language), texts, now)

    def _said(self, key: tuple[str, str, str], texts: Mapping[str, str], now: datetime) -> str:
        """Rendered once, or once a minute if it speaks of the time: hours have no seconds."""
        minute = now.replace(second=0, microsecond=0)
        valid, text = self._known.get(key, (_NEVER, ""))
        if valid is None or valid == minute:
            return text
        text, timely = _rendered(texts, key[-1], self._policy, now)
        self._known[key] = (minute if timely else None, text)
        return text


@lru_cache(maxsize=16)
def answer_context(policy: SupportPolicy, language: str) -> dict[str, Any]:
    """What every answer in the language can name: the policy as plain data, texts resolved."""
    partner = policy.partner
    formats = Formats(
        language=language,
        locale=partner.locales.get(language, language),  # type: ignore[call-overload]
        time_zone=policy.support.hours.time_zone,
        currency_symbols=tuple(partner.currency_symbols.items()),
    )
    return {**_plain(policy, language), FORMATS: formats}


def _plain(value: Any, language: str) -> Any:
    if isinstance(value, Model):
        return {name: _plain(getattr(value, name), language) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        if value and value.keys() <= set(LANGUAGES):
            return _plain(value.get(language) or next(iter(value.values())), language)
        return {key: _plain(part, language) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(_plain(part, language) for part in value)
    if isinstance(value, str | Span):
        return escaped(str(value))
    return value


def escaped(text: str) -> str:
    """The text as Markdown that shows it and does nothing else, on one line."""
    return MARKUP.sub(r"\\\g<0>", LINE_BREAKS.sub(" ", text))


def _at(policy: SupportPolicy, now: datetime) -> dict[str, Any]:
    return {
        "open_now": policy.is_open(now),
        "next_opening": policy.next_opening(now),
        "today": now.astimezone(ZoneInfo(policy.support.hours.time_zone)).date(),
    }


class _Environment(ImmutableSandboxedEnvironment):
    """A dot is a key, never an attribute."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Undefined):
            return getattr(obj, str(argument))  # raises, and names what was missing first
        try:
            if isinstance(obj, dict) or (
                isinstance(obj, tuple | list) and isinstance(argument, int)
            ):
                return obj[argument]
        except LookupError:
            pass
        return self.undefined(f"{argument} is not there", obj=obj, name=str(argument))


def _printed(value: Any) -> Any:
    """What stands between {{ and }}; a list or yes/no shows that the editor forgot a filter."""
    if isinstance(value, str | int | Decimal | date | Undefined) and not isinstance(value, bool):
        return value
    kind = {dict: "a group of values", tuple: "a list", list: "a list", bool: "true or false"}
    shown = "empty" if value is None else kind.get(type(value), "no text")
    raise FilterError("not_shown", shown=shown)


def _environment() -> _Environment:
    made = _Environment(
        undefined=StrictUndefined,
        autoescape=False,  # the output is Markdown, not HTML; values are escaped before
        finalize=_printed,
        optimized=False,
        cache_size=0,
    )
    made.globals.clear()
    made.filters.clear()
    made.filters.update(FILTERS)
    made.tests.clear()
    made.tests.update(TESTS)
    return made


ENVIRONMENT = _environment()


@lru_cache(maxsize=COMPILED)
def _compiled(source: str) -> tuple[Template, bool]:
    """The template, and whether it speaks of the time."""
    if faults := template_faults(source):
        raise AnswerError(faults[0])
    tree = ENVIRONMENT.parse(source)
    timely = any(name.name in TIMELY for name in tree.find_all(nodes.Name))
    return ENVIRONMENT.from_string(tree), timely


def _written(template: Template, variables: dict[str, Any]) -> str:
    parts: list[str] = []
    size = 0
    try:
        for part in template.generate(variables):
            size += len(part.encode())
            if size > MAX_OUTPUT:
                raise FilterError("grows", most=MAX_OUTPUT // 1024)
            parts.append(part)
    except Exception as error:
        # Whatever a template does wrong, the customer is offered a person instead.
        line = _line(error.__traceback__)
        if isinstance(error, FilterError):
            raise AnswerError(replace(error.fault, line=line)) from error
        raise AnswerError(fault(line, "fails", detail=str(error))) from error
    return BLANK_LINES.sub("\n\n", "".join(parts)).strip()


def _line(trace: TracebackType | None) -> int:
    """The template's line: Jinja gives its frames the template's name and line numbers."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
