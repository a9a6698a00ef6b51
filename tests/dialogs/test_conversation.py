"""The conversation's rules on plain values: what is said, what is remembered, who is called."""

from dataclasses import replace

import pytest

from conversations.ratings import Rating
from dialogs import conversation, reading
from dialogs.turn import Outcome, State, Turn
from handoff.models import AskAgain, HandoffRequest, Reason, Reopen, Tried
from knowledge.matcher import Band
from tests.dialogs.book import found, play, turn


def request_of(outcome: Outcome) -> HandoffRequest:
    assert isinstance(outcome.wish, HandoffRequest)
    return outcome.wish


def wish_at_once(asked: Turn) -> object:
    outcome = conversation.at_once(asked)
    return outcome and outcome.wish


def test_it_greets_once() -> None:
    first = conversation.welcome(turn(""))
    assert first.replies[0].text == "<welcome en>"
    assert first.replies[0].buttons == ("payment-due?",)
    assert not conversation.welcome(turn("", first.state)).replies


def test_an_answer_carries_entry_version_and_follow_ups_and_can_be_rated() -> None:
    outcome = play(turn("when do i pay"), _=found(Band.ANSWER, "payment-due"))
    (reply,) = outcome.replies
    assert reply.text == "answer payment-due en"
    assert (reply.entry_id, reply.version, reply.confidence) == ("payment-due", 7, 0.95)
    assert reply.buttons == ("invoice-copy?",)
    assert reply.can_be_rated
    assert outcome.state.last_entry == "payment-due"
    assert outcome.state.tried == (Tried("when do i pay", "payment-due", 7, 0.95),)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("账单什么时候到期", "en", "zh"),
        ("when is my bill due", "zh", "en"),
        ("OK", "zh", "zh"),
        ("2026", "zh", "zh"),
        ("Azure", "zh", "zh"),
        ("Microsoft 365", "zh", "zh"),
        ("for Dynamics 呢", "zh", "zh"),
        ("for Dynamics 呢", "en", "en"),
        ("invoices", "", "en"),
        ("hello there, my bill", "", "en"),
    ],
)
def test_it_answers_in_the_language_of_the_question(text: str, before: str, after: str) -> None:
    outcome = play(turn(text, language=before), _=found(Band.ANSWER, "payment-due"))
    assert outcome.language == after


@pytest.mark.parametrize(
    ("text", "language"), [("English", "en"), ("中文", "zh"), ("说中文", "zh")]
)
def test_the_language_can_be_chosen(text: str, language: str) -> None:
    outcome = play(turn(text))
    assert outcome.language == language
    assert outcome.replies[0].text == f"<language_changed {language}>"


def test_unsure_it_asks_back_with_three_titles_and_none_of_these() -> None:
    result = found(Band.ASK, "payment-due", "azure-support", "invoice-copy", "talk-to-human")
    (reply,) = play(turn("pay azure"), _=result).replies
    assert reply.buttons == ("payment-due?", "azure-support?", "invoice-copy?", "None of these")
    assert not reply.can_be_rated


def test_it_never_asks_back_about_small_talk() -> None:
    (reply,) = play(turn("blorb"), _=found(Band.ASK, "thanks", "payment-due")).replies
    assert reply.buttons == ("payment-due?", "None of these")
    (offer,) = play(turn("blorb"), _=found(Band.ASK, "thanks")).replies
    assert offer.text.startswith("<no_match en>")


def test_none_of_these_offers_a_person() -> None:
    outcome = play(turn("None of these", State(misses=1)))
    assert outcome.state.offer == Reason.AMBIGUOUS
    assert outcome.replies[0].buttons == ("talk-to-human?", "No, thanks")
    yes = play(turn("yes please", outcome.state))
    assert request_of(yes).reason is Reason.AMBIGUOUS


def test_a_miss_says_so_and_offers_a_person_with_the_contacts() -> None:
    outcome = play(turn("what is the weather"))
    assert outcome.replies[0].text == "<no_match en>\n\n<offer en>"
    assert outcome.state.misses == 1
    assert outcome.wish is None


def test_the_second_miss_in_a_row_goes_straight_to_the_offer() -> None:
    first = play(turn("blah"), _=found(Band.ASK, "payment-due", "azure-support"))
    second = play(turn("blub", first.state), _=found(Band.ASK, "payment-due", "azure-support"))
    assert second.state.offer == Reason.REPEATED
    assert second.replies[0].buttons[0] == "talk-to-human?"
    answered = play(turn("when due", second.state), _=found(Band.ANSWER, "payment-due"))
    assert answered.state.misses == 0


def test_a_person_can_be_asked_for_in_any_state_with_what_was_tried() -> None:
    state = play(turn("what is the weather")).state
    outcome = play(turn("human please", state), _=found(Band.ANSWER, "talk-to-human"))
    asked = request_of(outcome)
    assert asked.reason is Reason.NO_MATCH
    assert asked.question == "what is the weather"
    assert asked.tried[0].rejected == (("payment-due", 0.1),)
    assert (asked.topic, asked.entry_id) == ("collections", "payment-due")
    assert not outcome.replies  # the desk tells when somebody comes, in the same commit
    out_of_the_blue = play(turn("human please"), _=found(Band.ANSWER, "talk-to-human"))
    assert request_of(out_of_the_blue).reason is Reason.ASKED
    assert request_of(out_of_the_blue).question == "human please"


def test_a_question_soon_after_a_person_helped_goes_back_there_but_thanks_do_not() -> None:
    due = found(Band.ANSWER, "payment-due")
    assert play(turn("one more thing", just_helped=True), _=due).wish == Reopen()
    thanks = play(turn("thanks", just_helped=True), _=found(Band.ANSWER, "thanks"))
    assert thanks.wish is None and thanks.replies


def test_no_to_the_offer_is_taken_as_no() -> None:
    state = State(offer=Reason.NO_MATCH, misses=2)
    for word in ("no", "No, thanks", "不用了"):
        outcome = play(turn(word, state))
        assert outcome.state.offer == "" and outcome.state.misses == 0
        assert outcome.wish is None


def test_yes_without_an_offer_is_only_a_word() -> None:
    assert play(turn("yes")).wish is None


def test_two_clear_questions_get_both_answers() -> None:
    outcome = play(
        turn("when must i pay? who helps with azure?"),
        _=found(Band.ASK, "payment-due", "azure-support"),
        **{
            "when must i pay?": found(Band.ANSWER, "payment-due"),
            "who helps with azure?": found(Band.ANSWER, "azure-support"),
        },
    )
    assert [reply.entry_id for reply in outcome.replies] == ["payment-due", "azure-support"]


def test_a_greeting_before_the_question_is_not_a_second_question() -> None:
    outcome = play(
        turn("thanks a lot! when must i pay?"),
        _=found(Band.ANSWER, "thanks"),
        **{
            "thanks a lot!": found(Band.ANSWER, "thanks"),
            "when must i pay?": found(Band.ANSWER, "payment-due"),
        },
    )
    assert [reply.entry_id for reply in outcome.replies] == ["payment-due"]


def test_a_short_question_that_points_back_is_read_with_the_last_entry() -> None:
    asked = turn("and for Azure?", State(last_entry="payment-due"))
    assert reading.in_context(asked) == "payment-due? and for Azure?"
    outcome = play(
        asked,
        _=found(Band.ASK, "payment-due", "azure-support"),
        **{"payment-due? and for Azure?": found(Band.ANSWER, "azure-support")},
    )
    assert outcome.replies[0].entry_id == "azure-support"
    long = turn("and " + "word " * 12, State(last_entry="payment-due"))
    assert reading.in_context(long) is None
    assert reading.in_context(turn("and for Azure?")) is None


def test_what_was_just_said_is_not_said_again_to_a_question_that_points_elsewhere() -> None:
    asked = turn("and for Azure?", State(last_entry="payment-due"))
    again = {"payment-due? and for Azure?": found(Band.ANSWER, "payment-due")}
    outcome = play(asked, _=found(Band.ASK, "azure-support", "payment-due"), **again)
    assert [reply.entry_id for reply in outcome.replies] == [None]
    assert outcome.replies[0].buttons[:2] == ("azure-support?", "payment-due?")
    outcome = play(asked, _=found(Band.NONE, "azure-support"), **again)
    assert outcome.replies[0].entry_id == "payment-due"


def test_what_the_account_would_tell_is_answered_and_a_person_offered() -> None:
    outcome = play(turn("copy"), _=found(Band.ANSWER, "invoice-copy"))
    assert outcome.replies[0].buttons[0] == "talk-to-human?"
    for words in ("yes please", "yes please, a person", "需要", "好的，转人工", "talk-to-human?"):
        asked = request_of(play(turn(words, outcome.state)))
        assert asked.reason is Reason.NEEDS_ACCOUNT


@pytest.mark.parametrize("said", ["ok", "Okay!", "sure", "好的", "嗯", "thanks"])
def test_what_only_takes_note_is_no_yes_where_nothing_was_asked(said: str) -> None:
    thanks = found(Band.ANSWER, "thanks")
    answered = play(turn("copy"), _=found(Band.ANSWER, "invoice-copy"))
    unsure = play(turn("hm", answered.state), _=found(Band.ASK, "payment-due"))
    missed = play(turn("hm"))
    later = play(turn("hm", replace(missed.state, misses=0)), _=found(Band.ASK, "payment-due"))
    for before in (State(), answered.state, unsure.state, later.state):
        outcome = play(turn(said, before), _=thanks)
        assert outcome.wish is None and len(outcome.replies) == 1
    silent = play(turn("ok", waiting=True))
    assert silent.wish is None and not silent.replies


@pytest.mark.parametrize("said", ["ok", "sure", "好的", "yes", "要"])
def test_it_is_a_yes_where_a_person_was_offered_in_so_many_words(said: str) -> None:
    offered = play(turn("what is the weather"))
    assert request_of(play(turn(said, offered.state))).reason is Reason.NO_MATCH


@pytest.mark.parametrize(
    "said",
    [
        *("human", "Agent!", "a real person please", "can I talk to someone?", "operator"),
        *("I'd like to speak to a human being", "get me a live agent now", "billing support rep"),
        *("人工", "转人工客服", "我要真人", "请帮我找真人客服", "客服", "人工服务，谢谢"),
        *("talk-to-human?", "talk-to-human吗"),
    ],
)
def test_a_person_is_called_without_a_matcher(said: str) -> None:
    assert isinstance(wish_at_once(turn(said)), HandoffRequest)
    assert wish_at_once(turn(said, waiting=True)) == AskAgain()
    assert wish_at_once(turn(said, just_helped=True)) == Reopen()
    assert wish_at_once(turn("yes", State(offer=Reason.ERROR), just_helped=True)) == Reopen()


@pytest.mark.parametrize(
    "said",
    [
        *("are you a person", "what does an agent cost", "can I give someone a licence"),
        *("human resources", "不要人工", "客服电话是多少", "人工多少钱", "你是真人吗", "yes"),
    ],
)
def test_other_words_about_persons_are_left_to_the_matcher(said: str) -> None:
    assert conversation.at_once(turn(said)) is None


def test_a_bad_rating_is_kept_and_a_person_offered() -> None:
    bad = play(turn("", rating=Rating(False, 3)))
    assert bad.rating == Rating(False, 3)
    assert bad.state.offer == Reason.NEGATIVE_RATING
    good = play(turn("", rating=Rating(True, 3)))
    assert good.rating and good.replies[0].text == "<rated_positive en>"


def test_small_talk_is_no_answer_to_rate_and_no_context() -> None:
    state = State(last_entry="payment-due")
    outcome = play(turn("thanks", state), _=found(Band.ANSWER, "thanks"))
    assert not outcome.replies[0].can_be_rated
    assert outcome.state.last_entry == "payment-due"
    assert outcome.state.tried == ()


def test_a_removed_card_number_is_mentioned_first() -> None:
    asked = turn("[card number removed, ends 1111]", card_removed=True)
    assert play(asked).replies[0].text == "<card_removed en>"


@pytest.mark.parametrize(
    ("text", "message"), [("", "only_text"), ("   ", "only_text"), ("x" * 4001, "too_long")]
)
def test_what_cannot_be_read_is_said_and_never_matched(text: str, message: str) -> None:
    assert reading.questions(turn(text)) == []
    assert play(turn(text)).replies[0].text == f"<{message} en>"


def test_the_state_survives_being_stored() -> None:
    state = play(turn("what is the weather")).state
    assert State.from_dict(state.as_dict()) == state
    assert State.from_dict({"unknown": 1}) == State()


def test_after_an_answer_that_the_policy_names_a_person_is_called() -> None:
    complaint = {"_": found(Band.ANSWER, "complaint")}
    outcome = play(turn("this is a disgrace"), **complaint)
    assert [reply.entry_id for reply in outcome.replies] == ["complaint"]
    wish = outcome.wish
    assert isinstance(wish, HandoffRequest)
    assert (wish.reason, wish.question) == (Reason.RULE, "this is a disgrace")
    assert wish.entry_id == "complaint" and not outcome.state.offer
    assert play(turn("this is a disgrace", waiting=True), **complaint).wish is None
