"""The assistant: how its parts are put together. The command line starts here."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from aiohttp import web

from accounts.models import Role
from accounts.passwords import Passwords
from accounts.secrets import kept_secret
from accounts.sessions import Lifetimes
from bot.authentication import TeamsSettings
from bot.deliveries import Deliveries
from bot.log_adapter import LogAdapter
from bot.outside import Addresses, Outside
from bot.speaker import DeskSpeaker
from bot.teams import TeamsChannel, teams_routes
from bot.turns import Adapter, Turns
from config import ConfigError, Settings
from conversations.streams import Streams
from handoff.customers import Customers
from handoff.desk import Desk
from handoff.escalations import Escalations
from handoff.voice import Voice
from handoff.watch import Watch
from knowledge.building import Builder
from knowledge.editing import Editing
from knowledge.encoder import load_encoder
from knowledge.files import Content, load
from knowledge.folder import start as read_folder
from knowledge.live import Knowledge, Live
from knowledge.matcher import Matcher
from knowledge.preparing import today
from knowledge.workshop import Workshop
from storage.database import Database, open_database
from web.access import Access
from web.agent_actions import AgentActions
from web.agent_console import AgentConsole
from web.agent_socket import AgentSockets
from web.agents_in_teams import AgentsInTeams
from web.direct_line import DirectLine
from web.direct_line_stream import StreamSockets
from web.errors import errors
from web.guard import Guard
from web.health import health_routes
from web.hooks import Hooks
from web.kb_editor import Editor
from web.kb_routes import editor_routes
from web.learn_pages import Learn
from web.learn_routes import learn_routes
from web.oidc import OidcSignIn
from web.oidc_provider import OidcSettings, Provider
from web.origins import Origins, cors
from web.pages import page_routes
from web.proxies import Proxies
from web.rendering import Rendering
from web.reports import Reports
from web.sign_in import SignIn
from web.staff_routes import staff_routes
from web.tokens import Tokens
from web.widget_tokens import WidgetTokens
from web.widget_transcript import WidgetTranscript

DRAIN_S = 8.0
DATABASE = web.AppKey("database", Database)
EDITING = web.AppKey("editing", Editing)


def utc_now() -> datetime:
    return datetime.now(UTC)


async def create_app(
    settings: Settings,
    now: Callable[[], datetime] = utc_now,
    build: Callable[[Content, Settings], Matcher] | None = None,
) -> web.Application:
    """Open the database, load the knowledge base, build the parts and give each what it needs."""
    files = load(settings.content)
    database = await open_database(settings.database_url)
    start = await database.write(read_folder, files, now())
    content = today(start.content, now())
    builder = Builder(load_encoder(settings.encoder), settings.cache, settings.max_wrong_answers)
    matcher = await (
        asyncio.to_thread(build, content, settings)
        if build
        else asyncio.to_thread(builder.start, content)
    )
    live = Live(Knowledge(start.version, content, matcher))
    workshop = Workshop(settings.encoder, settings.cache, settings.max_wrong_answers)
    review = settings.review_before_publish
    editing = Editing(database, live, start, builder, workshop, review, now)

    teams = TeamsChannel(teams_settings(settings))
    streams = Streams(database)
    outside = Outside(database, teams, lambda: live.knowledge.policy, addresses(settings), now)
    deliveries = Deliveries(database, {"msteams": teams.deliver, **outside.senders}, now)
    adapters: dict[str, Adapter] = {"web": LogAdapter(), "msteams": teams.adapter}
    voice = Voice(DeskSpeaker(live), lambda: live.knowledge.policy, outside.couriers)
    customers, watch, desk = Customers(voice), Watch(voice), Desk(voice)
    people = AgentsInTeams(dict(settings.desk_teams_people), settings.desk_teams_anyone)
    agents = outside.teams_desk(voice, desk, people)
    turns = Turns(database, live, adapters, deliveries, customers, streams.whisper, now, agents)

    secrets = settings.direct_line_secrets or (await kept_secret(database, "direct_line"),)
    tokens = Tokens(secrets)
    proxies = Proxies(settings.trusted_proxies)
    origins = Origins(settings.widget_origins, settings.public_url, proxies)
    access = Access(tokens, origins)
    sockets = StreamSockets(database, streams, access, proxies)

    passwords = await asyncio.to_thread(Passwords)
    rendering = Rendering(origins, lambda: live.knowledge.policy.partner.name)
    guard = Guard(database, rendering, origins, now, lifetimes(settings))
    provider = Provider(oidc_settings(settings), now) if settings.oidc_issuer else None
    local, name = settings.local_accounts, settings.oidc_name if provider else ""
    sign_in = SignIn(database, guard, rendering, passwords, proxies, now, local, name)

    console = AgentConsole(database, guard, rendering, live, now)
    ticket_secret = await kept_secret(database, "agent_tickets")
    pages = AgentSockets(database, guard, rendering, streams, live, ticket_secret, now)
    passed_on = Escalations(voice)
    actions = AgentActions(database, guard, rendering, live, desk, passed_on, pages.stir, now)

    app = web.Application(middlewares=[cors, errors])
    app[DATABASE] = database
    app[EDITING] = editing
    app.add_routes(teams_routes(teams, turns))
    app.add_routes(DirectLine(database, streams, turns, tokens, origins).routes())
    app.add_routes(sockets.routes())
    app.add_routes(WidgetTokens(tokens, origins, proxies, settings.tokens_per_minute).routes())
    app.add_routes(WidgetTranscript(database, access, live).routes())
    app.add_routes(page_routes(lambda: live.knowledge.policy, origins, settings.widget_origins))
    app.add_routes(health_routes(database, live))
    app.add_routes(
        staff_routes(database, guard, rendering, passwords, sign_in, origins, now, local)
    )
    reports = Reports(database, guard, rendering, live, now)
    for part in (console, actions, pages, reports):
        app.add_routes(part.routes())
    learn = Learn(database, guard, rendering, live, editing.learning, now)
    app.add_routes(learn_routes(learn))
    editor = Editor(database, guard, rendering, live, editing, review, now)
    app.add_routes(editor_routes(editor, builder.encoder))
    if provider:
        key = await kept_secret(database, "sign_in")
        roles = oidc_roles(settings)
        oidc = OidcSignIn(database, provider, guard, sign_in, origins, key, roles, now)
        app.add_routes(oidc.routes())

    if settings.webhook_secret:
        app.add_routes(Hooks(database, desk, settings.webhook_secret, now).routes())

    async def running(app: web.Application) -> AsyncIterator[None]:
        warming = asyncio.create_task(asyncio.to_thread(live.knowledge.warm))
        forever = [turns.sweep(), watch.keep(database, now), editing.run()]
        tasks = [asyncio.create_task(each) for each in forever]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await warming
        await editing.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(turns.settled(), DRAIN_S)
        await teams.close()
        await outside.close()
        streams.close()
        passwords.close()
        if provider:
            await provider.close()
        await database.close()

    app.on_shutdown.append(sockets.stop)
    app.on_shutdown.append(pages.stop)
    app.cleanup_ctx.append(running)
    return app


def build_matcher(content: Content, settings: Settings) -> Matcher:
    return Matcher.build(
        content.entries,
        load_encoder(settings.encoder),
        [question for questions in content.out_of_scope.values() for question in questions],
        cache=settings.cache,
        max_wrong_answers=settings.max_wrong_answers,
    )


def lifetimes(settings: Settings) -> Lifetimes:
    return Lifetimes(
        timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    )


def oidc_settings(settings: Settings) -> OidcSettings:
    return OidcSettings(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)


def oidc_roles(settings: Settings) -> tuple[tuple[str, Role], ...]:
    try:
        return tuple((theirs, Role(ours)) for theirs, ours in settings.oidc_roles)
    except ValueError as error:
        known = ", ".join(Role)
        raise ConfigError(f"OIDC_ROLES: {error}; the roles are {known}.") from None


def addresses(settings: Settings) -> Addresses:
    """Where handoffs are told of besides the console."""
    return Addresses(
        base_url=settings.base_url,
        teams_channel=settings.desk_teams_channel,
        teams_service_url=settings.desk_teams_service_url,
        webhook_urls=settings.webhook_urls,
        webhook_secret=settings.webhook_secret,
        webhook_allow_private=settings.webhook_allow_private,
        hub_url=settings.handoff_hub_url,
        hub_secret=settings.handoff_hub_secret,
        smtp_url=settings.smtp_url,
        mail_from=settings.mail_from,
        mail_to=settings.desk_mail_to,
    )


def teams_settings(settings: Settings) -> TeamsSettings | None:
    """None with --dev and no app id: the open door on this machine."""
    if not settings.app_id:
        return None
    try:
        return TeamsSettings(
            app_id=settings.app_id,
            app_password=settings.app_password,
            app_type=settings.app_type,
            tenant_id=settings.tenant_id,
            openid_metadata_url=settings.openid_metadata_url,
            service_url_hosts=settings.service_url_hosts,
            issuer=settings.issuer,
            token_url=settings.token_url,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from None


if __name__ == "__main__":
    from commands import main

    main()
