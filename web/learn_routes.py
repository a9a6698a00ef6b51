"""The pages on which editors learn from what happened, all of them."""

from aiohttp import web

from knowledge.suggestions import WritingModel
from web.learn_dashboard import Dashboard
from web.learn_exchange import Exchange
from web.learn_guide import Guide
from web.learn_pages import Learn
from web.learn_rows import Rows
from web.learn_suggestions import Suggestions
from web.learn_unanswered import Unanswered
from web.learn_writing import Writing


def learn_routes(learn: Learn, model: WritingModel | None = None) -> list[web.RouteDef]:
    parts = (
        Unanswered(learn),
        Suggestions(learn),
        Writing(learn, model),
        Guide(learn),
        Dashboard(learn),
        Rows(learn),
        Exchange(learn),
    )
    return [route for part in parts for route in part.routes()]
