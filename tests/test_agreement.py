"""How far people agree: worked examples, and traps that were met before."""

from itertools import product

import evalica
import numpy as np
import pandas as pd
import pytest

from data.schemas import PreferencePair
from rankers.agreement import agreement_in_words, agreement_with_ties, human_ceiling, preference_alpha
from rankers.pairs import PairRules, pairs_from
from tests.conftest import a_judgement, a_task

KRIPPENDORFF_BINARY = ("0100000010", "1110010000")
"""Two observers, ten units: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section A."""


def vote(prompt: str, annotator: str, outcome: str) -> list[PreferencePair]:
    """One person's choice between two answers: "1" the first, "2" the second, "=" neither."""
    task = a_task(prompt, "one", "two")
    tiers = {"1": (("r1",), ("r2",)), "2": (("r2",), ("r1",)), "=": (("r1", "r2"),)}[outcome]
    return pairs_from(task, a_judgement(task, *tiers, annotator=annotator), PairRules())


def votes(rows: dict[str, str]) -> list[PreferencePair]:
    """Prompt → what the annotators a, b, c, … say of it."""
    return [
        p
        for prompt, said in rows.items()
        for who, o in zip("abcdefgh", said, strict=False)
        for p in vote(prompt, who, o)
    ]


def test_agreement_is_that_of_the_published_table() -> None:
    table = {f"unit {n}": "".join("12"[int(o[n])] for o in KRIPPENDORFF_BINARY) for n in range(10)}
    found = human_ceiling(votes(table))
    assert found is not None
    assert found.agreement == pytest.approx(0.6)  # the observers disagree on 4 of the 10 units
    assert (found.n_pairs, found.n_votes, found.n_prompts) == (10, 20, 10)
    assert found.low < 0.6 < found.high
    # Both ways round each of the two answers is given 20 times among 40 values: 1 - 0.4 / (2 * 20 * 20 / (40 * 39)).
    assert preference_alpha(votes(table)) == pytest.approx(1 - 0.4 / (800 / 1560))


def test_the_alpha_we_use_is_krippendorffs() -> None:
    ratings = pd.DataFrame([[float(c) for c in row] for row in KRIPPENDORFF_BINARY])
    assert evalica.alpha(ratings, distance="nominal").alpha == pytest.approx(0.095, abs=5e-4)  # as published


def test_every_vote_counts_once_however_many_people_judged_the_pair() -> None:
    found = human_ceiling(votes({"three people": "112", "two people": "11"}))
    assert found is not None
    # In the first pair two votes agree with one of the two others, one with none; in the second both agree.
    assert found.agreement == pytest.approx((0.5 + 0.5 + 0 + 1 + 1) / 5)


def test_ties_are_a_third_answer_in_one_number_and_left_out_of_the_other() -> None:
    rows = votes({"p": "1=", "q": "==", "r": "11=", "s": "12"})
    ceiling, with_ties = human_ceiling(rows), agreement_with_ties(rows)
    assert ceiling is not None
    assert with_ties is not None
    assert (ceiling.agreement, ceiling.n_pairs) == (0.5, 2)
    assert with_ties.agreement == pytest.approx((0 + 0 + 1 + 1 + 0.5 + 0.5 + 0 + 0 + 0) / 9)


def test_without_two_people_on_one_pair_there_is_no_number() -> None:
    once = votes({"p": "1", "q": "2"})
    assert human_ceiling(once) is None
    assert human_ceiling([]) is None
    assert preference_alpha(once) is None
    twice_the_same_person = vote("p", "a", "1") + vote("p", "a", "1")
    assert human_ceiling(twice_the_same_person) is None


def test_alpha_has_no_value_where_everybody_calls_everything_a_tie() -> None:
    assert preference_alpha(votes({"p": "==", "q": "=="})) is None


def test_with_one_prompt_the_interval_says_that_nothing_is_known_of_others() -> None:
    found = human_ceiling(votes({"p": "112"}))
    assert found is not None
    assert (found.low, found.high) == (0.0, 1.0)


def test_agreement_and_alpha_do_not_depend_on_which_answer_is_called_the_first() -> None:
    random = np.random.default_rng(5)
    said = {f"p{n}": "".join(random.choice(list("112="), 3)) for n in range(60)}
    turned = {p: o.translate(str.maketrans("12", "21")) if n % 3 else o for n, (p, o) in enumerate(said.items())}
    for measure in (human_ceiling, agreement_with_ties, preference_alpha):
        assert measure(votes(said)) == measure(votes(turned))


def test_the_share_that_agrees_is_one_minus_the_disagreement_that_alpha_sees() -> None:
    """Two implementations, one number: Krippendorff's observed disagreement for three categories."""
    random = np.random.default_rng(6)
    said = ["".join(random.choice(list("12="), 4)) for _ in range(50)]
    ratings = pd.DataFrame([[{"1": 1.0, "2": -1.0, "=": 0.0}[row[k]] for row in said] for k in range(4)])
    observed = evalica.alpha(ratings, distance="nominal").observed  # a sum over the 200 votes
    found = agreement_with_ties(votes({f"p{n}": row for n, row in enumerate(said)}))
    assert found is not None
    assert found.agreement == pytest.approx(1 - observed / 200)


def test_the_interval_covers_the_truth_when_prompts_differ() -> None:
    """People agree with probability 0.9 on half of the prompts, 0.5 on the others: 0.7 in all."""
    covered = 0
    for run in range(40):
        random = np.random.default_rng(run)
        p_same = random.choice([0.9, 0.5], 40)
        rows: list[PreferencePair] = []
        for n, k in product(range(40), range(4)):
            same = random.random() < p_same[n]
            pair = vote(f"{n} {k}", "a", "1") + vote(f"{n} {k}", "b", "1" if same else "2")
            rows += [p.model_copy(update={"group": str(n)}) for p in pair]
        found = human_ceiling(rows)
        assert found is not None
        covered += found.low <= 0.7 <= found.high
    assert covered >= 35


def test_the_sentence_for_data_cards_has_the_numbers_and_says_when_there_are_none() -> None:
    said = agreement_in_words(votes({"p": "11", "q": "12", "r": "=="}))
    assert said.startswith("Two people who both prefer one response prefer the same one in 50.0% of cases")
    assert "with ties as a third answer they say the same in 66.7% of cases" in said
    assert "Krippendorff's alpha (ordinal)" in said
    assert agreement_in_words(votes({"p": "==", "q": "=="})).startswith("With ties as a third answer")
    assert "nothing is known" in agreement_in_words(votes({"p": "1"}))
