"""What the page Reward model shows of a card: whole, of an older version, and of versions side by side."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.fitting import Fits
from app.lab import versions, where
from app.lab.errors import ties_frame
from app.lab.learning import forecast_frame, forecast_words, learning_chart, stop_words
from app.lab.length import length_words
from app.lab.weighs import ablation_frame, ablation_words, unused
from app.lab.where import about_kind, called, few_words, slice_frame, slices_of, weakest_words
from app.reward_charts import accuracies, beaten_by, not_told_apart
from data.schemas import Project
from data.store import Store
from rankers.pairs import PairRules
from reward_model.fit import FitRules
from tests.test_reward_pages import filled, page, text_of

__all__ = ["filled"]
pytestmark = pytest.mark.usefixtures("shared_store")
BLOCKS = ("learning", "slices", "ties", "length", "ablation", "worst", "calibration", "fit_rules")


def learning(**more: object) -> dict[str, Any]:
    block = {
        "unit": "rankings",
        "total": 400,
        "points": [
            {"n": 80, "n_prompts": 20, "accuracy": 0.6, "low": 0.55, "high": 0.65},
            {"n": 320, "n_prompts": 80, "accuracy": 0.7, "low": 0.66, "high": 0.74},
        ],
        "forecast": {"more": 200, "gain": 0.008, "half": 0.006},
        "doubling": {"more": 400, "gain": 0.014, "half": 0.011},
        "threshold": 0.01,
        "stop": False,
        "why": None,
    }
    return block | more


@pytest.fixture
def fitted(store: Store, filled: Project) -> dict[str, Any]:
    fit = Fits().start(store, filled, PairRules(), "ann", FitRules(families=("surface", "style", "words")))
    assert fit.job.wait(90)
    assert fit.version == 1
    return dict(store.models(filled.id)[0].card)


def open_page() -> AppTest:
    at = page("reward_model")
    assert not at.exception
    return at


def test_a_fitted_version_is_shown_whole_and_an_older_one_with_what_it_has(
    store: Store, filled: Project, fitted: dict[str, Any]
) -> None:
    at = open_page()
    assert fitted["fit_rules"]["families"] == ["surface", "style", "words"]
    assert stop_words(fitted["learning"]) in text_of(at)
    assert [tab.label for tab in at.tabs] == [
        "Probabilities", "Where", "What weighs", "Length", "Errors", "Versions (1)", "Card",
    ]  # fmt: skip
    assert {"Calibration error", "Slope"} <= {m.label for m in at.metric}
    old = {key: value for key, value in fitted.items() if key not in BLOCKS} | {"format": 1}
    new = ("ece", "markdown", "position", "log_loss_ci", "brier_ci")
    old["metrics"] = {key: value for key, value in fitted["metrics"].items() if not key.startswith(new)}
    store.save_model(filled.id, old, store.model_weights(filled.id, 1), "bob")
    at = open_page()
    assert "fitted before its errors were kept" in text_of(at)
    assert "Calibration error" not in {m.label for m in at.metric}
    table = next(d.value for d in at.dataframe if "Fingerprint" in d.value.columns)
    assert table["Against the one before"].tolist() == ["cannot be compared", ""]
    assert "made by another version of Rankdesk" in text_of(at)


def test_a_version_that_got_surely_worse_is_said_in_red_and_in_words(
    store: Store, filled: Project, fitted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save_model(filled.id, fitted, store.model_weights(filled.id, 1), "bob")
    gain = {"before": 0.8, "after": 0.7, "difference": -0.1, "ci": [-0.15, -0.05], "p": 0.001}
    found = {"n_pairs": 60, "n_prompts": 30, "n_decided": 60, "accuracy": gain, "log_loss": gain, "verdict": "worse"}
    monkeypatch.setattr(versions, "compared", lambda *_: found)
    at = open_page()
    assert any("right less often" in error.value and "−10.0 ± 5.0 points" in error.value for error in at.error)
    table = next(d for d in at.dataframe if "Fingerprint" in d.value.columns)
    assert table.value["Against the one before"][0] == "−10.0 ± 5.0 points: worse"
    assert versions.RED in str(table.proto)


def test_two_equal_versions_cannot_be_told_apart(store: Store, filled: Project, fitted: dict[str, Any]) -> None:
    store.save_model(filled.id, fitted, store.model_weights(filled.id, 1), "bob")
    at = open_page()
    assert any("cannot tell" in info.value for info in at.info)


def test_without_a_family_nothing_can_be_fitted_and_that_is_said(filled: Project) -> None:
    at = open_page()
    for box in at.checkbox:
        if str(box.key).startswith("reward_family_"):
            box.uncheck()
    at.run()
    assert at.button(key="reward_fit").disabled
    assert "choose at least one kind" in text_of(at)


def test_the_choices_of_a_fit_reach_it(store: Store, filled: Project) -> None:
    at = open_page()
    for box in at.checkbox:
        if str(box.key).startswith("reward_family_") and box.key != "reward_family_surface":
            box.uncheck()
    at.checkbox(key="reward_without_length").check()
    at.checkbox(key="reward_calibrated").uncheck()
    at.run()
    at.button(key="reward_fit").click().run()
    assert at.session_state["reward_mine"].job.wait(90)
    rules = store.models(filled.id)[0].card["fit_rules"]
    assert rules["families"] == ["surface"]
    assert (rules["without_length"], rules["calibrated"]) == (True, False)


def test_the_forecast_goes_on_from_the_curve_and_is_its_title() -> None:
    assert forecast_words(learning()) == "200 more rankings: about +0.8 ± 0.6 points"
    ahead = forecast_frame(learning())
    assert ahead["Rankings"].tolist() == [320, 600, 800]
    assert ahead["Accuracy"].round(3).tolist() == [0.7, 0.708, 0.714]
    assert forecast_frame(learning(forecast=None, doubling=None)).empty
    card = {"learning": learning(), "metrics": {"longer_wins": 0.58}, "human_ceiling": {"accuracy": 0.8}}
    drawn = json.dumps(learning_chart(card).to_dict())
    assert '"strokeDash": [6, 4]' in drawn
    assert '"strokeDash": [2, 3]' in drawn


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (learning(), "Go on: twice as many rankings would bring about +1.4 ± 1.1 points."),
        (learning(stop=True, why="flat"), "Enough: even twice as many"),
        (learning(stop=True, why="ceiling"), "Enough: the model agrees with people as often"),
        (learning(forecast=None, doubling=None), "Go on: there is no forecast yet"),
    ],
)
def test_the_stop_rule_is_said_in_words(block: dict[str, Any], words: str) -> None:
    assert stop_words(block).startswith(words)


def a_slice(name: str, accuracy: float, high: float) -> dict[str, Any]:
    ends = [accuracy - 0.1, high]
    return {"by": "topic", "name": name, "n_pairs": 9, "n_prompts": 3, "accuracy": accuracy, "ci": ends,
            "longer_wins": 0.5}  # fmt: skip


def test_parts_that_are_surely_weaker_are_named() -> None:
    rows = [a_slice("cooking", 0.6, 0.65), a_slice("law", 0.68, 0.8)]
    assert weakest_words(rows, 0.7) == "Surely weaker than the whole (70.0%): cooking (60%, 50–65%)."
    assert weakest_words(rows[1:], 0.7).startswith("No part is surely weaker")
    assert list(slices_of({"slices": rows})) == ["topic"]
    assert slice_frame(rows)["Longer wins"].tolist() == [0.5, 0.5]


def test_sensitive_topics_and_languages_are_called_as_people_know_them(monkeypatch: pytest.MonkeyPatch) -> None:
    health = a_slice("health", 0.6, 0.65) | {"by": "sensitive topic"}
    own, russian = health | {"name": "our-own-topic"}, a_slice("ru", 0.6, 0.65) | {"by": "language"}
    unread = russian | {"name": "not read"}
    assert [called(row) for row in (health, own, russian, unread)] == ["Health", "our-own-topic", "Russian", "not read"]
    monkeypatch.setattr(where, "_", str.upper)
    assert called(russian | {"name": "unknown"}) == "UNKNOWN"  # ours, so translated
    assert called(russian | {"name": "Latin script"}) == "Latin script"  # a card of an earlier version


def test_of_parts_that_are_too_small_the_counts_are_said_and_nothing_is_drawn() -> None:
    nothing = {"accuracy": None, "ci": None, "longer_wins": None}
    rows = [a_slice("health", 0.8, 0.9), a_slice("finance", 0.1, 0.2) | nothing]
    rows = [row | {"by": "sensitive topic"} for row in rows]
    assert few_words(rows) == "Too few, under 30 pairs or 5 prompts: Finance (pairs: 9, prompts: 3)."
    assert few_words(rows[:1]) == ""
    assert weakest_words(rows, 0.7).startswith("No part is surely weaker")
    assert slice_frame(rows)["Value"].isna().tolist() == [False, True]
    assert "counts in each" in " ".join(about_kind(rows))


def test_the_page_says_what_was_guessed() -> None:
    rows = [a_slice("en", 0.8, 0.9) | {"by": "language", "guessed": n} for n in (0, 7)]
    assert "The language of 7 of 18 pairs is guessed" in " ".join(about_kind(rows))
    assert "guessed" not in " ".join(about_kind(rows[:1]))
    assert "These topics are guessed" in " ".join(about_kind([a_slice("bread, oven", 0.8, 0.9)]))


def test_families_ties_length_and_rulers_are_worded_from_the_card() -> None:
    rows = [
        {"family": "words", "accuracy_without": 0.6, "difference": 0.1, "ci": [0.05, 0.15], "accuracy_alone": 0.6},
        {"family": "style", "accuracy_without": 0.7, "difference": 0.0, "ci": [-0.05, 0.05], "accuracy_alone": 0.5},
    ]
    assert ablation_words(ablation_frame({"ablation": rows})) == "Most is lost without “Words”: −10.0 points"
    assert ablation_words(ablation_frame({"ablation": rows[1:]})).startswith("No single family")
    assert unused({"fit_rules": {"families": ["surface"]}}, "ngrams").endswith("fitted without them.")
    assert unused({}, "ngrams").endswith("did not help on unseen prompts.")
    assert ties_frame({"counts": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}).iloc[1, 2] == 5
    assert "no ruler" in length_words({"length": {"equal_length": {"accuracy": 0.6, "ci": [0.55, 0.7]}}})
    assert "coin's luck" in length_words({"length": {"equal_length": {"accuracy": 0.6, "ci": [0.45, 0.7]}}})
    assert length_words({"length": {"equal_length": None}}).startswith("No pair has answers")
    found = {name: 0.6 for name in ("accuracy", "longer_wins", "position_only", "markdown_only")}
    ends = {f"{name}_ci": [0.5, 0.7] for name in found}
    gains = {
        name: {"difference": 0.0, "ci": [low, 0.1]} for name, low in (("position_only", 0.01), ("markdown_only", -0.1))
    }
    card = {"metrics": {**found, **ends, "better_than": gains, "position_n_pairs": 100}}
    few = {"metrics": {**card["metrics"], "position_n_pairs": 99}}
    assert accuracies(few)["what"].tolist() == ["Longer wins", "Markdown only", "This model"]
    assert not_told_apart(card) == ["Markdown only"]
    worse = {"markdown_only": {"difference": -0.1, "ci": [-0.2, -0.01]}}
    beaten = {"metrics": {**card["metrics"], "better_than": worse}}
    assert (not_told_apart(beaten), beaten_by(beaten)) == ([], ["Markdown only"])
    assert accuracies(card)["what"].tolist() == ["Longer wins", "Shown first wins", "Markdown only", "This model"]
