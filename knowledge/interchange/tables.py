"""Rows under a header, from delimited text or a sheet, and what their columns are called."""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from io import StringIO

from knowledge.entry import Entry
from knowledge.interchange.cells import from_cell
from knowledge.interchange.found import MAX_COLUMNS, MAX_ROWS, Found, unreadable
from knowledge.interchange.languages import NAMES as LANGUAGE_NAMES
from knowledge.interchange.workbook import Flaw, Rows, sheets

DELIMITERS = "\t,;|"
COLUMN_NAMES: Mapping[str, str] = {
    "question": "question q faq scenario 问题 提问 问 问句 常见问题 标准问题 标准问 主问题 "
    "問題 提問 問 常見問題 標準問題",
    "alternates": "questions alternates alternatives alternate_questions alternative_questions "
    "similar_questions variations phrasings 相似问 相似问题 相似问法 扩展问 扩展问题 其他问法 "
    "相似問題 相似問法",
    "answer": "answer answers a response reply 答案 回答 答复 回复 答 标准答案 答覆 標準答案",
    "language": "language lang locale 语言 语种 語言",
    "topic": "topic category section 主题 类别 分类 类目 主題 類別 分類",
    "id": "id key 编号 編號",
    "owner": "owner 负责人 負責人",
    "review_by": "review_by 复核日期",
}
COLUMN_OF = {name: column for column, names in COLUMN_NAMES.items() for name in names.split()}
SAYS_LANGUAGE = re.compile(rf"(.+?)_?({'|'.join(sorted(LANGUAGE_NAMES, key=len, reverse=True))})")
FIELDS = (
    *("id", "topic", "owner", "review_by", "needs_account", "follow_ups"),
    *(name for name in Entry.model_fields if name not in ("questions", "answer")),
)
COLUMNS = (*dict.fromkeys(FIELDS), "language", "question", "answer")
"""The columns of our own CSV and XLSX: every field of an entry, then one question a row."""
NAMED = {
    *COLUMNS,
    *("source", "metadata", "suggestedquestions", "iscontextonly", "prompts", "qnaid"),
    *("synonyms", "key", "value"),
}
"""Columns that are known by one name."""


@dataclass(frozen=True)
class Table:
    """A header and the rows below it; `file` names the sheet too."""

    file: str
    header: tuple[str, ...]
    rows: Rows
    flaws: tuple[Flaw, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The header in one written form: lower case, `_` for whatever separates words."""
        return tuple(_plain(cell) for cell in self.header)

    @property
    def is_ours(self) -> bool:
        return {"id", "review_by", "question", "answer"} <= set(self.names)

    @property
    def is_of_the_services(self) -> bool:
        """QnA Maker's and Custom Question Answering's; the short form has the first four."""
        theirs = {"qnaid", "metadata", "prompts", "suggestedquestions"}
        return {"question", "answer"} <= set(self.names) and not theirs.isdisjoint(self.names)

    @property
    def is_synonyms(self) -> bool:
        return self.names[:1] == ("synonyms",)

    @property
    def is_settings(self) -> bool:
        return self.names[:2] == ("key", "value")

    @property
    def is_plain(self) -> bool:
        columns = {column_of(name)[0] for name in self.names}
        return "answer" in columns and not columns.isdisjoint(("question", "alternates"))

    @property
    def is_known(self) -> bool:
        return self.is_synonyms or self.is_settings or self.is_plain

    def reads(self, number: int) -> bool:
        """Whether any reader looks at that column."""
        name = self.names[number] if number < len(self.names) else ""
        return name in NAMED or column_of(name)[0] != ""

    def cell(self, cells: tuple[str, ...], name: str) -> str:
        """What stands under the name, empty where nothing does."""
        if name not in self.names:
            return ""
        number = self.names.index(name)
        return from_cell(cells[number]) if number < len(cells) else ""


def column_of(name: str) -> tuple[str, str]:
    """What a column is and its language, if it names one: ("answer", "zh") of `answer_zh`."""
    if name in COLUMN_OF:
        return COLUMN_OF[name], ""
    if numbered := re.fullmatch(r"(.+?)_?\d+", name):
        column = COLUMN_OF.get(numbered[1], "")
        return ("alternates" if column == "question" else column), ""
    if (found := SAYS_LANGUAGE.fullmatch(name)) and found[1] in COLUMN_OF:
        return COLUMN_OF[found[1]], LANGUAGE_NAMES[found[2]]
    return "", ""


def _plain(cell: str) -> str:
    return re.sub(r"[\W_]+", "_", cell.strip().lower()).strip("_")


def tables_of_workbook(name: str, data: bytes) -> list[Table]:
    """The sheets that hold anything, the first row of each as its header."""
    return [
        Table(f"{name}, sheet {sheet.title}", sheet.rows[0][1], sheet.rows[1:], sheet.flaws)
        for sheet in sheets(name, data)
        if sheet.rows
    ]


def sound(table: Table, found: Found) -> Table:
    """Without the rows in which a cell that is read is an error; its flaws are said."""
    first = table.rows[0][0] if table.rows else 0
    flaws = [each for each in table.flaws if each.row >= first and table.reads(each.column)]
    for flaw in flaws:
        say = found.refuse if flaw.is_error else found.warn
        say(table.file, flaw.row, flaw.code, column=table.header[flaw.column], text=flaw.text)
    lost = {flaw.row for flaw in flaws if flaw.is_error}
    return replace(table, rows=[each for each in table.rows if each[0] not in lost], flaws=())


def table_of_text(name: str, text: str) -> Table | None:
    """The table, if some delimiter makes the first line a header that is known."""
    start = next((line for line in text.splitlines() if line.strip()), "")
    for delimiter in DELIMITERS:
        try:
            header = next(csv.reader([start], delimiter=delimiter), [])
        except csv.Error:
            continue
        table = Table(name, tuple(header), [])
        if table.is_known:
            rows = _records(name, text, delimiter, table)
            return Table(name, rows[0][1], rows[1:])
    return None


def _records(name: str, text: str, delimiter: str, table: Table) -> Rows:
    """QnA Maker's files quote nothing, unless a spreadsheet program has saved them again."""
    unquoted = delimiter == "\t" and (table.is_of_the_services or table.is_synonyms)
    if unquoted and not _quoted_by_a_spreadsheet(text):
        lines = re.split("\r\n|\n|\r", text)
        return _numbered(name, (line.split("\t") for line in lines))
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _numbered(name, reader)
    except csv.Error as error:
        raise unreadable(name, reader.line_num, "quotes", detail=str(error)) from None


def _quoted_by_a_spreadsheet(text: str) -> bool:
    return '""' in text and re.search(r'(^|\t)"[\[{"]?[^\t]*""', text) is not None


def _numbered(name: str, records: Iterable[list[str]]) -> Rows:
    rows: Rows = []
    for number, cells in enumerate(records, 1):
        if len(rows) > MAX_ROWS:
            raise unreadable(name, number, "too_many_rows", most=MAX_ROWS)
        if len(cells) > MAX_COLUMNS:
            raise unreadable(name, number, "too_many_columns", most=MAX_COLUMNS)
        if any(cell.strip() for cell in cells):
            rows.append((number, tuple(cells)))
    return rows
