"""How a value in the environment is read. Each form raises ValueError for what is not of it."""

import re
from collections.abc import Callable
from dataclasses import field
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+", re.ASCII)

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def text(value: str) -> str:
    return value.strip()


def integer(value: str) -> int:
    return int(value)


def share(value: str) -> float:
    read = float(value)
    if not 0 < read < 1:
        raise ValueError(value)
    return read


def words(value: str) -> tuple[str, ...]:
    return tuple(value.replace(",", " ").split())


def secrets(value: str) -> tuple[str, ...]:
    found = words(value)
    if any(len(secret) < 32 for secret in found):
        raise ValueError("too short")
    return found


def networks(value: str) -> tuple[str, ...]:
    return tuple(str(ip_network(word, strict=False)) for word in words(value))


def yes_or_no(value: str) -> bool:
    return {"yes": True, "no": False}[one_of("yes", "no")(value)]


def pairs(value: str) -> tuple[tuple[str, str], ...]:
    """`A=b C=d`"""
    found = [word.rpartition("=") for word in words(value)]
    if not all(name and theirs for name, _, theirs in found):
        raise ValueError(value)
    return tuple((name, theirs) for name, _, theirs in found)


def issuer_url(value: str) -> str:
    """As the provider writes it, with or without a slash at the end."""
    parts = urlsplit(value.strip())
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ValueError(value)
    return value.strip()


def path(value: str) -> Path:
    return Path(value).expanduser()


def url(value: str) -> str:
    if value and urlsplit(value).scheme not in ("http", "https"):
        raise ValueError(value)
    return value.rstrip("/")


def urls(value: str) -> tuple[str, ...]:
    found = words(value)
    if not all(url(each) and urlsplit(each).hostname for each in found):
        raise ValueError(value)
    return found


def smtp(value: str) -> str:
    parts = urlsplit(value.strip())
    if value and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise ValueError(value)
    return value.strip()


def mail(value: str) -> str:
    if not _ADDRESS.fullmatch(parseaddr(value)[1]) or not value.isprintable():
        raise ValueError(value)
    return value.strip()


def mails(value: str) -> tuple[str, ...]:
    return tuple(mail(word) for word in words(value))


def one_of(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(value)
        return value

    return parse


def setting(
    name: str, default: Any, parse: Callable[[str], Any], form: str, help: str, secret: bool = False
) -> Any:
    """One setting: its name in the environment, how it is read, and what the README says of it."""
    metadata = {"name": name, "parse": parse, "form": form, "help": help, "secret": secret}
    return field(default=default, metadata=metadata, repr=not secret)
