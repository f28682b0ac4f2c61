"""Held-out predictions whose truth is known, for the tests of what a card says."""

import numpy as np

from data.schemas import PreferencePair
from reward_model.evaluate import Fold, HeldOut
from reward_model.features import Floats
from reward_model.fit import Choice, folds
from reward_model.observations import Ints, Observations, observations
from tests.preferences_made import a_pair


def numbers_only(outcome: Floats, group: Ints) -> Observations:
    """Observations without texts: each pair has two responses of its own and weight 1."""
    place = np.arange(len(outcome))
    names = tuple(str(n) for n in range(int(group.max()) + 1))
    return Observations((), place, place, outcome.astype(float), np.ones(len(outcome)), group, names)


def some_pairs(
    n: int = 400, prompts: int = 100, seed: int = 0, **more: object
) -> tuple[list[PreferencePair], Observations, HeldOut]:
    """Pairs of answers of 10 to 90 characters, and margins that are right in about 7 of 10."""
    chance = np.random.default_rng(seed)
    pairs = []
    for k in range(n):
        one, two = (f"{k} {side} {'word ' * int(chance.integers(2, 18))}" for side in ("good", "poor"))
        thing = "baking bread in the oven" if k % prompts % 2 else "debugging python code"
        pairs.append(a_pair(f"Tell me about {thing}, number {k % prompts}", one, two, **more))
    obs = observations(pairs)
    margin = np.where(chance.random(n) < 0.7, 1, -1) * (2 * obs.outcome - 1) * chance.random(n) * 2
    length = np.array([len(response) for _, response in obs.items], dtype=float)
    return pairs, obs, HeldOut(margin, None, length[obs.first] - length[obs.second])


def outer_of(obs: Observations, most: int = 5) -> tuple[Fold, ...]:
    """Folds of groups, with a choice that nobody looks at."""
    nothing = Choice({"surface": 0.1})
    return tuple(Fold(train, test, nothing, nothing) for train, test in folds(obs.group, most))
