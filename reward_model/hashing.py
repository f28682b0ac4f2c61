"""Hashed n-grams of many texts at once: polars cuts and hashes them, a sort per chunk makes the rows.

xxhash64 is a published algorithm with fixed values, so a saved model finds the same columns for ever. The n-grams are
those of `word_ngrams` and `character_ngrams`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import polars_hash as plh
from scipy import sparse

from reward_model.cuts import chunks, cut, held, numbered, patterns, readable
from reward_model.words import CHARACTERS

BITS = 18
BUCKETS = 2**BITS
"""Columns of each hashed family."""
HASH = "xxhash64, seed 0, low 18 bits"
ROWS = 2**12
"""Texts a chunk: few enough for a row and its bucket to share 32 bits, which sort several times as fast as 64."""
CHARACTERS_A_CHUNK = 4_000_000
"""A chunk ends with the text that reaches this length, which bounds its memory."""

Keys = npt.NDArray[np.uint32]
"""row · `BUCKETS` + bucket, for every n-gram of a chunk."""
Distinct = tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]
"""Distinct buckets row by row, and how many each row has."""


def hashed(texts: Sequence[str], family: str) -> sparse.csr_matrix:
    """Which n-grams of a family ("words" or "characters") stand in each text: texts × `BUCKETS`, float32.

    Values say present or not; each row has length 1, or 0 where there is no n-gram. Memory beyond the result is bounded
    by the chunk.
    """
    rows_of = FAMILIES[family]
    found = [rows_of(readable(texts[chunk])) for chunk in chunks(texts, ROWS, CHARACTERS_A_CHUNK)]
    indices = np.concatenate([np.zeros(0, np.int32), *(some for some, _ in found)])
    return unit_rows(indices, np.concatenate([np.zeros(0, np.int64), *(counts for _, counts in found)]))


def unit_rows(indices: npt.NDArray[np.int32], counts: npt.NDArray[np.int64]) -> sparse.csr_matrix:
    """Rows × `BUCKETS` from the distinct buckets row by row, and how many each row has; of length 1."""
    values = np.repeat(1 / np.sqrt(np.maximum(counts, 1), dtype=np.float32), counts)
    return sparse.csr_matrix((values, indices, _small(_ends(counts))), shape=(len(counts), BUCKETS), copy=False)


def buckets(ngrams: Sequence[str]) -> npt.NDArray[np.uint32]:
    """The bucket of each n-gram, whichever its family."""
    return _buckets(pl.Series("ngram", readable(ngrams), dtype=pl.String))


def bucket(ngram: str) -> int:
    """The bucket of one n-gram."""
    return int(buckets([ngram])[0])


def _buckets(ngrams: pl.Series) -> npt.NDArray[np.uint32]:
    hashes = ngrams.alias("ngram").to_frame().select(plh.col("ngram").nchash.xxhash64()).to_series()
    return (hashes.to_numpy() & np.uint64(BUCKETS - 1)).astype(np.uint32)


def _distinct(keys: Keys, n_rows: int) -> Distinct:
    """The distinct buckets row by row, and how many each row has."""
    keys.sort()
    first = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    kept = keys[first]
    return (kept & np.uint32(BUCKETS - 1)).astype(np.int32), np.bincount(kept >> BITS, minlength=n_rows)


def _small(indptr: npt.NDArray[np.int64]) -> npt.NDArray[np.int32] | npt.NDArray[np.int64]:
    return indptr.astype(np.int32) if indptr[-1] < 2**31 else indptr


def _word_rows(texts: list[str]) -> Distinct:
    words, rows = cut([text.casefold() for text in texts], patterns().word)
    neighbours = np.flatnonzero(rows[1:] == rows[:-1])
    keys = [rows << BITS | _buckets(words), rows[neighbours] << BITS | _buckets(_joined(words))[neighbours]]
    return _distinct(np.concatenate(keys), len(texts))


def _joined(words: pl.Series) -> pl.Series:
    """Each word with the next, one fewer than the words: joined with a space unless both have a script without."""
    left, right = words[:-1], words[1:]
    unspaced = words.str.contains(patterns().one_unspaced)
    spaced = left + " " + right
    return (left + right).zip_with(unspaced[:-1] & unspaced[1:], spaced) if unspaced.any() else spaced


def _character_rows(texts: list[str]) -> Distinct:
    """Every distinct piece is cut into n-grams and hashed once a chunk; a product gives its buckets to all its rows."""
    pieces, rows = cut(texts, patterns().piece)
    numbers, distinct = numbered(pieces)
    owners, found = _piece_buckets(distinct)
    ends = _ends(np.bincount(owners, minlength=len(distinct)))
    ngrams = sparse.csr_matrix((_ones(len(found)), found, ends), shape=(len(distinct), BUCKETS))
    made = sparse.csr_matrix(held(rows, numbers, len(texts), len(distinct)) @ ngrams)
    return made.indices.astype(np.int32, copy=False), np.diff(made.indptr).astype(np.int64)


def _piece_buckets(pieces: pl.Series) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int32]]:
    """The place of a piece, in increasing order, and a bucket, for each of its n-grams: those of `piece_ngrams`."""
    unspaced = pieces.str.contains(patterns().one_unspaced)
    padded = pieces.zip_with(unspaced, " " + pieces + " ")
    letters = padded.str.split("").explode()
    owners = np.repeat(np.arange(len(pieces)), padded.str.len_chars().to_numpy())
    shortest, longest = CHARACTERS
    ngrams, found = letters, []
    for size in range(2, longest + 1):
        ngrams = ngrams[:-1] + letters[size - 1 :]
        inside = np.flatnonzero(owners[size - 1 :] == owners[: 1 - size])
        found += [(owners[inside], _buckets(ngrams)[inside].astype(np.int32))] if size >= shortest else []
    owner, bucket = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(owner, kind="stable")
    return owner[order], bucket[order]


def _ones(n: int) -> npt.NDArray[np.float32]:
    return np.ones(n, dtype=np.float32)


def _ends(sizes: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


FAMILIES: Mapping[str, Callable[[list[str]], Distinct]] = {"words": _word_rows, "characters": _character_rows}
"""Hashed family → the distinct buckets of a chunk of texts, row by row."""
