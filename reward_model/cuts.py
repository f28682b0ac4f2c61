"""Many texts cut into parts at once, and the different parts numbered: each is read once, however often it stands."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from reward_model.words import SPACED, UNSPACED

Ints = npt.NDArray[np.uint32]


def readable(texts: Sequence[str]) -> list[str]:
    """The texts with “?” for halves of surrogate pairs, which stand in no UTF-8."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return [text.encode("utf-8", "replace").decode() for text in texts]
    return list(texts)


def chunks(texts: Sequence[str], rows: int, characters: int) -> Iterator[slice]:
    """Where the texts may be parted: after so many, or with the one that reaches so many characters."""
    start = size = 0
    for at, text in enumerate(texts, 1):
        size += len(text)
        if size >= characters or at - start == rows or at == len(texts):
            yield slice(start, at)
            start, size = at, 0


def cut(texts: list[str], pattern: str) -> tuple[pl.Series, Ints]:
    """All matches of a pattern of Rust, text by text, and the row of each."""
    lists = pl.Series("part", texts, dtype=pl.String).str.extract_all(pattern)
    rows = np.repeat(np.arange(len(texts), dtype=np.uint32), lists.list.len().to_numpy())
    return lists.explode().drop_nulls(), rows


def numbered(parts: pl.Series) -> tuple[Ints, pl.Series]:
    """A number for each part, the same for the same part, and the different parts in the order of their numbers."""
    known = pl.Categories.random()
    found = parts.cast(pl.Categorical(known))  # the names live as long as what bears them
    return found.to_physical().to_numpy(), known.to_series()


def held(rows: Ints, numbers: Ints, n_rows: int, n_parts: int) -> sparse.csr_matrix:
    """How often each part stands in each text, texts × parts, from the rows in increasing order; the order is kept."""
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n_rows))])
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.csr_matrix((ones, numbers.astype(np.int32), ends), shape=(n_rows, n_parts))


class Patterns:
    """The patterns of `words`, spelt in ranges that mean the same to the regular expressions of Rust."""

    def __init__(self) -> None:
        known = "".join(map(chr, chain(range(0xD800), range(0xE000, 0x20000))))  # beyond: Han, in UNSPACED, or no words
        unspaced, space = _ranges(f"[{UNSPACED}]+", known) + r"\x{20000}-\x{3ffff}", _ranges(r"\s+", known)
        self.word = f"[{unspaced}]|[{_ranges(SPACED, known)}]+"
        self.piece = f"[{unspaced}]+|[^{space}{unspaced}]+"
        self.one_unspaced = f"^[{unspaced}]"


def _ranges(runs: str, characters: str) -> str:
    found = (run[0] for run in re.finditer(runs, characters))
    return "".join(rf"\x{{{ord(run[0]):x}}}-\x{{{ord(run[-1]):x}}}" for run in found)


@cache
def patterns() -> Patterns:
    """Made once: it reads every letter there is."""
    return Patterns()
