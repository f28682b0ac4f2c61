"""Which answers are kept, and what is said of the others."""

import numpy as np
import pytest

from data.errors import InputError
from reward_model.scoring import NOT_FLAGGED, Scored
from reward_model.selection import REASONS, Rules, check_rules, ranked, reason, selected


def found(*answers: tuple[int, float, str]) -> Scored:
    """Answers as (prompt, score, flag)."""
    made = Scored()
    for prompt, score, flag in answers:
        if flag and flag not in made.kinds:
            made.kinds.append(flag)
        made.prompt.append(prompt)
        made.score.append(score)
        made.flag.append(made.kinds.index(flag) if flag else NOT_FLAGGED)
        made.chance.append(0.75 if flag else 0.0)
    return made


SCATTERED = found((1, 0.5, ""), (2, -1.0, ""), (1, 2.0, ""), (2, -0.9, ""), (1, 0.4, ""), (3, 0.2, ""))


def whys(made: Scored, rules: Rules) -> list[str]:
    return [REASONS[why] for why in selected(made, rules).why]


def test_ranks_are_counted_within_each_prompt_wherever_its_answers_stand() -> None:
    assert ranked(SCATTERED).tolist() == [2, 2, 1, 1, 3, 1]


def test_the_best_of_each_prompt_are_kept() -> None:
    no = "not among the best"
    assert whys(SCATTERED, Rules(keep_best=1)) == [no, no, "", "", no, ""]
    assert whys(SCATTERED, Rules(keep_best=2)) == ["", "", "", "", no, ""]


def test_equal_scores_keep_the_order_of_the_file() -> None:
    assert ranked(found((1, 1.0, ""), (1, 1.0, ""), (1, 1.0, ""))).tolist() == [1, 2, 3]


def test_a_margin_is_over_the_best_answer_that_is_left_over_else_over_a_typical_one() -> None:
    chosen = selected(SCATTERED, Rules(keep_best=1, min_margin=0.5))
    assert chosen.margin[[2, 3, 5]] == pytest.approx([1.5, 0.1, 0.2])
    assert [REASONS[why] for why in chosen.why[[2, 3, 5]]] == ["", "margin too small", "margin too small"]
    assert whys(SCATTERED, Rules(min_margin=0.0)) == ["", "margin too small", "", "margin too small", "", ""]


def test_a_flagged_answer_goes_first_and_competes_no_more() -> None:
    made = found((1, 3.0, "toxic"), (1, 1.0, ""), (1, 0.0, ""))
    rules = Rules(keep_best=1, min_margin=0.5, drop_flagged=True)
    assert whys(made, rules) == ["flagged", "", "not among the best"]
    assert whys(made, Rules(keep_best=1)) == ["", "not among the best", "not among the best"]
    assert selected(made, rules).rank.tolist() == [0, 1, 2]


def test_every_dropped_answer_gets_a_sentence_and_a_kept_one_none() -> None:
    made, rules = found((1, 3.0, "toxic"), (1, 1.0, ""), (1, 0.9, ""), (2, 0.1, "")), Rules(1, 0.5, True)
    chosen = selected(made, rules)
    assert [reason(made, chosen, rules, at) for at in range(4)] == [
        "It is flagged toxic (0.75).",
        "It beats the best answer that is not kept by 0.10 logits, and 0.5 are asked for.",
        "It is number 2 of 2 answers to its prompt, and 1 are kept.",
        "It beats a typical answer of the training data by 0.10 logits, and 0.5 are asked for.",
    ]


def test_counts_add_up_on_random_files() -> None:
    chance = np.random.default_rng(0)
    for _ in range(50):
        flags = np.where(chance.random(40) < 0.2, "spam", "").tolist()
        prompts, scores = chance.integers(0, 9, 40).tolist(), chance.normal(size=40).round(1).tolist()
        made = found(*zip(prompts, scores, flags, strict=True))
        rules = Rules(int(chance.integers(1, 4)), float(chance.random()), bool(chance.random() < 0.5))
        chosen = selected(made, rules)
        assert sum(chosen.counts().values()) == 40
        for prompt in set(prompts):
            mine = np.array(prompts) == prompt
            kept = mine & (chosen.why == 0)
            assert kept.sum() <= rules.keep_best
            others = np.array(scores)[mine & (chosen.why == 2)]
            assert not kept.any() or not len(others) or np.array(scores)[kept].min() >= others.max() + rules.min_margin


def test_nothing_at_all_is_selected_from_no_answers() -> None:
    assert len(selected(Scored(), Rules(1, 0.0, True)).why) == 0


@pytest.mark.parametrize(
    ("rules", "says"), [(Rules(), "Nothing"), (Rules(0), "at least 1"), (Rules(1, -1.0), "0 or more")]
)
def test_rules_that_make_no_sense_are_refused(rules: Rules, says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_rules(rules)
