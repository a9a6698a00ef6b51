"""What files call the languages we speak."""

NAMES = {
    "en": "en",
    "english": "en",
    "英文": "en",
    "英语": "en",
    "zh": "zh",
    "chinese": "zh",
    "chinese_simplified": "zh",
    "chinese_traditional": "zh",
    "中文": "zh",
    "汉语": "zh",
}


def language_named(name: str) -> str:
    """`en` of en-GB or English; a name we do not know as it stands, so that it is refused."""
    plain = name.strip().lower()
    return NAMES.get(plain) or NAMES.get(plain.replace("_", "-").partition("-")[0]) or plain
