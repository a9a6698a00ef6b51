"""The guide for editors, over HTTP."""

from collections.abc import AsyncIterator

import pytest

from tests.staff import Staff
from tests.web.learning import editor, page_of

GUIDE = "/editor/guide"


@pytest.fixture
async def erik(database_url: str) -> AsyncIterator[Staff]:
    async with editor(database_url) as erik:
        yield erik


async def test_editors_read_the_guide_in_both_languages(erik: Staff) -> None:
    english = await page_of(erik, GUIDE)
    assert "<h1>Writing questions that match</h1>" in english and '"?in=zh"' in english
    assert "<h1>怎样写出能匹配的问题</h1>" in await page_of(erik, f"{GUIDE}?in=zh")


async def test_an_unknown_language_is_the_editors_own(erik: Staff) -> None:
    page = await page_of(erik, f"{GUIDE}?in=../policy")
    assert "<h1>Writing questions that match</h1>" in page


@pytest.mark.parametrize("page", ["/editor/suggestions", "/editor/writing?entry=payment-methods"])
async def test_the_guide_is_reached_from_where_help_is_sought(erik: Staff, page: str) -> None:
    assert 'href="/editor/guide"' in (await (await erik.get(page)).text())
