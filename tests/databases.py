"""A fresh database, of each kind, for every test that asks for one."""

import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from glob import glob
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from storage.database import Database, open_database
from storage.postgresql import migrate
from tests.needs import needs

SETTINGS = "-c fsync=off -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c port={port}"


@dataclass(frozen=True)
class PostgresqlServer:
    """A server of our own in a temporary folder; restart it, or cut its connections."""

    programs: Path
    folder: Path
    port: int

    def start(self) -> None:
        self._control(
            "start", "-o", SETTINGS.format(port=self.port), "-l", str(self.folder / "log")
        )

    def stop(self, how: str = "immediate") -> None:
        self._control("stop", "-m", how)

    def restart(self, how: str) -> None:
        self.stop(how)
        self.start()

    def url(self, database: str) -> str:
        return f"postgresql://billing@127.0.0.1:{self.port}/{database}"

    def execute(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url("postgres"), autocommit=True) as raw:
            cursor = raw.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def create(self) -> None:
        self._run("initdb", "-U", "billing", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-w", "-s", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        """As another user when this is root, whom PostgreSQL refuses."""
        root = os.geteuid() == 0
        subprocess.run(
            [self.programs / program, "-D", self.folder / "data", *arguments],
            user="nobody" if root else None,
            extra_groups=[] if root else None,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def programs_folder() -> Path | None:
    found = shutil.which("postgres") or max(
        glob("/usr/lib/postgresql/*/bin/postgres"), default=None
    )
    return Path(found).parent if found else None


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """One server for all tests of this process, with a migrated database to copy."""
    missing = "PostgreSQL is not installed (apt-get install postgresql)"
    programs = needs(programs_folder(), missing)
    with TemporaryDirectory(prefix="postgresql-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        server = PostgresqlServer(programs, Path(folder), free_port())
        server.create()
        server.start()
        server.execute("CREATE DATABASE migrated")
        migrate(server.url("migrated"))
        yield server
        server.stop()


_numbers = count()


@pytest.fixture
def postgresql_url(postgresql: PostgresqlServer) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    postgresql.execute(f"CREATE DATABASE {name} TEMPLATE migrated")
    yield postgresql.url(name)
    postgresql.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'billing.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Not migrated on SQLite, migrated on PostgreSQL; opening it does what is missing."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url)
    yield opened
    await opened.close()
