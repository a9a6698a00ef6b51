"""Which drafts are no part of a knowledge base yet: an entry without an answer, a policy with a
field that is empty. The others can be asked and published without them."""

from collections.abc import Iterable, Sequence

from knowledge.drafts import Draft
from knowledge.parts import Kind, Part
from knowledge.reading import Reading, languages_of, unplaced


class Unfinished:
    """Remembers what each revision was found to be: a page asks again and again."""

    def __init__(self) -> None:
        self._known: dict[tuple[Part, int, tuple[str, ...]], bool] = {}

    def among(self, drafts: Iterable[Draft], languages: Sequence[str]) -> frozenset[Part]:
        """Of drafts of a partner who speaks these languages. Slow where many are new (1 ms each);
        what is taken out is always finished."""
        known, found = self._known, {}
        for draft in drafts:
            key = draft.part, draft.revision, tuple(languages)
            found[key] = known[key] if key in known else not _can_be_read(draft, languages)
        self._known = found
        return frozenset(key[0] for key, is_unfinished in found.items() if is_unfinished)


def _can_be_read(draft: Draft, languages: Sequence[str]) -> bool:
    kind, body = draft.part.kind, draft.body
    if draft.archived:
        return True
    if kind is Kind.ENTRY:
        reading = Reading(languages)
        reading.entries(unplaced([{**body, "id": draft.part.id}]))
    else:
        reading = Reading(languages_of(body) if kind is Kind.POLICY else languages)
        reading.others({kind: unplaced(body)})
    return not reading.problems
