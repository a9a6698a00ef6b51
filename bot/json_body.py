"""JSON bodies from strangers: read with a limit, parsed strictly, refused with a 4xx."""

import json
import math
import re
from itertools import chain
from typing import Any, NoReturn

from aiohttp import web

MAX_DEPTH = 20
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class BadBody(Exception):
    """A request body that is refused; what the caller is told is in it, nothing else."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


async def read_body(request: web.Request, max_bytes: int) -> bytes:
    """The whole body; 415 unless it is plain JSON, 413 as soon as it is longer than max_bytes."""
    _check_headers(request, max_bytes)
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > max_bytes:
                raise _too_large(max_bytes)
    except (web.RequestPayloadError, ConnectionError) as error:
        raise BadBody("BadArgument", "The body could not be read to its end.") from error
    return bytes(body)


def _check_headers(request: web.Request, max_bytes: int) -> None:
    """What can be refused before a byte of the body is read."""
    if request.content_type != "application/json":
        raise BadBody("UnsupportedMediaType", "Send application/json.", status=415)
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise BadBody("UnsupportedMediaType", "Send the body uncompressed.", status=415)
    if (request.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)


def parse_json(raw: bytes) -> dict[str, Any]:
    """The JSON object in raw.

    Refused besides broken JSON: duplicate names, NaN and infinities, nesting deeper than
    MAX_DEPTH, and the characters no database keeps (NUL, lone surrogates).
    """
    try:
        text = raw.decode()
        value = _decoder.decode(text)
    except (ValueError, RecursionError) as error:
        raise BadBody("BadArgument", "The body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise BadBody("BadArgument", "The body must be a JSON object.")
    if text.count("{") + text.count("[") > MAX_DEPTH and _is_deep(value):
        raise BadBody("BadArgument", f"The body is nested deeper than {MAX_DEPTH} levels.")
    if "\\u" in text and not _can_be_kept(text, value):
        raise BadBody("BadArgument", "The body contains characters that are not text.")
    return value


def _is_deep(value: dict[str, Any]) -> bool:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        nodes = chain.from_iterable(
            node.values() if isinstance(node, dict) else node for node in level
        )
        level = [node for node in nodes if isinstance(node, (dict, list))]
        if not level:
            return False
    return True


def _can_be_kept(source: str, value: dict[str, Any]) -> bool:
    """Only an escape can bring these in: raw, they are not JSON and not UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return not _ESCAPED_NUL.search(source)


def _too_large(max_bytes: int) -> BadBody:
    return BadBody("TooLarge", f"The body is larger than {max_bytes} bytes.", status=413)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a name appears twice")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_finite, parse_constant=_no_constant
)
