"""QnA Maker and Custom Question Answering, as their files are to the byte."""

import json
from typing import Any

import pytest

from tests.knowledge.interchange.samples import (
    ALTERNATES,
    entries_in,
    prompt,
    row,
    said_of,
    taken,
    tsv,
    xlsx,
    zipped,
)

SYNONYMS = b'Synonyms\n"sdk","software development kit"\n"bill","invoice","statement"\n'
SETTINGS = b"Key\tValue\nLanguage\tEnglish\nDefaultAnswerForKB\tSorry, no match\n"
PAIRS = (
    row("How do I get an invoice copy?", "Ask us.\\n\\nWe send a **PDF**.", suggested=ALTERNATES,
        prompts=json.dumps([prompt(93, order=1), prompt(92, order=0)]), qna_id=91),
    row("invoice copy", "Ask us.\\n\\nWe send a **PDF**.", qna_id=91),
    row("When is it due?", "In 30 days.", metadata="topic:Collections", qna_id=92),
    row("How can I pay?", "By transfer.", "https://example.com/Pay-Now.html", qna_id=93),
)  # fmt: skip


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_alternates_prompts_and_line_breaks_arrive(mark: str, end: str) -> None:
    entries = entries_in(tsv(*PAIRS, mark=mark, end=end))
    first = entries["how-do-i-get-an-invoice-copy"]
    assert first.questions == {"en": ("How do I get an invoice copy?", "invoice copy")}
    assert first.answer == {"en": "Ask us.\n\nWe send a **PDF**.\n"}
    assert first.follow_ups == ("when-is-it-due", "how-can-i-pay")
    assert (first.topic, first.owner) == ("imported", "billing_admin")
    assert entries["when-is-it-due"].topic == "collections"
    assert entries["how-can-i-pay"].topic == "pay-now"


def test_a_backslash_before_t_is_no_tab() -> None:
    (made,) = entries_in(tsv(row("Where is it?", "In C:\\temp\\n*here*."))).values()
    assert "\t" not in made.answer["en"] and "temp\n" in made.answer["en"]


def test_the_same_pairs_in_a_sheet_are_the_same_entries() -> None:
    header = tsv().decode().strip().split("\t")
    rows = [[*each[:5], 0, each[6], int(each[7])] for each in PAIRS]
    assert entries_in(xlsx({"Sheet1": [header, *rows]})) == entries_in(tsv(*PAIRS))


def test_a_table_saved_again_by_a_spreadsheet_program_is_read_with_its_quotes() -> None:
    def quoted(cell: str) -> str:
        return f'"{cell.replace(chr(34), chr(34) * 2)}"' if '"' in cell else cell

    again = tsv(*([quoted(cell) for cell in each] for each in PAIRS))
    assert entries_in(again) == entries_in(tsv(*PAIRS))


@pytest.mark.parametrize("replica", ["tsv", "xlsx"])
def test_a_replica_brings_synonyms_and_says_what_is_left(replica: str) -> None:
    if replica == "tsv":
        files = {"MyProject.tsv": tsv(*PAIRS), "Synonyms.tsv": SYNONYMS, "Settings.tsv": SETTINGS}
        files["UnstructuredContent/a.txt"] = b"free text"
    else:
        rows = {"QnAs": [tsv().decode().strip().split("\t"), *PAIRS]}
        words = [line.split("\t") for line in SYNONYMS.decode().splitlines()]
        keys = [line.split("\t") for line in SETTINGS.decode().splitlines()]
        files = {"KnowledgeBaseReplica.xlsx": xlsx({**rows, "Synonyms": words, "Settings": keys})}
    made = taken(zipped(files))
    assert len(made.entries) == 3
    told = [problem.message for problem in made.problems]
    assert not any("invoice" in each for each in told)
    assert any("sdk, software development kit" in each for each in told)
    reworded = [each.question for each in made.suggestions if not each.count]
    assert reworded == ["How do I get a bill copy?", "How do I get a statement copy?"]
    assert any("Sorry, no match" in each for each in told)


def test_suggestions_are_for_an_editor_to_take_and_no_questions_yet() -> None:
    made = taken(tsv(*PAIRS))
    (suggestion,) = made.suggestions
    assert (suggestion.question, suggestion.count) == ("send my bill again", 4)
    assert suggestion.entry_id == "how-do-i-get-an-invoice-copy"


def test_the_longest_questions_and_the_most_alternates_of_the_services_are_read() -> None:
    rows = [row(f"{number}{'q' * 997}") for number in range(100, 401)]
    (made,) = entries_in(tsv(*rows)).values()
    assert [len(each) for each in made.questions["en"]] == [1000] * 301
    assert taken(tsv(*rows, row("one too many"))).failed


def test_what_a_prompt_was_called_is_said_where_no_question_says_it() -> None:
    prompts = [prompt(92, "WHEN IS IT DUE"), prompt(93, "pay now", 1)]
    made = taken(tsv(row("Copy?", prompts=json.dumps(prompts), qna_id=91), *PAIRS[2:]))
    (told,) = made.problems
    assert (told.line, told.values) == (2, {"label": "pay now", "entry": "how-can-i-pay"})
    assert made.entries[0].follow_ups == ("when-is-it-due", "how-can-i-pay")


def test_where_an_entry_came_from_is_kept() -> None:
    made = taken(tsv(row("Where do I pay?", source="FAQ.docx", metadata="Tier:Gold", qna_id=7)))
    (origin,) = made.origins
    assert (origin.row, origin.key, origin.source) == (2, "7", "FAQ.docx")
    assert origin.metadata == {"tier": "gold"}
    assert made.entries[0].topic == "faq"
    assert any("tier" in problem.message for problem in made.problems)


@pytest.mark.parametrize(
    "metadata",
    [
        "topic:Payments|tier:gold",
        "topic:payments | tier:gold",
        json.dumps([{"name": "topic", "value": "Payments"}, {"name": "tier", "value": "gold"}]),
        json.dumps({"Topic": "payments", "tier": "gold"}),
    ],
)
def test_metadata_is_read_in_each_spelling(metadata: str) -> None:
    made = taken(tsv(row("Where do I pay?", metadata=metadata)))
    assert made.entries[0].topic == "payments"


def test_the_short_forms_group_by_their_answer() -> None:
    header = "Question\tAnswer\tSource\tMetadata"
    rows = [("Who are you?", "A bot.", "", ""), ("What are you?", "A bot.", "", "")]
    (made,) = entries_in(tsv(*rows, header=header)).values()
    assert made.questions["en"] == ("Who are you?", "What are you?")
    (made,) = entries_in(tsv(("Are you human?", "No."), header="Scenario\tResponse")).values()
    assert made.answer == {"en": "No.\n"}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (row("Why?", prompts=json.dumps([prompt(404)])), "a prompt leads to 404"),
        (row("Why?", prompts="[{"), "column Prompts: this is not valid JSON: [{"),
        (row("Why?", prompts='[{"DisplayText":"x"}]'), "the prompt x has no QnaId"),
        (row("Why?", metadata="no value"), "column Metadata: the key no value may have letters"),
        (row("Why?", metadata="key:"), "column Metadata: the key key has no value"),
        (row("Why?", metadata="key:a:b"), "the value a:b of the key key may have no : or |"),
        (row("Why?", metadata='{"key":"a|b"}'), "the value a|b of the key key may have no"),
        (row("Why?", metadata="key:" + "v" * 501), "and 500 characters at most"),
        (row("Why?", suggested="{}"), "column SuggestedQuestions: this is no list"),
        (row("", "text"), "column Question is empty"),
        (row("Why?", ""), "column Answer is empty"),
        ((*row("Why?"), "one too many"), "9 cells under 8 columns; remove the extra"),
        (row("q" * 1001), "column question: 1001 characters; 1000 are read"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(bad: tuple[str, ...], said: str) -> None:
    made = taken(tsv(row("Fine?", qna_id=2), bad))
    assert made.failed
    assert not made.entries
    (problem,) = [each for each in made.problems if each.severity == "error"]
    assert said in problem.message
    assert (problem.file, problem.line) == ("kb", 3)


def test_all_that_is_wrong_is_said_at_once() -> None:
    rows = [row("", qna_id=1), row("A b?", "", qna_id=2), row("C d?", prompts="x", qna_id=3)]
    assert [line.split(" ")[0] for line in said_of(tsv(*rows))] == ["kb:2:", "kb:3:", "kb:4:"]


def test_two_answers_of_one_pair_are_refused() -> None:
    (said,) = said_of(tsv(row("A b?", "One."), row("C d?", "Two.")))
    assert "differs from row 2 of the same QnaId" in said


def test_a_question_has_one_meaning_and_the_later_is_left_out() -> None:
    made = taken(tsv(row("Yes please", "A", qna_id=1), row("yes, please!", "B", qna_id=2),
                     row("Another one", "B", qna_id=2)))  # fmt: skip
    assert [sum(map(len, entry.questions.values())) for entry in made.entries] == [1, 1]
    assert "belongs to row 2 already" in made.problems[0].message
    assert "every question of it belongs" in said_of(
        tsv(row("Yes please", "A", qna_id=1), row("yes please", "B", qna_id=2))
    )[0]  # fmt: skip


DOCUMENT: dict[str, Any] = {
    "id": 5,
    "answer": "Ask us.\n\nSoon.",
    "source": "Editorial",
    "questions": ["Can I have a refund?", "money back please"],
}
PROMPTS = [{"displayOrder": 0, "qnaId": 6, "displayText": "when"}]
SECOND = {"id": 6, "answer": "In May.", "source": "x.tsv", "questions": ["When will it come?"]}
QNA_MAKER = {
    **DOCUMENT,
    "metadata": [{"name": "topic", "value": "payments"}],
    "context": {"isContextOnly": False, "prompts": PROMPTS},
}
CQA = {
    **DOCUMENT,
    "metadata": {"topic": "payments"},
    "dialog": {"isContextOnly": False, "prompts": PROMPTS},
    "lastUpdatedDateTime": "2023-01-01T00:00:00Z",
}


@pytest.mark.parametrize("told", [{"qnaDocuments": [QNA_MAKER, SECOND]}, {"value": [CQA, SECOND]}])
def test_the_json_of_both_services_is_read(told: dict[str, Any]) -> None:
    entries = entries_in(json.dumps(told).encode())
    first = entries["can-i-have-a-refund"]
    assert first.topic == "payments"
    assert first.follow_ups == ("when-will-it-come",)
    assert first.answer == {"en": "Ask us.\n\nSoon.\n"}
    assert first.questions["en"] == ("Can I have a refund?", "money back please")


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"questions": "one"}, "questions must be a list"),
        ({"questions": []}, "questions is empty"),
        ({"answer": None}, "answer is empty"),
        ({"context": {"prompts": [{"qnaId": 9}]}}, "a prompt leads to 9"),
        ({"metadata": ["x"]}, "the key"),
    ],
)
def test_a_wrong_document_is_named_by_its_number(spoilt: dict[str, Any], said: str) -> None:
    told = {"qnaDocuments": [SECOND, {**DOCUMENT, **spoilt}]}
    (problem,) = taken(json.dumps(told).encode()).problems
    assert (problem.file, problem.line) == ("kb, qnaDocuments", 2)
    assert said in problem.message
