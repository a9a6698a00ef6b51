import sqlite3
from contextlib import closing

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.parameters import for_postgresql, for_sqlite
from tests.databases import PostgresqlServer


@pytest.mark.parametrize(
    ("sql", "sqlite", "postgresql"),
    [
        ("SELECT %(a)s, %(b_2)s", "SELECT :a, :b_2", "SELECT %(a)s, %(b_2)s"),
        ("SELECT %(a)s %% 2", "SELECT :a % 2", "SELECT %(a)s %% 2"),
        ("SELECT '%(a)s'", "SELECT '%(a)s'", "SELECT '%%(a)s'"),
        ("SELECT 'it''s %'", "SELECT 'it''s %'", "SELECT 'it''s %%'"),
        ('SELECT 1 AS "50%"', 'SELECT 1 AS "50%"', 'SELECT 1 AS "50%%"'),
        ("SELECT 1 -- 5% %(a)s\n", "SELECT 1 -- 5% %(a)s\n", "SELECT 1 -- 5%% %%(a)s\n"),
        ("SELECT /* '%\n */ %(a)s", "SELECT /* '%\n */ :a", "SELECT /* '%%\n */ %(a)s"),
    ],
)
def test_it_rewrites_parameters_only(sql: str, sqlite: str, postgresql: str) -> None:
    assert for_sqlite(sql) == sqlite
    assert for_postgresql(sql) == postgresql


@pytest.mark.parametrize("sql", ["SELECT 5 % 2", "SELECT %s", "SELECT %(a)d", "SELECT %(a b)s"])
def test_it_refuses_a_percent_sign_that_means_nothing(sql: str) -> None:
    for rewritten in (for_sqlite, for_postgresql):
        with pytest.raises(ValueError, match="Write %% for a percent sign"):
            rewritten(sql)


LITERALS = st.text(st.sampled_from("%()s:na'\"-*/ ?账{}\\"))
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
COLUMNS = st.lists(st.tuples(LITERALS, VALUES), min_size=1, max_size=4)


@settings(deadline=None)
@given(COLUMNS)
def test_a_literal_and_a_value_come_back_as_they_are(columns: list[tuple[str, str]]) -> None:
    sql, params = statement(columns)
    with closing(sqlite3.connect(":memory:")) as raw:
        row = raw.execute(for_sqlite(sql), params).fetchone()
    assert list(row) == [text for column in columns for text in column]


def test_both_databases_read_a_statement_alike(postgresql: PostgresqlServer) -> None:
    with psycopg.connect(postgresql.url("postgres")) as raw:

        @settings(deadline=None)
        @given(COLUMNS)
        def alike(columns: list[tuple[str, str]]) -> None:
            sql, params = statement(columns)
            row = raw.execute(for_postgresql(sql).encode(), params).fetchone()
            assert row is not None
            assert list(row) == [text for column in columns for text in column]

        alike()


def statement(columns: list[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """Each column a quoted literal, with comments in between, and a parameter."""
    selected = ", ".join(
        f"{quoted(literal)} /* {literal.replace('*', '')} */, CAST(%(p{number})s AS TEXT)"
        for number, (literal, _) in enumerate(columns)
    )
    return f"SELECT {selected}", {f"p{number}": value for number, (_, value) in enumerate(columns)}


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
