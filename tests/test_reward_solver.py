"""The solver: scikit-learn's optimum, by way of responses and not of pairs."""

import numpy as np
import pytest
from scipy import optimize, sparse

from reward_model import solver
from reward_model.curvature import Block, Floats, directions
from reward_model.reference import reference
from reward_model.solver import NotConvergedError, Pairs, _Likelihood, minimum

LOUD = (1.0, 2.5)


@pytest.fixture(autouse=True, params=[0, 1_000_000], ids=["along the curvature", "straight"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs both ways: as large fits go, and as small ones do."""
    monkeypatch.setattr(solver, "MANY_PAIRS", request.param)


def made(seed: int, ties: bool = True) -> tuple[list[Block], Pairs]:
    """Sixty responses with five dense and thirty sparse features, two hundred pairs of them with ties and weights."""
    chance = np.random.default_rng(seed)
    dense = chance.normal(size=(60, 5)).astype(np.float32)
    few = sparse.csr_matrix(np.where(chance.random((60, 30)) < 0.2, chance.normal(size=(60, 30)), 0).astype(np.float32))
    first, second = chance.integers(0, 30, 200), chance.integers(30, 60, 200)
    outcome = chance.choice([0.0, 0.5, 1.0] if ties else [0.0, 1.0], 200)
    return [dense, few], Pairs(first, second, outcome, chance.uniform(0.5, 2, 200))


def zeros(blocks: list[Block]) -> list[Floats]:
    return [np.zeros(block.shape[1]) for block in blocks]


@pytest.mark.parametrize("seed", range(5))
def test_it_finds_the_optimum_that_scikit_learn_finds(seed: int) -> None:
    blocks, pairs = made(seed)
    ours, theirs = minimum(blocks, LOUD, pairs, zeros(blocks), exact=True), reference(blocks, LOUD, pairs)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(other, abs=1e-3)


def test_the_gradient_is_that_of_the_loss() -> None:
    blocks, pairs = made(1)
    likelihood, weights = _Likelihood(blocks, LOUD, pairs), np.random.default_rng(2).normal(size=35)

    def loss(at: np.ndarray) -> float:
        return likelihood.loss(at)[0]

    rough = optimize.approx_fprime(weights, loss, 1e-2)
    assert likelihood.loss(weights)[1] == pytest.approx(rough, rel=0.05, abs=0.3)


def test_where_it_begins_does_not_matter() -> None:
    blocks, pairs = made(3)
    chance = np.random.default_rng(0)
    far = [one + chance.normal(size=len(one)) for one in zeros(blocks)]
    one, two = (np.concatenate(minimum(blocks, LOUD, pairs, start, exact=True)) for start in (zeros(blocks), far))
    assert one == pytest.approx(two, abs=1e-3)


def test_a_tie_is_half_a_win_each_way() -> None:
    blocks, pairs = made(4)
    halves = Pairs(
        np.tile(pairs.first, 2),
        np.tile(pairs.second, 2),
        np.repeat([1.0, 0.0], 200),
        np.concatenate([pairs.weight * pairs.outcome, pairs.weight * (1 - pairs.outcome)]),
    )
    one, two = (np.concatenate(minimum(blocks, LOUD, said, zeros(blocks), exact=True)) for said in (pairs, halves))
    assert one == pytest.approx(two, abs=1e-3)


def test_a_fit_that_does_not_converge_is_never_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks, pairs = made(5)
    monkeypatch.setattr(solver, "MOST_PASSES", 2)
    with pytest.raises(NotConvergedError, match="did not converge"):
        minimum(blocks, LOUD, pairs, zeros(blocks), exact=True)


def test_a_place_and_its_weights_tell_the_same() -> None:
    blocks, pairs = made(6)
    along = directions(blocks, LOUD, pairs.first, pairs.second, pairs.weight)
    weights = np.random.default_rng(1).normal(size=35)
    assert along.weights(along.place(weights)) == pytest.approx(weights)


def test_numbers_that_nearly_repeat_one_another_cost_no_more_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocks, pairs = made(7)
    dense = np.asarray(blocks[0])
    alike = np.hstack([dense, dense + 0.01 * dense[:, ::-1]]) * np.float32(3)
    monkeypatch.setattr(solver, "MANY_PAIRS", 0)
    monkeypatch.setattr(solver, "MOST_PASSES", 20)
    (ours,) = minimum([alike], [1.0], pairs, [np.zeros(10)], exact=True)
    assert ours == pytest.approx(reference([alike], [1.0], pairs)[0], abs=1e-3)
