"""Character n-grams for flag models: inside words where a script has spaces, single characters and pairs where not.

A Chinese character says about as much as a piece of a word, so longer n-grams there only learn sentences by heart. A
text is what its pieces are: each distinct piece is cut and hashed once.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse

from reward_model.hashing import BUCKETS, buckets
from reward_model.words import UNSPACED

LONGEST, LONGEST_UNSPACED = 5, 2
"""The longest n-gram of each kind of script; all shorter ones count too."""
SETTINGS = {"characters": LONGEST, "characters_unspaced": LONGEST_UNSPACED, "buckets": BUCKETS}
_RUN = re.compile(rf"[{UNSPACED}]+|[^\s{UNSPACED}]+")
_ONE_UNSPACED, _WORD = re.compile(rf"[{UNSPACED}]"), re.compile(r"\w+")
_REPEATED, _THRICE = re.compile(r"(.)\1{3,}"), r"\1\1\1"
MOST_CHARACTERS = 20_000
"""Of a longer text only so much is read."""


class Place(NamedTuple):
    """An n-gram's place: the characters of the text that it stands on, and its bucket."""

    start: int
    end: int
    bucket: int


class _Run(NamedTuple):
    """A word with what is joined to it, or characters of a script without spaces. `foreign`: a word among those."""

    start: int
    text: str
    foreign: bool


def counts(texts: Sequence[str]) -> sparse.csr_matrix:
    """How often each n-gram stands in each text: texts × `BUCKETS`, float32."""
    known: dict[tuple[str, bool], int] = {}
    rows, columns = [], []
    for row, text in enumerate(texts):
        for run in _runs(text):
            rows.append(row)
            columns.append(known.setdefault((run.text, run.foreign), len(known)))
    ones = np.ones(len(rows), dtype=np.float32)
    held = sparse.csr_matrix((ones, (rows, columns)), shape=(len(texts), len(known)))
    return sparse.csr_matrix(held @ _cut([_grams(run, foreign) for run, foreign in known]))


def _cut(grams: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    """The n-grams of each run, runs × `BUCKETS`."""
    found = buckets([gram for some in grams for gram in some]).astype(np.int32)
    ends = np.concatenate([[0], np.cumsum([len(some) for some in grams], dtype=np.int64)])
    made = sparse.csr_matrix((np.ones(len(found), dtype=np.float32), found, ends), shape=(len(grams), BUCKETS))
    made.sum_duplicates()
    return made


def places(text: str) -> list[Place]:
    """Where each n-gram of a text stands; of a script with spaces, on its whole word."""
    found: list[tuple[int, int, str]] = []
    for run in _runs(text):
        if _ONE_UNSPACED.match(run.text):
            found += [(run.start + at, run.start + at + len(gram), gram) for at, gram in _unspaced(run.text)]
        else:
            found += [(run.start, run.start + len(run.text), gram) for gram in _grams(run.text, run.foreign)]
    hashed = buckets([gram for *_, gram in found])
    return [Place(start, end, int(bucket)) for (start, end, _), bucket in zip(found, hashed, strict=True)]


def _runs(text: str) -> Iterator[_Run]:
    """The runs of a text. Where more than half is of a script without spaces, other words are foreign."""
    read = text[:MOST_CHARACTERS]
    foreign = 2 * len(_ONE_UNSPACED.findall(read)) > len(read)
    return (_Run(run.start(), run[0], foreign) for run in _RUN.finditer(read))


def _grams(run: str, foreign: bool) -> list[str]:
    if _ONE_UNSPACED.match(run):
        return [gram for _, gram in _unspaced(run)]
    plain = _REPEATED.sub(_THRICE, unicodedata.normalize("NFKC", run).casefold())
    if foreign:
        return _WORD.findall(plain)
    word = f" {plain} "
    sizes = range(1, LONGEST + 1)
    return [gram for n in sizes for at in range(len(word) - n + 1) if (gram := word[at : at + n]) != " "]


def _unspaced(run: str) -> list[tuple[int, str]]:
    return [(at, run[at : at + n]) for n in range(1, LONGEST_UNSPACED + 1) for at in range(len(run) - n + 1)]
