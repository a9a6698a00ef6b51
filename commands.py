"""The command line."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import click
import uvloop
from aiohttp import web

from accounts import changes
from accounts.links import new_key
from app import DATABASE, create_app, utc_now
from bot import terminal
from bot.teams_package import TeamsApp, build_package
from commands_content import export, import_file
from config import ConfigError, Settings, load_settings
from installation import build_matcher, ready_to_serve
from knowledge.answers import AnswerError
from knowledge.check import check_folder
from knowledge.encoder import EncoderError
from knowledge.entry import KnowledgeError, Problem, Severity
from knowledge.evaluate import evaluate
from knowledge.files import Content, load
from knowledge.golden import CasesError, read_cases
from knowledge.interchange.writing import CannotHold
from knowledge.live import Knowledge
from knowledge.matching import InThread
from knowledge.process import ProcessError
from logs import configure_logs
from storage.database import Database, StorageError, open_database
from web.access_log import AccessLog
from web.joining import join_path

A_PERCENT = click.FloatRange(0, 100)
EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h: a supervisor need not try again
CANNOT_GO_ON = (
    *(ConfigError, StorageError, KnowledgeError, EncoderError, CasesError),
    *(CannotHold, AnswerError, ProcessError),
)


@click.group()
def commands() -> None:
    """The billing assistant. `COMMAND --help` says more."""


@commands.command()
@click.option("--dev", is_flag=True, help="Run without Teams credentials, for this machine alone.")
def serve(dev: bool) -> None:
    """Serve the widget, Direct Line and Teams."""
    settings = load_settings(dev=dev)
    configure_logs(settings.log_level)
    uvloop.run(_serve(settings))


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(as_json: bool) -> None:
    """Check the knowledge base; errors end with exit code 1."""
    problems = check_folder(load_settings(dev=True).content, utc_now())
    if as_json:
        _print_json([_problem(problem) for problem in problems])
    else:
        for problem in problems:
            click.echo(problem)
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        click.echo(f"{errors} errors, {len(problems) - errors} warnings")
    sys.exit(any(problem.severity is Severity.ERROR for problem in problems))


@commands.command("evaluate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--min-accuracy", type=A_PERCENT, help="Exit code 1 when fewer first matches are right."
)
@click.option("--max-wrong", type=A_PERCENT, help="Exit code 1 when more answers are wrong.")
def evaluate_file(
    file: Path, as_json: bool, min_accuracy: float | None, max_wrong: float | None
) -> None:
    """Ask every question of FILE and compare with the entry it expects.

    FILE is CSV with the columns question, language, expected: an entry's id, several separated by
    |, or nothing for what is out of scope. Percents are of the questions that expect an entry.
    """
    cases = read_cases(file)
    settings = load_settings(dev=True)
    evaluation = evaluate(build_matcher(load(settings.content), settings), cases)
    if as_json:
        _print_json(evaluation.as_dict())
    else:
        click.echo(evaluation.as_text())
    missed = list(evaluation.figures.missed(min_accuracy, max_wrong))
    for said in missed:
        click.echo(said, err=True)
    sys.exit(bool(missed))


commands.add_command(import_file)
commands.add_command(export)


@commands.command()
@click.argument("question")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def ask(question: str, as_json: bool) -> None:
    """Answer one QUESTION here in the terminal."""
    outcome, result = asyncio.run(terminal.ask(_knowledge(), question, utc_now()))
    if as_json:
        _print_json(terminal.as_json(outcome, result))
    else:
        click.echo(terminal.as_text(outcome))


@commands.command()
def chat() -> None:
    """Talk with the assistant in the terminal; an empty line or Ctrl-D ends it."""
    asyncio.run(_chat(_knowledge()))


@commands.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("teams-package.zip"))
def teams_package(out: Path) -> None:
    """Write the app package that an administrator uploads to Teams."""
    settings = load_settings(dev=True)
    if not settings.app_id or not settings.public_url:
        raise ConfigError("MicrosoftAppId and PUBLIC_URL are needed: they stand in the manifest.")
    build_package(_teams_app(settings, load(settings.content)), out)
    click.echo(f"Wrote {out}. Upload it in the Teams admin center, under Manage apps.")


@commands.command()
def admin_link() -> None:
    """Print a link that makes one more global admin; it works once, for 24 hours."""
    settings = load_settings(dev=True)
    if not settings.local_accounts:
        raise ConfigError("LOCAL_ACCOUNTS is no: give the role at the OpenID provider.")
    click.echo(asyncio.run(_admin_link(settings)))


def main() -> None:
    """What cannot go on ends with one sentence (or one per problem), never with a traceback."""
    try:
        commands()
    except CANNOT_GO_ON as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_CONFIG if isinstance(error, ConfigError) else 1)


async def _serve(settings: Settings) -> None:
    app = await create_app(settings)
    ready_to_serve()
    runner = web.AppRunner(app, access_log_class=AccessLog)
    await runner.setup()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stopping.set)
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await _listen(site, settings)
        click.echo(_what_is_where(settings))
        if settings.local_accounts:
            await _offer_first_account(app[DATABASE], settings)
        await stopping.wait()
    finally:
        await runner.cleanup()


async def _offer_first_account(database: Database, settings: Settings) -> None:
    """Until there is a global admin, each start prints a link to become one."""
    key = new_key()
    if await database.write(changes.first_admin_link, key, utc_now()):
        click.echo(
            f"  make the first account (once, within 24 h): {settings.base_url}{join_path(key)}"
        )


async def _admin_link(settings: Settings) -> str:
    database = await open_database(settings.database_url)
    try:
        key = new_key()
        await database.write(changes.admin_link, key, utc_now())
        return f"{settings.base_url}{join_path(key)}"
    finally:
        await database.close()


async def _listen(site: web.TCPSite, settings: Settings) -> None:
    try:
        await site.start()
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise ConfigError(f"Cannot listen on {where} ({error.strerror}); set PORT.") from None


def _what_is_where(settings: Settings) -> str:
    url = settings.base_url
    teams = "checked tokens" if settings.app_id else "open, for this machine only (--dev)"
    return "\n".join(
        (
            f"Ready: {url}",
            f"  try it      {url}/",
            f"  sign in     {url}/sign-in",
            f'  your site   <script src="{url}/widget.js" async></script>',
            f"  Teams       {url}/api/messages ({teams})",
            f"  Direct Line {url}/v3/directline",
            f"  health      {url}/health",
            f"  content     {settings.content}",
            f"  database    {settings.database_url.partition('@')[2] or settings.database_url}",
        )
    )


def _teams_app(settings: Settings, content: Content) -> TeamsApp:
    partner = content.policy.partner
    entries = {entry.id: entry for entry in content.entries}
    common = [entries[i] for i in content.messages.common_questions if i in entries]
    try:
        return TeamsApp(
            app_id=settings.app_id,
            url=settings.public_url,
            name=dict(partner.name),
            developer=partner.legal_name,
            questions=[
                {language: entry.title(language) for language in partner.languages}
                for entry in common
            ],
        )
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _knowledge() -> Knowledge:
    settings = load_settings(dev=True)
    content = load(settings.content)
    return Knowledge(0, content, InThread(build_matcher(content, settings)))


async def _chat(knowledge: Knowledge) -> None:
    lines = iter(lambda: sys.stdin.readline().strip(), "")
    async for reply in terminal.chat(knowledge, lines, utc_now):
        click.echo(f"\n{reply}\n")
        click.echo("> ", nl=False)


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "file": problem.file,
        "line": problem.line,
        "entry": problem.entry,
        "message": problem.message,
    }


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
