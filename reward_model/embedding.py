"""Static embeddings: what a text is about, as 256 numbers that need no network and no graphics card.

The vectors of WordLlama (MIT, Miller 2024; trained on the token embeddings of Llama models) lie inside its wheel. They
are read and averaged here: the package itself averages padded batches, eight times slower.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from scipy import sparse
from tokenizers import Tokenizer, normalizers

DIMENSIONS = 256
NAME = "WordLlama l2_supercat 256"
_AT_ONCE = 4_000
_WORD = re.compile(" *[^ ]+| +")

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
    words, found = _words(text), list[tuple[int, int, int]]()
    start = -1  # of the space that is put before every text
    for word, read in zip(words, _tokenizer().encode_batch(words, add_special_tokens=False), strict=True):
        found += [(number, start + one, start + two) for number, (one, two) in zip(read.ids, read.offsets, strict=True)]
        start += len(word)
    vectors = _vectors()[_known([number for number, *_ in found])]
    length = float(np.linalg.norm(vectors.sum(axis=0))) or 1.0
    return [Piece(max(one, 0), two, vector / length) for (_, one, two), vector in zip(found, vectors, strict=True)]


def _words(text: str) -> list[str]:
    """A text cut before the spaces of each word: no piece reaches across, so words can be read one by one.

    “?” stands for half of a surrogate pair, which no tokenizer reads.
    """
    return _WORD.findall(f" {text}".encode("utf-8", "replace").decode()) if text else []


def _read(texts: Sequence[str]) -> Reading:
    """Each distinct word is read once, and texts are sums of their words."""
    known: dict[str, int] = {}
    places = [[known.setdefault(word, len(known)) for word in _words(text)] for text in texts]
    ends = np.cumsum([0, *map(len, places)])
    held = _ones([at for some in places for at in some], ends, len(known))
    vectors, counts, rare = _read_words(list(known))
    sums = np.asarray(held @ vectors, dtype=np.float32)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means = np.asarray(np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0))
    return Reading(means, (held @ counts).astype(np.int64), (held @ rare).astype(np.int64))


def _read_words(words: list[str]) -> tuple[Vectors, Vectors, Vectors]:
    """The sum of the vectors of each word's pieces, their number, and that of the rare ones."""
    found = _tokenizer().encode_batch_fast(words, add_special_tokens=False)
    ends = np.cumsum([0, *(len(one) for one in found)])
    ids = _known([number for one in found for number in one.ids])
    held = _ones(ids, ends, len(_vectors()))
    rare = held @ (np.arange(len(_vectors())) > RARE).astype(np.float32)
    return np.asarray(held @ _vectors(), dtype=np.float32), np.diff(ends).astype(np.float32), np.asarray(rare)


def _ones(columns: Sequence[int] | npt.NDArray[np.int32], ends: npt.NDArray[Any], width: int) -> sparse.csr_matrix:
    places = np.asarray(columns, dtype=np.int32)
    return sparse.csr_matrix((np.ones(len(places), dtype=np.float32), places, ends), shape=(len(ends) - 1, width))


def _known(ids: Sequence[int]) -> npt.NDArray[np.int32]:
    return np.minimum(np.array(ids, dtype=np.int32), len(_vectors()) - 1)


@cache
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(_folder() / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")  # without the space that it puts before every text: we do
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
