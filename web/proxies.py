"""Who really asks, when a proxy stands between."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import structlog
from aiohttp import web

logger = structlog.get_logger()


class Proxies:
    """The proxies whose X-Forwarded headers are believed: addresses or networks."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        """Raises ValueError for what is neither."""
        self._trusted = [ip_network(address, strict=False) for address in trusted]
        self._warned = False

    def address(self, request: web.Request) -> str:
        """Whom a limit counts: the nearest address that is no proxy of ours; IPv6 by its /64."""
        chain = [request.remote or "", *reversed(self._forwarded(request, "X-Forwarded-For"))]
        for text in chain[:-1]:
            if not self._trusts(_address(text)):
                return _counted(text)
        return _counted(chain[-1])

    def scheme(self, request: web.Request) -> str:
        said = self._forwarded(request, "X-Forwarded-Proto")
        return "https" if said[-1:] == ["https"] else request.scheme

    def _forwarded(self, request: web.Request, name: str) -> list[str]:
        values = ",".join(request.headers.getall(name, ())).split(",")
        said = [value.strip() for value in values if value.strip()]
        if not said or self._trusts(_address(request.remote or "")):
            return said
        if not self._warned:
            self._warned = True
            logger.warning("forwarded_header_ignored", proxy=request.remote)
        return []

    def _trusts(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _counted(text: str) -> str:
    address = _address(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address) if address else ""
