"""Which prompts are unlike anything that was judged, by the meaning of their words (static embeddings)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reward_model.bootstrap import Floats
from reward_model.embedding import Vectors, embeddings

MOST_JUDGED = 20_000
"""Of more judged prompts so many are drawn at random: a prompt's nearest neighbour is among them or hardly farther."""
MOST_COMPARED = 2_000
"""The neighbours of so many judged prompts say what is usual."""
_AT_ONCE = 512


@dataclass(frozen=True)
class Judged:
    """What was judged: one vector a group of prompts, and how far apart neighbours usually are, in increasing order."""

    vectors: Vectors
    usual: Floats


def judged_prompts(prompts: Mapping[str, str]) -> Judged:
    """What to hold new prompts against: `prompts` maps a group to one of its prompts, since the others are alike."""
    texts = list(prompts.values())
    chance = np.random.default_rng(0)
    if len(texts) > MOST_JUDGED:
        texts = [texts[at] for at in chance.choice(len(texts), MOST_JUDGED, replace=False)]
    vectors = embeddings(texts)
    some = chance.permutation(len(texts))[:MOST_COMPARED]
    usual = _nearest(vectors[some], vectors, some) if len(texts) > 1 else np.zeros(0)
    return Judged(vectors, np.sort(usual))


def unlikeness(judged: Judged, prompts: Sequence[str]) -> Floats:
    """The share of the judged prompts whose nearest neighbour is nearer than that of each of these, 0 to 1.

    A prompt like the judged ones has 0.5 on average; 0 everywhere where fewer than two groups were judged.
    """
    if not len(judged.usual):
        return np.zeros(len(prompts))
    known = list(dict.fromkeys(prompts))
    share = np.searchsorted(judged.usual, _nearest(embeddings(known), judged.vectors) - 1e-6) / len(judged.usual)
    found = dict(zip(known, share.tolist(), strict=True))
    return np.array([found[prompt] for prompt in prompts])


def _nearest(vectors: Vectors, among: Vectors, own: npt.NDArray[np.int64] | None = None) -> Floats:
    """1 − the largest cosine of each vector with one of the others; `own` is its own place among them."""
    found = []
    for at in range(0, len(vectors), _AT_ONCE):
        cosines = vectors[at : at + _AT_ONCE] @ among.T
        if own is not None:
            cosines[np.arange(len(cosines)), own[at : at + _AT_ONCE]] = -np.inf
        found.append(1.0 - cosines.max(axis=1))
    return np.concatenate([np.zeros(0), *found])
