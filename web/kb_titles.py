"""What entries are called; of those that are published worked out once for a version."""

from collections.abc import Mapping

from knowledge.drafts import Draft
from knowledge.parts import Body, Kind, Part


class Titles:
    def __init__(self) -> None:
        self._known: dict[str, tuple[int, dict[str, str]]] = {}  # by language

    def of(
        self,
        version: int,
        published: Mapping[Part, Body],
        drafts: Mapping[Part, Draft],
        language: str,
    ) -> dict[str, str]:
        """By id, as the editors have them now: without those that are archived."""
        known_version, known = self._known.get(language, (0, {}))
        if known_version != version:
            known = {
                part.id: title_of(body, language) or part.id
                for part, body in published.items()
                if part.kind is Kind.ENTRY
            }
            self._known[language] = version, known
        titles = dict(known)
        for part, draft in drafts.items():
            if draft.archived:
                titles.pop(part.id, None)
            elif part.kind is Kind.ENTRY:
                titles[part.id] = title_of(draft.body, language) or part.id
        return titles


def title_of(body: Body, language: str) -> str:
    questions = body.get("questions") or {}
    texts = [questions.get(language), *questions.values()]
    return next((str(each[0]) for each in texts if each), "")
