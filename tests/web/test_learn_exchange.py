"""Files in and out in the browser: looked at first, then all of it as drafts, or nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientResponse

from accounts import audit
from accounts.models import Role
from knowledge import drafts, importing
from knowledge.drafts import Draft
from knowledge.interchange.found import MAX_BYTES
from knowledge.learning import suggestions
from knowledge.parts import Kind, Part
from knowledge.versions import Who
from storage.database import Connection
from tests.knowledge.interchange.test_checking import BROKEN
from tests.product import MONDAY_MORNING
from tests.staff import Staff, database_of, signed_in
from tests.web.learning import editor, page_of

IMPORT, EXPORT = "/editor/import", "/editor/export"
CSV = "Question,Answer\nHow can I pay my invoice?,By bank transfer.\nDo you take cash?,We do not.\n"
QNA = (
    "Question\tAnswer\tSource\tMetadata\tSuggestedQuestions\tIsContextOnly\tPrompts\tQnaId\n"
    "Do you take cheques?\tNo.\tEditorial\t\t"
    '[{"ClusterHead":"cheque?","TotalAutoSuggestedCount":2,'
    '"AlternateQuestionList":[{"Question":"cheque ok?","AutoSuggestedCount":2}]}]\tFalse\t[]\t1\n'
)
LEADING_TO_A_DRAFT = """\
- id: cheques
  topic: payments
  owner: billing_admin
  review_by: 2027-05-31
  follow_ups: [do-you-take-cash]
  questions:
    en: [Do you take cheques?]
  answer:
    en: No.
"""


@pytest.fixture
async def ada(database_url: str) -> AsyncIterator[Staff]:
    async with editor(database_url, Role.GLOBAL_ADMIN, told=False) as ada:
        yield ada


async def sent(staff: Staff, data: str | bytes, name: str = "faq.csv") -> ClientResponse:
    body: Any = BytesIO(data.encode() if isinstance(data, str) else data)
    return await staff.post(IMPORT, body, "application/json", params={"name": name})


async def uploaded(staff: Staff, data: str | bytes, name: str = "faq.csv") -> str:
    """The preview's address."""
    response = await sent(staff, data, name)
    assert response.status == 200, await response.text()
    return str((await response.json())["preview"])


async def open_drafts(staff: Staff) -> dict[str, Draft]:
    found = await database_of(staff.client).read(drafts.all_open)
    return {each.part.id: each for each in found}


async def test_a_file_is_looked_at_before_it_changes_anything(ada: Staff) -> None:
    page = await page_of(ada, await uploaded(ada, CSV))
    assert "Make 2 drafts" in page and "do-you-take-cash" in page
    assert "By bank transfer." in page and "payment.methods" in page
    assert await open_drafts(ada) == {}


async def test_then_it_becomes_drafts_and_the_preview_is_gone(ada: Staff) -> None:
    preview = await uploaded(ada, CSV)
    done = await ada.post(f"{preview}/apply")
    assert "2 entries are in drafts" in await page_of(ada, done.headers["Location"])
    found = await open_drafts(ada)
    assert set(found) == {"payment-methods", "do-you-take-cash"}
    assert found["payment-methods"].body["answer"]["en"] == "By bank transfer.\n"
    assert found["payment-methods"].body["answer"]["zh"] != "By bank transfer.\n"
    assert (await ada.get(preview)).status == 404


async def test_errors_name_their_rows_and_nothing_can_be_taken(ada: Staff) -> None:
    preview = await uploaded(ada, f"{CSV},lost\nWhy?,\n")
    page = await page_of(ada, preview)
    assert "Errors: 2." in page and '<td class="number">4</td>' in page
    assert '<td class="number">5</td>' in page and f"{preview}/apply" not in page
    assert (await ada.post(f"{preview}/apply")).status == 400
    assert await open_drafts(ada) == {}


async def test_what_would_break_the_knowledge_base_is_an_error_of_the_preview(ada: Staff) -> None:
    preview = await uploaded(ada, BROKEN, "broken.yaml")
    page = await page_of(ada, preview)
    assert "Errors: " in page and f"{preview}/apply" not in page
    assert "owner nobody_role is no role" in page and '<td class="number">3</td>' in page
    assert "there is no entry does-not-exist" in page
    assert "payment.nope is not in the policy" in page
    assert (await ada.post(f"{preview}/apply")).status == 400


async def test_a_preview_is_checked_with_the_drafts_of_today(ada: Staff) -> None:
    await ada.post(f"{await uploaded(ada, CSV)}/apply")
    page = await page_of(ada, await uploaded(ada, LEADING_TO_A_DRAFT, "new.yaml"))
    assert "Make 1 drafts" in page


async def test_a_chinese_editor_reads_what_is_wrong_in_chinese(ada: Staff) -> None:
    mistakes = "Question,Answer,Review_by\n,lost,\nHow so?,So.,\nWhy?,Because.,soon\n"
    ours = "id,topic,owner,review_by,language,question,answer\na,b,c,2027-01-01,en,Why?,"
    database = database_of(ada.client)
    async with signed_in(ada.client, database, Role.CONTENT_EDITOR, language="zh") as erik:
        page = await page_of(erik, await uploaded(erik, mistakes))
        assert "列 question 为空，请填写或删除此行。" in page
        assert "review_by：soon 不是日期，请写成 2026-12-25。" in page
        assert '<td class="number">2</td>' in page and '<td class="number">4</td>' in page
        page = await page_of(erik, await uploaded(erik, f"{ours}{{{{ x() }}}}\n"))
        assert "第 1 行：不能使用 () 调用。" in page
        page = await page_of(erik, await uploaded(erik, "- id: a\n  id: a\n", "a.yaml"))
        assert "id 重复出现，请只保留一个。" in page


async def test_it_is_all_or_nothing_when_somebody_writes_meanwhile(ada: Staff) -> None:
    preview = await uploaded(ada, CSV)

    def written(connection: Connection) -> None:
        part = Part(Kind.ENTRY, "payment-methods")
        erik = Who("p9", "Erik")
        suggestions.add_phrasings(connection, part.id, [("en", "pay?")], erik, MONDAY_MORNING)

    await database_of(ada.client).write(written)
    response = await ada.post(f"{preview}/apply")
    assert response.status == 409
    assert "payment-methods was changed by somebody" in await response.text()
    assert set(await open_drafts(ada)) == {"payment-methods"}


async def test_it_lies_on_top_of_the_drafts_of_today(ada: Staff) -> None:
    await ada.post(f"{await uploaded(ada, CSV)}/apply")
    page = await page_of(ada, await uploaded(ada, CSV))
    assert "Make 0 drafts" in page
    page = await page_of(ada, await uploaded(ada, CSV.replace("do not", "never do")))
    assert "Make 1 drafts" in page and "We never do." in page


async def test_what_another_system_suggests_is_suggested(ada: Staff) -> None:
    preview = await uploaded(ada, QNA, "kb.tsv")
    assert "cheque ok?" in await page_of(ada, preview)
    await ada.post(f"{preview}/apply")
    assert "cheque ok?" in await page_of(ada, "/editor/suggestions")
    kept = await database_of(ada.client).read(suggestions.suggestions)
    assert [(each.question, each.count) for each in kept] == [("cheque ok?", 2)]
    again = await uploaded(ada, QNA.replace('"AutoSuggestedCount":2', '"AutoSuggestedCount":4'))
    await ada.post(f"{again}/apply")
    assert "4 times" in await page_of(ada, "/editor/suggestions")


async def test_what_an_entry_has_no_place_for_is_shown_before_it_is_left(ada: Staff) -> None:
    page = await page_of(ada, await uploaded(ada, QNA.replace("\t\t[", "\tTier:Gold\t["), "kb.tsv"))
    assert "do-you-take-cheques · kb.tsv, row 2 · 1 · Editorial · tier:gold" in page


async def test_what_another_system_called_an_entry_goes_back_to_it(ada: Staff) -> None:
    theirs = QNA.replace("Do you take cheques?", "How can I pay my invoice?")
    theirs = theirs.replace("Editorial\t", "FAQ.docx\tTier:Gold").replace("[]\t1\n", "[]\t9041\n")
    await ada.post(f"{await uploaded(ada, theirs, 'kb.tsv')}/apply")
    response = await ada.post(EXPORT, {"format": "cqa-tsv"})
    rows = [line.split("\t") for line in (await response.text()).splitlines()[1:]]
    theirs_now = {(each[2], each[7]) for each in rows if "tier:gold | " in each[3]}
    assert theirs_now == {("FAQ.docx", "9041")}
    assert {each[7] for each in rows if each[2] == "Editorial"} >= {"9042", "9043"}


async def test_synonyms_of_another_system_are_suggested_as_phrasings(ada: Staff) -> None:
    preview = await uploaded(ada, 'Synonyms\n"tab","invoice"\n"sdk","kit"\n', "words.tsv")
    page = await page_of(ada, preview)
    assert "How can I pay my tab?" in page
    assert "No question says any of these synonyms: sdk, kit. They are not kept." in page
    assert "Keep 7 suggestions" in page
    await ada.post(f"{preview}/apply")
    page = await page_of(ada, "/editor/suggestions")
    assert "How can I pay my tab?" in page and " times" not in page


async def test_a_preview_is_for_who_uploaded_it_and_for_an_hour(ada: Staff) -> None:
    preview = await uploaded(ada, CSV)
    database = database_of(ada.client)
    async with signed_in(ada.client, database, Role.CONTENT_EDITOR) as erik:
        assert (await erik.get(preview)).status == 404
        assert (await erik.post(f"{preview}/apply")).status == 404
    who, later = Who(ada.person.id, ""), MONDAY_MORNING + timedelta(minutes=61)
    name = preview.rpartition("/")[2]
    assert await database.read(importing.kept, name, who, MONDAY_MORNING) is not None
    assert await database.read(importing.kept, name, who, later) is None
    await ada.post(f"{preview}/discard")
    assert (await ada.get(preview)).status == 404


async def test_a_name_is_never_a_path_and_the_content_tells_the_format(ada: Staff) -> None:
    preview = await uploaded(ada, CSV, "../../etc/<script>passwd.exe")
    page = await page_of(ada, preview)
    assert "_script_passwd.exe" in page and "etc/" not in page and "Make 2 drafts" in page


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"PK\x03\x04rubbish", b"\xff\xfe\x00", b"MZ\x90"]
)
async def test_what_cannot_be_read_is_said(ada: Staff, data: bytes) -> None:
    page = await page_of(ada, await uploaded(ada, data, "faq.xlsx"))
    assert "Errors: 1." in page and "faq.xlsx" in page


async def test_too_much_is_refused_as_it_comes(ada: Staff) -> None:
    response = await sent(ada, b"x" * (MAX_BYTES + 1))
    assert response.status == 413
    assert (await response.json())["error"]["code"] == "TooLarge"


@pytest.mark.parametrize("format", ["yaml", "zip", "csv", "xlsx", "cqa-tsv"])
async def test_what_is_published_leaves_as_a_file_on_record(ada: Staff, format: str) -> None:
    response = await ada.post(EXPORT, {"format": format})
    assert response.status == 200
    assert "entries-version-1." in response.headers["Content-Disposition"]
    data = await response.read()
    events = await database_of(ada.client).read(audit.page)
    assert [e.details["format"] for e in events if e.action == "content.exported"] == [format]
    page = await page_of(ada, await uploaded(ada, data, "again"))
    assert "errors" not in page
    if format != "cqa-tsv":
        assert "Make 0 drafts" in page


async def test_whoever_may_write_it_may_take_it_along(database_url: str) -> None:
    async with editor(database_url, told=False) as erik:
        assert (await erik.post(EXPORT, {"format": "csv"})).status == 200
