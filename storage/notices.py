"""Who wants to hear of what was committed."""

from collections.abc import Callable, Iterable

import structlog

Notice = tuple[str, str]
"""Topic and key."""

log = structlog.get_logger()


class Listeners:
    """The listeners of this process; used on the event loop only."""

    def __init__(self) -> None:
        self._by_topic: dict[str, dict[object, Callable[[str], None]]] = {}

    def listen(self, topic: str, heard: Callable[[str], None]) -> Callable[[], None]:
        listener = object()
        self._by_topic.setdefault(topic, {})[listener] = heard

        def stop() -> None:
            self._by_topic[topic].pop(listener, None)

        return stop

    def tell(self, notices: Iterable[Notice]) -> None:
        """Each notice once, in order, to everyone; one listener's failure is not another's."""
        for topic, key in dict.fromkeys(notices):
            for heard in list(self._by_topic.get(topic, {}).values()):
                try:
                    heard(key)
                except Exception:
                    log.exception("A listener failed", topic=topic, key=key)

    def tell_missed(self) -> None:
        self.tell((topic, "") for topic in list(self._by_topic))
