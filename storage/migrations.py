"""The numbered SQL files in migrations/: forward only, one text for both databases."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from storage.database import StorageError

FOLDER = Path(__file__).with_name("migrations")


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    sql: str


def shipped() -> list[Migration]:
    """In order; `0001_conversations.sql` has the number 1 and its own name."""
    return [
        Migration(int(path.stem.partition("_")[0]), path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*.sql"))
    ]


def pending(applied: Iterable[int]) -> list[Migration]:
    """What this version still has to apply; refuses a database written by a newer version."""
    done = set(applied)
    known = shipped()
    if done and max(done) > known[-1].number:
        raise StorageError(
            f"The database was migrated to number {max(done):04} by a newer version; this one "
            f"knows {known[-1].name}. Start the newer version, or restore an older backup."
        )
    return [migration for migration in known if migration.number not in done]
