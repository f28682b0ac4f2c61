"""The Flag models page: fit, choose a threshold, look at what is marked."""

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.flag_fitting import collected, fitting, from_sample
from data.schemas import Project
from data.store import Store
from tests.conftest import MAIN, a_judgement, a_task

RUDE, KIND = "You are a stupid idiot, shut the fuck up.", "Water boils at one hundred degrees."


@pytest.fixture
def fitted(shared_store: Store, project: Project) -> Project:
    tasks = [a_task(f"Question {n}?", RUDE, f"{KIND} {n}") for n in range(3)]
    shared_store.add(project.id, tasks, [a_judgement(tasks[0], ("r2",), ("r1",))])
    job = fitting(shared_store, project, "toxic", True, "ann")
    assert job.wait(120)
    assert job.result() == 1
    return project


def opened() -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/flag_models.py").run()
    assert not page.exception
    return page


def test_an_answer_is_flagged_when_half_of_its_judges_flag_it(store: Store, project: Project) -> None:
    task = a_task("Why?", RUDE, KIND)
    flag = {"response_id": "r1", "kind": "toxic"}
    said = [a_judgement(task, ("r2",), annotator="ann", flags=(flag,)), a_judgement(task, ("r2",), annotator="bob")]
    store.add(project.id, [task], said)
    assert [one.flagged for one in collected(store, project.id, "toxic")] == [True, False]
    assert len(from_sample()) == 12_754


@pytest.mark.usefixtures("shared_store", "project")
def test_without_a_model_the_page_offers_to_fit_one_from_the_sample() -> None:
    page = opened()
    assert page.button(key="flags_fit").label == "Fit model"
    assert page.checkbox(key="flags_sample").value


def test_a_lead_chooses_the_threshold_and_sees_what_it_would_mark(fitted: Project, shared_store: Store) -> None:
    page = opened()
    assert page.subheader[1].value == "3 answers to look at"
    assert "next" in str(page.get("page_link")[0].proto)
    page.slider(key="flags_from_toxic").set_value(99).run()
    assert shared_store.project("Test").thresholds == {"toxic": 0.99}
    page.selectbox(key="flags_mode").set_value("after").run()
    assert shared_store.project("Test").suggestions == "after"


def test_an_engineer_cannot_change_thresholds_or_suggestions(fitted: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "person", lambda: session.Person("eve", "engineer"))
    page = opened()
    assert page.slider(key="flags_from_toxic").disabled
    assert page.selectbox(key="flags_mode").disabled
