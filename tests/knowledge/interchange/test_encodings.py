"""Text in the encodings of East Asia: GB18030 is read, and others are told apart from it."""

import pytest

from knowledge.interchange.encodings import decoded
from tests.knowledge.interchange.samples import entries_in, said_of
from tests.knowledge.samples import SHIPPED, shipped

JAPANESE = "請求書の支払い方法を教えてください。,銀行振込またはカードでお支払いいただけます。"
KOREAN = "청구서는 어떻게 결제합니까?,은행 송금이나 카드로 결제하실 수 있습니다."
TRADITIONAL = "帳單什麼時候到期？,請在三十天內付款。"
HEADERS = ("Question,Answer", "問題,答案")


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (JAPANESE, "cp932", "Shift-JIS"),
        (JAPANESE, "euc_jp", "EUC-JP"),
        (KOREAN, "cp949", "EUC-KR"),
        (TRADITIONAL, "cp950", "Big5"),
    ],
)
def test_another_encoding_is_named_and_how_to_save_the_file(
    text: str, codec: str, name: str, header: str
) -> None:
    (said,) = said_of(f"{header}\n{text}\n".encode(codec))
    assert f"neither UTF-8 nor GB18030, perhaps {name}; save the file as UTF-8" in said


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("text", [TRADITIONAL, "改密码,看帮助", "邮箱？,carla@shop.example 并抄送"])
def test_chinese_of_every_kind_is_still_read(text: str, header: str) -> None:
    (made,) = entries_in(f"{header}\n{text}\n".encode("gb18030")).values()
    assert made.questions["zh"] == (text.partition(",")[0],)


def test_everything_that_we_ship_is_read_in_gb18030_text_by_text() -> None:
    texts = [text for entry in shipped().entries for text in entry.questions.get("zh", ())]
    texts += [entry.answer["zh"] for entry in shipped().entries if "zh" in entry.answer]
    texts += [path.read_text(encoding="utf-8") for path in SHIPPED.rglob("*.yaml")]
    for text in texts:
        table = f"问题,答案\n{text}"
        assert decoded("kb", table.encode("gb18030")) == table
