"""One classifier for one kind of flag: logistic regression on weighed character n-grams.

The weighing is that of naive Bayes (Wang & Manning 2012, ACL): an n-gram counts by the log-odds with which it stands in
flagged texts. A model suggests and sorts; people decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors
from scipy import sparse
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from data.errors import InputError
from reward_model.flag_features import SETTINGS, counts, places
from reward_model.hashing import BUCKETS

FORMAT = 1
TENSORS = {"columns": np.int32, "idf": np.float32, "weights": np.float32, "intercept": np.float32}
RARE = 2
"""An n-gram counts from so many texts on."""
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Passage(NamedTuple):
    """Characters `start` to `end` of a text, and what they add to its score."""

    start: int
    end: int
    adds: float


@dataclass(frozen=True)
class FlagModel:
    """The probability that people flag a text. `columns` are buckets in rising order, `idf` and `weights` theirs."""

    card: Mapping[str, Any]
    columns: npt.NDArray[np.int32]
    idf: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float32]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """How probable it is that people flag each text, 0 to 1."""
        return self.of_counts(counts(texts))

    def of_counts(self, found: sparse.csr_matrix) -> Floats:
        """The same from what `flag_features.counts` has found."""
        return np.asarray(expit(self._scores(found)))

    def _scores(self, found: sparse.csr_matrix) -> Floats:
        return np.asarray(
            weighted(found[:, self.columns], self.idf) @ self.weights.astype(np.float64) + self.intercept[0]
        )

    @cached_property
    def _dense(self) -> tuple[Floats, Floats]:
        idf, weights = np.zeros(BUCKETS), np.zeros(BUCKETS)
        idf[self.columns], weights[self.columns] = self.idf, self.weights
        return idf, weights

    def passages(self, text: str) -> list[Passage]:
        """What each word (each character, in scripts without spaces) adds; with the intercept they sum to the score."""
        found = places(text)
        if not found:
            return []
        idf, weights = self._dense
        bucket = np.array([place.bucket for place in found])
        times = np.bincount(bucket, minlength=BUCKETS)[bucket]
        value = (1 + np.log(times)) * idf[bucket]
        length = np.sqrt((value**2 / times).sum()) or 1.0
        return _summed(
            (p.start, p.end, float(a)) for p, a in zip(found, value * weights[bucket] / times / length, strict=True)
        )


def _summed(adds: Iterable[tuple[int, int, float]]) -> list[Passage]:
    """What stands on the same characters together; an n-gram of two characters is shared between them."""
    sums: dict[tuple[int, int], float] = {}
    for start, end, value in adds:
        sums[start, end] = sums.get((start, end), 0.0) + value
    pairs = {at for at in sums if (at[0], at[0] + 1) in sums and at[1] == at[0] + 2}
    for start, end in pairs:
        half = sums.pop((start, end)) / 2
        sums[start, start + 1] += half
        sums[end - 1, end] += half
    return [Passage(start, end, value) for (start, end), value in sorted(sums.items())]


def weighted(found: sparse.csr_matrix, idf: npt.NDArray[np.float32]) -> sparse.csr_matrix:
    """(1 + log count)·idf, each row scaled to length 1."""
    made = sparse.csr_matrix(found, copy=True)
    made.data = ((1 + np.log(made.data)) * idf[made.indices]).astype(np.float32)
    length = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
    made.data /= np.repeat(np.maximum(length, 1e-9), np.diff(made.indptr)).astype(np.float32)
    return made


class Fitted(NamedTuple):
    """A fit without a card."""

    columns: npt.NDArray[np.int32]
    idf: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float32]

    def model(self, card: Mapping[str, Any]) -> FlagModel:
        """The model with this card."""
        return FlagModel(card, *self)


def fit(found: sparse.csr_matrix, flagged: Bools, strength: float) -> Fitted:
    """A fit on counts of texts × `BUCKETS` with scikit-learn's C; both flagged texts and others must be there."""
    texts = np.bincount(found.indices, minlength=BUCKETS)
    columns = np.flatnonzero(texts >= RARE).astype(np.int32)
    idf = (np.log((1 + found.shape[0]) / (1 + texts[columns])) + 1).astype(np.float32)
    odds = _log_odds(found[:, columns], flagged)
    rows = sparse.csr_matrix(weighted(found[:, columns], idf) @ sparse.diags(odds))
    made = LogisticRegression(C=strength, solver="liblinear", max_iter=300, random_state=0).fit(rows, flagged)
    return Fitted(columns, idf, (made.coef_[0] * odds).astype(np.float32), made.intercept_.astype(np.float32))


def _log_odds(found: sparse.csr_matrix, flagged: Bools) -> npt.NDArray[np.float32]:
    """How much oftener an n-gram stands in flagged texts than in others: a log ratio, smoothed by one text."""
    there = (found > 0).astype(np.float32)
    yes, no = flagged.astype(np.float32) @ there, (~flagged).astype(np.float32) @ there
    return np.asarray(np.log((yes + 1) / (flagged.sum() + 2) / ((no + 1) / ((~flagged).sum() + 2))), dtype=np.float32)


def weights_bytes(model: FlagModel) -> bytes:
    """The weights in the safetensors format."""
    return save_tensors({name: getattr(model, name) for name in TENSORS})


def flag_model_from(card: Mapping[str, Any], weights: bytes) -> FlagModel:
    """The model of a card and the bytes of its weights; InputError when they cannot be read or do not fit."""
    try:
        tensors = load_tensors(weights)
    except SafetensorError:
        raise InputError("The weights of this flag model are damaged; fit it again.") from None
    if card.get("format") != FORMAT or card.get("features") != SETTINGS:
        raise InputError("This flag model was made by another version of Rankdesk; fit it again.")
    if not _fit_together(tensors):
        raise InputError("The weights of this flag model do not fit together; fit it again.")
    return FlagModel(card, **tensors)


def _fit_together(tensors: Mapping[str, npt.NDArray[Any]]) -> bool:
    kinds = {name: (tensor.dtype, tensor.ndim) for name, tensor in tensors.items()}
    if kinds != {name: (np.dtype(kind), 1) for name, kind in TENSORS.items()} or len(tensors["intercept"]) != 1:
        return False
    columns, idf, weights = (tensors[name] for name in ("columns", "idf", "weights"))
    ordered = bool(np.all(np.diff(columns) > 0)) and (not len(columns) or 0 <= columns[0] <= columns[-1] < BUCKETS)
    finite = all(np.isfinite(tensors[name]).all() for name in ("idf", "weights", "intercept"))
    return ordered and len(columns) == len(idf) == len(weights) and bool(finite)
