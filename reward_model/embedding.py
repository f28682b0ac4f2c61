"""Static embeddings: what a text is about, as 256 numbers that need no network and no graphics card.

The vectors of WordLlama (MIT, Miller 2024; trained on the token embeddings of Llama models) lie inside its wheel. They
are read and averaged here: the package itself averages padded batches, eight times slower.
"""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from safetensors.numpy import load_file
from scipy import sparse
from tokenizers import Tokenizer, normalizers

from reward_model.cuts import cut, held, numbered, readable

DIMENSIONS = 256
NAME = "WordLlama l2_supercat 256"
_AT_ONCE = 4_000
_WORD = " *[^ ]+| +"
_BYTES = 4
MOST_KNOWN, LONGEST_KNOWN = 200_000, 24
"""Of so many words, none longer than so many characters, the pieces are kept: some 40 MB by estimate."""
_KNOWN: dict[str, bytes] = {}

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


def reading(texts: Sequence[str], *, vectors: bool = True) -> Reading:
    """The embeddings of some texts (zeros × 0 unless `vectors`) and the counts of their pieces, each text read once."""
    some = [_read(texts[at : at + _AT_ONCE], vectors) for at in range(0, len(texts), _AT_ONCE)] or [_read([], vectors)]
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
    """A text cut before the spaces of each word: no piece reaches across, so words can be read one by one."""
    return _cut([text])[0].to_list()


def _cut(texts: Sequence[str]) -> tuple[pl.Series, npt.NDArray[np.uint32]]:
    """The words of all texts, and the row of each; every text begins with a space."""
    return cut([text and f" {text}" for text in readable(texts)], _WORD)


def _read(texts: Sequence[str], wanted: bool) -> Reading:
    """Each distinct word is read once, and texts are sums of their words."""
    words, rows = _cut(texts)
    numbers, distinct = numbered(words)
    pieces_of = _pieces_of(distinct.to_list())
    places = held(rows, numbers, len(texts), len(distinct))
    rare = pieces_of @ (np.arange(len(_vectors())) > RARE).astype(np.float32)
    counts = np.column_stack([np.diff(pieces_of.indptr), rare]).astype(np.float32)
    pieces, unusual = np.asarray(places @ counts, dtype=np.int64).T
    sums = places @ (pieces_of @ _vectors()) if wanted else np.zeros((len(texts), 0), dtype=np.float32)
    return Reading(_unit(sums), pieces, unusual)


def _unit(sums: Vectors) -> Vectors:
    lengths = np.sqrt(np.einsum("ij,ij->i", sums, sums))[:, np.newaxis]
    return np.asarray(np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0))


def _pieces_of(words: Sequence[str]) -> sparse.csr_matrix:
    """The pieces of each word, words × pieces."""
    found = _ids(words)
    ends = np.concatenate([[0], np.cumsum([len(ids) for ids in found], dtype=np.int64) // _BYTES])
    ids = _known(np.frombuffer(b"".join(found), dtype=np.uint32))
    ones = np.ones(len(ids), dtype=np.float32)
    return sparse.csr_matrix((ones, ids, ends), shape=(len(words), len(_vectors())))


def _ids(words: Sequence[str]) -> list[bytes]:
    """The numbers of each word's pieces, `_BYTES` a piece; they are kept, since most words come again."""
    found = {word: _KNOWN.get(word) for word in words}
    new = [word for word, ids in found.items() if ids is None]
    read = dict(zip(new, _fresh_ids(new), strict=True)) if new else {}
    if len(_KNOWN) + len(read) > MOST_KNOWN:
        _KNOWN.clear()
    _KNOWN.update((word, ids) for word, ids in read.items() if len(word) <= LONGEST_KNOWN)
    return [found[word] or read[word] for word in words]


def _fresh_ids(words: list[str]) -> list[bytes]:
    """All words as one text that is already cut, which takes about half as long as one by one."""
    one = _tokenizer().encode(words, is_pretokenized=True, add_special_tokens=False)
    ends = np.cumsum([0, *np.bincount(np.array(one.word_ids), minlength=len(words))]) * _BYTES
    ids = np.array(one.ids, dtype=np.uint32).tobytes()
    return [ids[start:end] for start, end in pairwise(ends.tolist())]


def _known(ids: npt.ArrayLike) -> npt.NDArray[np.int32]:
    return np.minimum(np.asarray(ids, dtype=np.int64), len(_vectors()) - 1).astype(np.int32)


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
