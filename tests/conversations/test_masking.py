"""Card numbers never get further than the door."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.masking import is_card_number, mask_activity, mask_cards

# The schemes' published test numbers.
CARDS = [
    "4111111111111111",
    "4012888888881881",
    "4222222222222",
    "5555555555554444",
    "5105105105105100",
    "2223003122003222",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "6011000990139424",
    "3530111333300000",
    "3566002020360505",
    "30569309025904",
    "38520000023237",
    "6200000000000005",
]
FORMS = [
    "{}",
    "my card is {}, please charge it",
    "卡号{}请扣款",
    "card:{}.",
]


def grouped(card: str, gap: str) -> str:
    return gap.join(card[i : i + 4] for i in range(0, len(card), 4))


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "gap", ["", " ", "   ", "-", " - ", "\u00a0", ".", "\u200b", "/", ",", ", ", "\n"]
)
def test_it_removes_a_card_number_however_it_is_written(card: str, form: str, gap: str) -> None:
    masked, found = mask_cards(form.format(grouped(card, gap)))
    assert found
    assert card[:8] not in "".join(c for c in masked if c.isdigit())
    assert f"ends {card[-4:]}" in masked


def test_it_removes_full_width_digits() -> None:
    wide = "４１１１ １１１１ １１１１ １１１１"
    assert mask_cards(f"卡号 {wide}") == ("卡号 [card number removed, ends 1111]", True)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("invoice 12 {}", "invoice 12 {}"),
        ("{}, 4 licences", "{}, 4 licences"),
        ("12, 30 / {} / 99999", "12, 30 / {} / 99999"),
        ("{} 5", "{} 5"),
        ("{} 12/27", "{}"),
        ("{} 123", "{}"),
        ("{} 12/2027 123, thanks", "{}, thanks"),
        ("{} exp 12/27, CVV: 1234.", "{}."),
        ("{} 有效期 12/27 安全码 123", "{}"),
        ("{} 500 EUR", "{} 500 EUR"),
        ("{}, $500", "{}, $500"),
        ("{}, +852 6123 4567", "{}, +852 6123 4567"),
        ("{} 123 and {} 12/27", "{} and {}"),
        ("BE68 5390 0754 7034 or {}", "BE68 5390 0754 7034 or {}"),
    ],
)
def test_numbers_beside_a_card_hide_nothing_and_only_what_belongs_to_it_goes_too(
    text: str, kept: str
) -> None:
    removed = "[card number removed, ends 1111]"
    written = text.replace("{}", "4111 1111 1111 1111")
    assert mask_cards(written) == (kept.replace("{}", removed), True)


@pytest.mark.parametrize(
    "text",
    [
        "invoice 2026-11-0000123",
        "call +65 6000 0123 or +65 6000 0199",
        "order 4111111111111112",  # Luhn is wrong
        "tracking 9400111899223197428490",
        "account 000-123456-7",
        "GUID 6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "20261122093000",
        "1234567890123456",
        "0000000000000000",
        "we have 1200 users, 300 of them since 2019, 55 since 2024",
        "19:meeting_NDExMTExMTExMTExMTExMQ@thread.v2",
        "3.14159265358979",
        "DE95 4111 1111 1111 1111 00",  # an IBAN with a card number in it
        "GB29 NWBK 6016 1331 9268 19",
        "+4915112345678",  # Luhn is right, but it is a phone number
        "6212 3456 / 6212 3454",  # Luhn is right, but these are two numbers
        "4 111 111 111 119",  # likewise, and an amount
        "4 users, 111111111119",
    ],
)
def test_it_leaves_other_numbers_alone(text: str) -> None:
    assert mask_cards(text) == (text, False)


def test_two_cards_in_one_message_both_go() -> None:
    masked, _ = mask_cards("4111111111111111 and 5555555555554444")
    assert masked == "[card number removed, ends 1111] and [card number removed, ends 4444]"


def test_an_activity_is_cleaned_wherever_a_person_can_write() -> None:
    card = "4111 1111 1111 1111"
    body = {
        "type": "message",
        "id": "4111111111111111",
        "text": card,
        "attachments": [{"contentType": "text/html", "content": f"<p>{card}</p>"}],
        "value": {"note": card, "number": 4111111111111111},
        "from": {"id": "29:4111111111111111", "name": card},
        "channelData": {"clientActivityID": "4111111111111111"},
    }
    masked, found = mask_activity(body)
    assert found
    assert masked["id"] == body["id"]
    assert masked["channelData"] == body["channelData"]
    assert masked["from"]["id"] == "29:4111111111111111"
    without_ids = {name: masked[name] for name in ("text", "attachments", "value")}
    assert "4111" not in json.dumps(without_ids).replace("1111]", "")
    assert masked["from"]["name"] == "[card number removed, ends 1111]"


@given(st.text())
def test_masking_never_fails_and_is_stable(text: str) -> None:
    once, _ = mask_cards(text)
    assert mask_cards(once) == (once, False)


GAPS = st.sampled_from(["", " ", "   ", "-", " - ", ".", ",", ", ", "/", "\u00a0", "\u200b"])
OTHERS = st.lists(st.from_regex(r"[0-9]{1,8}", fullmatch=True), max_size=3)


@given(st.sampled_from(CARDS), GAPS, OTHERS, OTHERS, st.sampled_from([" ", ", ", " / ", "\n"]))
def test_a_card_goes_whatever_numbers_stand_around_it(
    card: str, gap: str, before: list[str], after: list[str], between: str
) -> None:
    masked, found = mask_cards(between.join([*before, grouped(card, gap), *after]))
    left = masked.replace(f"[card number removed, ends {card[-4:]}]", "")
    assert found and card not in "".join(re.findall("[0-9]", left))


@given(st.text(alphabet="0123456789 -,./:a", max_size=60))
def test_only_card_numbers_go(text: str) -> None:
    groups = re.findall("[0-9]+", text)
    runs = (groups[a:b] for a in range(len(groups)) for b in range(a, len(groups) + 1))
    if not any(is_card_number("".join(run)) for run in runs):
        assert mask_cards(text) == (text, False)


def test_many_digits_take_no_time() -> None:
    """Trying every group with every other one would run into the tests' time limit."""
    for text in ("4" * 200_000, "4 " * 20_000, "4444 " * 20_000, "4111111111111111 " * 10_000):
        mask_cards(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Nd"])))
def test_text_without_digits_is_untouched(text: str) -> None:
    assert mask_cards(text) == (text, False)


@given(st.integers(10**14, 10**15 - 1))
def test_every_visa_number_is_found(middle: int) -> None:
    stem = f"4{middle}"[:15]
    card = next(stem + str(d) for d in range(10) if is_card_number(stem + str(d)))
    assert mask_cards(f"x {card} y")[1]
