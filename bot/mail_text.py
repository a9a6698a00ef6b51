"""What our mails say: to agents in the partner's first language, to others in theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from string import Template

WORDS: Mapping[str, tuple[str, str]] = {
    "request": ("{name} asks for a person", "{name} 请求人工服务"),
    "reopen": ("{name} has written again and waits", "{name} 再次留言，正在等待"),
    "again": ("Nobody has it now, it waits: {name}", "目前无人处理，等待接手：{name}"),
    "remind": ("Nobody has taken it yet: {name}", "仍无人接手：{name}"),
    "widen": ("Still waiting, now for everybody: {name}", "仍在等待，现所有人可见：{name}"),
    "somebody": ("A customer", "客户"),
    "asked": ("Question: {question}", "问题：{question}"),
    "why": ("Why: {reason}", "原因：{reason}"),
    "contact": ("Reply to: {contact}", "回复至：{contact}"),
    "open": ("Open it in the console", "在控制台打开"),
    "answer": ("An answer from {partner}", "{partner} 的答复"),
    "wrote": ("{agent} of {partner} answered you:", "{partner} 的 {agent} 答复如下："),
    "go_on": ("Go on in the chat or in the portal", "请在对话或门户中继续"),
    "review": ("Answers to read again: {count}", "待复核的答案：{count}"),
    "review_why": (
        "Their review date has come. Read them, and set the next date.",
        "以下答案已到复核日期，请复核内容并设定下次日期。",
    ),
    "review_more": ("And {count} more.", "另有 {count} 条。"),
    "open_list": ("Open the list in the editor", "在编辑器中打开列表"),
    "replies_not_read": ("Replies to this e-mail are not read.", "对此邮件的回复无人查看。"),
    "not_read": (
        "Replies to this e-mail are not read. Please answer in the chat.",
        "对此邮件的回复无人查看，请在对话中回复。",
    ),
}
_PAGE = Template(
    '<!doctype html><html lang="$language"><body style="font-family:sans-serif;line-height:1.5">'
    "$body</body></html>"
)


@dataclass(frozen=True, slots=True)
class Mail:
    """`paragraphs` are plain text; `link` is (what it is called, where it leads)."""

    subject: str
    paragraphs: tuple[str, ...]
    link: tuple[str, str]
    footer: str
    language: str

    @property
    def text(self) -> str:
        called, url = self.link
        return "\n\n".join((*self.paragraphs, f"{called}: {url}", "-- ", self.footer)) + "\n"

    @property
    def html(self) -> str:
        said = "".join(f"<p>{_lines(each)}</p>" for each in self.paragraphs)
        called, url = self.link
        link = f'<p><a href="{escape(url)}">{escape(called)}</a></p>'
        footer = f"<p><small>{_lines(self.footer)}</small></p>"
        return _PAGE.substitute(language=self.language, body=said + link + footer)


def say(word: str, language: str, /, **values: object) -> str:
    return WORDS[word][language == "zh"].format(**values)


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
