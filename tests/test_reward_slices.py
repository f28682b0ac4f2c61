"""Accuracy by kind of pair: the counts add up, small slices are not named, languages and topics are found."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from reward_model.bootstrap import draws
from reward_model.card_slices import slices_in_words, weak_slices
from reward_model.evaluate import HeldOut, hits
from reward_model.languages import language
from reward_model.observations import observations
from reward_model.slices import GAPS, MOST, OTHERS, UNKNOWN, slice_findings
from reward_model.topics import topics
from tests.held_out_made import some_pairs
from tests.preferences_made import a_pair


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("How do I boil an egg?", "en"),
        ("Как сварить яйцо всмятку?", "ru"),
        ("Як зварити яйце, і що їсти?", "uk"),
        ("怎样煮鸡蛋？", "zh"),
        ("卵をゆでるにはどうすればいいですか？", "ja"),
        ("달걀을 어떻게 삶나요?", "ko"),
        ("كيف أسلق بيضة؟", "ar"),
        ("چگونه تخم مرغ بپزم؟", "fa"),
        ("¿Cómo se hace una tortilla de patatas?", "es"),
        ("Comment est-ce que je fais cuire un œuf dans une casserole ?", "fr"),
        ("Wie kocht man ein Ei, und wie lange?", "de"),
        ("```python\nprint('the and of')\n```", ""),
        ("42 + 7", ""),
        ("", ""),
        ("Lorem", ""),
    ],
)
def test_the_language_follows_from_script_and_small_words(text: str, says: str) -> None:
    assert language(text) == says


def test_prompts_about_different_things_fall_into_topics_named_by_their_words() -> None:
    cooking = [
        f"How long should I bake {thing} bread in the oven, number {n}?" for n in range(15) for thing in ("rye", "oat")
    ]
    code = [
        f"Fix the bug in my python function number {n} about {thing}."
        for n in range(15)
        for thing in ("lists", "dicts")
    ]
    found = topics([*cooking, *code])
    assert found is not None
    assert len(set(found[:30]) & set(found[30:])) == 0
    assert all("bread" in name or "oven" in name or "bake" in name for name in found[:30])
    assert all("python" in name or "bug" in name or "function" in name for name in found[30:])
    assert topics([*cooking, *code]) == found


def test_few_prompts_have_no_topics() -> None:
    assert topics(["What is this?"] * 500) is None


def test_slices_of_one_kind_add_up_to_all_pairs_that_are_no_ties() -> None:
    pairs, _, _ = some_pairs(300, 60)
    pairs = [
        p.model_copy(
            update={
                "annotator": f"a{n % 7 if n < 280 else n}",
                "tie": n % 10 == 0,
                "chosen_source": f"m{n % 3}",
                "rejected_source": "base",
            }
        )
        for n, p in enumerate(pairs)
    ]
    obs = observations(pairs)
    margin = np.random.default_rng(0).normal(size=300)
    held_out = HeldOut(margin, None, margin)
    found = slice_findings(pairs, obs, held_out, draws(obs.group))
    sums = Counter[str]()
    for one in found:
        sums[one["by"]] += one["n_pairs"]
    assert set(sums) == {"language", "topic", "source pair", "length gap", "annotator"}
    assert set(sums.values()) == {270}
    hit = hits(margin, obs)[obs.decided].mean()
    for by in sums:
        rows = [one for one in found if one["by"] == by]
        assert sum(one["accuracy"] * one["n_pairs"] for one in rows) / 270 == pytest.approx(hit)
        assert all(one["ci"][0] <= one["accuracy"] <= one["ci"][1] for one in rows)
    names = [one["name"] for one in found if one["by"] == "annotator"]
    assert names[-1] == OTHERS
    assert len(names) == 8


def test_at_most_a_dozen_slices_are_named_and_unknown_stays_apart() -> None:
    pairs, obs, held_out = some_pairs(2_000, 100)
    pairs = [p.model_copy(update={"annotator": f"a{n % 20}"}) for n, p in enumerate(pairs)]
    pairs = [
        p.model_copy(update={"chosen_source": "x", "rejected_source": "y"}) if n % 2 else p for n, p in enumerate(pairs)
    ]
    found = slice_findings(pairs, obs, held_out, draws(obs.group))
    assert len([one for one in found if one["by"] == "annotator"]) == MOST + 1
    assert [one["name"] for one in found if one["by"] == "source pair"] == ["x · y", UNKNOWN]


def test_a_kind_with_one_slice_alone_is_left_out_where_it_says_nothing() -> None:
    pairs, obs, held_out = some_pairs(60, 20)
    found = slice_findings(pairs, obs, held_out, draws(obs.group))
    assert {one["by"] for one in found} == {"language", "length gap"}
    assert [one["name"] for one in found if one["by"] == "language"] == ["en"]


def test_length_gaps_stand_as_they_grow_and_an_edit_has_a_source_pair() -> None:
    pairs, obs, held_out = some_pairs(400, 100)
    pairs = [
        p.model_copy(update={"chosen_source": None, "rejected_source": "m", "is_edit": n % 2 == 0})
        for n, p in enumerate(pairs)
    ]
    found = slice_findings(pairs, obs, held_out, draws(obs.group))
    gaps = [one["name"] for one in found if one["by"] == "length gap"]
    assert gaps == [name for name in GAPS if name in gaps]
    assert {one["name"] for one in found if one["by"] == "source pair"} == {"edit · m", UNKNOWN}


def test_a_weak_slice_is_seen() -> None:
    pairs, obs, held_out = some_pairs(600, 100)
    pairs = [p.model_copy(update={"annotator": "other" if n % 3 == 0 else "same"}) for n, p in enumerate(pairs)]
    wrong = np.array([p.annotator == "other" for p in pairs])
    right = np.abs(held_out.margin) * (2 * obs.outcome - 1)
    found = slice_findings(pairs, obs, HeldOut(np.where(wrong, -right, right), None, right), draws(obs.group))
    by_name = {one["name"]: one for one in found if one["by"] == "annotator"}
    assert (by_name["other"]["accuracy"], by_name["same"]["accuracy"]) == (0, 1)
    assert by_name["same"]["longer_wins"] == 1


def test_a_prompt_that_does_not_tell_its_language_is_told_by_its_answers() -> None:
    pairs = [a_pair("2 + 2 = ?", f"Это четыре, потому что так {n}.", f"Пять {n}.") for n in range(30)]
    obs = observations(pairs)
    found = slice_findings(pairs, obs, HeldOut(np.ones(30), None, np.ones(30)), draws(obs.group))
    assert [(one["name"], one["guessed"]) for one in found if one["by"] == "language"] == [("ru", 30)]


def by_name(found: list[dict[str, Any]], by: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in found if one["by"] == by}


def test_a_language_that_was_read_is_believed_and_only_the_others_are_guessed() -> None:
    pairs, obs, held_out = some_pairs(200, 100)
    pairs = [p.model_copy(update={"language": "ru" if n % 4 else ""}) for n, p in enumerate(pairs)]
    found = by_name(slice_findings(pairs, obs, held_out, draws(obs.group)), "language")
    assert {name: (one["n_pairs"], one["guessed"]) for name, one in found.items()} == {"ru": (150, 0), "en": (50, 50)}


def test_a_topic_on_which_the_model_is_always_wrong_is_seen_and_a_pair_counts_in_each_of_its_topics() -> None:
    pairs, obs, _ = some_pairs(400, 100)
    named = [("health",), ("politics",), ("health", "politics"), ()]
    pairs = [p.model_copy(update={"language": "en", "topics": named[n % 4]}) for n, p in enumerate(pairs)]
    wrong = np.array(["health" in pair.topics for pair in pairs])
    right = 2 * obs.outcome - 1
    held_out = HeldOut(np.where(wrong, -right, right), None, right)
    found = by_name(slice_findings(pairs, obs, held_out, draws(obs.group)), "sensitive topic")
    assert {name: (one["n_pairs"], one["n_prompts"], one["accuracy"]) for name, one in found.items()} == {
        "health": (200, 50, 0.0),
        "politics": (200, 50, 0.5),
        "none": (100, 25, 1.0),
    }
    assert list(found)[-1] == "none"
    low, high = found["politics"]["ci"]
    assert 0.3 < low < 0.5 < high < 0.7


def test_of_a_small_topic_the_counts_are_said_and_no_accuracy() -> None:
    pairs, obs, held_out = some_pairs(200, 100)
    few = {"topics": ("finance",), "language": "en"}
    pairs = [
        p.model_copy(update=few if n < 20 else {"topics": ("health",), "language": ""}) for n, p in enumerate(pairs)
    ]
    pairs[-1] = pairs[-1].model_copy(update={"topics": ()})
    found = by_name(slice_findings(pairs, obs, held_out, draws(obs.group)), "sensitive topic")
    assert list(found) == ["health", "finance", "not read"]
    assert [found["finance"][key] for key in ("n_pairs", "accuracy", "ci", "longer_wins")] == [20, None, None, None]
    assert found["health"]["accuracy"] > 0


def test_pairs_without_any_topic_have_no_slices_by_sensitive_topic() -> None:
    pairs, obs, held_out = some_pairs(200, 100)
    assert not by_name(slice_findings(pairs, obs, held_out, draws(obs.group)), "sensitive topic")


def test_the_card_says_which_languages_were_guessed_and_what_is_too_few() -> None:
    rows = [
        slice_row("language", "en", 0.9) | {"guessed": 7},
        slice_row("language", "ru", 0.6) | {"guessed": 0},
        slice_row("sensitive topic", "sexual-orientation", None),
    ]
    said = slices_in_words({"slices": rows})
    assert "| English | 40 | 10 | 90.0 % | [80.0 %, 95.0 %] | 50.0 % |" in said
    assert "of 7 of 80 pairs was guessed" in said
    assert "| sexual-orientation | 40 | 10 | too few | – | – |" in said
    assert "counts in each of them" in said
    assert "less than 30 pairs or 5 groups" in said
    weak = list(weak_slices({"slices": rows, "metrics": {"accuracy": 0.7}}))
    assert weak == ["Weaker than elsewhere for language Russian: 60.0 %."]


def slice_row(by: str, name: str, accuracy: float | None) -> dict[str, Any]:
    ends = None if accuracy is None else [accuracy - 0.1, accuracy + 0.05]
    longer = None if accuracy is None else 0.5
    return {
        "by": by, "name": name, "n_pairs": 40, "n_prompts": 10, "accuracy": accuracy, "ci": ends, "longer_wins": longer
    }  # fmt: skip
