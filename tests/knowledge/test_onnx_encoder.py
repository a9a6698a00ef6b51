"""An ONNX model in a folder, as sentence-transformers exports it; a model of numpy stands in."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from knowledge.encoder import EncoderError, load_encoder

VECTORS = {"[CLS]": (8, 0, 0), "late": (0, 2, 0), "fee": (0, 0, 4), "[PAD]": (9, 9, 9)}
WORDS = list(VECTORS)
POOLING, LONGEST = "1_Pooling/config.json", "sentence_bert_config.json"
NAMES = ("input_ids", "attention_mask", "token_type_ids")


class Tokenizer:
    """Words are tokens, after a [CLS]."""

    longest = 0

    def enable_padding(self) -> None: ...

    def enable_truncation(self, max_length: int) -> None:
        self.longest = max_length

    def encode_batch(self, texts: Sequence[str]) -> list[Any]:
        read = [["[CLS]", *text.split()][: self.longest] for text in texts]
        width = max(map(len, read))
        return [
            SimpleNamespace(
                ids=[WORDS.index(w) if w in WORDS else 0 for w in words]
                + [3] * (width - len(words)),
                attention_mask=[1] * len(words) + [0] * (width - len(words)),
            )
            for words in read
        ]


class Session:
    """Each token has the vector of its word; `pooled` gives one for the whole text."""

    inputs: Sequence[str] = NAMES
    pooled = False

    def __init__(self, model: Path, options: object, providers: Sequence[str]) -> None:
        if model.read_bytes() != b"model":
            raise RuntimeError("Protobuf parsing failed.")

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name=name) for name in self.inputs]

    def get_outputs(self) -> list[Any]:
        return [SimpleNamespace(shape=["texts", 3] if self.pooled else ["texts", "tokens", 3])]

    def run(self, _: None, given: dict[str, Any]) -> list[Any]:
        assert set(given) == set(self.inputs)
        output = np.array(list(VECTORS.values()), dtype=np.float16)[given["input_ids"]]
        return [output.max(axis=1) if self.pooled else output]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> type[Session]:
    class Ours(Session):
        """A test may change it."""

    runtime = SimpleNamespace(InferenceSession=Ours, SessionOptions=SimpleNamespace)
    reader = SimpleNamespace(from_file=lambda path: Tokenizer())
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    monkeypatch.setitem(sys.modules, "tokenizers", SimpleNamespace(Tokenizer=reader))
    return Ours


def exported(folder: Path, told: Mapping[str, Any] = {}, model: str = "onnx/model.onnx") -> str:
    """The files of an export; what is `told` in some of them as JSON."""
    files = {model: b"model", "tokenizer.json": b"{}"}
    for name, content in (
        files | {n: json.dumps(said).encode() for n, said in told.items()}
    ).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return str(folder)


def unit(*values: float) -> Any:
    return pytest.approx(list(np.array(values) / np.linalg.norm(values)), abs=1e-3)


def vectors(folder: str, *texts: str) -> list[list[float]]:
    encoder = load_encoder(folder)
    assert encoder is not None
    rows = encoder.encode(texts)
    assert rows.dtype == np.float32
    return list(rows.tolist())


@pytest.mark.parametrize("model", ["onnx/model.onnx", "model.onnx"])
def test_a_text_is_the_mean_of_its_tokens_without_the_padding(
    tmp_path: Path, session: type[Session], model: str
) -> None:
    short, long = vectors(exported(tmp_path, model=model), "late", "late fee")
    assert short == unit(4, 1, 0)
    assert long == unit(8 / 3, 2 / 3, 4 / 3)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, (1, 0, 0)),
        ({"pooling_mode_max_tokens": True, "include_prompt": True}, (8, 2, 0)),
        ({"embedding_dimension": 3, "pooling_mode": "max"}, (8, 2, 0)),
        ({"pooling_mode": ["cls"]}, (1, 0, 0)),
    ],
)
def test_tokens_are_pooled_as_the_export_says(
    tmp_path: Path, session: type[Session], said: dict[str, Any], expected: tuple[float, ...]
) -> None:
    folder = exported(tmp_path, {POOLING: said})
    assert vectors(folder, "late", "late fee")[0] == unit(*expected)


def test_a_vector_of_the_whole_text_is_taken_as_it_is(
    tmp_path: Path, session: type[Session]
) -> None:
    session.pooled, session.inputs = True, NAMES[:2]
    folder = exported(tmp_path, {POOLING: {"pooling_mode": "lasttoken"}})
    assert vectors(folder, "fee") == [unit(8, 0, 4)]


def test_of_a_long_text_as_much_is_read_as_the_export_says(
    tmp_path: Path, session: type[Session]
) -> None:
    folder = exported(tmp_path, {LONGEST: {"max_seq_length": 2}})
    assert vectors(folder, "late fee fee") == [unit(4, 1, 0)]
    folder = exported(tmp_path / "other", {LONGEST: {"max_seq_length": None}})
    assert vectors(folder, "late " * 127 + "fee") == [unit(8, 2 * 127, 0)]


def test_what_changes_the_vectors_changes_the_identity(
    tmp_path: Path, session: type[Session]
) -> None:
    plain = load_encoder(exported(tmp_path))
    pooled = load_encoder(exported(tmp_path, {POOLING: {"pooling_mode": "max"}}))
    (tmp_path / "onnx" / "model.onnx_data").write_bytes(b"other weights")
    weighed = load_encoder(str(tmp_path))
    assert plain and pooled and weighed
    assert len({each.identity for each in (plain, pooled, weighed)}) == 3


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            {POOLING: {"pooling_mode_lasttoken": True}},
            "pools by pooling_mode_lasttoken",
        ),
        ({POOLING: {"pooling_mode": ["mean", "max"]}}, "pools by mean and max"),
        ({"modules.json": [{"type": "sentence_transformers.models.Dense"}]}, r"needs .*\.Dense"),
        ({LONGEST: []}, r"sentence_bert_config\.json of the encoder cannot be read"),
    ],
)
def test_an_export_that_we_would_read_wrongly_is_refused(
    tmp_path: Path, session: type[Session], told: dict[str, Any], said: str
) -> None:
    with pytest.raises(EncoderError, match=said):
        load_encoder(exported(tmp_path, told))


def test_a_model_that_asks_for_something_else_is_refused(
    tmp_path: Path, session: type[Session]
) -> None:
    session.inputs = (*NAMES, "pixel_values")
    with pytest.raises(EncoderError, match="asks for pixel_values; only input_ids"):
        load_encoder(exported(tmp_path))


def test_a_model_that_cannot_be_read_is_a_sentence(tmp_path: Path, session: type[Session]) -> None:
    folder = exported(tmp_path)
    (tmp_path / "onnx" / "model.onnx").write_bytes(b"cut")
    with pytest.raises(EncoderError, match=r"cannot be read: Protobuf parsing failed"):
        load_encoder(folder)


def test_it_says_which_file_a_folder_lacks(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"has no model\.onnx, nor onnx/model\.onnx"):
        load_encoder(str(tmp_path))
    (tmp_path / "model.onnx").touch()
    with pytest.raises(EncoderError, match=r"has no tokenizer\.json"):
        load_encoder(str(tmp_path))


def test_it_says_which_packages_a_folder_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EncoderError, match="onnxruntime and tokenizers"):
        load_encoder(exported(tmp_path))
