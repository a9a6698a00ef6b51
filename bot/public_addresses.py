"""Calls to addresses that others have chosen go to the public internet only.

A name is resolved once, and the address that was checked is the one that is connected to.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

_NAT64 = IPv6Network("64:ff9b::/96")


class NotPublic(OSError):
    """The address is on this machine or in a private network."""

    def __init__(self) -> None:
        super().__init__("this address is not allowed")


class PublicResolver(AbstractResolver):
    """Refuses a name if any address of it is not public."""

    def __init__(self) -> None:
        self._names = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        if not found or not all(is_public(each["host"]) for each in found):
            raise NotPublic
        return found

    async def close(self) -> None:
        await self._names.close()


def is_public(address: str) -> bool:
    """An IPv6 address that carries an IPv4 one is what that one is."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inside = _inside(parsed) if isinstance(parsed, IPv6Address) else None
    if inside is not None:
        return is_public(str(inside))
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def may_be_called(url: str) -> bool:
    """https, nobody's name and password in it, and no literal address that is not public. What a
    name stands for is checked when it is resolved."""
    try:
        parsed = URL(url)
        host = parsed.host or ""
    except ValueError:
        return False
    if parsed.scheme != "https" or not host or parsed.user is not None:
        return False
    literal = ":" in host or host.rpartition(".")[2].isdigit()
    return is_public(host) if literal else True


def _inside(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour
