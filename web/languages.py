"""The languages that a browser asks for."""

import re

from aiohttp import web

_QUALITY = re.compile(r"\bq\s*=\s*([01](?:\.\d{0,3})?)", re.IGNORECASE)


def accepted(request: web.Request) -> list[str]:
    """Best first, without region or script: `zh-CN` is `zh`. A quality of 0 leaves one out."""
    parts = request.headers.get("Accept-Language", "").split(",")
    ranked = sorted(map(_ranked, parts), key=lambda each: -each[0])  # equal ones keep their order
    return [code for quality, code in ranked if quality]


def _ranked(part: str) -> tuple[float, str]:
    tag, _, parameters = part.partition(";")
    quality = _QUALITY.search(parameters)
    return float(quality[1]) if quality else 1.0, tag.strip().lower().partition("-")[0]
