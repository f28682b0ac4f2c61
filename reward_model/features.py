"""From responses to numbers: surface features, hashed words and hashed character n-grams.

Hashing keeps no state: the same response has the same features on every machine and in every fit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils import murmurhash3_32

from data.schemas import Message
from reward_model.surface import SURFACE, surface_row
from reward_model.words import character_ngrams, word_ngrams

BUCKETS = 2**18
"""Columns of each hashed family."""
SURFACE_COLUMNS = len(SURFACE)
HASHED: Mapping[str, Callable[[str], Iterator[str]]] = {"words": word_ngrams, "characters": character_ngrams}
"""Hashed family → how a text falls into its n-grams; the families' columns follow the surface columns in this order."""
COLUMNS = SURFACE_COLUMNS + len(HASHED) * BUCKETS
SETTINGS: Mapping[str, Any] = {
    "version": 1,
    "surface": list(SURFACE),
    "hashed": list(HASHED),
    "buckets": BUCKETS,
    "hash": "murmurhash3_32, seed 0",
    "values": "present or not, each family scaled to length 1",
}
"""What a saved model needs to find unchanged."""

Floats = npt.NDArray[np.float64]
Item = tuple[str, str]
"""A prompt as text and a response to it."""


def prompt_text(prompt: Sequence[Message]) -> str:
    """The messages of a prompt below one another."""
    return "\n".join(message.content for message in prompt)


def surface_matrix(items: Sequence[Item]) -> Floats:
    """Surface features, items × `SURFACE_COLUMNS`, in their own units; every value is finite."""
    rows = [surface_row(prompt, response) for prompt, response in items]
    return np.array(rows, dtype=np.float64).reshape(len(items), SURFACE_COLUMNS)


def hashed_matrix(items: Sequence[Item]) -> sparse.csr_matrix:
    """Hashed n-grams of the responses, items × (families × `BUCKETS`), float32; each family's row has length 1 or 0."""
    texts = [response for _, response in items]
    blocks = [_vectorizer(ngrams).transform(texts) for ngrams in HASHED.values()]
    return sparse.csr_matrix(sparse.hstack(blocks, format="csr"))


def _vectorizer(ngrams: Callable[[str], Iterator[str]]) -> HashingVectorizer:
    return HashingVectorizer(
        analyzer=ngrams, n_features=BUCKETS, binary=True, norm="l2", alternate_sign=False, dtype=np.float32
    )


def features(items: Sequence[Item]) -> sparse.csr_matrix:
    """All features, items × `COLUMNS`, float64: what a model multiplies by its weights."""
    surface = sparse.csr_matrix(surface_matrix(items))
    return sparse.csr_matrix(sparse.hstack([surface, hashed_matrix(items)], format="csr", dtype=np.float64))


def column(family: str, ngram: str) -> int:
    """The column, among all `COLUMNS`, that an n-gram of a hashed family falls into."""
    bucket = abs(int(murmurhash3_32(ngram, seed=0))) % BUCKETS
    return SURFACE_COLUMNS + list(HASHED).index(family) * BUCKETS + bucket


def family_of(column: int) -> str:
    """The family that a column belongs to: surface, words or characters."""
    if column < SURFACE_COLUMNS:
        return "surface"
    return list(HASHED)[(column - SURFACE_COLUMNS) // BUCKETS]
