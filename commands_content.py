"""The command line: the knowledge base in and out of files."""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from config import ConfigError, load_settings
from knowledge import origins
from knowledge.differences import Change, What
from knowledge.entry import Entry, Severity
from knowledge.files import ENTRIES, Content, load
from knowledge.interchange import writing
from knowledge.interchange.checking import brought
from knowledge.interchange.composing import Defaults
from knowledge.interchange.folder import files_of
from knowledge.interchange.found import MAX_BYTES, Origin
from knowledge.interchange.others import others_of
from knowledge.interchange.reading import Import, read_files
from knowledge.interchange.writing import ENDINGS, FORMATS
from knowledge.versions import content_of, head
from storage.database import Connection, read_once

REVIEWED_WITHIN = timedelta(days=90)  # what was imported has not been read by anybody here
KINDS = (*ENDINGS, ".json")
TEXTS = ("questions.", "answer.")
A_PATH = click.Path(path_type=Path)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("--language", default="", help="Of everything in FILE; else told from each text.")
@click.option("--to", type=A_PATH, help="The content folder to change; else the one of CONTENT.")
@click.option(
    "--owner", default="", help="The role that owns new entries; else the one of their topic."
)
def import_file(file: Path, dry_run: bool, language: str, to: Path | None, owner: str) -> None:
    """Take FILE, or a folder, into the entries: all of it, or nothing when there are errors.

    YAML of ours, CSV, XLSX, QnA Maker and Custom Question Answering (TSV, XLSX, ZIP, JSON), Rasa.
    """
    folder = to or load_settings(dev=True).content
    content = load(folder)
    made = read_files(
        _given(file),
        content.entries,
        content.policy.partner.languages,
        Defaults(_owner(content, owner), _now().date() + REVIEWED_WITHIN, language),
    )
    problems = [*made.problems, *brought(made, content, _now())]
    for problem in problems:
        click.echo(problem, err=problem.severity is Severity.ERROR)
    if errors := sum(problem.severity is Severity.ERROR for problem in problems):
        raise click.ClickException(f"{errors} errors in {file}; nothing was written.")
    for line in _told(made, content):
        click.echo(line)
    if not dry_run:
        there = _entry_files(folder)
        stems = {entry.topic for entry in content.entries if f"{entry.topic}.yaml" in there}
        _put(folder, _entries_in(files_of(there, made.entries, lambda e: _file_for(e, stems))))


@click.command("export")
@click.argument("file", required=False, type=A_PATH)
@click.option("--format", type=click.Choice(list(FORMATS)), help="Else told from FILE's ending.")
@click.option("--to", type=A_PATH, help="A content folder: it becomes this, all parts of it.")
@click.option("--published", is_flag=True, help="What is published, from the database; else files.")
def export(file: Path | None, format: str | None, to: Path | None, published: bool) -> None:
    """Write the entries to FILE (.yaml, .zip, .csv, .xlsx, .tsv), or everything into a folder.

    In a folder only what says something else is written anew, in its place; comments stay.
    A .tsv is for Custom Question Answering: its answers have today's values in place of templates.
    """
    target = to or file
    if target is None:
        raise click.UsageError("Name a FILE, or a folder with --to.")
    kind = format or ENDINGS.get(target.suffix) or "yaml"
    content, known = _content(published)
    if target.is_dir() or target.suffix not in ENDINGS:
        _export_to_folder(target, kind, content, known)
    else:
        _save(target, writing.export(kind, content, _now(), known))
        click.echo(f"Wrote {len(content.entries)} entries to {target}.")


def _export_to_folder(folder: Path, kind: str, content: Content, known: list[Origin]) -> None:
    if kind == "yaml":
        there, entries = _entry_files(folder), content.entries
        changed = files_of(there, entries, lambda e: e.topic, exactly=True)
        _put(folder, {**_entries_in(changed), **others_of(folder, content)})
        return
    ending = next(ending for ending, each in ENDINGS.items() if each == kind)
    _save(folder / f"entries{ending}", writing.export(kind, content, _now(), known))
    click.echo(f"Wrote {len(content.entries)} entries to {folder / f'entries{ending}'}.")


def _content(published: bool) -> tuple[Content, list[Origin]]:
    """With what other systems called the entries, where the database knows."""
    settings = load_settings(dev=True)
    if published:
        return asyncio.run(read_once(settings.database_url, _published))
    return load(settings.content), []


def _published(connection: Connection) -> tuple[Content, list[Origin]]:
    number = head(connection).version
    if not number:
        raise ConfigError("Nothing is published in the database yet; start the assistant once.")
    return content_of(connection, number), origins.kept(connection)


def _now() -> datetime:
    return datetime.now(UTC)


def _owner(content: Content, owner: str) -> Callable[[str], str]:
    """Of the entries of a topic."""
    roles = [role.id for role in content.policy.roles]
    if owner and owner not in roles:
        raise click.UsageError(f"{owner} is no role of the policy; use one of {', '.join(roles)}.")
    return (lambda topic: owner) if owner else content.policy.owner_for


def _given(path: Path) -> Mapping[str, bytes]:
    """The file, or what a folder holds that can be read."""
    if not path.is_dir():
        if path.stat().st_size > MAX_BYTES:
            raise click.ClickException(f"{path} is larger than {MAX_BYTES >> 20} MiB; split it.")
        return {str(path): path.read_bytes()}
    paths = [each for each in sorted(path.rglob("*")) if each.suffix.lower() in KINDS]
    if not paths:
        raise click.ClickException(f"There is no file in {path} that can be imported.")
    return {str(each): each.read_bytes() for each in paths if each.is_file()}


def _entry_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / ENTRIES).glob("*.yaml"))}


def _entries_in(files: Mapping[str, str]) -> dict[str, str | None]:
    return {f"{ENTRIES}/{name}": text for name, text in files.items()}


def _file_for(entry: Entry, stems: set[str]) -> str:
    return entry.topic if entry.topic in stems else "imported"


def _told(made: Import, content: Content) -> Iterator[str]:
    changes = made.diff(content.entries)
    for change in changes:
        yield from _change(change, {entry.id: entry for entry in made.entries})
    added = sum(change.what is What.ADDED for change in changes)
    same = len(made.entries) - len(changes)
    yield f"{added} added, {len(changes) - added} changed, {same} the same"
    for suggestion in made.suggestions:
        seen = f" ({suggestion.count} times)" if suggestion.count else ""
        yield f"suggested for {suggestion.entry_id}: {suggestion.question}{seen}"
    if made.suggestions:
        yield "Suggestions are not kept here; an import in the browser keeps them."
    if any(origin.key or origin.source for origin in made.origins):
        yield "Ids and sources of the file are not kept here; an import in the browser keeps them."


def _change(change: Change, entries: Mapping[str, Entry]) -> Iterator[str]:
    entry = entries[change.part.id]
    yield f"{change.what} {entry.id}: {entry.title(next(iter(entry.questions)))}"
    for each in change.fields:
        if change.what is What.CHANGED or each.field.startswith(TEXTS):
            yield from (f"  {each.field}: {line.mark} {line.text}" for line in each.lines)


def _put(folder: Path, files: Mapping[str, str | None]) -> None:
    """Every file is whole before the first takes the place of an old one; None takes one away."""
    paths = {folder / name: text for name, text in files.items()}
    waiting = {path: path.with_name(f".{path.name}.new") for path in paths if paths[path]}
    try:
        (folder / ENTRIES).mkdir(parents=True, exist_ok=True)
        for path, new in waiting.items():
            new.write_text(paths[path] or "", encoding="utf-8", newline="")
        for path in paths:
            if path in waiting:
                os.replace(waiting[path], path)
            else:
                path.unlink(missing_ok=True)
            click.echo(f"Wrote {path}." if path in waiting else f"Removed {path}.")
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written ({error.strerror}).") from None
    finally:
        for new in waiting.values():
            new.unlink(missing_ok=True)
    if not files:
        click.echo("Nothing to write: the files say it already.")


def _save(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written ({error.strerror}).") from None
