"""Texts that are the same, or nearly: MinHash signatures, banded; every pair that is proposed is then compared itself.

Two texts are nearly the same when they share at least `THRESHOLD` of their shingles (Jaccard): pieces of five letters,
of two where the script is written without spaces; case, width, punctuation and white space do not count.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rensa import RMinHash  # type: ignore[import-untyped]
from scipy import sparse

from data.schemas import compatible

THRESHOLD = 0.8
BANDS, ROWS = 18, 7
"""A pair as alike as the threshold shares a band with probability 1 - (1 - 0.8⁷)¹⁸ = 0.985; one of 0.3 with 0.004."""
SKETCH = 1_024
"""Shingles kept of a text to compare it: all of most texts, else those with the smallest hashes, a fair sample."""
Texts = Callable[[], Iterable[str]]
"""Reads the same texts, from the first on, each time it is called."""
Watch = Callable[[int], object]
"""Is told how many texts have been read; what it raises ends the work."""

_LONG, _SHORT = 5, 2
_BATCH = 500
_WINDOW = 8
"""With how many next ones (and with the first) a text is compared among those that share a band."""
_SEED = 20_261_123
_PASSED = re.compile(r"[\s!-/:-@\[-`{-~\u00a1-\u00bf\u2000-\u206f\u3000-\u303f]+")
_PRIME = np.uint64(0x9E3779B97F4A7C15)
Hashes = npt.NDArray[np.uint64]
Pairs = npt.NDArray[np.int64]


class Member(NamedTuple):
    """One text of a group, by its place among the texts, and the share of shingles it has in common with the first."""

    place: int
    likeness: float


def near_groups(texts: Texts, threshold: float = THRESHOLD, watch: Watch = lambda _read: None) -> list[list[Member]]:
    """Groups of two or more texts: a middle, then those that are like this one, so no chain leads away from it.

    A text is in one group at most; empty ones are in none. The texts are read twice; kept are 152 bytes of each, and
    up to 4 kB of those that may have a neighbour.
    """
    keys = _keys(texts, watch)
    first = _first_alike(keys[:, 0])
    different = np.flatnonzero((first == np.arange(len(first))) & (keys[:, 0] != 0))
    pairs = _candidates(keys[:, 1:], different)
    sketches = _sketches(texts, set(np.unique(pairs).tolist()), watch)
    likeness = np.array([similarity(sketches[a], sketches[b]) for a, b in pairs.tolist()])
    near = likeness >= threshold
    return _with_twins(_around_middles(pairs[near], likeness[near]), first, keys[:, 0] != 0)


def plain(text: str) -> str:
    """The text without what does not count."""
    return _PASSED.sub(" ", compatible(text).casefold()).strip()


def shingles(text: str) -> Hashes:
    """The different shingles of a plain text as hashes, in order of size."""
    code = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    if not len(code):
        return code
    padded = np.append(code, np.full(_LONG - 1, 32, dtype=np.uint64))
    short, long = _rolled(padded, _SHORT, len(code)), _rolled(padded, _LONG, len(code))
    return np.unique(_mixed(np.where(_dense(code), short, long)))


def similarity(one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32]) -> float:
    """The Jaccard similarity of two sketches: exact for texts of fewer than `SKETCH` shingles, else ± 0.013."""
    both = np.intersect1d(one, other, assume_unique=True)
    if max(len(one), len(other)) < SKETCH:
        return float(len(both) / max(1, len(one) + len(other) - len(both)))
    lowest = np.union1d(one, other)[:SKETCH]
    return float(np.isin(lowest, both, assume_unique=True).mean())


def sketch(text: str) -> npt.NDArray[np.uint32]:
    """What is kept of a text to compare it: the smallest hashes of its shingles, in order."""
    return np.unique((shingles(plain(text))[:SKETCH] >> np.uint64(32)).astype(np.uint32))


def _rolled(code: Hashes, size: int, count: int) -> Hashes:
    """A number for each piece of `size` letters, one a beginning."""
    found = np.full(count, size, dtype=np.uint64)
    for n in range(size):
        found = found * _PRIME + code[n : n + count]
    return found


def _mixed(number: Hashes) -> Hashes:
    """The same numbers scattered over 64 bits (the last steps of splitmix64)."""
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))


def _dense(code: Hashes) -> npt.NDArray[np.bool_]:
    """Which letters are of a script without spaces: Thai to Khmer, Chinese, Japanese."""
    south_east = ((code >= 0x0E00) & (code <= 0x0EFF)) | ((code >= 0x1000) & (code <= 0x109F))
    khmer = (code >= 0x1780) & (code <= 0x17FF)
    east = ((code >= 0x3040) & (code <= 0x30FF)) | ((code >= 0x3400) & (code <= 0x9FFF))
    return np.asarray(south_east | khmer | east | ((code >= 0xF900) & (code <= 0xFAFF)) | (code >= 0x20000))


def _keys(texts: Texts, watch: Watch) -> Hashes:
    """Texts × (1 + bands): the hash of the whole plain text (0 for an empty one), and one a band."""
    rows, found, read = iter(texts()), [np.zeros((0, 1 + BANDS), dtype=np.uint64)], 0
    while batch := list(islice(rows, _BATCH)):
        found.append(_keys_of([plain(text) for text in batch]))
        read += len(batch)
        watch(read)
    return np.concatenate(found)


def _keys_of(plains: list[str]) -> Hashes:
    pieces = [shingles(text) for text in plains]
    ends = np.cumsum([0, *map(len, pieces)]).astype(np.uint64)
    made = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(pieces), ends, BANDS * ROWS, _SEED)
    bands = np.array(made.to_rows(), dtype=np.uint64).reshape(len(plains), BANDS, ROWS)
    whole = np.array([_hash(text) for text in plains], dtype=np.uint64)
    key = np.zeros((len(plains), BANDS), dtype=np.uint64)
    for row in range(ROWS):
        key = key * _PRIME + bands[:, :, row]
    return np.column_stack([whole, _mixed(key)])


def _hash(text: str) -> int:
    raw = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(raw, digest_size=8).digest(), "big") if text else 0


def _first_alike(key: Hashes) -> Pairs:
    """For each text the place of the first that has the same key."""
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return np.asarray(first[inverse], dtype=np.int64)


def _candidates(keys: Hashes, places: Pairs) -> Pairs:
    """Pairs of places, the lower first, that share a band and are near each other in it."""
    found = np.zeros((0,), dtype=np.int64)
    for band in range(BANDS):
        found = np.union1d(found, _sharing(keys[places, band], places, len(keys)))
    return np.column_stack([found // max(1, len(keys)), found % max(1, len(keys))])


def _sharing(key: Hashes, places: Pairs, size: int) -> Pairs:
    """Pairs with the same key, each as one number."""
    order = np.argsort(key, kind="stable")
    key, places = key[order], places[order]
    begins = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    heads = np.repeat(places[begins], np.diff(np.append(begins, len(key))))
    pairs = [heads[heads != places] * size + places[heads != places]]
    for step in range(1, _WINDOW + 1):
        same = key[step:] == key[:-step]
        pairs.append(places[:-step][same] * size + places[step:][same])
    return np.concatenate(pairs)


def _sketches(texts: Texts, wanted: set[int], watch: Watch) -> Mapping[int, npt.NDArray[np.uint32]]:
    found = {}
    for place, text in enumerate(texts() if wanted else ()):
        if place in wanted:
            found[place] = sketch(text)
        if place % _BATCH == 0:
            watch(place)
    return found


def _around_middles(pairs: Pairs, likeness: npt.NDArray[np.float64]) -> list[list[Member]]:
    """Each text with most neighbours takes those that no other has taken before it."""
    size = int(pairs.max()) + 1 if len(pairs) else 0
    edges = sparse.csr_array((likeness, (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    edges = (edges + edges.T).tocsr()
    degree = np.diff(edges.indptr)
    order = np.lexsort((np.arange(size), -degree))
    taken, groups = np.zeros(size, dtype=bool), []
    for middle in order[: np.count_nonzero(degree)].tolist():
        if not taken[middle]:
            groups.append([Member(middle, 1.0), *_free(edges, middle, taken)])
            taken[[member.place for member in groups[-1]]] = True
    return groups


def _free(edges: sparse.csr_array, middle: int, taken: npt.NDArray[np.bool_]) -> Iterator[Member]:
    here = slice(edges.indptr[middle], edges.indptr[middle + 1])
    for place, likeness in zip(edges.indices[here].tolist(), edges.data[here].tolist(), strict=True):
        if not taken[place]:
            yield Member(place, likeness)


def _with_twins(groups: list[list[Member]], first: Pairs, filled: npt.NDArray[np.bool_]) -> list[list[Member]]:
    """The groups with the texts that are the same as a member, and groups of those that are only the same; in order."""
    twins = dict[int, list[int]]()
    for place in np.flatnonzero(filled & (first != np.arange(len(first)))).tolist():
        twins.setdefault(int(first[place]), []).append(place)
    known = {member.place for group in groups for member in group}
    alone = [[Member(place, 1.0)] for place in twins if place not in known]
    whole = [[*group, *_twins_of(group, twins)] for group in [*groups, *alone]]
    tidy = ([group[0], *sorted(group[1:])] for group in whole if len(group) > 1)
    return sorted(tidy, key=lambda group: min(group).place)


def _twins_of(group: list[Member], twins: Mapping[int, list[int]]) -> Iterator[Member]:
    return (Member(place, member.likeness) for member in group for place in twins.get(member.place, ()))
