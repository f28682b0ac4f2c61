"""From preference pairs to what is fitted: unique responses, and who was preferred to whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.errors import InputError
from data.schemas import PreferencePair, fingerprint
from reward_model.features import Floats, Item, prompt_text

Ints = npt.NDArray[np.intp]
MIN_PAIRS, MIN_PROMPTS = 20, 5
LEAST_WEIGHT = 1e-12
"""The least weight of a pair, as a share of the largest: less would vanish in floating point, and leave 0 / 0."""


@dataclass(frozen=True)
class Observations:
    """Pairs as indices into `items`, in an order that does not tell which response was chosen.

    `outcome` is 1 where `first` was chosen, 0 where `second` was, ½ for a tie. `weight` has mean 1.
    `group` numbers the prompts' groups; their names are in `groups`.
    """

    items: tuple[Item, ...]
    first: Ints
    second: Ints
    outcome: Floats
    weight: Floats
    group: Ints
    groups: tuple[str, ...]

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self.first)

    def some(self, rows: Ints) -> "Observations":
        """These pairs, in this order, with the responses that they compare and their groups; weights stay."""
        used, place = np.unique(np.concatenate([self.first[rows], self.second[rows]]), return_inverse=True)
        first, second = np.split(place, 2)
        groups, group = np.unique(self.group[rows], return_inverse=True)
        items, names = tuple(self.items[at] for at in used), tuple(self.groups[at] for at in groups)
        return Observations(items, first, second, self.outcome[rows], self.weight[rows], group, names)

    @property
    def decided(self) -> npt.NDArray[np.bool_]:
        """Which pairs are no ties."""
        return np.asarray(self.outcome != 0.5)


def observations(pairs: Sequence[PreferencePair]) -> Observations:
    """Pairs as they are fitted and evaluated: each unique response once, each pair once, in the order of `pairs`.

    Which response of a pair comes first follows from a hash of its text, so the fit needs no intercept and the
    order of storage cannot be learnt. A margin m multiplies the weight by 2σ(m): the pull that TRL's loss
    −log σ(r⁺ − r⁻ − m) gives a pair of equal scores, relative to one without a margin; the win probabilities stay
    unshifted, which subtracting m itself would not do.
    """
    index: dict[Item, int] = {}
    order: dict[str, str] = {}
    rows = [_row(pair, index, order) for pair in pairs]
    groups = sorted({pair.group for pair in pairs})
    number = {group: n for n, group in enumerate(groups)}
    weight = np.array([_weight(pair) for pair in pairs], dtype=np.float64)
    return Observations(
        items=tuple(index),
        first=np.array([row[0] for row in rows], dtype=np.intp),
        second=np.array([row[1] for row in rows], dtype=np.intp),
        outcome=np.array([row[2] for row in rows], dtype=np.float64),
        weight=_mean_one(weight) if len(weight) else weight,
        group=np.array([number[pair.group] for pair in pairs], dtype=np.intp),
        groups=tuple(groups),
    )


def _row(pair: PreferencePair, index: dict[Item, int], order: dict[str, str]) -> tuple[int, int, float]:
    prompt = prompt_text(pair.prompt)
    chosen = index.setdefault((prompt, pair.chosen), len(index))
    rejected = index.setdefault((prompt, pair.rejected), len(index))
    hashes = [order.setdefault(text, fingerprint([text])) for text in (pair.chosen, pair.rejected)]
    if hashes[0] <= hashes[1]:
        return chosen, rejected, 0.5 if pair.tie else 1.0
    return rejected, chosen, 0.5 if pair.tie else 0.0


def _weight(pair: PreferencePair) -> float:
    return pair.weight * 2 / (1 + float(np.exp(-pair.margin))) if pair.margin else pair.weight


def _mean_one(weight: Floats) -> Floats:
    shares = np.maximum(weight / weight.max(), LEAST_WEIGHT)
    return np.asarray(shares / shares.mean())


def check_enough(obs: Observations) -> None:
    """Raise InputError when there is too little to fit and to evaluate on prompts that were not fitted."""
    decided = int(obs.decided.sum())
    if decided < MIN_PAIRS or len(obs.groups) < MIN_PROMPTS:
        raise InputError(
            "There are {pairs} preference pairs without ties on {prompts} different prompts; a reward model needs at "
            "least {least} such pairs on at least {fewest} prompts. Rank more answers first.",
            pairs=decided,
            prompts=len(obs.groups),
            least=MIN_PAIRS,
            fewest=MIN_PROMPTS,
        )


def data_fingerprint(pairs: Sequence[PreferencePair]) -> str:
    """32 hexadecimal digits that follow from the content of the pairs, in whatever order they come."""
    return fingerprint(sorted(_pair_fingerprint(pair) for pair in pairs))


def _pair_fingerprint(pair: PreferencePair) -> str:
    texts = (pair.chosen, pair.rejected) if not pair.tie else tuple(sorted((pair.chosen, pair.rejected)))
    numbers = (str(pair.tie), repr(pair.weight), repr(pair.margin))
    return fingerprint([prompt_text(pair.prompt), *texts, *numbers, pair.group, pair.annotator])


def pair_mark(pair: PreferencePair) -> np.uint64:
    """64 bits that stand for who compared which two responses to which prompt, whatever was said of them."""
    texts = sorted((pair.chosen, pair.rejected))
    return np.uint64(int(fingerprint([prompt_text(pair.prompt), *texts, pair.annotator])[:16], 16))
