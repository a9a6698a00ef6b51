"""What another system called an entry is kept until it says otherwise."""

from knowledge import origins
from knowledge.interchange.found import Origin
from storage.database import Database

FIRST = Origin("refund", "en", "92", "FAQ.docx", {"tier": "gold"})
CHINESE = Origin("refund", "zh", "93", "FAQ.docx", {})


async def test_the_last_import_counts_in_each_language(database: Database) -> None:
    again = Origin("refund", "en", "7", "", {})
    await database.write(origins.keep, [FIRST, CHINESE])
    assert await database.read(origins.kept) == [FIRST, CHINESE]
    await database.write(origins.keep, [again])
    assert await database.read(origins.kept) == [again, CHINESE]
