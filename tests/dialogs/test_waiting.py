"""What a customer can do who waits for a person: ask on, stop, want silence, leave an address."""

from datetime import timedelta

import pytest

from dialogs.reading import language_of_turn
from dialogs.turn import Outcome
from handoff.models import AskAgain, LeaveContact, LeaveQueue
from knowledge.matcher import Band
from tests.dialogs.book import NOW, found, play, turn


def test_while_waiting_it_goes_on_answering() -> None:
    answer = play(turn("when due", waiting=True), _=found(Band.ANSWER, "payment-due"))
    assert answer.replies[0].entry_id == "payment-due"


def test_asked_again_while_waiting_it_says_how_things_stand_but_not_at_once() -> None:
    human = found(Band.ANSWER, "talk-to-human")
    first = play(turn("human please", waiting=True), _=human)
    assert first.wish == AskAgain()
    at_once = play(turn("human!!", first.state, waiting=True), _=human)
    assert at_once.wish is None and not at_once.replies
    later = NOW + timedelta(minutes=2)
    assert play(turn("human", first.state, waiting=True, now=later), _=human).wish == AskAgain()


@pytest.mark.parametrize("said", ["yes", "No", "ok", "是的", "不用了", "好的"])
def test_a_word_that_asks_nothing_is_taken_note_of(said: str) -> None:
    asked = turn(said, waiting=True)
    assert play(asked) == Outcome(asked.state, language_of_turn(asked))


def test_a_waiting_customer_can_stop_or_ask_for_silence() -> None:
    assert play(turn("Stop waiting", waiting=True)).wish == LeaveQueue()
    assert play(turn("Stop waiting")).wish is None
    quiet = play(turn("only a person please", waiting=True))
    assert quiet.replies[0].text == "<quiet en>" and quiet.state.quiet
    silent = play(turn("when due", quiet.state, waiting=True), _=found(Band.ANSWER, "payment-due"))
    assert not silent.replies and silent.wish is None


@pytest.mark.parametrize(
    ("said", "contact"),
    [
        ("ann@example.com", "ann@example.com"),
        ("my mail is ann.lee+billing@mail.example.co.uk.", "ann.lee+billing@mail.example.co.uk"),
        ("我的邮箱是ann@example.com，谢谢", "ann@example.com"),
        ("我的邮箱是 a@b.cn", "a@b.cn"),
        ("jane@x.com please", "jane@x.com"),
        ("Jane Tan, jane@x.com", "jane@x.com"),
        ("please email me at jane@x.com, I have sent it twice", "jane@x.com"),
        ("+65 6123 4567", "+65 6123 4567"),
        ("call me on +65 6123-4567 please", "+65 6123-4567"),
        ("call me at 6123 4567", "6123 4567"),
        ("can you call me tomorrow after lunch on 6123 4567?", "6123 4567"),
        ("call me on 2026-11-24 at 6123 4567", "6123 4567"),
        ("2012 0117", "2012 0117"),
        ("6123 4567, call me please", "6123 4567"),
        ("my number is 6123 4567", "6123 4567"),
        ("电话 13812345678", "13812345678"),
        ("打 13800138000", "13800138000"),
        ("请打给我13800138000", "13800138000"),
        ("13800138000 请联系我", "13800138000"),
        ("１３８１２３４５６７８", "13812345678"),
    ],
)
def test_an_address_of_a_waiting_customer_is_kept(said: str, contact: str) -> None:
    assert play(turn(said, waiting=True)).wish == LeaveContact(contact)
    assert play(turn(said)).wish is None


@pytest.mark.parametrize("said", ["ann@example", "ann@@example.com", "12345", "0 0"])
def test_what_could_not_be_reached_is_sent_back(said: str) -> None:
    answer = play(turn(said, waiting=True))
    expected = "<contact_wrong en>" if len(said) > 3 else "<no_match en>"
    assert answer.wish is None and answer.replies[0].text.startswith(expected)


@pytest.mark.parametrize(
    "said",
    [
        "invoice INV-2026110311 is wrong",
        "invoice of 2026-11-23",
        "2026-11-23",
        "call me on 2026-11-23",
        "my invoice 20240117 is wrong",
        "order 61234567",
        "call me about invoice 61234567",
        "订单号 61234567",
        "12 345 678.00",
        "12 345 678.00 EUR",
        "USD 12345678",
        "we pay 1200 in 30 days",
        "I sent it to ap@contoso.com yesterday, why no reply?",
        "昨天发邮件到 ap@contoso.com，怎么没回复",
        "我昨天打 61234567 没人接",
        "微信 jane_20260117",
    ],
)
def test_what_is_not_left_to_be_reached_at_is_a_message_like_any_other(said: str) -> None:
    asked = turn(said, waiting=True)
    outcome = play(asked, _=found(Band.ANSWER, "payment-due"))
    assert outcome.wish is None
    assert outcome.replies[0].entry_id == "payment-due"
