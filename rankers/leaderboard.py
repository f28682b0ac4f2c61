"""Which sources people prefer: counts first, then strengths with intervals.

Bradley and Terry (1952): source i is preferred to source j with probability σ(strength i − strength j).
"""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import evalica
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.special import expit
from scipy.stats import t as student
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from data.schemas import PreferencePair

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
PRIOR_VARIANCE = 10.0
"""Of the strengths, in logits squared (scikit-learn's C): weak, and enough to keep an undefeated source finite."""
NEWMAN_LIMIT = 10_000
UNKNOWN_SOURCE, SAME_SOURCE = "source not known", "both responses from one source"
EDIT = "an edit, which no source wrote"
ONE_SIDED = "some sources only won, or only lost, against all others"


@dataclass(frozen=True)
class Standing:
    """One source on a board.

    `strength` is in logits and averages 0 over the board; `low` and `high` are its 95% interval, infinite where the
    source stands in one prompt only. `strength_with_ties` is Newman's, None where it has no finite value. Wins, ties,
    losses and prompts are plain counts.
    """

    source: str
    strength: float
    low: float
    high: float
    strength_with_ties: float | None
    wins: int
    ties: int
    losses: int
    prompts: int


@dataclass(frozen=True)
class Board:
    """Sources that can be compared with each other, the strongest first.

    `ties_modelled` says how often equals tie (0 to 1) when ties are modelled, None where that has no finite value, and
    then `ties_not_modelled_because` says why.
    """

    standings: tuple[Standing, ...]
    n_pairs: int
    n_prompts: int
    ties_modelled: float | None
    ties_not_modelled_because: str


@dataclass(frozen=True)
class Leaderboard:
    """Boards, the largest first, and what they were made from.

    Sources stand on different boards when no chain of comparisons joins them: nothing can be said of one against the
    other. `n_pairs` are on the boards, `left_out` maps a reason to the number of pairs that are not.
    """

    boards: tuple[Board, ...]
    n_pairs: int
    left_out: Mapping[str, int]
    prior_variance: float


class Comparisons(NamedTuple):
    """Pairs as arrays, one entry a pair: indices into `sources`, a tie or not, weight, index of the prompt group."""

    sources: tuple[str, ...]
    better: Ints
    worse: Ints
    tie: NDArray[np.bool_]
    weight: Floats
    prompt: Ints


def leaderboard(pairs: Sequence[PreferencePair], prior_variance: float = PRIOR_VARIANCE) -> Leaderboard:
    """The strengths of all sources, with 95% intervals clustered by prompt; ties count half each way.

    Pairs count by their weight. Whatever the data, the strengths are finite.
    """
    known, left_out = _with_sources(pairs)
    all_of_them = comparisons(known)
    boards = [_board(part, prior_variance) for part in _connected(all_of_them)]
    boards.sort(key=lambda board: -len(board.standings))
    return Leaderboard(tuple(boards), len(known), left_out, prior_variance)


def _with_sources(pairs: Sequence[PreferencePair]) -> tuple[list[PreferencePair], dict[str, int]]:
    reasons = [_not_on_a_board(pair) for pair in pairs]
    kept = [pair for pair, reason in zip(pairs, reasons, strict=True) if reason is None]
    return kept, dict(Counter(reason for reason in reasons if reason))


def _not_on_a_board(pair: PreferencePair) -> str | None:
    if pair.is_edit:
        return EDIT
    if pair.chosen_source is None or pair.rejected_source is None:
        return UNKNOWN_SOURCE
    return SAME_SOURCE if pair.chosen_source == pair.rejected_source else None


def comparisons(pairs: Sequence[PreferencePair]) -> Comparisons:
    """Pairs with two different known sources as arrays; sources in alphabetical order."""
    better, worse = [p.chosen_source or "" for p in pairs], [p.rejected_source or "" for p in pairs]
    sources = tuple(sorted({*better, *worse}))
    number = {source: n for n, source in enumerate(sources)}
    return Comparisons(
        sources,
        np.array([number[s] for s in better], dtype=np.intp),
        np.array([number[s] for s in worse], dtype=np.intp),
        np.array([p.tie for p in pairs], dtype=np.bool_),
        np.array([p.weight for p in pairs], dtype=np.float64),
        np.unique([p.group for p in pairs], return_inverse=True)[1].astype(np.intp),
    )


def wins_and_ties(these: Comparisons, weights: Floats) -> tuple[Floats, Floats]:
    """Two tables over sources × sources: weight of wins of row over column, and of ties (symmetric)."""
    wins = _table(these, np.where(these.tie, 0.0, weights))
    ties = _table(these, np.where(these.tie, weights, 0.0))
    return wins, ties + ties.T


def _table(these: Comparisons, values: Floats) -> Floats:
    n = len(these.sources)
    flat = np.bincount(these.better * n + these.worse, weights=values, minlength=n * n)
    return flat.astype(np.float64).reshape(n, n)


def _connected(these: Comparisons) -> list[Comparisons]:
    """The comparisons, parted so that no source of one part was ever compared with a source of another."""
    if not these.sources:
        return []
    _n, part_of = connected_components(_table(these, these.weight) > 0, directed=False)
    return [_part(these, part_of == part) for part in np.unique(part_of)]


def _part(these: Comparisons, inside: NDArray[np.bool_]) -> Comparisons:
    number, rows = np.cumsum(inside) - 1, inside[these.better]
    prompts = np.unique(these.prompt[rows], return_inverse=True)[1].astype(np.intp)
    sources = tuple(source for source, is_in in zip(these.sources, inside, strict=True) if is_in)
    better, worse = number[these.better[rows]], number[these.worse[rows]]
    return Comparisons(sources, better, worse, these.tie[rows], these.weight[rows], prompts)


def _board(these: Comparisons, prior_variance: float) -> Board:
    wins, ties = wins_and_ties(these, these.weight)
    strengths = fitted_strengths(wins + ties / 2, prior_variance)
    margin = interval_half_width(these, strengths, prior_variance)
    scale = ties_modelled(these.sources, wins, ties)
    won, tied = wins_and_ties(these, np.ones(len(these.weight)))
    prompts = _prompts_of_each(these)
    standings = [
        Standing(
            source,
            float(strengths[i]),
            float(strengths[i] - margin[i]),
            float(strengths[i] + margin[i]),
            scale.strengths[source] if scale.strengths else None,
            int(won[i].sum()),
            int(tied[i].sum()),
            int(won[:, i].sum()),
            int(prompts[i]),
        )
        for i, source in enumerate(these.sources)
    ]
    standings.sort(key=lambda standing: -standing.strength)
    return Board(tuple(standings), len(these.tie), int(these.prompt.max()) + 1, scale.tie_rate, scale.because)


def fitted_strengths(score: Floats, prior_variance: float = PRIOR_VARIANCE) -> Floats:
    """Bradley–Terry strengths (logits, mean 0) from a table of wins of row over column, ties as half a win each way.

    Logistic regression on rows that are 1 for one source and −1 for the other. Each row stands there both ways round
    at half the weight: the loss is the same, and there are always two classes.
    """
    first, second = np.nonzero(score)
    rows, entry = np.zeros((len(first), len(score))), np.arange(len(first))
    rows[entry, first], rows[entry, second] = 1.0, -1.0
    fit = LogisticRegression(C=prior_variance, fit_intercept=False, solver="newton-cholesky", tol=1e-8, max_iter=1000)
    won = np.repeat([1, 0], len(first))
    with warnings.catch_warnings():  # it goes on by another solver then, which says itself if that fails too
        warnings.filterwarnings("ignore", "Line search of Newton solver", ConvergenceWarning)
        fit.fit(np.vstack([rows, -rows]), won, sample_weight=np.tile(score[first, second] / 2, 2))
    strengths: Floats = fit.coef_[0] - fit.coef_[0].mean()
    return strengths


def interval_half_width(these: Comparisons, strengths: Floats, prior_variance: float = PRIOR_VARIANCE) -> Floats:
    """Half the width of each 95% interval, from the sandwich estimator clustered by prompt.

    Judgements of one prompt are not independent: ordinary intervals are too narrow. A source with prompts g uses
    Student's t with g − 1 degrees of freedom and the factor g / (g − 1); with one prompt the width is infinite.
    Where all prompts say the same, they do not differ and the sandwich is empty; so no variance is below that of
    independent pairs, the inverse of the information.
    Source: Liang and Zeger (1986), Biometrika 73, 13–22.
    """
    n = len(strengths)
    p = expit(strengths[these.better] - strengths[these.worse])
    information = _table(these, these.weight * p * (1 - p))
    information += information.T
    hessian = np.diag(information.sum(axis=1) + 1 / prior_variance) - information
    residual = these.weight * (np.where(these.tie, 0.5, 1.0) - p)
    size = (int(these.prompt.max()) + 1) * n
    gradient = np.bincount(these.prompt * n + these.better, weights=residual, minlength=size)
    gradient -= np.bincount(these.prompt * n + these.worse, weights=residual, minlength=size)
    per_prompt = np.linalg.solve(hessian, gradient.reshape(-1, n).T)
    prompts = _prompts_of_each(these)
    freedom = np.maximum(prompts - 1, 1)
    centred = np.eye(n) - 1 / n
    independent = np.diag(centred @ np.linalg.solve(hessian, centred))
    variance = np.maximum((per_prompt**2).sum(axis=1) * prompts / freedom, independent)
    width: Floats = student.ppf(0.975, freedom) * np.sqrt(variance)
    return np.where(prompts > 1, width, np.inf)


def _prompts_of_each(these: Comparisons) -> Ints:
    """In how many prompts each source was compared."""
    n = len(these.sources)
    seen = np.unique(np.concatenate([these.prompt * n + these.better, these.prompt * n + these.worse]))
    return np.bincount(seen % n, minlength=n)


class TieScale(NamedTuple):
    """Strengths when ties are modelled, and how often equals tie; or None and why not."""

    strengths: Mapping[str, float] | None
    tie_rate: float | None
    because: str


def ties_modelled(sources: Sequence[str], wins: Floats, ties: Floats) -> TieScale:
    """Strengths (logits, mean 0) by Newman's method, in which a tie is an outcome of its own.

    Counting ties as half a win shrinks the gaps between sources; this does not. It has a finite answer only where
    every source lost or tied to, and won or tied against, every other one through some chain. Source: Newman (2023),
    Journal of Machine Learning Research 24, 1–25.
    """
    n_strong, _part_of = connected_components(wins + ties > 0, connection="strong")
    if n_strong > 1:
        return TieScale(None, None, ONE_SIDED)
    (winner, loser), (one, other) = np.nonzero(wins), np.nonzero(np.triu(ties))
    found = evalica.newman(
        [*winner, *one],
        [*loser, *other],
        [evalica.Winner.X] * len(winner) + [evalica.Winner.Draw] * len(one),
        weights=[*wins[winner, loser], *ties[one, other]],
        limit=NEWMAN_LIMIT,
    )
    logs = np.log(found.scores.reindex(range(len(sources))).to_numpy())
    if found.iterations >= found.limit or not np.isfinite(logs).all():
        return TieScale(None, None, f"the method did not settle in {found.limit:,} rounds")
    named = dict(zip(sources, (logs - logs.mean()).tolist(), strict=True))
    return TieScale(named, float(found.v / (1 + found.v)), "")


def win_rates(pairs: Sequence[PreferencePair]) -> pd.DataFrame:
    """How often each source is preferred to each other one, from counts alone; a row for every two that met.

    Columns: `source`, `against`, `rate` (0 to 1, a tie is half, by weight), `n` (pairs), `wins`, `ties`, `losses`.
    """
    these = comparisons(_with_sources(pairs)[0])
    wins, ties = wins_and_ties(these, these.weight)
    won, tied = wins_and_ties(these, np.ones(len(these.weight)))
    i, j = np.nonzero(won + won.T + tied)
    names = np.array(these.sources, dtype=object)
    return pd.DataFrame(
        {
            "source": names[i],
            "against": names[j],
            "rate": (wins + ties / 2)[i, j] / (wins + wins.T + ties)[i, j],
            "n": (won + won.T + tied)[i, j].astype(int),
            "wins": won[i, j].astype(int),
            "ties": tied[i, j].astype(int),
            "losses": won.T[i, j].astype(int),
        }
    )
