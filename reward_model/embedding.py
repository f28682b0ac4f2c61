"""Static embeddings: what a text is about, as 256 numbers that need no network and no graphics card.

The vectors of WordLlama (MIT, Miller 2024; trained on the token embeddings of Llama models) lie inside its wheel. They
are read and averaged here: the package itself averages padded batches, eight times slower.
"""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from scipy import sparse
from tokenizers import Tokenizer

DIMENSIONS = 256
NAME = "WordLlama l2_supercat 256"
_AT_ONCE = 1_000

RARE = 15_000
"""Pieces are numbered by how early they were merged: those beyond this number are rare."""

Vectors = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int64]


class Piece(NamedTuple):
    """A part of a text, from character `start` up to `end`, and what it adds to the embedding of the whole text."""

    start: int
    end: int
    vector: Vectors


class Reading(NamedTuple):
    """What the pieces of some texts tell: `vectors` (texts × `DIMENSIONS`), the number of pieces, and of rare ones."""

    vectors: Vectors
    pieces: Counts
    rare: Counts


def embeddings(texts: Sequence[str]) -> Vectors:
    """The mean vector of each text's pieces, scaled to length 1, texts × `DIMENSIONS`; zeros for an empty text."""
    return reading(texts).vectors


def reading(texts: Sequence[str]) -> Reading:
    """The embeddings of some texts and the counts of their pieces, each text read once."""
    some = [_read(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)] or [_read([])]
    return Reading(*(np.concatenate(parts) for parts in zip(*some, strict=True)))


def pieces(text: str) -> list[Piece]:
    """The pieces of a text; their vectors sum to its embedding."""
    found = _tokenizer().encode(text, add_special_tokens=False)
    vectors = _vectors()[_known(found.ids)]
    length = float(np.linalg.norm(vectors.sum(axis=0))) or 1.0
    return [Piece(start, end, vector / length) for (start, end), vector in zip(found.offsets, vectors, strict=True)]


def _read(texts: Sequence[str]) -> Reading:
    found = _tokenizer().encode_batch_fast(list(texts), add_special_tokens=False)
    ends = np.cumsum([0, *(len(one) for one in found)])
    ids = _known([number for one in found for number in one.ids])
    counts = sparse.csr_matrix((np.ones(len(ids), dtype=np.float32), ids, ends), shape=(len(texts), len(_vectors())))
    sums = np.asarray(counts @ _vectors(), dtype=np.float32)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    vectors = np.asarray(np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0))
    return Reading(vectors, np.diff(ends), np.diff(np.cumsum([0, *(ids > RARE)])[ends]))


def _known(ids: Sequence[int]) -> npt.NDArray[np.int32]:
    return np.minimum(np.array(ids, dtype=np.int32), len(_vectors()) - 1)


@cache
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(_folder() / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


@cache
def _vectors() -> Vectors:
    weights = load_file(_folder() / "weights" / "l2_supercat_256.safetensors")
    return np.ascontiguousarray(weights["embedding.weight"], dtype=np.float32)


def _folder() -> Path:
    """Where WordLlama is installed. It is not imported: that would change the settings of everybody's log."""
    found = find_spec("wordllama")
    if found is None or found.origin is None:  # pragma: no cover (requirements.txt names it)
        raise ModuleNotFoundError("wordllama")
    return Path(found.origin).parent
