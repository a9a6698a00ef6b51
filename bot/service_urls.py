"""Which hosts replies may be sent to: the bot's token must never reach any other."""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from yarl import URL

TEAMS_HOSTS = ("smba.trafficmanager.net", "*.botframework.com")
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
_MAX_LENGTH = 2048


class ServiceUrls:
    """The allow-list. A host is `name`, `*.suffix` or `name:port`.

    Only https, on its usual port unless the port is listed; a loopback host that is listed by
    name may use http and any port. Addresses are read with the parser that will connect to them.
    """

    def __init__(self, hosts: Iterable[str]) -> None:
        listed = [host.lower() for host in hosts]
        self._exact = {host for host in listed if not host.startswith("*.")}
        self._suffixes = tuple(host[1:] for host in listed if host.startswith("*."))
        self._known = lru_cache(maxsize=256)(self._decide)

    def allows(self, service_url: object) -> bool:
        """Remembered: a channel has a few addresses, and each message names one."""
        if not isinstance(service_url, str) or len(service_url) > _MAX_LENGTH:
            return False
        return self._known(service_url)

    def _decide(self, service_url: str) -> bool:
        if not service_url.isascii() or any(char <= " " or char in "\\?#" for char in service_url):
            return False
        try:
            url = URL(service_url)
            return self._lists(url) and _is_plain(url)
        except ValueError:
            return False

    def _lists(self, url: URL) -> bool:
        host = url.host or ""
        if host in LOOPBACK_HOSTS:
            return url.scheme in ("http", "https") and not self._exact.isdisjoint(
                {host, f"{host}:{url.port}"}
            )
        if url.scheme != "https":
            return False
        if url.port != 443:
            return f"{host}:{url.port}" in self._exact
        return host in self._exact or host[1:].endswith(self._suffixes)


def _is_plain(url: URL) -> bool:
    """No user in it, and a path that stays where it is."""
    bare = url.user is None and url.password is None
    return bare and ".." not in url.raw_path and "//" not in url.raw_path


@lru_cache(maxsize=1024)
def address(service_url: str, *path: str) -> URL:
    """The connector's address for these path segments, each of them quoted whole."""
    tail = "/".join(quote(segment, safe="") for segment in path)
    return URL(f"{service_url.rstrip('/')}/{tail}", encoded=True)
