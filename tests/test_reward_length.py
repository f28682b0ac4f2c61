"""Annotators who like long answers, and a model that is to find quality instead."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from data.schemas import PreferencePair
from reward_model.fit import FitRules
from reward_model.model import RewardModel
from reward_model.training import trained
from tests.preferences_made import BAD, GOOD, PLAIN, a_pair

SAID, FAMILIES = 4, ("surface", "words")


class Made(NamedTuple):
    """A response whose quality (−1 to 1) and length (characters) are known."""

    text: str
    quality: float


def made(chance: np.random.Generator) -> Made:
    """Good and bad words in any mixture, among 6 to 80 plain ones: quality and length have nothing in common."""
    good = int(chance.integers(0, SAID + 1))
    said = [*chance.choice(GOOD, good), *chance.choice(BAD, SAID - good)]
    said += [*chance.choice(PLAIN, int(np.exp(chance.uniform(np.log(6), np.log(80)))))]
    chance.shuffle(said)
    return Made(f"{' '.join(said).capitalize()}.", 2 * good / SAID - 1)


def biased_pairs(n_prompts: int, each: int, chance: np.random.Generator) -> list[PreferencePair]:
    """Judgements that follow length more than quality."""
    pairs = []
    for n in range(n_prompts):
        for _ in range(each):
            one, two = made(chance), made(chance)
            pull = 1.5 * (one.quality - two.quality) + 1.5 * np.log(len(one.text) / len(two.text))
            chosen, rejected = (one, two) if chance.random() < expit(pull) else (two, one)
            pairs.append(a_pair(f"Say something about number {n}", chosen.text, rejected.text))
    return pairs


def correlations(model: RewardModel, seed: int) -> tuple[float, float]:
    """Of the scores of fresh responses: with quality, and with log length."""
    chance = np.random.default_rng(seed)
    fresh = [made(chance) for _ in range(400)]
    scores = model.scores([("Say something about birds", one.text) for one in fresh])
    known = [one.quality for one in fresh], [np.log(len(one.text)) for one in fresh]
    return float(np.corrcoef(scores, known[0])[0, 1]), float(np.corrcoef(scores, known[1])[0, 1])


def test_without_length_scores_follow_quality_more_and_length_no_longer() -> None:
    pairs = biased_pairs(60, 5, np.random.default_rng(2))
    plain, without = (trained(pairs, rules=FitRules(FAMILIES, removed)) for removed in (False, True))
    (quality, length), (more, less) = correlations(plain, 9), correlations(without, 9)
    assert length > 0.5
    assert more > quality + 0.15
    assert abs(less) < length - 0.3
    assert without.card["length"]["removed"]
    assert without.card["length"]["correlation"] < plain.card["length"]["correlation"] - 0.3
