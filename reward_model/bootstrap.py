"""Intervals over prompts: the same draws of prompt groups, with replacement, for every number of a card."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.stats import norm
from scipy.stats import t as student

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]
RESAMPLES = 2_000
MOST_CLUSTERS = 2_000
"""Above so many groups, groups are put together at random into so many clusters: as honest, and the cost stays."""
SHARED, TIED = 5.0, 2 / np.pi
"""Fits of different folds share prompts: what chance taught them makes them err together, which draws of groups cannot
see. With n groups the variance is 1 + 5/n times that of the draws; and where a share c of the scores is chance,
1 + 2c/π times: each held-out sign then leans on the outcomes that the other folds hold out. See `make bench-coverage`.
"""
_AT_ONCE = 200


@dataclass(frozen=True)
class Draws:
    """Draws of groups with replacement. `place` is the cluster of each observation, `n` how many clusters there are.

    `chance` is how much of the scores is chance, where fits of different folds made them.
    """

    place: Ints
    n: int
    seed: int = 0
    chance: float | None = None

    @cached_property
    def times(self) -> Floats:
        """How often each draw holds each cluster, draws × clusters."""
        chance, rows = np.random.default_rng(self.seed), np.repeat(np.arange(_AT_ONCE), self.n) * self.n
        blocks = []
        for _ in range(RESAMPLES // _AT_ONCE):
            drawn = rows + chance.integers(0, self.n, len(rows))
            blocks.append(np.bincount(drawn, minlength=len(rows)).reshape(_AT_ONCE, self.n).astype(np.float64))
        return np.vstack(blocks)

    def sums(self, values: Floats) -> Floats:
        """The sum of `values`, one an observation, in each draw."""
        return np.asarray(self.times @ np.bincount(self.place, weights=values, minlength=self.n))

    def means(self, values: Floats, among: Bools) -> Floats:
        """The mean of `values` over the observations `among`, in each draw that holds one of them."""
        counts = self.sums(among.astype(np.float64))
        some = counts > 0
        return np.asarray(self.sums(np.where(among, values, 0.0))[some] / counts[some])

    def spread(self, values: Floats, among: Bools) -> float:
        """The sum of squares, over clusters, of what `values` sum up to beyond their mean over `among`."""
        inside = np.where(among, values - values[among].mean(), 0.0)
        return float((np.bincount(self.place, weights=inside, minlength=self.n) ** 2).sum())

    def tail(self, among: Bools, twice: float | None = None) -> float:
        """The share of the draws that a 95 % interval leaves out at either end; 0 where one group holds everything.

        With few groups the plain 2.5 % give intervals that are too narrow: Student's t, with as many groups of one
        size as would say as much, asks for a smaller share. Source: Hesterberg (2015), The American Statistician 69.
        `SHARED` and `TIED` add to it; a share `twice` of the variance that is known to count twice replaces `TIED`.
        """
        counts = np.bincount(self.place[among], minlength=self.n)
        effective = counts.sum() ** 2 / max((counts**2).sum(), 1)
        if effective <= 1:
            return 0.0
        shared = SHARED / effective
        more = max(shared, TIED * (self.chance or 0.0)) if twice is None else shared + twice
        wider = effective / (effective - 1) * (1 + more)
        return float(norm.cdf(student.ppf(0.025, effective - 1) * np.sqrt(wider)))

    def interval(
        self, values: Floats, among: Bools, least: float = 0.0, most: float = 1.0, twice: float | None = None
    ) -> list[float]:
        """The 95 % interval of the mean of `values` over `among`; `least` to `most` where nothing can be told."""
        tail = self.tail(among, twice)
        return quantiles(self.means(values, among), tail) if tail else [least, most]


def draws(group: Ints, seed: int = 0, chance: float | None = None) -> Draws:
    """Draws over the groups of observations; `group` numbers them."""
    used, place = np.unique(group, return_inverse=True)
    if len(used) <= MOST_CLUSTERS:
        return Draws(place, len(used), seed, chance)
    cluster = np.random.default_rng(seed).permutation(len(used)) % MOST_CLUSTERS
    return Draws(cluster[place], MOST_CLUSTERS, seed, chance)


def quantiles(drawn: Floats, tail: float) -> list[float]:
    """What lies between `tail` and 1 − `tail` of the draws."""
    return [float(edge) for edge in np.quantile(drawn, [tail, 1 - tail])]
