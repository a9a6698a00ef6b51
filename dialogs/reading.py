"""How a message is read before anything is matched: its language, its commands, its questions."""

import re
from collections.abc import Iterable
from functools import lru_cache

from dialogs.turn import Turn
from knowledge.text import language_of, normalise

DEFAULT_LANGUAGE = "en"
LANGUAGES = ("en", "zh")
MAX_CHARACTERS = 4000
MAX_QUESTIONS = 3

_LANGUAGE_WORDS = {
    "en": {"english", "in english", "english please", "speak english", "en", "英文", "英语"},
    "zh": {"中文", "chinese", "说中文", "简体中文", "请说中文", "in chinese", "zh", "汉语", "华语"},
}
_YES = {
    *("yes", "yes please", "yeah", "yep", "please", "please do", "go ahead"),
    *("是", "是的", "要", "麻烦了", "需要"),
}
_ALL_RIGHT = {
    *("ok", "okay", "k", "sure", "alright", "all right", "fine", "got it", "i see", "understood"),
    *("好", "好的", "好啊", "好吧", "可以", "行", "嗯", "嗯嗯", "知道了", "明白了", "收到"),
}
_PERSON = re.compile(
    r"(?:(?:an?|the|real|live|human|actual|to|with|talk|speak|chat|connect|transfer|put|get|let|me|us"
    r"|through|i|id|we|want|need|like|would|could|can|now|just|please|pls|hi|hello|yes|ok|yeah"
    r"|support|service|billing) )*"
    r"(?:human(?: being)?|person|agent|operator|rep|representative|someone|somebody|colleague)"
    r"(?: (?:now|please|pls|thanks|thank you))*"
    r"|(?:[请帮我要想给能找个转接叫换跟和 ]|麻烦|你好|您好|是的?|好的?|需要|可以|联系|聊|说话)*"
    r"(?:人工|真人|活人|客服)(?:客服|服务|人员|坐席|[吧吗]|谢谢)*"
)
_NO = {
    *("no", "nope", "no thanks", "no thank you", "not now", "nah"),
    *("不", "不用", "不用了", "不要", "算了", "不需要", "没事", "不用谢谢"),
}
_LONGEST_WISH = 60  # characters
_BETWEEN_QUESTIONS = re.compile(
    r"(?<=[?？!！\n])\s*"
    r"|[,，]?\s*\b(?:and also|also,|plus,|and another thing:?)\s+"
    r"|[,，]?\s*(?:另外|还有(?![多几没什])|顺便问)[,，]?",
    re.IGNORECASE,
)
# These stand between the words of one question, too: what follows must begin another.
_PERHAPS_BETWEEN = re.compile(
    r"[,，;；]\s*(?:(?:and|以及|和|同时)\s*)?|\s+and\s+|\s*(?:以及|和|同时)", re.IGNORECASE
)
_ASKS = re.compile(
    r"\b(?:how|when|where|what|why|who|which)(?:'s|\s+(?:is|are|was|were|do|does|did|can|could|will"
    r"|would|should|must|may|to|much|many|long|often|happens))\b"
    r"|\b(?:can|could|may|will|would|should|do|does|did|is|are|was)\s+(?:i|we|you|my|our|it|there|the)\b",
    re.IGNORECASE,
)
_ASKS_IN_CHINESE = re.compile(
    "怎么|怎样|如何|什么|何时|为何|多少|多久|哪|谁|能不能|能否|可不可以|是否|是不是|有没有|[几吗呢]"
)
_TELLS = re.compile(r"\s*(?:i|we|my|our|you|your|the)\s+\S+\s+\S", re.IGNORECASE)
_LONGEST_JOINED = 500  # characters
_REFERS_BACK = re.compile(
    r"^(?:and|but|what about|how about|same for|also for|ok and|so)\b"
    r"|^(?:那么?|如果是|换成|还有)|呢[?？]?$"
    r"|\b(?:it|its|that|this|they|them|those|these|one)\b|(?:这个|那个|它|这种|那种)",
    re.IGNORECASE,
)
_SHORT = {"en": 8, "zh": 14}  # words, characters: a longer message stands on its own


def language_of_turn(turn: Turn) -> str:
    """The question's language; a mixed or very short one keeps the conversation's."""
    return language_of(turn.text) or turn.language or DEFAULT_LANGUAGE


def language_asked_for(text: str) -> str | None:
    plain = _plain(text)
    return next((code for code, words in _LANGUAGE_WORDS.items() if plain in words), None)


def says_yes(text: str) -> bool:
    return _plain(text) in _YES


def says_all_right(text: str) -> bool:
    """A yes when a question was asked; else it takes note of what was said."""
    return _plain(text) in _ALL_RIGHT


def says_no(text: str) -> bool:
    return _plain(text) in _NO


def asks_nothing(text: str) -> bool:
    """Where nothing was asked, neither do yes and no."""
    return says_all_right(text) or says_yes(text) or says_no(text)


def wants_person(text: str) -> bool:
    """Asks for a person and for nothing else, in words that need no matcher."""
    plain = _plain(text)
    return len(plain) <= _LONGEST_WISH and _PERSON.fullmatch(plain) is not None


def parts(text: str) -> list[str]:
    """The questions in a message, when it seems to hold two or three; else nothing."""
    surely = _BETWEEN_QUESTIONS.split(text)
    perhaps = (piece for part in surely if part for piece in _apart(part))
    found = (_worded(perhaps), _worded(part for part in surely if part))
    return next((each for each in found if 2 <= len(each) <= MAX_QUESTIONS), [])


def _worded(pieces: Iterable[str]) -> list[str]:
    stripped = (piece.strip(" ,，;；") for piece in pieces)
    return [piece for piece in stripped if len(_plain(piece)) > 1]


def _apart(text: str) -> list[str]:
    """Two questions joined by a comma or `and`; or, by `and`, something told and a question."""
    if len(text) > _LONGEST_JOINED:
        return [text]
    for joint in _PERHAPS_BETWEEN.finditer(text):
        before, after = text[: joint.start()], text[joint.end() :]
        if not (_ASKS.match(after) or _ASKS_IN_CHINESE.search(after)):
            continue
        told = "and" in joint.group().lower() and _TELLS.match(before)
        if told or _ASKS.search(before) or _ASKS_IN_CHINESE.search(before):
            return [before, *_apart(after)]
    return [text]


def in_context(turn: Turn) -> str | None:
    """A short question that points back, joined to what was answered before; else None."""
    last = turn.state.last_entry
    language = language_of_turn(turn)
    if not last or not turn.knowledge.has(last) or not _REFERS_BACK.search(turn.text.strip()):
        return None
    length = len(turn.text.split()) if language == "en" else len(turn.text)
    if length > _SHORT.get(language, _SHORT["en"]):
        return None
    return f"{turn.knowledge.title(last, language)} {turn.text}"


def questions(turn: Turn) -> list[str]:
    """Everything that has to be matched to answer this turn, the whole message first."""
    if not turn.text.strip() or len(turn.text) > MAX_CHARACTERS or turn.rating or turn.help_rating:
        return []
    asked = [turn.text, *parts(turn.text)]
    context = in_context(turn)
    return [*asked, context] if context else asked


def is_one_of(text: str, buttons: Iterable[str]) -> bool:
    """Whether the text is what one of these buttons sends."""
    return _plain(text) in {_plain(button) for button in buttons}


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    """Words only: how buttons and short commands are compared."""
    return re.sub(r"[^\w\s]", "", normalise(text)).strip()
