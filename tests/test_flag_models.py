"""Flag models: the bars on the samples, what they are saved as, and what they say of a text."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from data.errors import InputError
from data.schemas import Project
from data.store import Store
from data.toxicity import comments
from reward_model.flag_choice import STRENGTHS, chosen_strength
from reward_model.flag_evaluation import Flagged, fitted_flag_model, metrics
from reward_model.flag_features import counts
from reward_model.flag_model import FlagModel, fit, flag_model_from, weights_bytes


def nested(found: sparse.csr_matrix, toxic: np.ndarray) -> FlagModel:
    """A fit whose strength was chosen on these comments alone."""
    return fit(found, toxic, chosen_strength(found, toxic, np.arange(len(toxic)), lambda: None)).model({})


def test_toxic_comments_are_told_by_the_published_protocol() -> None:
    made = list(comments("surge"))
    found, toxic = counts([one.text for one in made]), np.array([one.toxic for one in made])
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(toxic, toxic)
    scores = [
        roc_auc_score(toxic[test], nested(found[train], toxic[train]).of_counts(found[test])) for train, test in folds
    ]
    assert np.mean(scores) >= 0.94


def test_offensive_chinese_comments_are_told_on_the_test_part() -> None:
    train, test = list(comments("cold-dev")), list(comments("cold-test"))
    model = nested(counts([one.text for one in train]), np.array([one.toxic for one in train]))
    said = model.probabilities([one.text for one in test]) > 0.5
    assert (said == [one.toxic for one in test]).mean() >= 0.80


@pytest.fixture(scope="module")
def model():
    texts = [Flagged(one.text, one.toxic, str(n)) for n, one in enumerate(comments("surge"))]
    return fitted_flag_model("toxic", texts, lambda: None)


@pytest.mark.parametrize("text", ["You are an idiot, shut up!!!!", "你这个傻子 ok 123", "", "   "])
def test_what_the_words_add_sums_to_the_score(model, text: str) -> None:
    total = sum(passage.adds for passage in model.passages(text)) + model.intercept[0]
    assert 1 / (1 + np.exp(-total)) == pytest.approx(model.probabilities([text])[0], abs=1e-5)


def test_a_saved_model_says_the_same(model) -> None:
    kept, texts = weights_bytes(model), ["You idiot", "Good morning"]
    again = flag_model_from(model.card, kept)
    assert again.probabilities(texts).tolist() == model.probabilities(texts).tolist()
    with pytest.raises(InputError, match="damaged"):
        flag_model_from(model.card, kept[:100])
    with pytest.raises(InputError, match="another version"):
        flag_model_from({**model.card, "format": 0}, kept)


def test_the_strength_is_chosen_without_the_texts_that_are_reported(model) -> None:
    assert model.card["c"] in STRENGTHS
    chance = np.random.default_rng(0)
    found = counts([" ".join(chance.choice(["good", "bad", "so", "it"], 5)) for _ in range(120)])
    by_coin = chance.random(120) < 0.5
    assert chosen_strength(found, by_coin, np.arange(120) // 2, lambda: None) == STRENGTHS[0]


def test_the_card_has_the_curve_with_intervals_beside_prevalence(model) -> None:
    found = model.card["metrics"]
    assert found["prevalence"] == pytest.approx(0.501)
    assert found["average_precision"] > found["prevalence"]
    assert all(point["low"] <= point["precision"] <= point["high"] for point in found["curve"])


def test_average_precision_and_auc_are_those_of_the_books() -> None:
    chance = np.random.default_rng(0)
    flagged, said = chance.random(300) < 0.3, chance.random(300)
    found = metrics(flagged, np.arange(300), said)
    assert found["auc"] == pytest.approx(roc_auc_score(flagged, said))
    assert found["auc_ci"][0] < 0.5 < found["auc_ci"][1]


def test_too_few_flags_are_said_with_counts() -> None:
    with pytest.raises(InputError, match="there are 1 and 30"):
        fitted_flag_model("spam", [Flagged(f"text {n}", n == 0, str(n)) for n in range(31)], lambda: None)


def test_each_kind_has_versions_of_its_own(any_url: str) -> None:
    store = Store(any_url)

    here = store.create_project(Project(name="Test")).id
    for kind in ("toxic", "toxic", "spam"):
        store.save_flag_model(here, kind, {"n": 1}, kind.encode(), "ann")
    assert [(m.kind, m.version) for m in store.flag_models(here)] == [("spam", 1), ("toxic", 2), ("toxic", 1)]
    assert store.flag_versions(here) == {"spam": 1, "toxic": 2}
    assert store.flag_model_weights(here, "toxic", 2) == b"toxic"
    with pytest.raises(InputError, match="fit one first"):
        store.flag_model_weights(here, "spam", 2)
    store.close()
