"""Files as other systems write them, made here; and entries of every kind."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from hypothesis import strategies as st
from openpyxl import Workbook  # type: ignore[import-untyped]

from knowledge.entry import Entry
from knowledge.files import read_entry
from knowledge.interchange.reading import Import, read

REVIEW = date(2027, 2, 20)
HEADER = "Question\tAnswer\tSource\tMetadata\tSuggestedQuestions\tIsContextOnly\tPrompts\tQnaId"
ALTERNATES = json.dumps(
    [
        {
            "ClusterHead": "invoice copy",
            "TotalAutoSuggestedCount": 3,
            "TotalUserSuggestedCount": 1,
            "AlternateQuestionList": [
                {"Question": "send my bill again", "AutoSuggestedCount": 3, "UserSuggestedCount": 1}
            ],
        }
    ]
)


def prompt(number: int, text: str = "more", order: int = 0) -> dict[str, Any]:
    return {"DisplayOrder": order, "QnaId": number, "Qna": None, "DisplayText": text}


def row(
    question: str,
    answer: str = "Ask the billing desk.",
    source: str = "Editorial",
    metadata: str = "",
    suggested: str = "[]",
    context: str = "False",
    prompts: str = "[]",
    qna_id: object = 1,
) -> tuple[str, ...]:
    """A row of a knowledge base of the services, cell by cell."""
    return question, answer, source, metadata, suggested, context, prompts, str(qna_id)


def tsv(*rows: Sequence[str], header: str = HEADER, end: str = "\n", mark: str = "") -> bytes:
    """As the services write it: nothing is quoted."""
    return (mark + "".join(f"{line}{end}" for line in (header, *map("\t".join, rows)))).encode()


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for each in rows:
            sheet.append(list(each))
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def taken(data: bytes, base: Sequence[Entry] = (), name: str = "kb", language: str = "") -> Import:
    return read(name, data, base, owner="billing_admin", review_by=REVIEW, language=language)


def entries_in(data: bytes, base: Sequence[Entry] = (), language: str = "") -> dict[str, Entry]:
    """What is made of a file that is all right, by id."""
    made = taken(data, base, language=language)
    assert not made.failed, [str(problem) for problem in made.problems]
    return {entry.id: entry for entry in made.entries}


def said_of(data: bytes, base: Sequence[Entry] = ()) -> list[str]:
    return [str(problem) for problem in taken(data, base).problems]


def entry(**changes: Any) -> Entry:
    return read_entry(
        {
            "id": "payment-due",
            "topic": "collections",
            "owner": "billing_admin",
            "review_by": "2027-05-31",
            "questions": {"en": ["When is my invoice due?"], "zh": ["账单什么时候到期？"]},
            "answer": {"en": "In {{ payment.due_days }} days.\n", "zh": "30 天内。\n"},
            **changes,
        }
    )


AWKWARD = st.sampled_from(
    [
        "=1+1",
        "'=1",
        "@cmd",
        "-2",
        "\t+",
        "＝SUM",
        '"',
        "\n",
        "\r\n",
        "\t",
        "|",
        " ",
        "😀",
        "账单",
        "#",
    ]
    + [
        "_x000D_",
        "\\n",
        "'",
        ",",
        ";",
        "{ {",
        ": ",
        "- ",
        "null",
        "88",
        "2027-01-01",
        "\u2028",
        "\x85",
    ]
    + [
        "true",
        "\ufeff",
        "&amp;",
        "<b>",
        "`",
        "%",
        "!tag",
        "&a",
        "*a",
        "---",
        "\x0b",
        "\x01",
        "\x7f",
    ]
)
ANY_TEXT = st.lists(AWKWARD | st.text(max_size=8), max_size=6).map("".join)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n\x00"), min_size=1, max_size=40
)
LINE = (
    (st.builds(str.__add__, ANY_TEXT, WORDS))
    .map(lambda text: text.replace("\r", " ").replace("\n", " ").replace("\x00", "")[:300])
    .filter(str.strip)
)
ANSWER = (
    st.builds(str.__add__, ANY_TEXT, st.sampled_from(["", "\n", "x\n\n", " "]))
    .map(lambda text: text.replace("{", "(").replace("\x00", ""))
    .filter(str.strip)
)
LANGUAGES = st.sampled_from([("en",), ("zh",), ("en", "zh")])


@st.composite
def any_entries(draw: st.DrawFn) -> list[Entry]:
    """A few entries with the most awkward texts that are allowed."""
    ids = draw(
        st.lists(
            st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6})?", fullmatch=True),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    made = []
    for entry_id in ids:
        questions = {each: draw(st.lists(LINE, min_size=1, max_size=4)) for each in draw(LANGUAGES)}
        made.append(
            entry(
                id=entry_id,
                topic=draw(st.sampled_from(["payments", "invoices"])),
                owner=draw(LINE.map(str.strip).filter(bool)),
                questions=questions,
                answer={each: draw(ANSWER) for each in draw(LANGUAGES)},
                follow_ups=draw(st.lists(st.sampled_from(ids), max_size=3)),
                needs_account=draw(st.booleans()),
                labels=draw(
                    st.lists(LINE.map(lambda text: text.strip()[:60]).filter(str.strip), max_size=3)
                ),
                valid_until=draw(st.sampled_from([None, "2028-01-31"])),
                route=draw(st.sampled_from([None, "sales"])),
            )
        )
    return made
