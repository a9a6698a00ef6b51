"""Words of billing that customers use for one another, and ways to begin a question: material for
suggestions that a person reads. The matcher learns from phrasings, not from here."""

import re
from collections.abc import Iterator, Sequence

GROUPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("invoice", "bill"),
        ("invoices", "bills"),
        ("pay", "settle"),
        ("payment", "remittance"),
        ("refund", "money back"),
        ("cancel", "terminate", "stop"),
        ("subscription", "plan"),
        ("subscriptions", "plans"),
        ("licence", "license", "seat"),
        ("licences", "licenses", "seats"),
        ("due", "payable"),
        ("overdue", "late", "past due"),
        ("fee", "charge"),
        ("fees", "charges"),
        ("price", "cost", "rate"),
        ("credit card", "card"),
        ("bank transfer", "wire transfer", "TT"),
        ("direct debit", "GIRO"),
        ("receipt", "proof of payment"),
        ("tax", "GST", "VAT"),
        ("purchase order", "PO"),
        ("instalments", "payment plan"),
        ("suspended", "blocked", "turned off"),
        ("credit note", "credit memo"),
        ("contact", "reach", "get hold of"),
        ("opening hours", "office hours", "business hours"),
        ("change", "update"),
        ("copy", "duplicate"),
        ("company", "organisation"),
        ("address", "billing address"),
    ),
    "zh": (
        ("账单", "发票", "帐单"),
        ("付款", "支付", "付钱"),
        ("退款", "退钱"),
        ("取消", "退订", "停用"),
        ("订阅", "套餐"),
        ("许可证", "授权", "席位"),
        ("到期", "截止"),
        ("逾期", "超期"),
        ("费用", "收费"),
        ("价格", "价钱"),
        ("信用卡", "银行卡"),
        ("银行转账", "电汇", "汇款"),
        ("收据", "付款凭证"),
        ("税", "消费税"),
        ("分期", "分期付款"),
        ("暂停", "停掉", "冻结"),
        ("联系", "找到"),
        ("营业时间", "上班时间", "服务时间"),
        ("更改", "修改", "更换"),
        ("怎么", "如何", "怎样"),
        ("多少钱", "什么价格"),
        ("什么时候", "几时", "何时"),
    ),
}

OPENINGS: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("how can I ", "how do I ", "how to ", "I want to "),
        ("can I ", "is it possible to ", "am I able to ", "I want to "),
        ("when is ", "what day is ", "on which day is "),
        ("what does ", "how much does "),
        ("why is ", "how come ", "I don't understand why "),
        ("where can I ", "where do I "),
        ("do you ", "would you "),
    ),
    "zh": (
        ("可以", "能不能", "我想"),
        ("为什么", "怎么会"),
        ("有没有", "请问有"),
        ("是什么", "是啥意思"),
    ),
}


def exchanged(text: str, group: Sequence[str], language: str) -> Iterator[str]:
    """The text with each other word of the group for the first one of it that it has."""
    for word in group:
        found = _place(text, word, language)
        if found is None:
            continue
        start, end = found
        for other in group:
            if other != word:
                new = _as_written(text[start:end], other)
                yield _fitting(text[:start], new) + new + text[end:]
        return


def _place(text: str, word: str, language: str) -> tuple[int, int] | None:
    if language != "en":
        start = text.find(word)
        return (start, start + len(word)) if start >= 0 else None
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
    return found.span() if found else None


def _fitting(before: str, word: str) -> str:
    """An English text that ends in `a` or `an`, as the next word wants it."""
    article = "an" if word[:1].lower() in "aeiou" else "a"
    return re.sub(r"\b([Aa])n? $", lambda found: f"{found[1]}{article[1:]} ", before)


def _as_written(old: str, new: str) -> str:
    return new[:1].upper() + new[1:] if old[:1].isupper() and not old.isupper() else new
