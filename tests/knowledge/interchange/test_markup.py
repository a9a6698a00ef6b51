"""Answers from elsewhere: Markdown of ours that shows the same and does nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.check import MARKDOWN
from knowledge.interchange.markup import answer_from, literal, said_literally
from knowledge.template_rules import template_faults
from tests.knowledge.interchange.samples import ANY_TEXT
from tests.knowledge.samples import say

BRACES = st.lists(
    st.sampled_from(["{{", "{%", "{#", "}}", "%}", "#}", "{", "}", "%", "#", "raw", "endraw"])
    | st.sampled_from([" ", "7*7", "\n", '"', "'", "\\", "-", "partner.name"]),
    max_size=12,
).map("".join)
LINKS = st.lists(
    st.sampled_from(["[a](", "<a href='", "](javascript:alert(1))", "![", "x](data:,y)", ")", "'>"])
    | st.sampled_from(
        ["[r]: javascript:x\n", "[r]", "<javascript:x>", "<b", ">", "\\", "&lt;", "`"]
    )
    | st.sampled_from(["https://x.example", "#bkmk", "\n", "<img src=x onerror=y>", "&#106;", "<"]),
    max_size=8,
).map("".join)


@given(BRACES)
@settings(deadline=None)
def test_braces_arrive_as_they_stand(text: str) -> None:
    template = literal(f"x{text}x")
    assert not template_faults(template)
    assert "\n\n".join(part for part in say(template).split("\n\n") if part) is not None
    assert said_literally(template) == f"x{text}x"
    if "\n" not in text:
        assert say(template) == f"x{text}x"


@given(ANY_TEXT | LINKS | BRACES)
@settings(deadline=None, max_examples=300)
def test_nothing_that_arrives_can_run_or_lead_astray(text: str) -> None:
    template, _ = answer_from(text)
    assert not template_faults(template)
    tokens = MARKDOWN.parse(say(template) if template.strip() else "")
    for token in [*tokens, *(child for each in tokens for child in each.children or [])]:
        assert token.type not in ("html_block", "html_inline")
        target = str(token.attrs.get("href") or token.attrs.get("src") or "https:")
        assert target.lower().startswith(("https:", "mailto:", "tel:"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>One</p><p>Two <b>bold</b>&nbsp;<i>it</i></p>", "One\n\nTwo **bold** *it*"),
        ("A<br>B<br/>C", "A\n\nB\n\nC"),
        ("<ul><li>One</li><li>Two</li></ul>", "- One\n- Two"),
        ("Do:<ol><li>One</li><li>Two</li></ol>Done", "Do:\n\n1. One\n2. Two\n\nDone"),
        ('<a href="https://a.example/x y">Here</a>', "[Here](https://a.example/x%20y)"),
        ('<a href="javascript:alert(1)">Here</a>', "Here"),
        ("[x](javascript:alert(1)) and [y](#bkmk)", "x and y"),
        ("[x](http://a.example)", "[x](https://a.example)"),
        ("see <https://a.example> &amp; go", "see [https://a.example](https://a.example) & go"),
        ("fish &amp; chips &lt;b&gt;", "fish & chips \\<b>"),
        ("send <your name> to us", "send \\<your name> to us"),
        ("a < b and 3<4", "a < b and 3<4"),
        ("<h2>Title</h2>text<script>alert(1)</script>", "## Title\n\ntext"),
        ("- one\n- two\n\n**bold**", "- one\n- two\n\n**bold**"),
        ("cost is {{ price }}", 'cost is {{ "{{" }} price }}'),
    ],
)
def test_html_becomes_markdown(before: str, after: str) -> None:
    assert answer_from(before)[0] == f"{after}\n"
