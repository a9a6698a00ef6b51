"""Ids that stay the same each time the same question is imported."""

import re
import unicodedata
from collections.abc import Container
from hashlib import sha256

from knowledge.text import key_of, language_of

LONGEST = 60


def slug(text: str) -> str:
    """`due-date` of "Due date?"; empty where no Latin letter or digit is left."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    made = ""
    for word in words:
        longer = f"{made}-{word}" if made else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        made = longer
    return made


def new_id(title: str, topic: str, taken: Container[str]) -> str:
    """From the words of an English title; a Chinese one is told apart by its hash."""
    digest = sha256((key_of(title) or title).encode()).hexdigest()
    made = slug(title) if language_of(title) != "zh" else ""
    made = made or f"{topic}-{digest[:8]}"
    length = 6
    name = made
    while name in taken:
        name = f"{made}-{digest[:length]}"
        length += 2
    return name
