"""A knowledge base of so many entries that they are ranked by the middle of each."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge import rankings
from knowledge.basis import Basis, Ways
from knowledge.building import Builder
from knowledge.encoder import Vectors
from knowledge.matcher import Matcher

TOWNS = [f"{first}{last}" for first in ("ash", "oak", "elm", "fir") for last in ("ton", "ley")]
WANTS = ("invoice", "refund", "renewal", "discount", "receipt", "licence")
OUT_OF_SCOPE = ("tell me a joke", "what is the weather")


class Letters:
    """Vectors that tell how often each letter stands in a text, and nothing of its meaning."""

    identity = "letters"

    def encode(self, texts: Sequence[str]) -> Vectors:
        counts = [[1, *(text.count(chr(97 + n)) for n in range(26))] for text in texts]
        rows = np.array(counts, dtype=np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def ways(town: str, want: str, *more: str) -> Ways:
    known = (
        f"{want} for {town}",
        f"where is the {want} of {town} office",
        f"{town} {want}",
        f"our people in {town} need a {want}",
        *more,
    )
    return Ways(f"{town}-{want}", {"en": known})


ENTRIES = tuple(ways(town, want) for town in TOWNS for want in WANTS)


@pytest.fixture(params=[None, Letters()], ids=["wording", "vectors"])
def builder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Builder:
    monkeypatch.setattr(rankings, "MANY", len(ENTRIES) - 1)
    return Builder(request.param, tmp_path)


def first(matcher: Matcher, *questions: str) -> list[str]:
    return [result.matches[0].entry_id for result in matcher.match(questions)]


def test_each_is_found_and_what_is_not_ours_is_not_answered(builder: Builder) -> None:
    matcher = builder.build(Basis(ENTRIES, OUT_OF_SCOPE))
    asked = ("oakley refund please", "the receipt of firton")
    assert first(matcher, *asked) == ["oakley-refund", "firton-receipt"]
    assert all(
        result.band == "answer" for result in matcher.match([e.questions["en"][1] for e in ENTRIES])
    )
    assert matcher.match(["tell me a joke"])[0].band == "none"


def test_what_was_fitted_is_read_back(builder: Builder) -> None:
    content = Basis(ENTRIES, OUT_OF_SCOPE)
    asked = ["oakley refund please", "will it rain", "asd"]
    built = builder.build(content).match(asked)
    kept = builder.kept(content.digest)
    assert kept and kept[0].match(asked) == built


def test_an_edit_is_found_quickly_and_the_others_still_are(builder: Builder) -> None:
    content = Basis(ENTRIES, OUT_OF_SCOPE)
    builder.build(content)
    edited = ways("ashton", "refund", "my cash came never back to ashton")
    after = Basis(tuple(edited if e.id == edited.id else e for e in ENTRIES), OUT_OF_SCOPE)
    quick = builder.quick(after, content)
    assert quick and not builder.has_full(after)
    assert first(quick, "my cash came never back, to ashton", "oakley refund") == [
        "ashton-refund",
        "oakley-refund",
    ]


def test_few_entries_say_nothing_of_how_many_are_ranked(builder: Builder) -> None:
    few = Basis(ENTRIES[:-2], OUT_OF_SCOPE)
    builder.build(few)
    assert builder.quick(Basis(ENTRIES, OUT_OF_SCOPE), few) is None
