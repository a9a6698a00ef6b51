"""Everything that was said is attached, also after a restart; what is missing is said."""

from handoff.transcript import Transcript, transcript
from storage.database import Connection, Database, open_database
from tests.handoff.office import Office


async def test_all_of_a_thousand_messages_are_attached_after_a_restart(database_url: str) -> None:
    database = await open_database(database_url)
    office = Office(database)
    await office.asks()
    for number in range(1000):
        await office.says(f"message {number}")
    before = await database.read(transcript, "carla")
    await database.close()
    database = await open_database(database_url)
    whole = await database.read(transcript, "carla")
    assert [line.number for line in whole.lines] == list(range(1, 1003))
    assert "carla: 1002 of 1002, SHA-256 " in whole.as_text()
    assert whole == before and whole.sha256 == before.sha256
    part = await database.read(transcript, "carla", 500)
    assert (part.count, part.of) == (500, 500) and part.sha256 != whole.sha256
    await database.close()


async def test_what_is_missing_is_not_passed_over_in_silence(database: Database) -> None:
    office = Office(database)
    await office.asks()
    await office.says("the one that is lost")
    await office.says("the last")
    whole = await office.database.read(transcript, "carla")
    left: Transcript = await office.database.write(_loses_one)
    assert (left.count, left.of) == (whole.count - 1, whole.of)
    assert f"{left.count} of {whole.of}, " in left.as_text()
    assert left.as_json()["of"] == whole.of


def _loses_one(connection: Connection) -> Transcript:
    connection.execute("DELETE FROM activities WHERE body LIKE '%%lost%%'")
    return transcript(connection, "carla")
