"""The pages as a browser gets them: weight, caching, who may frame them, every language whole."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from config import Settings
from knowledge.files import load
from web.errors import errors
from web.origins import Origins
from web.pages import HERE, page_routes
from web.proxies import Proxies

SHOP = "https://shop.example"
KB = 1024
LANGUAGES = HERE / "static" / "widget" / "languages"

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def pages(aiohttp_client: Any) -> Client:
    app = web.Application(middlewares=[errors])
    policy = load(Settings().content).policy
    app.add_routes(page_routes(lambda: policy, Origins([SHOP], "", Proxies()), [SHOP]))
    client: Client = await aiohttp_client(TestServer(app))
    return client


async def test_the_launcher_and_the_chat_stay_small(pages: Client) -> None:
    launcher = await weight(pages, "/widget.js")
    chat = await (await pages.get("/widget")).text()
    files = set(re.findall(r'(?:href|src)="(static/[^"]+\.(?:css|js))"', chat))
    total = (
        launcher
        + await weight(pages, "/widget")
        + sum([await weight(pages, f"/{f}") for f in files])
    )
    assert launcher <= 10 * KB
    assert total <= 60 * KB


async def weight(pages: Client, path: str) -> int:
    """Bytes on the wire."""
    async with pages.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Encoding"] == "gzip"
        return int(answer.headers["Content-Length"])


async def test_files_are_kept_forever_because_their_address_changes(pages: Client) -> None:
    chat = await (await pages.get("/widget")).text()
    main = re.search(r'src="(static/[0-9a-f]+/widget/main\.js)"', chat)
    assert main
    answer = await pages.get(f"/{main[1]}")
    assert answer.content_type == "text/javascript"
    assert "immutable" in answer.headers["Cache-Control"]
    older = await pages.get("/static/000000000000/widget/main.js")
    assert older.headers["Cache-Control"] == "no-cache"
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert (await pages.get(f"/{main[1]}", headers=etag)).status == 304


@pytest.mark.parametrize("name", ["no.js", "../pages.py", "%2e%2e/pages.py", "widget/", "."])
async def test_nothing_else_is_a_file(pages: Client, name: str) -> None:
    answer = await pages.get(f"/static/1/{name}")
    assert answer.status == 404
    assert (await answer.json())["error"]["code"] == "NotFound"


async def test_without_gzip_a_file_is_sent_as_it_is(pages: Client) -> None:
    plain = await pages.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert "billing-assistant" in await plain.text()


async def test_only_our_own_pages_and_listed_sites_may_frame_the_chat(pages: Client) -> None:
    policy = (await pages.get("/widget")).headers["Content-Security-Policy"]
    assert f"frame-ancestors 'self' {SHOP}" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in (await pages.get("/")).headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("parent", "known"),
    [(SHOP, SHOP), (f"{SHOP}/cart", SHOP), ("https://evil.example", ""), ("javascript:1", "")],
)
async def test_the_chat_speaks_to_known_sites_only(pages: Client, parent: str, known: str) -> None:
    chat = await (await pages.get("/widget", params={"parent": parent})).text()
    assert f'data-parent="{known}"' in chat


async def test_what_the_address_says_is_text_or_nothing(pages: Client) -> None:
    wrong = '"><script>alert(1)</script>'
    query = {"title": wrong, "accent": wrong, "theme": wrong, "language": wrong, "parent": wrong}
    chat = await (await pages.get("/widget", params=query)).text()
    assert "<script>alert" not in chat
    assert 'data-accent=""' in chat
    assert "data-theme" not in chat
    assert '<html lang="en"' in chat


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        *(("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("fr-FR, zh", "zh"), ("fr", "en"), ("", "en")),
        *(("en;q=0.5, ZH-Hant ; Q=0.7", "zh"), ("en;q=0.8,zh", "zh"), ("zh;q=0,en;q=0.1", "en")),
        *(("en;q=0.8,zh;q=0.8", "en"), ("zh;q=much", "zh")),
    ],
)
async def test_the_browser_chooses_the_language_if_nobody_else_does(
    pages: Client, accepted: str, language: str
) -> None:
    chat = await (await pages.get("/widget", headers={"Accept-Language": accepted})).text()
    assert f'<html lang="{language}"' in chat


def words(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def places(text: object) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", json.dumps(text)))


@pytest.mark.parametrize("path", sorted(LANGUAGES.glob("*.json")), ids=lambda path: path.stem)
def test_every_language_says_everything(path: Path) -> None:
    english, other = words(LANGUAGES / "en.json"), words(path)
    assert other["dir"] in ("ltr", "rtl")
    for part in ("launcher", "chat"):
        assert other[part].keys() == english[part].keys()
        for key, text in english[part].items():
            assert places(other[part][key]) == places(text), key
            assert isinstance(other[part][key], str) or "other" in other[part][key], key


async def test_the_trial_page_shows_the_partners_own_values(pages: Client) -> None:
    english = await (await pages.get("/?lang=en")).text()
    chinese = await (await pages.get("/?lang=zh")).text()
    assert "S$12.00" in english
    assert "mailto:billing@harbourlight.example" in english
    assert "港明云" in chinese
    assert "免费" in chinese


async def test_the_launcher_holds_its_words_in_every_language(pages: Client) -> None:
    script = await (await pages.get("/widget.js")).text()
    for path in LANGUAGES.glob("*.json"):
        assert words(path)["launcher"]["open"] in script
