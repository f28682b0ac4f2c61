"""Which sources people prefer: a published table, the traps of the methods, and whether the intervals are true."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from data.schemas import Message, PreferencePair
from rankers.leaderboard import (
    Comparisons,
    comparisons,
    fitted_strengths,
    interval_half_width,
    leaderboard,
    ties_modelled,
    win_rates,
    wins_and_ties,
)
from tests.conftest import a_judgement, a_task

NAMES = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
BASEBALL = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ],
    dtype=float,
)
"""Wins of row over column, 1987 American League, Eastern Division: Agresti, Categorical Data Analysis, table 10.10."""
PUBLISHED = {
    "Milwaukee": 1.581,
    "Detroit": 1.436,
    "Toronto": 1.294,
    "New York": 1.248,
    "Boston": 1.108,
    "Cleveland": 0.684,
}
"""Its Bradley–Terry strengths, Baltimore at 0."""


def a_pair(
    better: str | None, worse: str | None, *, tie: bool = False, group: str = "g", weight: float = 1.0
) -> PreferencePair:
    task = a_task(f"{group} {better} {worse}", "one", "two")
    return PreferencePair(
        task_id=task.id,
        group=group,
        prompt=(Message(role="user", content="?"),),
        chosen_id="r1",
        rejected_id="r2",
        chosen="one",
        rejected="two",
        chosen_source=better,
        rejected_source=worse,
        tie=tie,
        weight=weight,
        annotator="ann",
        judged_at=a_judgement(task, ("r1",), ("r2",)).created_at,
    )


def baseball() -> list[PreferencePair]:
    return [
        a_pair(NAMES[i], NAMES[j], group=f"game {k % 20}")
        for i, j in np.ndindex(7, 7)
        for k in range(int(BASEBALL[i, j]))
    ]


def test_the_strengths_are_those_of_the_published_table() -> None:
    (board,) = leaderboard(baseball(), prior_variance=1e6).boards
    found = {s.source: s.strength for s in board.standings}
    assert [s.source for s in board.standings] == list(NAMES)
    for name, strength in PUBLISHED.items():
        assert found[name] - found["Baltimore"] == pytest.approx(strength, abs=1e-3)


def test_newmans_method_agrees_with_the_published_table_where_nothing_is_tied() -> None:
    scale = ties_modelled(NAMES, BASEBALL, np.zeros((7, 7)))
    assert scale.strengths is not None
    for name, strength in PUBLISHED.items():
        assert scale.strengths[name] - scale.strengths["Baltimore"] == pytest.approx(strength, abs=1e-3)


def test_a_board_counts_wins_ties_losses_and_prompts() -> None:
    pairs = [a_pair("a", "b"), a_pair("a", "b", group="h"), a_pair("b", "a"), a_pair("b", "c", tie=True, weight=0.5)]
    (board,) = leaderboard(pairs).boards
    counts = {s.source: (s.wins, s.ties, s.losses, s.prompts) for s in board.standings}
    assert counts == {"a": (2, 0, 1, 2), "b": (1, 1, 2, 2), "c": (0, 1, 0, 1)}
    assert (board.n_pairs, board.n_prompts) == (4, 2)
    rates = win_rates(pairs).set_index(["source", "against"])
    assert rates.loc[("a", "b"), "rate"] == pytest.approx(2 / 3)
    c_and_b = rates.to_dict("index")["c", "b"]
    assert (c_and_b["rate"], c_and_b["n"], c_and_b["ties"]) == (0.5, 1, 1)
    assert ("a", "c") not in rates.index


def test_the_win_rates_of_two_sources_are_one_minus_each_other() -> None:
    rates = win_rates(baseball()).set_index(["source", "against"])["rate"]
    for a, b in combinations(NAMES, 2):
        assert rates[a, b] == pytest.approx(1 - rates[b, a])


def test_an_undefeated_source_has_a_finite_strength_and_the_scale_with_ties_says_why_it_has_none() -> None:
    pairs = [a_pair("champion", other, group=str(n)) for n in range(5) for other in ("b", "c")]
    pairs += [a_pair("b", "c"), a_pair("c", "b", group="h")]
    (board,) = leaderboard(pairs).boards
    assert board.standings[0].source == "champion"
    assert all(np.isfinite(s.strength) for s in board.standings)
    assert board.standings[0].strength_with_ties is None
    assert "only won" in board.ties_not_modelled_because


def test_a_method_that_does_not_settle_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rankers.leaderboard.NEWMAN_LIMIT", 2)
    scale = ties_modelled(NAMES, BASEBALL, np.zeros((7, 7)))
    assert (scale.strengths, scale.tie_rate) == (None, None)
    assert "did not settle" in scale.because


def test_sources_that_no_comparison_joins_stand_on_separate_boards() -> None:
    pairs = [a_pair("a", "b"), a_pair("b", "c"), a_pair("x", "y", group="h")]
    boards = leaderboard(pairs).boards
    assert [{s.source for s in board.standings} for board in boards] == [{"a", "b", "c"}, {"x", "y"}]
    assert [board.n_pairs for board in boards] == [2, 1]


def test_pairs_without_two_different_sources_are_counted_as_left_out() -> None:
    pairs = [a_pair("a", "b"), a_pair(None, "b"), a_pair("a", None), a_pair("a", "a")]
    found = leaderboard(pairs)
    assert found.n_pairs == 1
    assert found.left_out == {"source not known": 2, "both responses from one source": 1}
    nothing = leaderboard([a_pair(None, None)])
    assert (nothing.boards, nothing.n_pairs) == ((), 0)
    assert win_rates([]).empty


def test_a_source_seen_in_one_prompt_only_has_no_finite_interval() -> None:
    pairs = [a_pair("a", "b", group=str(n)) for n in range(4)] + [a_pair("b", "c")]
    (board,) = leaderboard(pairs).boards
    width = {s.source: s.high - s.low for s in board.standings}
    assert np.isinf(width["c"])
    assert np.isfinite(width["a"])


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde"), st.booleans(), st.sampled_from("ghi")).filter(
            lambda row: row[0] != row[1]
        ),
        min_size=1,
        max_size=30,
    )
)
def test_whatever_the_pairs_say_the_strengths_are_finite_and_average_zero(
    rows: list[tuple[str, str, bool, str]],
) -> None:
    found = leaderboard([a_pair(b, w, tie=tie, group=g) for b, w, tie, g in rows])
    for board in found.boards:
        strengths = [s.strength for s in board.standings]
        assert np.isfinite(strengths).all()
        assert np.mean(strengths) == pytest.approx(0, abs=1e-6)
        assert strengths == sorted(strengths, reverse=True)
        assert all(s.low <= s.strength <= s.high for s in board.standings)
    assert sum(board.n_pairs for board in found.boards) == len(rows)
    assert sum(s.wins + s.ties / 2 for board in found.boards for s in board.standings) == len(rows)


@given(st.permutations(range(7)))
@settings(max_examples=20)
def test_renaming_the_sources_moves_nobody(order: list[int]) -> None:
    new_name = {name: f"s{order[n]}" for n, name in enumerate(NAMES)}
    score = BASEBALL[np.ix_(np.argsort(order), np.argsort(order))]
    renamed = dict(zip([f"s{i}" for i in range(7)], fitted_strengths(score), strict=True))
    for name, strength in zip(NAMES, fitted_strengths(BASEBALL), strict=True):
        assert renamed[new_name[name]] == pytest.approx(strength, abs=1e-6)


# Simulated people: strengths and a tie rate that are known.

TRUTH = np.linspace(-1.2, 1.2, 10)


def simulated(random: np.random.Generator, prompts: int, prompt_effect: float, ties: float = 0.0) -> Comparisons:
    """Three people rank the same 5 of 10 sources on each prompt, whose sources are better or worse on it than usual."""
    better, worse, tie, prompt = [], [], [], []
    for n in range(prompts):
        five = random.choice(10, 5, replace=False)
        worth = TRUTH[five] + random.normal(0, prompt_effect, 5)
        for _person in range(3):
            place = np.argsort(np.argsort(-(worth + random.gumbel(size=5))))
            for a, b in combinations(range(5), 2):
                up, down = (a, b) if place[a] < place[b] else (b, a)
                better.append(five[up])
                worse.append(five[down])
                tie.append(random.random() < ties)
                prompt.append(n)
    names = tuple("abcdefghij")
    arrays = (np.array(better), np.array(worse), np.array(tie), np.full(len(tie), 0.4), np.array(prompt))
    return Comparisons(names, *arrays)


def fit(these: Comparisons) -> np.ndarray:
    wins, ties = wins_and_ties(these, these.weight)
    return fitted_strengths(wins + ties / 2)


def model_based_half_width(these: Comparisons, strengths: np.ndarray) -> np.ndarray:
    """What the textbook gives when every pair counts as independent."""
    p = expit(strengths[these.better] - strengths[these.worse])
    rows = np.eye(10)[these.better] - np.eye(10)[these.worse]
    half_width: np.ndarray = 1.96 * np.sqrt(np.diag(np.linalg.pinv((rows * (p * (1 - p))[:, None]).T @ rows)))
    return half_width


def test_intervals_cover_the_truth_when_prompts_differ_and_ordinary_ones_do_not() -> None:
    truth = fit(simulated(np.random.default_rng(99), 6000, prompt_effect=1.0))
    ours, ordinary = [], []
    for run in range(60):
        these = simulated(np.random.default_rng(run), 100, prompt_effect=1.0)
        strengths = fit(these)
        ours.append(np.abs(strengths - truth) <= interval_half_width(these, strengths))
        ordinary.append(np.abs(strengths - truth) <= model_based_half_width(these, strengths))
    assert np.mean(ours) >= 0.9
    assert np.mean(ordinary) < 0.85


def test_when_ties_are_modelled_the_gaps_have_their_true_size() -> None:
    """Davidson's model with 3 ties in 10 among equals: as half wins they shrink the gaps, modelled they do not."""
    random, sources = np.random.default_rng(4), tuple("abcdefghij")
    v = 0.3 / 0.7
    wins, ties = np.zeros((10, 10)), np.zeros((10, 10))
    for i, j in combinations(range(10), 2):
        worth = np.exp(TRUTH[[i, j]])
        weights = np.array([worth[0], worth[1], 2 * v * np.sqrt(worth.prod())])
        first, second, tied = random.multinomial(4000, weights / weights.sum())
        wins[i, j], wins[j, i], ties[i, j], ties[j, i] = first, second, tied, tied
    scale = ties_modelled(sources, wins, ties)
    assert scale.strengths is not None
    assert scale.tie_rate == pytest.approx(0.3, abs=0.01)
    modelled = np.array([scale.strengths[s] for s in sources])
    assert np.polyfit(TRUTH, modelled, 1)[0] == pytest.approx(1, abs=0.02)
    assert np.polyfit(TRUTH, fitted_strengths(wins + ties / 2), 1)[0] < 0.8


def test_comparisons_number_sources_in_alphabetical_order() -> None:
    these = comparisons([a_pair("b", "a", group="p", weight=0.5), a_pair("c", "a", tie=True, group="q")])
    assert these.sources == ("a", "b", "c")
    assert these.better.tolist() == [1, 2]
    assert these.prompt.tolist() == [0, 1]
    assert these.tie.tolist() == [False, True]
    assert these.weight.tolist() == [0.5, 1.0]


def test_prompts_that_all_say_the_same_still_leave_doubt() -> None:
    undefeated = [a_pair(one, two, group=f"p{n}") for n in range(20) for one, two in (("a", "b"), ("b", "c"))]
    ties = [a_pair("a", "b", tie=True, group=f"p{n}") for n in range(5)]
    for pairs in (undefeated, ties):
        for standing in leaderboard(pairs).boards[0].standings:
            assert standing.high - standing.low > 2
