"""The Rank and Guideline screens, run by AppTest on a real SQLite store."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.session import Person
from data.schemas import Criterion, FlagKind, Project
from data.store import Store
from tests.conftest import MAIN, a_task

pytestmark = pytest.mark.usefixtures("shared_store")


@pytest.fixture
def filled(store: Store, project: Project) -> Project:
    tasks = [a_task(f"Question {n}?", "one", "two $x^2$", "three", sources=("gpt", "llama", "human")) for n in range(3)]
    store.add(project.id, tasks)
    return project


def rank_page() -> AppTest:
    return AppTest.from_file(MAIN, default_timeout=20).run()


def board(at: AppTest) -> dict[str, Any]:
    """What the board was given."""
    given: list[dict[str, Any]] = [json.loads(element.proto.json) for element in at.get("bidi_component")]
    return next(data for data in given if "view" in data)


def test_without_a_project_the_page_says_what_will_appear_and_offers_the_next_step() -> None:
    at = rank_page()
    assert at.title[0].value == "Rank"
    assert at.subheader[0].value == "No project yet"
    assert not at.exception
    at.button(key="rank_load").click().run()
    assert at.title[0].value == "Data"


def test_an_annotator_is_not_sent_to_a_page_that_is_not_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "person", lambda: Person("ann", "annotator"))
    at = AppTest.from_file(MAIN, default_timeout=20).run()
    assert at.subheader[0].value == "No project yet"
    assert not at.button


def test_a_project_without_tasks_offers_to_load_some(project: Project) -> None:
    at = rank_page()
    assert at.subheader[0].value == "No tasks yet"
    assert at.button(key="rank_load").label == "Load file"


def test_the_board_gets_the_task_and_a_ticket_but_no_sources_and_no_ids(filled: Project) -> None:
    at = rank_page()
    shown = json.dumps(board(at))
    for hidden in ("gpt", "llama", "human", '"r1"', '"r2"', '"r3"'):
        assert hidden not in shown
    assert [answer["letter"] for answer in board(at)["view"]["answers"]] == ["A", "B", "C"]
    assert board(at)["page"]["ticket"]
    assert not at.exception
    assert not at.button


def test_every_run_of_the_page_brings_a_new_stamp_and_the_same_task(filled: Project) -> None:
    at = rank_page()
    first = board(at)
    again = board(at.run())
    assert first["stamp"] != again["stamp"]
    assert first["view"]["key"] == again["view"]["key"]


def test_the_board_knows_what_the_project_asks_for(store: Store, filled: Project) -> None:
    asked = filled.model_copy(
        update={
            "flags": (FlagKind(kind="boring", label="Boring", definition="Puts the reader to sleep."),),
            "criteria": (Criterion(criterion="honest", label="Honest"),),
            "scores": True,
            "review": True,
            "guideline": "# One\n\nfirst\n\n# Two\n\nsecond",
        }
    )
    store.update_project(asked)
    page = board(rank_page())["page"]
    assert [(flag["kind"], flag["label"]) for flag in page["flags"]] == [("boring", "Boring")]
    assert [criterion["criterion"] for criterion in page["criteria"]] == ["honest"]
    assert (page["scores"], page["review"]) == (True, True)
    assert [part["title"] for part in page["guideline"]] == ["One", "Two"]


def test_the_settings_of_a_person_come_back(store: Store, filled: Project) -> None:
    store.keep_settings("local", {"text_size": 130})
    assert board(rank_page())["page"]["settings"]["text_size"] == 130
    store.keep_settings("local", {"text_size": "huge"})
    assert board(rank_page())["page"]["settings"]["text_size"] == 100


def test_another_project_can_be_opened(store: Store, filled: Project) -> None:
    other = store.create_project(Project(name="Other"))
    task = a_task("Other?", "a", "b")
    store.add(other.id, [task])
    at = rank_page()
    at.selectbox(key="project").set_value("Other").run()
    assert not at.exception
    assert board(at)["view"]["task"] == task.id


def guideline_page() -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=20).run()
    return at.switch_page("screens/guideline.py").run()


def test_the_guideline_says_what_will_appear_while_there_is_none(project: Project) -> None:
    at = guideline_page()
    assert "not written a guideline yet" in at.markdown[0].value
    assert not at.exception


def test_a_lead_writes_the_guideline_and_everybody_reads_it(store: Store, project: Project) -> None:
    at = guideline_page()
    at.text_area(key=f"guideline_text_{project.id}").set_value("Be **kind** <script>")
    at.button(key="guideline_save").click().run()
    assert store.projects()[0].guideline == "Be **kind** <script>"
    assert "<strong>kind</strong> &lt;script&gt;" in at.get("html")[0].proto.body


def test_the_guideline_of_one_project_is_never_saved_as_that_of_another(store: Store, project: Project) -> None:
    store.update_project(project.model_copy(update={"guideline": "First rules"}))
    other = store.create_project(Project(name="Other", guideline="Other rules"))
    at = guideline_page()
    at.text_area(key=f"guideline_text_{project.id}").set_value("First, edited")
    at.selectbox(key="project").set_value("Other").run()
    assert at.text_area(key=f"guideline_text_{other.id}").value == "Other rules"
    at.button(key="guideline_save").click().run()
    assert [p.guideline for p in store.projects()] == ["First rules", "Other rules"]


def test_a_guideline_that_is_too_long_is_refused_with_a_sentence(store: Store, project: Project) -> None:
    at = guideline_page()
    at.text_area(key=f"guideline_text_{project.id}").set_value("x" * 200_001)
    at.button(key="guideline_save").click().run()
    assert at.error[0].value.endswith(".")
    assert store.projects()[0].guideline == ""


def test_the_guideline_page_without_a_project_says_what_will_appear() -> None:
    assert "as soon as there is a project" in guideline_page().markdown[0].value


def test_an_annotator_reads_the_guideline_and_cannot_change_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "person", lambda: Person("ann", "annotator"))
    assert not guideline_page().get("text_area")
