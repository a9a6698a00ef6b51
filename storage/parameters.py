"""One SQL text for both databases: `%(name)s` is a parameter, `%%` a percent sign.

Quoted text and comments are left as they are.
"""

import re
from functools import lru_cache

_QUOTED = r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/"""
_PIECE = re.compile(rf"({_QUOTED}) | %\((\w+)\)s | (%%) | (%)", re.VERBOSE | re.DOTALL)


@lru_cache(maxsize=1024)
def for_sqlite(sql: str) -> str:
    return _rewritten(sql, parameter=":{}", percent="%", quoted_percent="%")


@lru_cache(maxsize=1024)
def for_postgresql(sql: str) -> str:
    return _rewritten(sql, parameter="%({})s", percent="%%", quoted_percent="%%")


def _rewritten(sql: str, *, parameter: str, percent: str, quoted_percent: str) -> str:
    def piece(match: re.Match[str]) -> str:
        quoted, name, _, alone = match.groups()
        if quoted is not None:
            return quoted.replace("%", quoted_percent)
        if name is not None:
            return parameter.format(name)
        if alone is not None:
            raise ValueError(f"Write %% for a percent sign in: {sql}")
        return percent

    return _PIECE.sub(piece, sql)
