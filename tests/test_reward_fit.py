"""The fit: scikit-learn's Bradley–Terry on differences, ties and weights honoured, no side for the order of storage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from data.errors import InputError
from data.schemas import Message, PreferencePair
from reward_model import design as designs
from reward_model import fit
from reward_model.calibration import SLOPES, calibrating_slope, log_losses
from reward_model.design import design
from reward_model.features import COLUMNS, LENGTH, NUMBER_COLUMNS, NUMBERED
from reward_model.fit import (
    ALL,
    Choice,
    FitRules,
    begin_at,
    choices,
    fits_a_choice,
    fitted,
    folds,
    full_weights,
    margins,
    part,
    without_length,
)
from reward_model.observations import Observations, check_enough, data_fingerprint, observations
from reward_model.scaling import RARE
from tests.preferences_made import a_pair, made_pairs, shuffled_labels

NUMBERS = dict.fromkeys(NUMBERED, 0.3)
EVERY = Choice(NUMBERS | {"meaning": 0.5, "ending": 0.3, "words": 1.2, "characters": 1.0})


def full(obs: Observations, choice: Choice = EVERY) -> tuple[np.ndarray, np.ndarray]:
    made = design(obs)
    return full_weights(made, fitted(made, part(made, obs, np.arange(len(obs))), choice, exact=True))


def wider(choice: Choice, ratio: float) -> Choice:
    """The choice that holds a fit back by so much less."""
    return Choice({family: spread * ratio**0.5 for family, spread in choice.spreads.items()})


def score_differences(obs: Observations, choice: Choice = EVERY) -> np.ndarray:
    made, rows = design(obs), np.arange(len(obs))
    return margins(made, rows, fitted(made, part(made, obs, rows), choice, exact=True)) * (2 * obs.outcome - 1)


def test_a_response_is_featurised_once_and_a_pair_is_one_observation() -> None:
    obs = observations([a_pair("p", "a", "b"), a_pair("p", "b", "c"), a_pair("q", "a", "b")])
    assert len(obs) == 3
    assert sorted(obs.items) == [("p", "a"), ("p", "b"), ("p", "c"), ("q", "a"), ("q", "b")]
    assert obs.groups == ("p", "q")


@given(st.text(min_size=1, max_size=9), st.text(min_size=1, max_size=9))
def test_the_order_of_a_pair_does_not_tell_who_was_chosen(one: str, two: str) -> None:
    told, turned = observations([a_pair("p", one, two)]), observations([a_pair("p", two, one)])
    assert told.items[told.first[0]] == turned.items[turned.first[0]]
    assert one == two or told.outcome[0] == 1 - turned.outcome[0]


def test_a_fit_solves_the_regularised_bradley_terry_likelihood() -> None:
    obs = observations([pair.model_copy(update={"weight": 1 + n % 3}) for n, pair in enumerate(made_pairs(10))])
    made, rows = design(obs), np.arange(len(obs))
    inside = np.clip(made.numbers, *np.quantile(made.numbers, [RARE, 1 - RARE], axis=0))
    difference = inside[obs.first] - inside[obs.second]
    scale = np.sqrt(np.average(difference**2, axis=0, weights=obs.weight))
    scale[scale < 1e-9] = 1
    texts = [EVERY.spreads[family] * np.asarray(text.block) for family, text in made.texts.items()]
    every = np.hstack([0.3 * inside / scale, *texts])
    columns = every[obs.first] - every[obs.second]

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = columns @ w
        pull = obs.weight * (1 / (1 + np.exp(-z)) - obs.outcome)
        return float(obs.weight @ (np.logaddexp(0, z) - obs.outcome * z) + w @ w / 2), columns.T @ pull + w

    begin = np.zeros(columns.shape[1])
    best = optimize.minimize(loss, begin, jac=True, method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-9})
    ours = fitted(made, part(made, obs, rows), EVERY, exact=True)
    flat = [ours.numbers * scale / 0.3, *(ours.texts[family] / EVERY.spreads[family] for family in made.texts)]
    assert loss(np.concatenate(flat))[0] == pytest.approx(best.fun, rel=1e-5)
    assert np.concatenate(flat) == pytest.approx(best.x, abs=2e-3)


def test_the_small_path_and_the_fast_path_give_the_same_coefficients(monkeypatch: pytest.MonkeyPatch) -> None:
    ties = [pair.model_copy(update={"tie": n % 5 == 0, "weight": 1 + n % 3}) for n, pair in enumerate(made_pairs(20))]
    obs = observations(ties)
    monkeypatch.setattr(fit, "SMALL", 0)
    columns, fast = full(obs)
    monkeypatch.setattr(fit, "SMALL", 10_000)
    same, reference = full(obs)
    assert columns.tolist() == same.tolist()
    assert fast == pytest.approx(reference, abs=1e-3, rel=1e-3)


def test_a_fit_that_begins_at_earlier_weights_ends_where_a_fresh_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "SMALL", 0)
    few, more = observations(made_pairs(15)), observations(made_pairs(20))
    columns, weights = full(few)
    dense = np.zeros(COLUMNS)
    dense[columns] = weights
    made, rows = design(more), np.arange(len(more))
    ready = part(made, more, rows)
    begin_at(ready, made, dense)
    assert full_weights(made, fitted(made, ready, EVERY, exact=True))[1] == pytest.approx(
        full(more)[1], abs=2e-3, rel=1e-3
    )


def test_a_family_that_is_switched_off_carries_no_weight() -> None:
    obs = observations(made_pairs(20, noise=0.1))
    rules = FitRules(families=("surface", "words"))
    best, ruler = choices(design(obs, rules.families), obs, np.arange(len(obs)), lambda: None, rules)
    assert set(best.spreads) <= {"surface", "words"}
    assert set(ruler.spreads) == {"surface", "style"}
    assert fits_a_choice(rules) < fits_a_choice(ALL)


def test_length_is_free_in_the_fit_and_weighs_nothing_in_the_score() -> None:
    obs = observations(made_pairs(30))
    made, rows = design(obs), np.arange(len(obs))
    found = fitted(made, part(made, obs, rows), Choice(NUMBERS), free_length=True, exact=True)
    held_back = fitted(made, part(made, obs, rows), Choice(NUMBERS), exact=True)
    assert np.abs(found.numbers[LENGTH]).sum() > np.abs(held_back.numbers[LENGTH]).sum()
    assert not without_length(found).numbers[LENGTH].any()
    others = np.setdiff1d(np.arange(NUMBER_COLUMNS), LENGTH)
    assert without_length(found).numbers[others].tolist() == found.numbers[others].tolist()


def test_rotated_and_sparse_n_grams_give_the_same_model(monkeypatch: pytest.MonkeyPatch) -> None:
    obs = observations(made_pairs(12))
    columns, weights = full(obs)
    monkeypatch.setattr(designs, "MOST_ROTATED", 0)
    sparse_columns, sparse_weights = full(obs)
    assert columns.tolist() == sparse_columns.tolist()
    assert weights == pytest.approx(sparse_weights, abs=1e-3, rel=1e-3)


def test_ninety_percent_stored_the_wrong_way_round_change_nothing() -> None:
    pairs = made_pairs(12)
    tied = [pair.model_copy(update={"tie": True}) for pair in pairs[:5]]
    turned = [p.model_copy(update={"chosen": p.rejected, "rejected": p.chosen}) for p in tied]
    assert score_differences(observations(tied + pairs)) == pytest.approx(
        score_differences(observations(turned + pairs)), abs=1e-5
    )


def test_turning_every_pair_round_turns_every_weight_round() -> None:
    pairs = made_pairs(12)
    turned = [p.model_copy(update={"chosen": p.rejected, "rejected": p.chosen}) for p in pairs]
    (columns, weights), (mirrored, opposite) = full(observations(pairs)), full(observations(turned))
    assert columns.tolist() == mirrored.tolist()
    assert weights == pytest.approx(-opposite, abs=1e-3, rel=1e-3)


def test_a_tie_is_half_a_win_each_way() -> None:
    pairs = made_pairs(8)
    tie = a_pair("p", "Exactly this.", "Or rather that!", tie=True, weight=2.0)
    both = [
        a_pair("p", "Exactly this.", "Or rather that!"),
        a_pair("p", "Or rather that!", "Exactly this."),
    ]
    half, whole = observations([*pairs, tie]), observations([*pairs, *both])
    # Weights have mean 1, so the same spread holds the shorter list back by the ratio of the numbers of rows.
    one, two = full(half, wider(Choice(NUMBERS), len(whole) / len(half))), full(whole, Choice(NUMBERS))
    assert one[1] == pytest.approx(two[1], abs=1e-3, rel=1e-3)
    alone = observations([tie, *[p.model_copy(update={"tie": True}) for p in pairs]])
    assert np.abs(full(alone)[1]).max() < 1e-3


def test_a_weight_counts_as_that_many_pairs() -> None:
    pairs = made_pairs(6)
    twice = observations([*pairs, *pairs[:6]])
    heavy = observations([p.model_copy(update={"weight": 2.0}) if n < 6 else p for n, p in enumerate(pairs)])
    # Weights have mean 1, so the same spread holds the heavy fit back by the ratio of the numbers of rows.
    one, two = full(twice), full(heavy, wider(EVERY, len(twice) / len(heavy)))
    assert one[1] == pytest.approx(two[1], abs=2e-3, rel=1e-3)


def test_a_margin_weighs_as_the_pull_of_trl_on_equal_scores() -> None:
    pairs = [a_pair("p", "a", "b"), a_pair("p", "a", "c", margin=0.0), a_pair("p", "a", "d", margin=2.0)]
    weight = observations(pairs).weight
    assert weight[0] == weight[1]
    assert weight[2] / weight[0] == pytest.approx(2 / (1 + np.exp(-2)))


def test_pairs_that_all_fall_one_way_can_be_fitted() -> None:
    pairs = [p for p in made_pairs(30, noise=0) if observations([p]).outcome[0] == 1]
    obs = observations(pairs)
    assert set(obs.outcome) == {1.0}
    assert score_differences(obs).mean() > 0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=8, max_size=40), st.integers(2, 5))
def test_no_group_is_on_both_sides_of_a_fold_and_every_pair_is_held_out_once(group: list[int], most: int) -> None:
    numbers = np.array([*group, 100, 101])
    seen = []
    for train, held_out in folds(numbers, most):
        assert not set(numbers[train]) & set(numbers[held_out])
        seen += held_out.tolist()
    assert sorted(seen) == list(range(len(numbers)))


def test_the_choice_is_made_on_the_training_part_alone() -> None:
    pairs = made_pairs(20)
    train = np.arange(45)
    spoilt = [*pairs[:45], *shuffled_labels(pairs[45:])]
    first, second = observations(pairs), observations(spoilt)
    told = choices(design(first), first, train, lambda: None, ALL)
    assert told == choices(design(second), second, train, lambda: None, ALL)


def test_of_very_many_pairs_whole_groups_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    obs = observations(made_pairs(40, each=4))
    rows = np.arange(20, 160)
    some = fit.some_groups(obs.group, rows, 50)
    assert 50 <= len(some) < 60
    assert set(some.tolist()) <= set(rows.tolist())
    assert all((obs.group[rows] == group).sum() == (obs.group[some] == group).sum() for group in obs.group[some])
    monkeypatch.setattr(fit, "MOST_TRIED", 50)
    few = choices(design(obs), obs, rows, lambda: None, ALL)
    monkeypatch.setattr(fit, "MOST_TRIED", 1_000)
    assert few == choices(design(obs), obs, some, lambda: None, ALL)


def test_a_part_of_a_design_gives_the_same_fit_as_the_rows_of_the_whole() -> None:
    obs = observations(made_pairs(20))
    made, rows = design(obs), np.arange(10, 50)
    some, pairs = made.some(rows), obs.some(rows)
    every = np.arange(len(rows))
    one = margins(made, rows, fitted(made, part(made, obs, rows), EVERY, exact=True))
    two = margins(some, every, fitted(some, part(some, pairs, every), EVERY, exact=True))
    assert one == pytest.approx(two, abs=1e-3)


@pytest.mark.parametrize("too_sure", [0.8, 1.0, 3.0])
def test_the_calibrating_slope_takes_back_what_scores_are_too_sure(too_sure: float) -> None:
    chance = np.random.default_rng(4)
    truth = chance.normal(size=20_000)
    outcome = (chance.random(20_000) < 1 / (1 + np.exp(-truth))).astype(float)
    slope = calibrating_slope(too_sure * truth, outcome, np.ones(20_000))
    assert slope * too_sure == pytest.approx(1, abs=0.06)


def test_the_calibrating_slope_never_turns_a_ranking_round() -> None:
    margin, weight = np.array([1.0, 2.0, 3.0]), np.ones(3)
    assert calibrating_slope(margin, np.zeros(3), weight) == pytest.approx(SLOPES[0], abs=1e-3)
    assert 1 < calibrating_slope(margin, np.ones(3), weight) <= SLOPES[1]
    assert calibrating_slope(margin, np.ones(3), 1_000 * weight) == pytest.approx(SLOPES[1], abs=1e-3)


def test_the_slope_multiplies_every_score_difference_and_surprises_no_more_on_unseen_prompts() -> None:
    before, after = 0.0, 0.0
    for seed in range(6):
        obs = observations(made_pairs(30, noise=0.45, seed=seed))
        made, train, test = design(obs), np.arange(60), np.arange(60, 90)
        best, _ruler = choices(made, obs, train, lambda: None, ALL)
        plain = margins(made, test, fitted(made, part(made, obs, train), Choice(best.spreads)))
        sloped = margins(made, test, fitted(made, part(made, obs, train), best))
        assert sloped == pytest.approx(best.slope * plain)
        before += log_losses(plain, obs.outcome[test]).mean()
        after += log_losses(sloped, obs.outcome[test]).mean()
    assert after < 1.01 * before


@pytest.mark.parametrize(
    "pairs", [made_pairs(4, each=9), made_pairs(6, each=3), [p.model_copy(update={"tie": True}) for p in made_pairs()]]
)
def test_too_little_data_is_refused_with_what_is_needed(pairs: list[PreferencePair]) -> None:
    with pytest.raises(InputError, match="at least 20 such pairs on at least 5 prompts"):
        check_enough(observations(pairs))


def test_the_fingerprint_follows_the_content_and_not_the_order() -> None:
    pairs = made_pairs(5)
    mark = data_fingerprint(pairs)
    assert mark == data_fingerprint(pairs[::-1])
    tied = [a_pair("p", "a", "b", tie=True), a_pair("p", "b", "a", tie=True)]
    assert data_fingerprint(tied[:1]) == data_fingerprint(tied[1:])
    for change in (
        {"chosen": "other"},
        {"weight": 0.5},
        {"group": "g"},
        {"prompt": (Message(role="user", content="x"),)},
    ):
        assert mark != data_fingerprint([pairs[0].model_copy(update=change), *pairs[1:]])
