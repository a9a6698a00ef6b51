import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.json_body import MAX_DEPTH, BadBody, parse_json

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from("abc"), VALUES), st.booleans())
def test_it_reads_what_json_writes(value: dict[str, object], ascii_only: bool) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0123d8ae ').map(str.encode))
def test_it_refuses_or_reads_but_never_fails(raw: bytes) -> None:
    try:
        parse_json(raw)
    except BadBody as refusal:
        assert (refusal.status, refusal.code) == (400, "BadArgument")


@pytest.mark.parametrize(
    ("raw", "readable"),
    [
        (r'{"a": "\ud83d\ude00"}', True),
        (r'{"a": "\\u0000 \\ud800"}', True),
        (r'{"a": "\ud800"}', False),
        (r'{"a": "\ude00\ud83d"}', False),
        (r'{"\ud800": 1}', False),
        (r'{"a": ["\u0000"]}', False),
        (r'{"a": "\\\u0000"}', False),
        ('{"a": 1, "b": {"a": 1}}', True),
        ('{"b": {"a": 1, "a": 1}}', False),
        ('{"a": -Infinity}', False),
        ('{"a": -1e400}', False),
        ('{"a": 1e-400}', True),
        ('{"a": "\t"}', False),
        ('{"a": ' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}", True),
        ('{"a": ' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}", False),
    ],
)
def test_it_draws_the_line(raw: str, readable: bool) -> None:
    try:
        parse_json(raw.encode())
    except BadBody:
        assert not readable
    else:
        assert readable
