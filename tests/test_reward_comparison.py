"""Two versions on the pairs both have: an honest test, and a sentence where there is nothing to compare."""

import numpy as np
import numpy.typing as npt
import pytest

from reward_model.comparison import BETTER, CANNOT_TELL, NOTHING_COMMON, SAYS, WORSE, compared
from reward_model.fit import FitRules
from reward_model.model import HeldOutPairs
from reward_model.observations import pair_mark
from reward_model.training import trained
from tests.preferences_made import made_pairs


def versions(
    seed: int, right: tuple[float, float], prompts: int = 60, each: int = 5
) -> tuple[HeldOutPairs, HeldOutPairs]:
    """Two versions that are right with these probabilities, which differ from prompt to prompt for both alike."""
    chance, n = np.random.default_rng(seed), prompts * each
    mark, group = np.arange(n, dtype=np.uint64), np.repeat(np.arange(prompts, dtype=np.uint64), each)
    outcome = chance.integers(0, 2, n).astype(np.float32)
    easy = chance.normal(0, 0.15, prompts)[group]

    def margin(share: float) -> npt.NDArray[np.float32]:
        hit = chance.random(n) < np.clip(share + easy, 0, 1)
        return np.asarray(np.where(hit, 1, -1) * (2 * outcome - 1), dtype=np.float32)

    return HeldOutPairs(mark, group, margin(right[0]), outcome), HeldOutPairs(mark, group, margin(right[1]), outcome)


def test_a_clear_gain_is_better_and_a_clear_drop_is_worse() -> None:
    before, after = versions(0, (0.6, 0.8))
    found, turned = compared(before, after), compared(after, before)
    assert (found["verdict"], turned["verdict"]) == (BETTER, WORSE)
    assert found["accuracy"]["difference"] == pytest.approx(-turned["accuracy"]["difference"])
    assert found["accuracy"]["p"] < 0.01
    assert (found["n_pairs"], found["n_prompts"], found["n_decided"]) == (300, 60, 300)


def test_a_version_is_no_better_than_itself() -> None:
    before, _ = versions(1, (0.7, 0.7))
    found = compared(before, before)
    assert (found["accuracy"]["difference"], found["accuracy"]["ci"], found["accuracy"]["p"]) == (0, [0, 0], 1)
    assert found["verdict"] == CANNOT_TELL


def test_pairs_are_matched_by_their_marks_in_whatever_order_and_only_those_that_both_have_count() -> None:
    before, after = versions(2, (0.6, 0.7))
    order = np.random.default_rng(0).permutation(len(after.mark))[:200]
    some = HeldOutPairs(after.mark[order], after.group[order], after.margin[order], after.outcome[order])
    found = compared(before, some)
    assert found["n_pairs"] == 200
    hit = (before.margin > 0) == (before.outcome == 1)
    assert found["accuracy"]["before"] == pytest.approx(hit[order].mean())


def test_versions_without_a_common_pair_are_told_apart_by_a_sentence() -> None:
    before, after = versions(3, (0.6, 0.7))
    elsewhere = after._replace(mark=after.mark + np.uint64(10_000))
    found = compared(before, elsewhere)
    assert (found["verdict"], found["accuracy"], found["log_loss"]) == (NOTHING_COMMON, None, None)
    assert (found["n_pairs"], found["n_prompts"]) == (0, 0)
    assert set(SAYS) == {BETTER, WORSE, CANNOT_TELL, NOTHING_COMMON}


def test_a_tie_counts_in_the_log_loss_alone() -> None:
    before, after = versions(4, (0.6, 0.7))
    outcome = before.outcome.copy()
    outcome[:50] = 0.5
    found = compared(before._replace(outcome=outcome), after._replace(outcome=outcome))
    assert (found["n_pairs"], found["n_decided"]) == (300, 250)


@pytest.mark.parametrize(("prompts", "each"), [(12, 10), (80, 3)])
def test_equal_versions_are_told_apart_as_rarely_as_the_p_value_says(prompts: int, each: int) -> None:
    found = [compared(*versions(seed, (0.7, 0.7), prompts, each)) for seed in range(200)]
    assert np.mean([one["accuracy"]["p"] <= 0.05 for one in found]) <= 0.09
    assert np.mean([one["verdict"] != CANNOT_TELL for one in found]) <= 0.09


def test_two_fits_are_compared_on_the_pairs_that_both_have_held_out() -> None:
    pairs, surface, words = made_pairs(20), FitRules(("surface",)), FitRules(("surface", "words"))
    before, after = trained(pairs[:45], rules=surface), trained(pairs, rules=words)
    found = compared(before.held_out, after.held_out)
    assert found["n_pairs"] == len({pair_mark(pair) for pair in pairs[:45]})
    assert found["accuracy"]["before"] == pytest.approx(before.card["metrics"]["accuracy"], abs=0.02)
    assert compared(after.held_out, after.held_out)["accuracy"]["difference"] == 0
