"""The assistant: how its parts are put together. The command line starts here."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

gc.disable()  # what is imported is no garbage, and looking for some takes a tenth of the time

from aiohttp import web

from accounts import store
from accounts.passwords import Passwords
from accounts.secrets import kept_secret
from bot.deliveries import Deliveries
from bot.log_adapter import LogAdapter
from bot.outside import Outside
from bot.speaker import DeskSpeaker
from bot.teams import TeamsChannel, teams_routes
from bot.turns import Adapter, Turns
from config import Settings
from conversations.streams import Streams
from handoff.customers import Customers
from handoff.desk import Desk
from handoff.escalations import Escalations
from handoff.voice import Voice
from handoff.watch import Watch
from installation import (
    addresses,
    builder_of,
    lifetimes,
    oidc_roles,
    oidc_settings,
    teams_settings,
)
from knowledge.editing import Editing
from knowledge.entry import route_of
from knowledge.files import digest_of, load
from knowledge.folder import Start
from knowledge.folder import known as folder_as_read
from knowledge.folder import start as read_folder
from knowledge.live import Knowledge, Live
from knowledge.matching import MatcherProcesses, Matchers
from knowledge.preparing import today
from knowledge.workshop import Workshop
from loops import forever
from storage.database import Database, open_database
from web.agents_in_teams import AgentsInTeams
from web.customer_doors import CustomerDoors
from web.desk_doors import DeskDoors
from web.errors import errors
from web.guard import Guard
from web.hooks import Hooks
from web.kb_editor import Editor
from web.kb_routes import editor_routes
from web.learn_model import ChatModel
from web.learn_pages import Learn
from web.learn_routes import learn_routes
from web.oidc import OidcSignIn
from web.oidc_provider import Provider
from web.origins import Origins, cors
from web.proxies import Proxies
from web.rendering import Rendering
from web.sign_in import SignIn
from web.staff_routes import staff_routes
from web.tokens import Tokens

gc.enable()

DRAIN_S = 8.0
DATABASE = web.AppKey("database", Database)
EDITING = web.AppKey("editing", Editing)


def utc_now() -> datetime:
    return datetime.now(UTC)


async def create_app(
    settings: Settings,
    now: Callable[[], datetime] = utc_now,
    matchers: Matchers | None = None,
) -> web.Application:
    """Open the database, load the knowledge base, build the parts and give each what it needs."""
    limits = (settings.max_wrong_answers, settings.max_turned_away)
    matching = (settings.encoder, settings.cache, *limits)
    builder, matchers = builder_of(settings), matchers or MatcherProcesses(*matching)
    await matchers.get_ready()
    database = await open_database(settings.database_url)
    start = await _begun(database, settings.content, now())
    content = today(start.content, now())
    opening = asyncio.ensure_future(matchers.open(content))  # in its own process meanwhile
    passwords = await asyncio.to_thread(Passwords)
    proxies = Proxies(settings.trusted_proxies)
    origins = Origins(settings.widget_origins, settings.public_url, proxies)
    rendering = Rendering(origins, lambda: live.knowledge.policy.partner.name)
    live = Live(Knowledge(start.version, content, await opening))
    workshop, review = Workshop(*matching), settings.review_before_publish
    teams, policy = TeamsChannel(teams_settings(settings)), lambda: live.knowledge.policy
    outside = Outside(database, teams, policy, addresses(settings), now, store.owners)
    editing = Editing(
        database, live, start, builder, workshop, matchers, review, now, outside.remind
    )

    couriers, elsewhere = outside.couriers, outside.has_desk
    voice = Voice(DeskSpeaker(live), policy, couriers, elsewhere)
    customers = Customers(voice, lambda entry: route_of(live.knowledge.content.entries, entry))
    watch, desk = Watch(voice), Desk(voice)
    people = AgentsInTeams(dict(settings.desk_teams_people), settings.desk_teams_anyone)
    agents = outside.teams_desk(voice, desk, people)

    streams = Streams(database)
    deliveries = Deliveries(database, {"msteams": teams.deliver, **outside.senders}, now)
    adapters: dict[str, Adapter] = {"web": LogAdapter(), "msteams": teams.adapter}
    turns = Turns(database, live, adapters, deliveries, customers, streams.whisper, now, agents)

    tokens = Tokens(settings.direct_line_secrets or (await kept_secret(database, "direct_line"),))
    sites, pace = settings.widget_origins, settings.tokens_per_minute
    asking = CustomerDoors(database, streams, turns, live, tokens, origins, proxies, sites, pace)

    guard = Guard(database, rendering, origins, now, lifetimes(settings))
    provider = Provider(oidc_settings(settings), now) if settings.oidc_issuer else None
    local, name = settings.local_accounts, settings.oidc_name if provider else ""
    sign_in = SignIn(database, guard, rendering, passwords, proxies, now, local, name)
    secret, passed_on = await kept_secret(database, "agent_tickets"), Escalations(voice)
    helping = DeskDoors(database, guard, rendering, streams, live, desk, passed_on, secret, now)
    learn = Learn(database, guard, rendering, live, editing, now)
    model_url, model_name = settings.writing_model_url, settings.writing_model_name
    model = ChatModel(model_url, model_name) if model_url else None
    editor = Editor(database, guard, rendering, live, editing, review, now)

    app = web.Application(middlewares=[cors, errors])
    app[DATABASE], app[EDITING] = database, editing
    app.add_routes(teams_routes(teams, turns))
    app.add_routes(asking.routes())
    app.add_routes(
        staff_routes(database, guard, rendering, passwords, sign_in, origins, now, local)
    )
    app.add_routes(helping.routes())
    app.add_routes(learn_routes(learn, model))
    app.add_routes(editor_routes(editor, builder.encoder))
    if provider:
        key, roles = await kept_secret(database, "sign_in"), oidc_roles(settings)
        oidc = OidcSignIn(database, provider, guard, sign_in, origins, key, roles, now)
        app.add_routes(oidc.routes())
    if settings.webhook_secret:
        app.add_routes(Hooks(database, desk, settings.webhook_secret, now).routes())

    async def running(app: web.Application) -> AsyncIterator[None]:
        warming = asyncio.create_task(live.knowledge.warm())
        loops: dict[str, Callable[[], Awaitable[None]]] = {
            "turns": turns.sweep,
            "watch": partial(watch.keep, database, now),
            "outside": partial(outside.keep_asking, desk),
            "editing": editing.run,
        }
        tasks = [asyncio.create_task(forever(*each)) for each in loops.items()]
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
        deliveries.close()
        streams.close()
        passwords.close()
        await live.knowledge.matching.close()
        await matchers.close()
        if provider:
            await provider.close()
        if model:
            await model.close()
        await database.close()

    app.on_shutdown.extend((asking.stop, helping.stop))
    app.cleanup_ctx.append(running)
    return app


async def _begun(database: Database, folder: Path, now: datetime) -> Start:
    """What is in force; files that are as they were are not read again."""
    digest = digest_of(folder)
    try:
        if known := await database.read(folder_as_read, digest):
            return known
        return await database.write(read_folder, load(folder), now, digest)
    except BaseException:
        await database.close()
        raise


if __name__ == "__main__":
    from commands import main

    main()
