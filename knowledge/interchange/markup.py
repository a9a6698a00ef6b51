"""Answers from elsewhere as our Markdown: no HTML, safe links, and nothing a template would run."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.template_rules import MAX_SOURCE

MOST_UNCLOSED = 50
DEEPEST_LIST = 6
SCHEMES = ("https:", "mailto:", "tel:")
SURROUND = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "tt": "`"}
BLOCKS = {
    *("p", "div", "section", "article", "blockquote", "pre", "table", "tr", "thead", "tbody"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"),
}
DROPPED = {"script", "style", "iframe", "object", "svg", "template", "title", "head"}
IGNORED = {
    *("span", "font", "u", "s", "small", "big", "sup", "sub", "html", "body", "img", "hr"),
    *("td", "th", "a", "br", "li", "center", "nobr", "o:p", "label", "mark", "meta", "link"),
    *("embed", "input", "button", "form", "video", "audio", "source", "base"),
}
KNOWN = {*SURROUND, *BLOCKS, *DROPPED, *IGNORED}
MARKED = re.compile(r"<[/!?a-zA-Z]|&(#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z]\w*);")
MARKED_SECTION = re.compile(r"<!\[(?:if|else|endif)[^>]*>", re.IGNORECASE)
BRACKETED = re.compile(r"<((?:https?://|mailto:|tel:)[^\s<>]+)>")
ESCAPED_OR_TAG = re.compile(r"\\[\s\S]|<(?=[/!?a-zA-Z])")
ESCAPED_OR_MARK = re.compile(r"\\[\s\S]|[\[\]<]")
LINK = re.compile(
    r"(!?)\[((?:[^\[\]\\]|\\.)*)\]\(\s*<?([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?"
    r"(\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
)
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
TEMPLATE_MARK = re.compile(r"\{[{%#]")
WRITTEN_MARK = re.compile(r'\{\{ "(\{[{%#])" \}\}')

MARKDOWN = MarkdownIt("commonmark")
MARKDOWN.validateLink = lambda url: True  # type: ignore[method-assign]  # every link is to be seen


Changed = list[tuple[str, str]]


def answer_from(text: str) -> tuple[str, Changed]:
    """The answer as a template that gives what the text showed, and what was changed about it:
    the code of a sentence, and the link that is meant."""
    changed: Changed = []
    plain = without_html(text)
    if len(plain) > MAX_SOURCE:
        return plain, changed  # too long for an answer, as the check of the entry says
    markdown = _with_safe_links(plain, changed)
    lines = [
        line.rstrip() for line in markdown.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ]
    tidy = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    return (f"{literal(tidy)}\n" if tidy.strip() else ""), changed


def literal(text: str) -> str:
    """A template that says exactly the text, whatever braces it has."""
    return TEMPLATE_MARK.sub(lambda found: f'{{{{ "{found.group()}" }}}}', text)


def said_literally(template: str) -> str:
    """The text of a template that `literal` made."""
    return WRITTEN_MARK.sub(r"\1", template)


def visible(text: str) -> str:
    """Without control characters, which nobody meant to write."""
    return CONTROLS.sub("", text)


def without_html(text: str) -> str:
    """HTML as Markdown; what only looks like a tag stays, marked so that it is shown."""
    text = visible(text).replace("\u00a0", " ")
    if not MARKED.search(text):
        return text
    if text.count("<") > text.count(">") + MOST_UNCLOSED:
        return ESCAPED_OR_TAG.sub(_shown, text)  # no HTML, and slow to read as such
    reader = _Reader()
    text = MARKED_SECTION.sub("", text).replace("<![", "&lt;![")  # the parser fails on others
    reader.feed(BRACKETED.sub(r"[\1](\1)", text))
    reader.close()
    return ESCAPED_OR_TAG.sub(_shown, "".join(reader.parts).replace("\u00a0", " ")).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._lists: list[int | None] = []
        self._dropped = 0
        self._links: list[tuple[str, int]] = []

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in KNOWN:
            self.handle_data(self.get_starttag_text() or "")
        elif tag in DROPPED:
            self._dropped += 1
        elif tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
            self._separate("\n\n" if len(self._lists) == 1 else "\n")
        elif tag == "li":
            self._item()
        elif tag == "br":
            self.handle_data("\\\n" if self._lists else "\n\n")
        elif tag == "a":
            self._links.append((values.get("href", ""), len(self.parts)))
        elif tag == "img" and values.get("src"):
            self.handle_data(f"![{_label(values.get('alt', ''))}]({_target(values['src'])})")
        elif tag in ("td", "th"):
            self.handle_data(" ")
        elif tag in BLOCKS:
            self._separate("\n" if tag == "tr" else "\n\n")
            self.handle_data("#" * int(tag[1]) + " " if re.fullmatch("h[1-6]", tag) else "")
        else:
            self.handle_data(SURROUND.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag not in KNOWN:
            self.handle_data(f"</{tag}>")
        elif tag in DROPPED:
            self._dropped = max(0, self._dropped - 1)
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self._separate("\n" if self._lists else "\n\n")
        elif tag == "a" and self._links:
            self._link(*self._links.pop())
        elif tag in BLOCKS:
            self._separate("\n\n")
        else:
            self.handle_data(SURROUND.get(tag, ""))

    def _separate(self, by: str) -> None:
        if self.parts and not self._dropped:
            last = self.parts[-1]
            self.parts[-1] = last.rstrip(" ") if last.strip() else last
            self.parts.append(by)

    def _item(self) -> None:
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number + 1
        indent = "   " * min(max(len(self._lists), 1) - 1, DEEPEST_LIST)
        self.parts.append(f"\n{indent}{f'{number}.' if number is not None else '-'} ")

    def _link(self, target: str, start: int) -> None:
        label = "".join(self.parts[start:]).strip()
        del self.parts[start:]
        self.handle_data(f"[{_label(label)}]({_target(target)})" if target else label)


def _label(text: str) -> str:
    return re.sub(r"[\[\]]", r"\\\g<0>", " ".join(text.split()))


def _target(url: str) -> str:
    return re.sub(r"[\s()<>]", lambda found: f"%{ord(found.group()):02X}", url.strip())


def _with_safe_links(text: str, changed: Changed) -> str:
    """Only https:, mailto: and tel: lead anywhere; of other links the words stay."""

    def safe(found: re.Match[str]) -> str:
        image, label, target, title = found.groups()
        url = unescape(target)
        if url.lower().startswith(SCHEMES):
            return found.group()
        if url.lower().startswith("http://"):
            changed.append(("link_https", _short(url)))
            return f"{image}[{label}](https://{url[7:]}{title or ''})"
        changed.append(("link_out", _short(url) or "()"))
        return label

    if "[" not in text and "<" not in text:
        return text
    text = LINK.sub(safe, text)
    tokens = list(_tokens(MARKDOWN.parse(text)))
    targets = (str(each.attrs.get("href") or each.attrs.get("src") or "https:") for each in tokens)
    html = any(each.type in ("html_block", "html_inline") for each in tokens)
    if not html and all(target.lower().startswith(SCHEMES) for target in targets):
        return text
    changed.append(("link_shown", ""))
    return ESCAPED_OR_MARK.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    """The mark as a character that is seen; what is escaped already stays so."""
    return found.group() if found.group().startswith("\\") else f"\\{found.group()}"


def _short(url: str) -> str:
    return url if len(url) <= 60 else f"{url[:59]}…"


def _tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or [])
