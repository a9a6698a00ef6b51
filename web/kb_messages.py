"""What the bot and the desk say besides the answers."""

from typing import Any

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission
from knowledge.answers import AnswerError, answer_context, render_texts
from knowledge.messages import DESK_SAMPLE, NEEDED
from knowledge.parts import Kind, Part
from knowledge.reading import Reading, unplaced
from knowledge.template_paths import unknown_paths
from knowledge.template_rules import DESK, template_faults
from web.kb_checks_said import fault_told
from web.kb_editor import PATH, Editor, answer
from web.kb_entries import values
from web.kb_forms import Form, Short, read_form, told

MESSAGES = Part(Kind.MESSAGES)
AT_THE_DESK = NEEDED[NEEDED.index("waiting") :]
BUTTONS = ("none_of_these", "no_thanks", "leave_queue", "stay_quiet", "helpful", "not_helpful")


class Looking(Form):
    body: dict[str, Any]
    at: Short = ""


class KbMessages:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def routes(self) -> list[web.RouteDef]:
        guard, edit = self._editor.guard, Permission.EDIT_CONTENT
        return [
            guard.get(PATH + "/messages", edit, self.page),
            guard.post(PATH + "/messages/look", edit, self.look),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        desk = await self._editor.desk()
        draft, body = desk.drafts.get(MESSAGES), desk.body(MESSAGES) or {}
        language = self._editor.language(request, person)
        names = list(dict.fromkeys((*NEEDED, *(body.get("messages") or {}))))
        groups = {
            "buttons": [name for name in names if name in BUTTONS],
            "bot": [name for name in names if name not in AT_THE_DESK and name not in BUTTONS],
            "desk": [name for name in names if name in AT_THE_DESK and name not in BUTTONS],
        }
        start = {
            "part": str(MESSAGES),
            "me": person.id,
            "body": body,
            "revision": draft.revision if draft else 0,
            "version": desk.version,
            "status": desk.status(MESSAGES),
            "saved_at": draft.saved_at if draft else "",
            "name": draft.who.name if draft else "",
            "languages": self._editor.policy().partner.languages,
            "values": values(self._editor, language)
            + [{"path": f"desk.{name}", "value": str(each)} for name, each in DESK_SAMPLE.items()],
            "titles": self._editor.titles(desk, language),
        }
        return await self._editor.page(
            request, person, "messages", start=start, groups=groups, known=NEEDED
        )

    async def look(self, request: web.Request, person: Person) -> web.Response:
        """Nothing is kept: what is wrong, and what each message would say."""
        asked = await read_form(request, Looking)
        say = self._editor.rendering.say(self._editor.language(request, person))
        policy, at = self._editor.policy(), self._editor.moment(asked.at)
        reading = Reading(policy.partner.languages)
        messages = reading.messages(unplaced(asked.body))
        problems = [told(each, say) for each in reading.problems]
        shown: dict[str, str] = {}
        for name, texts in messages.messages.items() if messages else ():
            for language, source in texts.items():
                field = f"messages.{name}.{language}"
                known = {**answer_context(policy, language), DESK: DESK_SAMPLE}
                for fault in template_faults(source) or unknown_paths(source, known):
                    problems.append(fault_told(fault, field, say))
                try:
                    shown[field] = render_texts(texts, language, policy, at, DESK_SAMPLE)
                except AnswerError as error:
                    problems.append(fault_told(error.fault, field, say))
        return answer({"problems": problems, "shown": shown})
