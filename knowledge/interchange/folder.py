"""The files of a content folder with entries changed: what stays the same stays to the letter."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from knowledge.entry import Entry, KnowledgeError, Problem
from knowledge.interchange.yaml_text import yaml_entry
from knowledge.reading import Reading
from knowledge.yaml_source import MAX_BYTES, Source, read_yaml

Files = dict[str, str]


def files_of(
    files: Mapping[str, bytes],
    entries: Sequence[Entry],
    file_of: Callable[[Entry], str],
    exactly: bool = False,
) -> Files:
    """The files by name that change, as they are to be written; raises KnowledgeError.

    An entry that is in a file stays in its place there, with its comments, and is written anew
    only if it says something else. A new one goes to the end of `file_of(entry)`.yaml, or of
    `-2.yaml` and so on where that is full. Entries that are not given are taken out if the files
    are to hold `exactly` these.
    """
    changed: Files = {}
    waiting = {entry.id: entry for entry in entries}
    for name, data in files.items():
        text = "".join(_rewritten(name, data, waiting, exactly))
        if text.encode() != data:
            changed[name] = text
    there = {name: changed.get(name, data.decode("utf-8")) for name, data in files.items()}
    for stem, new in _by_file(waiting.values(), file_of).items():
        changed |= _appended(stem, new, there)
    return changed


def _rewritten(name: str, data: bytes, waiting: dict[str, Entry], exactly: bool) -> Iterator[str]:
    """The text of the file, block by block; takes from `waiting` what it finds."""
    source = read_yaml(data, name)
    if source.problems or not isinstance(source.data, list | None):
        said = "This file cannot be changed as it is; mend it first."
        raise KnowledgeError(source.problems or [Problem(name, 1, said)])
    lines = data.decode("utf-8").splitlines(keepends=True)
    entries = source.data or []
    starts = [source.lines[number,] - 1 for number in range(len(entries))]
    yield "".join(lines[: starts[0]] if starts else lines)
    ends = [*starts[1:], len(lines)][: len(starts)]
    for told, start, end in zip(entries, starts, ends, strict=True):
        block = lines[start:end]
        entry = waiting.pop(told.get("id", ""), None) if isinstance(told, dict) else None
        if entry is None and exactly:
            continue
        if entry is None or _says(told, entry):
            yield "".join(block)
        else:
            yield yaml_entry(entry) + "".join(_after(block))


def _says(told: object, entry: Entry) -> bool:
    reading = Reading((*entry.questions, *entry.answer))
    reading.entries(Source("", [told], {(): 0}, []))
    return reading.read == [entry]


def _after(block: Sequence[str]) -> Sequence[str]:
    """Empty lines and comments between this entry and the next."""
    end = len(block)
    while end > 1 and (not block[end - 1].strip() or block[end - 1].startswith("#")):
        end -= 1
    return block[end:]


def _by_file(
    entries: Iterable[Entry], file_of: Callable[[Entry], str]
) -> Mapping[str, list[Entry]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[file_of(entry)].append(entry)
    return found


def _appended(stem: str, entries: Sequence[Entry], there: Mapping[str, str]) -> Files:
    made: dict[str, list[str]] = {}
    number, size = 0, MAX_BYTES
    for text in map(yaml_entry, entries):
        while size + len(text.encode()) >= MAX_BYTES:
            number += 1
            name = f"{stem}.yaml" if number == 1 else f"{stem}-{number}.yaml"
            before = there.get(name, "")
            size = len(before.encode())
        parts = made.setdefault(name, [_open_ended(before)])
        parts.append(f"\n{text}" if parts != [""] else text)
        size += len(text.encode()) + 1
    return {name: "".join(parts) for name, parts in made.items()}


def _open_ended(text: str) -> str:
    if text.strip() in ("", "[]"):
        return ""
    return text if text.endswith("\n") else f"{text}\n"
