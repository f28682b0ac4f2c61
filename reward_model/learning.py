"""How accuracy grows with judgements, what more of them would bring, and when to stop."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from data.schemas import PreferencePair
from reward_model.abreast import abreast
from reward_model.bootstrap import RESAMPLES, Bools, Draws, quantiles
from reward_model.evaluate import Fold, held_out_by, hits
from reward_model.features import Floats
from reward_model.fit import Tick
from reward_model.observations import Ints, Observations

SHARES = (1 / 8, 1 / 4, 1 / 2)
"""Which shares of a training part's prompts are fitted on, beside all of them."""
REPEATS, EASY_PAIRS = 3, 20_000
"""How often, each time with other prompts; once where a training part is larger than so many pairs."""
FEWEST_GROUPS = 12
"""With fewer prompts no curve is drawn."""
FEW_GROUPS = 60
"""With fewer prompts learning may not have begun in earnest, which no curve can tell: forecasts are wider by 1/√n."""
POWERS = (0.1, 0.5, 1.0, 1.5)
"""Accuracy is taken to approach its limit as 1/n to one of these powers (Hestness et al. 2017, arXiv 1712.00409).

Which one cannot be told from so few sizes, so each draw takes one at random: the interval then holds what any says.
"""
NEARNESS = 3
"""Sizes count by this power of n: what is forecast goes on from the last of them, and learning may start slowly."""
THRESHOLD = 0.01
"""It is time to stop where twice the rankings would surely gain less."""
ROUND = (1, 2, 5)

Refit = Callable[[Fold, Ints], Floats]
"""A fit on some rows of a fold's training part → the margins of the fold's held-out pairs."""


class Grown(NamedTuple):
    """What was held out after fits on a share of the training prompts: hits (repeats × pairs); its mean size."""

    hit: Floats
    n: float
    n_prompts: float


def fits_for_learning(n_folds: int, obs: Observations) -> int:
    """How many fits a curve takes."""
    return n_folds * len(SHARES) * _repeats(obs) if len(obs.groups) >= FEWEST_GROUPS else 0


def _repeats(obs: Observations) -> int:
    return REPEATS if len(obs) <= EASY_PAIRS else 1


def learning_findings(
    ranking: Ints,
    obs: Observations,
    margin: Floats,
    outer: Sequence[Fold],
    refit: Refit,
    drawn: Draws,
    tick: Tick = lambda: None,
) -> dict[str, Any] | None:
    """The card's block: the curve, the forecast for some more and for twice as many rankings; None for few prompts.

    `ranking` numbers the ranking that each pair comes from (`rankings`), `margin` are the held-out margins of fits on
    the whole training parts. `points` are accuracies on the pairs that `outer` holds
    out, by how many rankings were fitted on.
    """
    if len(obs.groups) < FEWEST_GROUPS:
        return None
    among = held_out_by(outer, obs)
    curve = [*_grown(outer, obs, ranking, refit, tick), _whole(obs, margin, outer, ranking)]
    total = int(ranking.max()) + 1
    forecasts = {more: _forecast(curve, among, drawn, total, more) for more in (_some_more(total), total)}
    doubling = forecasts[total]
    flat = doubling is not None and doubling["gain"] + doubling["half"] < THRESHOLD
    return {
        "unit": "rankings",
        "total": total,
        "points": [_point(grown, among, drawn) for grown in curve],
        "forecast": forecasts[_some_more(total)],
        "doubling": doubling,
        "threshold": THRESHOLD,
        "stop": flat,
        "why": "flat" if flat else None,
    }


def with_ceiling(learning: Mapping[str, Any], accuracy: float, ceiling: Mapping[str, Any] | None) -> dict[str, Any]:
    """The block once it is known how far people agree: also stop where the model agrees with them as they do."""
    reached = ceiling is not None and accuracy >= ceiling["accuracy"]
    return {**learning, "stop": True, "why": "ceiling"} if reached else dict(learning)


def rankings(pairs: Sequence[PreferencePair]) -> Ints:
    """The number of the ranking that each pair comes from: one annotator's of one task."""
    _, number = np.unique([f"{pair.task_id}\x00{pair.annotator}" for pair in pairs], return_inverse=True)
    return np.asarray(number, dtype=np.intp)


def _grown(outer: Sequence[Fold], obs: Observations, ranking: Ints, refit: Refit, tick: Tick) -> list[Grown]:
    """For each of `SHARES`: every pair held out from fits on that share of its fold's training prompts."""

    def of_fold(numbered: tuple[int, Fold], tick: Tick) -> list[tuple[Floats, tuple[int, int]]]:
        number, fold = numbered
        found = []
        for share, repeat in product(SHARES, range(repeats)):
            tick()
            rows = _some(fold.train, obs, share, repeat * len(outer) + number)
            found.append((refit(fold, rows), _size(rows, obs, ranking)))
        return found

    repeats = _repeats(obs)
    told = abreast(of_fold, list(enumerate(outer)), tick)
    hit, sizes = np.full((len(SHARES) * repeats, len(obs)), 0.5), np.zeros((len(SHARES) * repeats, 2))
    for fold, found in zip(outer, told, strict=True):
        for n, (margin, size) in enumerate(found):
            hit[n, fold.test] = (1 + np.sign(margin) * np.sign(2 * obs.outcome[fold.test] - 1)) / 2
            sizes[n] += np.array(size) / len(outer)
    each = [slice(n * repeats, (n + 1) * repeats) for n in range(len(SHARES))]
    return [Grown(hit[one], *sizes[one].mean(axis=0)) for one in each]


def _some(train: Ints, obs: Observations, share: float, seed: int) -> Ints:
    """The rows of a share of the groups; of one seed, small shares lie inside larger ones."""
    groups = np.random.default_rng(seed).permutation(np.unique(obs.group[train]))
    return train[np.isin(obs.group[train], groups[: max(2, round(share * len(groups)))])]


def _whole(obs: Observations, margin: Floats, outer: Sequence[Fold], ranking: Ints) -> Grown:
    sizes = [_size(fold.train, obs, ranking) for fold in outer]
    return Grown(hits(margin, obs)[None], *np.mean(sizes, axis=0))


def _size(rows: Ints, obs: Observations, ranking: Ints) -> tuple[int, int]:
    return len(np.unique(ranking[rows])), len(np.unique(obs.group[rows]))


def _point(grown: Grown, among: Bools, drawn: Draws) -> dict[str, Any]:
    hit = grown.hit.mean(axis=0)
    low, high = drawn.interval(hit, among)
    accuracy = float(hit[among].mean())
    return {"n": round(grown.n), "n_prompts": round(grown.n_prompts), "accuracy": accuracy, "low": low, "high": high}


def _forecast(curve: Sequence[Grown], among: Bools, drawn: Draws, total: int, more: int) -> dict[str, Any] | None:
    """What `more` rankings beyond `total` would gain in accuracy, from curves a − b/n^c fitted to every draw."""
    tail = drawn.tail(among)
    if not tail:
        return None
    n = np.array([grown.n for grown in curve])
    found = np.array([[grown.hit[:, among].mean() for grown in curve]])
    many = _gains(n, _drawn_curves(curve, among, drawn), total, total + more)
    draw = np.arange(many.shape[1])
    power = np.random.default_rng(drawn.seed).integers(0, len(POWERS), size=draw.shape)
    low, high = quantiles(many[power, draw], tail)
    wider = max(1.0, np.sqrt(FEW_GROUPS / drawn.n))
    gain = float(_gains(n, found, total, total + more).mean())
    return {"more": more, "gain": gain, "half": float(wider * (high - low) / 2)}


def _drawn_curves(curve: Sequence[Grown], among: Bools, drawn: Draws) -> Floats:
    """Accuracies, draws × sizes: held-out prompts and repeats are drawn anew, the prompts alike for all sizes."""
    chance, counts = np.random.default_rng(drawn.seed + 1), drawn.sums(among.astype(np.float64))
    found = []
    for grown in curve:
        shares = np.array([drawn.sums(np.where(among, hit, 0.0)) / counts for hit in grown.hit])
        n = len(grown.hit)
        times = chance.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n
        found.append((times.T * shares).sum(axis=0))
    return np.column_stack(found)


def _gains(n: Floats, accuracy: Floats, before: int, after: int) -> Floats:
    """What the curve of each power gains between two sizes, for each row of `accuracy` at sizes `n`: powers × rows."""
    near = np.sqrt((n / n.max()) ** NEARNESS)[:, None]
    found = []
    for power in POWERS:
        falling = np.column_stack([np.ones(len(n)), -(n**-power)])
        weights, *_ = np.linalg.lstsq(near * falling, near * accuracy.T, rcond=None)
        found.append(weights[1] * (before**-power - after**-power))
    return np.array(found)


def _some_more(total: int) -> int:
    """A round number near half of `total`: 1, 2 or 5 times a power of ten."""
    scale = 10 ** np.floor(np.log10(max(total / 2, 1)))
    return int(max(one * scale for one in ROUND if one * scale <= max(total / 2, 1)))
