"""What is asked, checked, measured and packed in a terminal, on a small folder of one's own."""

import json
import sys
import zipfile
from pathlib import Path

import pytest

from commands import EXIT_CONFIG, main
from tests.command_line import run
from tests.knowledge.editing import TWO
from tests.knowledge.samples import shipped_copy

FIGURES = {
    *("cases", "in_scope", "out_of_scope", "accuracy_at_1", "recall_at_3", "answered"),
    *("answered_wrong", "asked_back", "not_matched", "out_of_scope_answered"),
}
APP_ID = "3f2a7d54-0c1e-4b7a-9a55-1f6f2f0d9c11"
FEE = "A late payment costs 1.5%."


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = shipped_copy(tmp_path / "content", TWO)
    monkeypatch.chdir(tmp_path)  # no .env is read
    for name, value in {"CONTENT": made, "CACHE": tmp_path / "cache", "ENCODER": "none"}.items():
        monkeypatch.setenv(name, str(value))
    return made


def test_one_question_is_answered() -> None:
    said = run("ask", "what does a LATE payment cost")
    assert said.exit_code == 0
    assert said.output.startswith(FEE)


def test_an_answer_as_json_says_what_was_made_of_the_question() -> None:
    told = json.loads(run("ask", "逾期付款要多少钱", "--json").output)
    assert told.keys() == {"language", "band", "replies", "matches", "handoff"}
    assert (told["language"], told["band"], told["handoff"]) == ("zh", "answer", None)
    assert told["replies"][0]["entry"] == told["matches"][0]["entry"] == "late-fee"
    assert told["replies"][0]["text"].startswith("逾期付款加收 1.5%。")
    assert told["matches"][0]["confidence"] > 0.99


def test_a_conversation_ends_with_an_empty_line() -> None:
    said = run("chat", typed="What does a late payment cost?\n什么是逾期付款？\n\nRefund?\n")
    assert said.exit_code == 0
    greeting, fee, *_, last = said.output.split("\n> ")
    assert "a program, not a person" in greeting
    assert FEE in fee
    assert last == ""
    assert said.output.count("\n> ") == 3  # nothing after the empty line is answered


def test_figures_as_json_have_every_key(tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text(
        "question,language,expected\nrefund,en,refund\n能退款吗,zh,refund\n"
        "what does a late payment cost,en,refund\nqwertz,en,\n",
        encoding="utf-8",
    )
    told = json.loads(run("evaluate", cases, "--json").output)
    assert told.keys() == FIGURES | {"by_language", "latency_ms", "misses"}
    assert (told["cases"], told["in_scope"], told["out_of_scope"]) == (4, 3, 1)
    assert told["accuracy_at_1"] == pytest.approx(2 / 3)
    assert told["answered_wrong"] == pytest.approx(1 / 3)
    assert told["out_of_scope_answered"] == 0
    assert {language: each.keys() for language, each in told["by_language"].items()} == {
        "en": FIGURES,
        "zh": FIGURES,
    }
    assert told["latency_ms"].keys() == {"p50", "p95"}
    (miss,) = told["misses"]
    assert (miss["question"], miss["expected"]) == ("what does a late payment cost", ["refund"])
    assert (miss["language"], miss["chosen"], miss["band"]) == ("en", "late-fee", "answer")
    assert miss["confidence"] > 0.99


def test_figures_as_text_name_the_misses(tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text("question,language,expected\nrefund,en,late-fee\n", encoding="utf-8")
    said = run("evaluate", cases)
    assert "accuracy_at_1" in said.output
    assert "refund -> refund (1.00), not late-fee" in said.output


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ([], ""),
        (["--min-accuracy", 50, "--max-wrong", 50], ""),
        (["--min-accuracy", 50.1], "accuracy_at_1 is 50.0%; at least 50.1% is asked for."),
        (["--max-wrong", 10], "answered_wrong is 50.0%; at most 10% is allowed."),
    ],
)
def test_figures_can_be_held_to_percents(tmp_path: Path, limits: list[object], said: str) -> None:
    cases = tmp_path / "cases.csv"
    text = "question,language,expected\nrefund,en,late-fee\nrefund,en,refund\nqwertz,en,\n"
    cases.write_text(text, encoding="utf-8")
    result = run("evaluate", cases, *limits)
    assert (result.exit_code, result.stderr.strip()) == (int(bool(said)), said)


def test_check_names_every_problem_and_fails(folder: Path) -> None:
    entries = folder / "entries" / "some.yaml"
    entries.write_text(TWO.replace("owner: billing_admin", "owner: boss", 1), encoding="utf-8")
    said = run("check")
    assert said.exit_code == 1
    assert said.output.startswith(f"{entries}:3: error: late-fee: owner boss is no role")
    assert said.output.endswith("1 errors, 4 warnings\n")
    told = json.loads(run("check", "--json").output)
    assert told[0].keys() == {"severity", "file", "line", "entry", "message"}
    assert (told[0]["severity"], told[0]["file"], told[0]["line"]) == ("error", str(entries), 3)
    assert [each["severity"] for each in told] == ["error"] + ["warning"] * 4


def test_check_of_what_is_only_thin_warns(folder: Path) -> None:
    said = run("check")
    assert said.exit_code == 0
    assert said.output.endswith("0 errors, 4 warnings\n")


def test_check_of_a_folder_that_cannot_be_read_says_so(folder: Path) -> None:
    (folder / "policy.yaml").unlink()
    (folder / "golden.csv").write_text("frage,antwort\n", encoding="utf-8")
    said = run("check")
    assert said.exit_code == 1
    assert "policy.yaml:1: error: The file cannot be read" in said.output
    assert "golden.csv:1: error: row 1: the column question and language" in said.output


def test_a_package_for_teams_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MicrosoftAppId", APP_ID)
    monkeypatch.setenv("MicrosoftAppPassword", "secret")
    monkeypatch.setenv("PUBLIC_URL", "https://billing.example")
    out = tmp_path / "teams.zip"
    assert f"Wrote {out}" in run("teams-package", "--out", out).output
    with zipfile.ZipFile(out) as package:
        manifest = json.loads(package.read("manifest.json"))
    assert manifest["bots"][0]["botId"] == APP_ID
    assert manifest["validDomains"] == ["billing.example"]


def test_what_is_missing_ends_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MicrosoftAppId", raising=False)
    monkeypatch.setattr(sys, "argv", ["app.py", "teams-package"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == EXIT_CONFIG
    assert capsys.readouterr().err.startswith("MicrosoftAppId and PUBLIC_URL are needed")
    assert not list(tmp_path.glob("*.zip"))
