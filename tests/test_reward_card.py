"""The card of a fitted version: whole, readable, and honest about what it cannot say."""

import json
import re
from typing import Any

import pytest

from data.schemas import PreferencePair
from reward_model.card import SECTIONS, as_json, markdown, without_names
from reward_model.card_words import cell, code
from reward_model.fit import FitRules
from reward_model.training import trained
from tests.preferences_made import made_pairs

KEYS = {"metrics", "calibration", "length", "slices", "ties", "learning", "ablation", "worst", "fit_rules"}


def judged_pairs() -> list[PreferencePair]:
    """Pairs with everything that a card can speak of: sources, places, people, ties."""
    pairs = made_pairs(15, each=12)
    return [
        pair.model_copy(
            update={
                "annotator": f"person {n % 3}",
                "chosen_source": "one",
                "rejected_source": f"other {n % 2}",
                "chosen_place": 1 + n % 2,
                "rejected_place": 2 - n % 2,
                "tie": n % 9 == 0,
            }
        )
        for n, pair in enumerate(pairs)
    ]


@pytest.fixture(scope="module")
def card() -> dict[str, Any]:
    return dict(trained(judged_pairs(), rules=FitRules(("surface", "style", "words"))).card)


def test_a_fit_leaves_nothing_off_the_card(card: dict[str, Any]) -> None:
    assert set(card) >= KEYS
    rulers = {"longer_wins", "surface_only", "markdown_only", "position_only"}
    assert set(card["metrics"]["better_than"]) == rulers
    assert all(f"{name}_ci" in card["metrics"] for name in rulers | {"accuracy", "log_loss", "brier", "ece"})
    assert card["metrics"]["position_n_pairs"] == card["metrics"]["n_pairs"] - card["metrics"]["n_ties"]
    assert [row["family"] for row in card["ablation"]] == ["surface", "style", "words"]
    assert card["ties"]["n"] == card["metrics"]["n_ties"] == 20
    assert sum(map(sum, card["ties"]["counts"])) == 180
    assert {one["by"] for one in card["slices"]} == {"language", "length gap", "source pair", "annotator"}


def test_ablation_and_curve_are_of_the_model_on_the_card(card: dict[str, Any]) -> None:
    words, accuracy = card["ablation"][-1], card["metrics"]["accuracy"]
    assert words["difference"] == pytest.approx(accuracy - words["accuracy_without"])
    assert words["accuracy_alone"] > 0.7
    points = card["learning"]["points"]
    assert points[-1]["accuracy"] == pytest.approx(accuracy)
    assert points[0]["n"] < points[-1]["n"] < card["learning"]["total"] == 45


def test_calibration_says_what_the_slope_did(card: dict[str, Any]) -> None:
    block = card["calibration"]
    assert block["slope"] == card["choice"]["slope"]
    assert block["log_loss_after"] == pytest.approx(card["metrics"]["log_loss"])
    plain = trained(judged_pairs(), rules=FitRules(("surface",), calibrated=False)).card
    assert plain["calibration"]["corrected"] is False
    assert plain["calibration"]["log_loss_before"] == pytest.approx(plain["metrics"]["log_loss"])


def test_length_taken_out_is_said_and_done() -> None:
    pairs = [p.model_copy(update={"chosen": p.chosen + " tree" * (n % 9)}) for n, p in enumerate(made_pairs(12))]
    rules = FitRules(("surface",))
    with_it, without = (trained(pairs, rules=rules._replace(without_length=out)).card for out in (False, True))
    assert (with_it["length"]["removed"], without["length"]["removed"]) == (False, True)
    assert without["length"]["correlation"] < with_it["length"]["correlation"]


def test_the_card_is_json_without_anything_that_json_lacks(card: dict[str, Any]) -> None:
    assert json.loads(as_json(card))["learning"] == card["learning"]


def test_the_markdown_holds_every_block(card: dict[str, Any]) -> None:
    whole = card | {
        "version": 3,
        "judgements": 90,
        "human_ceiling": {"accuracy": 0.9, "ci": [0.85, 0.95], "n_pairs": 10, "n_prompts": 5},
        "left_out": {"response not ranked": 4},
    }
    text = markdown(whole)
    heads = re.findall(r"^## (.+)$", text, re.M)
    assert heads == [
        *(
            "What it was fitted on",
            "How it was fitted and tested",
            "How good it is",
            "Length",
            "Where it holds",
            "Ties",
        ),
        *("What more rankings would bring", "What carries it", "What weighs most", "The pairs it gets most wrong"),
        "Limits",
    ]
    assert "# Reward model, version 3" in text
    for said in (
        "Two people agree",
        "The one shown first wins",
        "Markdown alone",
        "| By annotator |",
        "response not ranked",
    ):
        assert said in text
    assert "nan" not in text.lower().split()


def test_every_row_of_a_table_has_as_many_cells_as_its_head(card: dict[str, Any]) -> None:
    lines = markdown(card).splitlines()
    for n, line in enumerate(lines):
        if line.startswith("| ---"):
            rows = [lines[n - 1], *lines[n : lines.index("", n)]]
            assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1


def test_a_card_of_an_earlier_version_is_still_written(card: dict[str, Any]) -> None:
    old = {key: value for key, value in card.items() if key not in KEYS - {"metrics"}}
    assert "## How good it is" in markdown(old)
    assert "## Ties" not in markdown(old)
    assert len(SECTIONS) == 13


def test_what_others_wrote_has_no_meaning_in_the_markdown() -> None:
    assert cell("a|b\n<b>*c*") == r"a\|b \<b\>\*c\*"
    assert code("x ``` y", block=True).startswith("````text\n")
    assert code("a`b") == "``a`b``"


def test_annotators_can_be_numbers(card: dict[str, Any]) -> None:
    hidden = without_names(card)
    assert "person 1" in as_json(card)
    assert not re.search(r"person \d", as_json(hidden))
    assert {one["name"] for one in hidden["slices"] if one["by"] == "annotator"} == {
        f"annotator {n}" for n in (1, 2, 3)
    }
    assert [one["margin"] for one in hidden["worst"]] == [one["margin"] for one in card["worst"]]
