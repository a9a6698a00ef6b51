"""Who looks at which conversation now, over all processes: said with every heartbeat, forgotten
when it stops."""

import json
import time
from collections.abc import Callable

from storage.database import Connection

TOPIC = "looking"
FORGOTTEN_AFTER_S = 40.0


def tell(connection: Connection, handoff_id: str, person_id: str, name: str, looking: bool) -> None:
    """To every process, with the commit."""
    key = [handoff_id, person_id, name, looking]
    connection.notify(TOPIC, json.dumps(key, ensure_ascii=False))


class Viewers:
    """`changed(handoff_id)` is called when somebody came or went."""

    def __init__(
        self, changed: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._changed = changed
        self._clock = clock
        self._looking: dict[str, dict[str, tuple[str, float]]] = {}

    def of(self, handoff_id: str) -> list[dict[str, str]]:
        self._forget(handoff_id)
        people = self._looking.get(handoff_id, {})
        return [{"id": person_id, "name": name} for person_id, (name, _) in sorted(people.items())]

    def heard(self, key: str) -> None:
        if not key:
            return
        handoff_id, person_id, name, looking = json.loads(key)
        before = self.of(handoff_id)
        if looking:
            until = self._clock() + FORGOTTEN_AFTER_S
            self._looking.setdefault(handoff_id, {})[person_id] = name, until
        else:
            self._looking.get(handoff_id, {}).pop(person_id, None)
        if self.of(handoff_id) != before:
            self._changed(handoff_id)

    def _forget(self, handoff_id: str) -> None:
        people = self._looking.get(handoff_id, {})
        now = self._clock()
        for person_id in [each for each, (_, until) in people.items() if until <= now]:
            del people[person_id]
        if not people:
            self._looking.pop(handoff_id, None)
