"""The pages Reward model and Try it on a real store, and the fits that run beside them."""

import json
import time
from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app import fitting, session
from app.fitting import Fits, fits
from app.reward_charts import (
    CEILING,
    accuracies,
    accuracy_chart,
    finding,
    reliability_chart,
    strongest_frame,
)
from app.session import Person, Role
from data.schemas import Judgement, Project, Task
from data.store import Store
from rankers.pairs import PairRules
from reward_model.model import model_from
from reward_model.training import Step
from tests.conftest import MAIN, a_judgement, a_task
from tests.preferences_made import made_pairs

pytestmark = pytest.mark.usefixtures("shared_store")


def judged(n: int = 30) -> tuple[list[Task], list[Judgement]]:
    pairs = made_pairs(n, each=1, noise=0.05)
    tasks = [a_task(p.prompt[0].content, p.chosen, p.rejected) for p in pairs]
    return tasks, [a_judgement(task, ("r1",), ("r2",), annotator=who) for task in tasks for who in ("ann", "robert")]


@pytest.fixture
def filled(store: Store, project: Project) -> Project:
    store.add(project.id, *judged())
    return project


@pytest.fixture
def with_model(store: Store, filled: Project) -> Project:
    fit = Fits().start(store, filled, PairRules(), "ann")
    assert fit.job.wait(60)
    assert fit.version == 1
    return filled


def page(name: str) -> AppTest:
    return AppTest.from_file(MAIN, default_timeout=60).run().switch_page(f"screens/{name}.py").run()


def text_of(at: AppTest) -> str:
    shown = [at.markdown, at.caption, at.subheader, at.error, at.info, at.success]
    return "\n".join(str(element.value) for kind in shown for element in kind)


def test_a_fit_from_the_page_becomes_a_stored_version_with_its_card(store: Store, filled: Project) -> None:
    at = page("reward_model")
    assert "No model has been fitted yet" in text_of(at)
    at.button(key="reward_fit").click().run()
    fit = fits().of(filled.id)
    assert fit
    assert fit.job.wait(60)
    at.run()
    assert not at.exception
    assert "Version 1 is fitted and stored." in text_of(at)
    (stored,) = store.models(filled.id)
    assert stored.created_by == "local"
    assert stored.card["metrics"]["n_pairs"] == stored.card["judgements"] == 60
    assert stored.card["pair_rules"] == {"weighting": "2/k", "flags": "never chosen"}
    assert stored.card["human_ceiling"]["accuracy"] == 1.0
    model = model_from(stored.card, store.model_weights(filled.id, 1))
    assert len(model.scores([("p", "careful"), ("p", "dunno")])) == 2


def test_the_page_answers_first_and_shows_every_version(store: Store, with_model: Project) -> None:
    card = store.models(with_model.id)[0].card
    store.save_model(with_model.id, card, store.model_weights(with_model.id, 1), "bob")
    at = page("reward_model")
    assert not at.exception
    assert at.subheader[0].value == finding(card)
    assert at.selectbox(key="reward_version").value == 2
    assert {m.label for m in at.metric} >= {"Held-out accuracy", "Log-loss", "Brier score", "Pairs", "Prompts"}
    versions = next(d.value for d in at.dataframe if "Fingerprint" in d.value.columns)
    assert versions["Version"].tolist() == [2, 1]
    assert versions["By"].tolist() == ["bob", "ann"]
    at.selectbox(key="reward_version").set_value(1).run()
    assert at.download_button(key="reward_card").label == "Download card of version 1 as JSON"


def slow_fit(_order: object, report: Callable[[Step], None]) -> None:
    report(Step(3, 10, "Fitting"))
    time.sleep(600)


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_fit_under_way_is_shown_with_a_way_to_cancel_it_at_once(
    store: Store, filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "fitted_apart", slow_fit)
    at = page("reward_model")
    at.button(key="reward_fit").click().run()
    fit = fits().of(filled.id)
    assert fit
    until(lambda: fit.job.progress.done == 3)
    at.run()
    assert not at.exception
    assert fits().start(store, filled, PairRules(), "other") is fit
    at.button(key="reward_cancel").click().run()
    assert fit.job.wait(20)
    at.run()
    assert "The fit was cancelled. Nothing was stored." in text_of(at)
    assert store.models(filled.id) == []


def test_too_few_judgements_are_said_on_the_page(store: Store, project: Project) -> None:
    store.add(project.id, *judged(3))
    at = page("reward_model")
    at.button(key="reward_fit").click().run()
    fit = fits().of(project.id)
    assert fit
    assert fit.job.wait(60)
    at.run()
    assert "at least 20 such pairs on at least 5 prompts" in text_of(at)


def broken_fit(_order: object, _report: object) -> None:
    raise RuntimeError("planted")


def test_a_fault_in_a_fit_is_said_and_not_swallowed(
    filled: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fitting, "fitted_apart", broken_fit)
    at = page("reward_model")
    at.button(key="reward_fit").click().run()
    fit = fits().of(filled.id)
    assert fit
    assert fit.job.wait(60)
    at.run()
    assert "server's log" in text_of(at)
    assert "planted" in caplog.text


def test_the_words_of_a_fit_count_and_estimate(filled: Project, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "fitted_apart", broken_fit)
    fit = Fits().start(store, filled, PairRules(), "ann")
    assert fit.job.wait(60)
    fit.job.progress = fitting.FETCHING
    assert fit.words() == "Fetching the judgements"
    fit.job._began, fit.job.progress = time.monotonic() - 30, Step(25, 100, "Fitting")
    assert fit.words() == "Fitting: 25 of 100 small fits, about 90 s left"


@pytest.mark.parametrize("name", ["reward_model", "try_it"])
def test_pages_without_a_project_or_a_model_offer_the_next_step(name: str, store: Store) -> None:
    at = page(name)
    assert not at.exception
    assert "as soon as there is a project" in text_of(at)
    store.create_project(Project(name="Empty"))
    at = page(name)
    assert not at.exception
    assert not at.metric


@pytest.mark.parametrize("role", ["annotator", "reviewer"])
def test_annotators_never_reach_the_models_pages(
    role: Role, with_model: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "person", lambda: Person("ann", role))
    for name in ("reward_model", "try_it"):
        with pytest.raises(ValueError, match="Could not find a navigation page"):
            page(name)


def a_card(gain: float, low: float, high: float, ceiling: float | None = 0.8) -> dict[str, object]:
    metrics = {
        "accuracy": 0.7, "accuracy_ci": [0.65, 0.75], "longer_wins": 0.6, "longer_wins_ci": [0.55, 0.65],
        "better_than": {"longer_wins": {"difference": gain, "ci": [low, high]}},
        "reliability": [{"low": 0.5, "high": 0.55, "n": 9, "said": 0.52, "was": 0.5}],
    }  # fmt: skip
    return {"metrics": metrics, "human_ceiling": ceiling and {"accuracy": ceiling, "ci": [0.7, 0.9]}}


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        (a_card(0.1, 0.05, 0.15), "Better than length by 10 ± 5 points. A ruler would get 60%, this model 70%; two"),
        (a_card(-0.1, -0.15, -0.05), "Worse than length by 10 ± 5 points."),
        (a_card(0.01, -0.05, 0.07), "No better than length, as far as these pairs can tell (+1 ± 6 points)."),
        (a_card(0.1, 0.05, 0.15, None), "Better than length by 10 ± 5 points. A ruler would get 60%, this model 70%."),
    ],
)
def test_the_finding_says_whether_it_is_a_model_or_a_ruler(card: dict[str, object], sentence: str) -> None:
    assert finding(card).startswith(sentence)


def test_the_rulers_stand_beside_the_model_with_their_lines() -> None:
    with_people, alone = a_card(0.1, 0.05, 0.15), a_card(0.1, 0.05, 0.15, None)
    assert accuracies(with_people)["what"].tolist() == ["Longer wins", "This model", CEILING]
    drawn = json.dumps(accuracy_chart(with_people).to_dict())
    assert '"strokeDash": [6, 4]' in drawn
    assert '"strokeDash": [2, 3]' in drawn
    assert '"strokeDash": [2, 3]' not in json.dumps(accuracy_chart(alone).to_dict())
    assert reliability_chart(alone).to_dict()["title"]["text"].startswith("Can its probabilities")


def test_the_strongest_features_are_listed_each_way() -> None:
    strongest = {
        "surface": [{"family": "surface", "name": n, "weight": w, "also": []} for n, w in (("A", 1), ("B", -2))]
    }
    frame = strongest_frame({"strongest": strongest}, "surface")
    assert frame[["Feature", "Direction"]].to_numpy().tolist() == [["A", "adds"], ["B", "takes away"]]
    assert isinstance(strongest_frame({"strongest": {"ngrams": []}}, "ngrams"), pd.DataFrame)
