"""YAML in the one form in which we write it."""

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import yaml

from knowledge.entry import Entry
from knowledge.interchange.ours import FIELDS, spoken_in

ALWAYS = ("topic", "owner", "review_by", "needs_account", "follow_ups")

ODD_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")


def yaml_of(entries: Sequence[Entry]) -> str:
    """A list with an empty line between entries; `[]` for none."""
    return "\n".join(map(yaml_entry, entries)) or "[]\n"


def yaml_entry(entry: Entry) -> str:
    """One entry as an element of the list, `- id: ...`."""
    return _dump([_plain(entry)])


def yaml_of_mapping(body: Mapping[str, Any]) -> str:
    """A value a line; text of several lines under `|`."""
    return _dump(_with_blocks(body))


def _with_blocks(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_blocks(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_blocks(each) for each in value]
    return _Block(value) if isinstance(value, str) and "\n" in value else value


def _dump(data: Any) -> str:
    return yaml.dump(
        data,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=sys.maxsize,
    )


def _plain(entry: Entry) -> dict[str, Any]:
    fields = {
        name: value
        for name in FIELDS
        if (value := getattr(entry, name)) != Entry.model_fields[name].default or name in ALWAYS
    }
    languages = spoken_in(entry)
    questions = {each: list(entry.questions[each]) for each in languages if each in entry.questions}
    answer = {each: _Block(entry.answer[each]) for each in languages if each in entry.answer}
    return {"id": entry.id, **fields, "questions": questions, "answer": answer}


class _Block(str):
    """Text that is written under `|`, where YAML can."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Lists stand indented under their key."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    """YAML 1.1 breaks lines at characters that are no line breaks to anybody else: escape them.

    Empty lines at the end of a block would run into the empty line before the next entry.
    """
    style = "|" if isinstance(text, _Block) else None
    style = '"' if ODD_BREAKS.search(text) or text.endswith("\n\n") else style
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _in_brackets(dumper: _Dumper, values: tuple[str, ...]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=True)


def _day(dumper: _Dumper, day: date) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", day.isoformat())


_Dumper.add_representer(_Block, _text)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(tuple, _in_brackets)
_Dumper.add_representer(date, _day)
