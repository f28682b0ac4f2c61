"""N-grams hashed into columns: no vocabulary to learn, to keep or to lose."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils import murmurhash3_32

from reward_model.words import NGRAMS

BUCKETS = 2**18
"""Columns of each hashed family."""
HASH = "murmurhash3_32, seed 0"


def hashed(texts: Sequence[str], family: str) -> sparse.csr_matrix:
    """The n-grams of a family, texts × `BUCKETS`, float32: present or not, rows of length 1, or 0 without n-grams."""
    vectorizer = HashingVectorizer(
        analyzer=NGRAMS[family], n_features=BUCKETS, binary=True, norm="l2", alternate_sign=False, dtype=np.float32
    )
    if not texts:
        return sparse.csr_matrix(np.zeros((0, BUCKETS), dtype=np.float32))
    return sparse.csr_matrix(vectorizer.transform(texts))


def bucket(ngram: str) -> int:
    """The column, 0 to `BUCKETS` − 1, that an n-gram falls into."""
    return abs(int(murmurhash3_32(ngram, seed=0))) % BUCKETS
