"""All pages of the knowledge editor."""

from aiohttp import web

from knowledge.encoder import Encoder
from web.kb_checks import Checks
from web.kb_drafts import KbDrafts
from web.kb_editor import Editor
from web.kb_entries import KbEntries
from web.kb_golden import KbGolden
from web.kb_list import KbList
from web.kb_messages import KbMessages
from web.kb_policy import KbPolicy
from web.kb_publish import KbPublish
from web.kb_try import KbTry
from web.kb_versions import KbVersions


def editor_routes(editor: Editor, encoder: Encoder | None) -> list[web.RouteDef]:
    pages = (
        KbList(editor),
        KbEntries(editor, Checks(editor, encoder)),
        KbDrafts(editor),
        KbGolden(editor),
        KbTry(editor),
        KbPolicy(editor),
        KbMessages(editor),
        KbPublish(editor),
        KbVersions(editor),
    )
    return [route for page in pages for route in page.routes()]
