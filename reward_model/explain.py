"""Why a reward model scores as it does: weights and contributions with names that people can read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from reward_model.features import (
    NUMBER_COLUMNS,
    NUMBERS,
    WORDS_START,
    Floats,
    Item,
    column,
    family_of,
    features,
)
from reward_model.model import RewardModel
from reward_model.observations import Observations
from reward_model.words import NGRAMS

STRONGEST = 15
_LABELS = list(NUMBERS.values())


class Contribution(NamedTuple):
    """What one feature adds to a score, in logits. `also` lists further n-grams in the same column (collisions)."""

    family: str
    name: str
    value: float
    also: tuple[str, ...] = ()


def contributions(model: RewardModel, item: Item) -> list[Contribution]:
    """What each feature adds to the score; with `typical` (minus the offset) they sum to `model.scores([item])[0]`."""
    return contributions_of_difference(model, item, None)


def contributions_of_difference(model: RewardModel, better: Item, other: Item | None) -> list[Contribution]:
    """What each feature adds to score(better) − score(other), strongest first; the values sum to that difference.

    Without `other` the difference is to the typical response. Features that add nothing are left out.
    """
    items = [better] if other is None else [better, other]
    rows = model.bounded(features(items))
    row = rows[0] - rows[1] if other is not None else rows[0]
    values = row.tocoo()
    added = values.data * model.dense()[values.coords[1]]
    names = _names(items)
    found = [_contribution(int(c), float(v), names) for c, v in zip(values.coords[1], added, strict=True) if v]
    if other is None and model.offset:
        found.append(Contribution("typical", "Typical response", -model.offset))
    return sorted(found, key=lambda part: -abs(part.value))


def _contribution(at: int, value: float, names: Mapping[int, Counter[str]]) -> Contribution:
    if at < NUMBER_COLUMNS:
        return Contribution("surface", _LABELS[at], value)
    first, *more = [name for name, _ in names[at].most_common()]
    return Contribution(family_of(at), first, value, tuple(more))


def _names(items: Sequence[Item], wanted: Floats | None = None) -> dict[int, Counter[str]]:
    """Column → the n-grams of these responses that fall into it, with the number of responses that have them."""
    counts: dict[str, Counter[str]] = {family: Counter() for family in NGRAMS}
    for _, response in items:
        for family, ngrams in NGRAMS.items():
            counts[family].update(set(ngrams(response)))
    only = None if wanted is None else set(wanted.astype(int).tolist())
    names: dict[int, Counter[str]] = {}
    for family, found in counts.items():
        for ngram, times in found.items():
            at = column(family, ngram)
            if only is None or at in only:
                names.setdefault(at, Counter())[ngram] = times
    return names


def strongest(model: RewardModel, obs: Observations, rows: sparse.csr_matrix) -> dict[str, list[dict[str, Any]]]:
    """The features that weigh most, each way: surface and n-grams apart, JSON-able: family, name, weight, also.

    `rows` are the features of `obs.items`, inside the bounds of the model.
    `weight` is the mean absolute share of a feature in the score differences of the training pairs, in logits,
    with the sign of its direction. A hashed n-gram is named by the most frequent of its column in the training data.
    """
    moved = abs(rows[obs.first] - rows[obs.second]).mean(axis=0)
    weight = np.asarray(moved).ravel() * model.dense()
    kinds = {"surface": range(NUMBER_COLUMNS), "ngrams": range(WORDS_START, len(weight))}
    chosen = {kind: _extremes(weight, columns) for kind, columns in kinds.items()}
    names = _names(obs.items, np.concatenate([*chosen.values()]))
    return {kind: [_named(at, float(weight[at]), names) for at in picked.tolist()] for kind, picked in chosen.items()}


def _extremes(weight: Floats, columns: range) -> Floats:
    part = weight[columns.start : columns.stop]
    order = np.argsort(part)
    up, down = order[::-1][:STRONGEST], order[:STRONGEST]
    return np.concatenate([up[part[up] > 0], down[part[down] < 0]]) + columns.start


def _named(at: int, weight: float, names: Mapping[int, Counter[str]]) -> dict[str, Any]:
    part = _contribution(at, weight, names)
    return {"family": part.family, "name": part.name, "weight": part.value, "also": list(part.also[:5])}
