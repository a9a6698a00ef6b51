"""The pages on which editors learn from what happened, all of them."""

from aiohttp import web

from web.learn_dashboard import Dashboard
from web.learn_exchange import Exchange
from web.learn_pages import Learn
from web.learn_suggestions import Suggestions
from web.learn_unanswered import Unanswered


def learn_routes(learn: Learn) -> list[web.RouteDef]:
    parts = (Unanswered(learn), Suggestions(learn), Dashboard(learn), Exchange(learn))
    return [route for part in parts for route in part.routes()]
