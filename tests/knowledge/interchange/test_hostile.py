"""Files that are broken, huge or meant to harm: one clear sentence each, and nothing done."""

import struct
import zipfile
from io import BytesIO

import pytest

from tests.knowledge.interchange.samples import row, taken, tsv, xlsx, zipped

GOOD = b"Question,Answer\nHow do I pay?,By transfer.\n"
BOOK = xlsx({"Sheet1": [["Question", "Answer"], ["How do I pay?", "By transfer."]]})


def book_with(part: str, *changes: tuple[bytes, bytes], book: bytes = BOOK) -> bytes:
    """A workbook with a part of it spoilt."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(book)) as before, zipfile.ZipFile(made, "w", 8) as after:
        for name in before.namelist():
            data = before.read(name)
            for old, new in changes if name == part else ():
                assert old in data
                data = data.replace(old, new, 1)
            after.writestr(name, data)
    return made.getvalue()


def locked() -> bytes:
    data = bytearray(zipped({"a.csv": GOOD}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + offset
        data[at : at + 2] = struct.pack("<H", 1)
    return bytes(data)


def lying() -> bytes:
    """The directory says that the file is small."""
    data = bytearray(zipped({"a.csv": b"x" * 10_000_000}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 10)
    return bytes(data)


SHEET = "xl/worksheets/sheet1.xml"
LOL = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
) + b"]>"  # fmt: skip
HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "The file is empty"),
    "only spaces": (b" \n\t\n", "The file is empty"),
    "no header": (b"hello\nworld\n", "no columns Question and Answer"),
    "headers alone": (b"Question,Answer\n", "There is no question with an answer"),
    "other columns": (b"name,price\nx,1\n", "no columns Question and Answer"),
    "a PDF": (b"%PDF-1.7 ...", "This kind of file is not read"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "This kind of file is not read"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 512, "old .xls, or locked"),
    "a program": (b"\x7fELF\x02\x01\x01" + b"\0" * 64, "damaged here"),
    "noise": (bytes(range(256)) * 9, "damaged here"),
    "Windows-1252": (
        "Question,Answer\nHow?,It’s café, naïve\n".encode("cp1252"),
        "Windows-1252|neither",
    ),
    "another Windows-1252": ("Question,Answer\nHow?,résumés\n".encode("cp1252"), "Windows-1252"),
    "half a UTF-16": ("Question,Answer\nHow?,é".encode("utf-16")[:-1], "looks like UTF-16"),
    "a broken UTF-8 with mark": (b"\xef\xbb\xbfQuestion,Answer\n\xff", "looks like UTF-8"),
    "a NUL": (GOOD + b"x\0y,z\n", "damaged here|no text"),
    "an open quote": (b'Question,Answer\nHow?,"open\n', "quotes do not match"),
    "text after a quote": (b'Question,Answer\nHow?,"a"b\n', "quotes do not match"),
    "an endless cell": (b"Question,Answer\nHow?," + b"x" * 200_000, "field larger than"),
    "a hundred columns": (b"Question,Answer\n" + b"," * 100 + b"\n", "More than 64 columns"),
    "too many rows": (b"Question,Answer\n" + b"a,b\n" * 100_002, "More than 100000 rows"),
    "too large": (b"Question,Answer\n" + b"x" * (21 << 20), "larger than 20 MiB"),
    "a zip bomb": (zipped({"a.csv": b"x" * (65 << 20)}), "larger than 64 MiB"),
    "many files": (zipped({f"{n}.csv": b"" for n in range(501)}), "more than 500 files"),
    "a zip in a zip": (zipped({"a.zip": zipped({"b.csv": GOOD})}), "ZIP inside a ZIP"),
    "half a zip": (zipped({"a.csv": GOOD * 99})[:90], "damaged"),
    "an empty zip": (zipped({}), "no question with an answer"),
    "a locked zip": (locked(), "locked with a password"),
    "a zip that lies": (lying(), "damaged"),
    "a workbook without sheets": (
        book_with("xl/workbook.xml", (b"</workbook>", b"</work>")),
        "damaged|no",
    ),
    "a workbook of broken XML": (book_with(SHEET, (b"</row>", b"</rom>")), "damaged"),
    "a laughing workbook": (
        book_with(SHEET, (b"<worksheet", LOL + b"<worksheet"), (b"By transfer.", b"&j;")),
        "damaged",
    ),
    "a strange number": (book_with(SHEET, (b't="inlineStr"', b't="s"')), "damaged|no "),
    "a row far below": (book_with(SHEET, (b'<row r="2"', b'<row r="9999999999"')), "More than"),
    "a column far right": (
        xlsx({"S": [["Question", "Answer", *["h"] * 70, "x"], ["a", "b"]]}),
        "More than 64 columns",
    ),
    "a workbook bomb": (
        book_with(SHEET, (b"<sheetData>", b" " * (65 << 20))),
        "larger than 64 MiB",
    ),
    "a sheet of formulas": (
        xlsx({"S": [["Question", "Answer"], ["=A1", "=B1"]]}),
        "never calculated",
    ),
    "JSON cut off": (b'{"qnaDocuments": [{"id": 1,', "not valid JSON"),
    "deep JSON": (b"[" * 100_000, "nested too deep"),
    "other JSON": (b'{"name": "x"}', "neither qnaDocuments nor value"),
    "JSON of numbers": (b"[1, 2]", "questions must be a list"),
    "a long number": (b'{"value": [' + b"9" * 9999 + b"]}", "number is too long"),
    "YAML that grows": (b"- id: &a [x]\n  topic: *a\n", "are not read; write it out"),
    "YAML that runs": (b"- !!python/object/apply:os.system [ls]\n", "is not read; remove it"),
    "deep YAML": (b"- " * 500 + b"x\n", "nested more than 20 deep"),
    "YAML of other things": (b"name: x\n", "neither a list of entries nor Rasa"),
    "YAML of words": (b"- one\n- two\n", "must be keys with values"),
    "an entry twice": (b"- {id: a}\n- {id: a}\n", "topic is missing"),
    "metadata in pieces": (tsv(row("Why so?", metadata="a:b:c |x")), "column Metadata"),
    "prompts that are deep": (tsv(row("Why so?", prompts="[" * 9999)), "column Prompts"),
    "a template of ours that runs": (
        b"id,topic,owner,review_by,needs_account,follow_ups,language,question,answer\n"
        b"a,b,c,2027-01-01,false,,en,Why so?,{{ x.__class__ }}\n",
        "x is not known|__class__ is not allowed",
    ),
    "our table without a column": (
        b"id,review_by,question,answer\n",
        "The column language is miss",
    ),
    "our table at odds": (
        b"id,topic,owner,review_by,language,question,answer\n"
        b"a,b,c,2027-01-01,en,Why so?,One\na,d,,,en,Why not?,\n",
        "says something else than row 2",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_with_a_sentence_and_nothing_is_taken(name: str) -> None:
    data, said = HOSTILE[name]
    made = taken(data, name="upload.bin")
    assert made.failed
    assert made.entries == ()
    assert any(part in problem.message for part in said.split("|") for problem in made.problems), [
        str(problem) for problem in made.problems[:5]
    ]
    assert all(problem.file.startswith("upload.bin") for problem in made.problems)


def test_a_file_that_cannot_be_read_does_not_hide_what_is_wrong_with_the_next() -> None:
    data = zipped({"a.csv": b"\xff\xfe\x00", "b.csv": b"Question,Answer\nWhy?,\n", "c.json": b"{"})
    files = [problem.file for problem in taken(data, name="kb.zip").problems]
    assert files == ["kb.zip/a.csv", "kb.zip/b.csv", "kb.zip/c.json"]


def test_what_systems_add_to_a_zip_is_left_out() -> None:
    made = taken(zipped({"a.csv": GOOD, "__MACOSX/._a.csv": b"\0\1", ".DS_Store": b"\0"}))
    assert len(made.entries) == 1
    assert not made.problems


def test_many_problems_are_all_said() -> None:
    rows = [row("", qna_id=n) for n in range(1, 500)]
    assert len(taken(tsv(*rows)).problems) == 499
