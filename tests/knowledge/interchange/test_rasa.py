"""Rasa's training data: examples, responses and the rules between them."""

from tests.knowledge.interchange.samples import entries_in, said_of, taken, zipped

NLU = b"""\
version: "3.1"
nlu:
- intent: faq/fees
  examples: |
    - what is the late [fee](cost)
    - how much is it when I pay [late]{"entity": "time"}
- intent: greet
  examples: |
    - hello there
- synonym: invoice
  examples: |
    - bill
    - statement
- regex: number
  examples: |
    - \\d+
"""
DOMAIN = b"""\
responses:
  utter_faq/fees:
  - text: It costs 5 %.
    buttons:
    - title: hello
      payload: /greet
  utter_hello:
  - text: Hello!
    image: https://example.com/wave.png
  - text: Hi!
"""
RULES = b"""\
rules:
- rule: greet
  steps:
  - intent: greet
  - action: utter_hello
- rule: questions
  steps:
  - intent: faq
  - action: utter_faq
"""


def test_intents_are_entries_with_the_response_that_answers_them() -> None:
    entries = entries_in(zipped({"nlu.yml": NLU, "domain.yml": DOMAIN, "rules.yml": RULES}))
    fees = entries["what-is-the-late-fee"]
    assert fees.questions == {"en": ("what is the late fee", "how much is it when I pay late")}
    assert (fees.topic, fees.answer) == ("faq", {"en": "It costs 5 %.\n"})
    assert fees.follow_ups == ("hello-there",)
    assert entries["hello-there"].answer["en"].startswith("Hello!\n\n![](https://")


def test_one_file_can_hold_all_of_it() -> None:
    whole = b'version: "3.1"\n' + NLU.partition(b"\n")[2] + DOMAIN + RULES
    assert len(entries_in(whole)) == 2


def test_what_is_left_out_is_said() -> None:
    made = taken(zipped({"nlu.yml": NLU, "domain.yml": DOMAIN, "rules.yml": RULES}))
    said = [str(problem) for problem in made.problems]
    assert any(
        "No question says any of these synonyms: invoice, bill, statement." in each for each in said
    )
    assert any("regex is for Rasa's own" in each for each in said)
    assert any("has 2 texts; the first is taken" in each for each in said)


def test_an_intent_without_an_answer_is_named_with_its_line() -> None:
    said = said_of(NLU)
    assert "kb:3: error: the intent faq/fees has no response utter_faq/fees" in said[0]
    assert len([each for each in said if "error" in each]) == 2
