"""The Rank and Guideline screens, run by AppTest on a real SQLite store."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.session import Person
from data.schemas import Project
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


def part(at: AppTest, name: str) -> dict[str, Any]:
    """What one part of the board was given."""
    found = [json.loads(element.proto.json) for element in at.get("bidi_component")]
    return next(data for data in found if data["part"] == name)


def send(at: AppTest, **values: Any) -> AppTest:
    strip = part(at, "strip")
    sent = {"kind": "judge", "ranking": [["A"]], "seconds": 3} | {k: strip[k] for k in ("project", "task", "revision")}
    at.session_state["rank_strip"] = {"submission": sent | values}
    return at.run()


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


def test_a_project_without_tasks_says_so(project: Project) -> None:
    assert rank_page().subheader[0].value == "No tasks yet"


def test_the_browser_gets_letters_and_text_but_no_sources_and_no_ids(filled: Project) -> None:
    at = rank_page()
    shown = json.dumps([part(at, "cards"), part(at, "strip")])
    for hidden in ("gpt", "llama", "human", '"r1"', '"r2"', '"r3"'):
        assert hidden not in shown
    assert [answer["letter"] for answer in part(at, "cards")["answers"]] == ["A", "B", "C"]
    assert "<math" in shown
    assert not at.exception


def test_a_submission_is_stored_and_the_next_task_comes_from_the_database(store: Store, filled: Project) -> None:
    at = rank_page()
    first = part(at, "strip")["task"]
    at = send(at, number="n1", ranking=[["B", "C"], ["A"]])
    kept = store.latest(filled.id, first, "local")
    assert kept
    strip = part(at, "strip")
    assert strip["task"] != first
    assert (strip["answered"], strip["error"], strip["count"]) == ("n1", "", 1)
    assert strip["last"] == {"task": first, "revision": 1, "saved": kept.idempotency_key}
    assert part(at, "cards")["progress"] == "Task 2 of 3 · 1 today"
    assert len(store.judgements(filled.id)) == 1


def test_running_again_with_the_same_message_stores_nothing_more(store: Store, filled: Project) -> None:
    at = send(rank_page(), number="n1")
    task = part(at, "strip")["task"]
    assert part(at.run(), "strip")["task"] == task
    assert len(store.judgements(filled.id)) == 1


def test_a_new_session_that_repeats_an_old_message_goes_on_quietly(store: Store, filled: Project) -> None:
    at = rank_page()
    here = {name: part(at, "strip")[name] for name in ("project", "task", "revision")}
    sent = {"kind": "judge", "number": "n1", "ranking": [["A"]]} | here
    for _ in range(2):
        at = rank_page()
        at.session_state["rank_strip"] = {"submission": sent}
        at.run()
        assert (part(at, "strip")["error"], part(at, "strip")["note"]) == ("", "")
    assert len(store.judgements(filled.id)) == 1


def test_a_wrong_message_is_answered_with_one_sentence_and_the_task_stays(store: Store, filled: Project) -> None:
    at = rank_page()
    task = part(at, "strip")["task"]
    at = send(at, number="n1", ranking=[["H"]])
    assert part(at, "strip")["task"] == task
    assert part(at, "strip")["error"] == "This task has no answer H; reload the page and judge again."
    assert not store.judgements(filled.id)
    at = send(at, number="n2")
    assert part(at, "strip")["error"] == ""
    assert len(store.judgements(filled.id)) == 1


def test_undo_shows_the_task_again_with_what_was_submitted(store: Store, filled: Project) -> None:
    at = rank_page()
    first = part(at, "strip")["task"]
    flags = [{"answer": "C", "kind": "off-task", "note": "no"}]
    at = send(at, number="n1", ranking=[["B"], ["A"]], flags=flags, none_acceptable=True, comment="hm")
    at = send(at, number="n2", kind="undo", task=first, revision=1)
    strip = part(at, "strip")
    assert (strip["task"], strip["revision"], strip["last"]) == (first, 2, None)
    assert strip["before"] == {
        "ranking": [["B"], ["A"]],
        "none": True,
        "flags": {"C": {"off-task": "no"}},
        "comment": "hm",
    }
    at = send(at, number="n3", ranking=[["C"]])
    assert part(at, "strip")["task"] != first
    assert [j.revision for j in store.judgements(filled.id)] == [3]


def test_another_project_can_be_opened_after_an_undo(store: Store, filled: Project) -> None:
    other = store.create_project(Project(name="Other"))
    task = a_task("Other?", "a", "b")
    store.add(other.id, [task])
    at = rank_page()
    first = part(at, "strip")["task"]
    at = send(send(at, number="n1"), number="n2", kind="undo", task=first, revision=1)
    at.selectbox(key="project").set_value("Other").run()
    assert not at.exception
    assert part(at, "strip")["task"] == task.id
    at.selectbox(key="project").set_value("Test").run()
    assert part(at, "strip")["task"] == first


def test_when_all_is_judged_the_page_says_so_and_the_last_can_still_be_taken_back(filled: Project) -> None:
    at = rank_page()
    for number in range(3):
        at = send(at, number=f"n{number}")
    assert at.subheader[0].value == "Nothing left to judge"
    strip = part(at, "strip")
    assert (strip["task"], strip["count"]) == (None, 3)
    at = send(at, kind="undo", number="n9", task=strip["last"]["task"], revision=strip["last"]["revision"])
    assert part(at, "strip")["task"] == strip["last"]["task"]


def test_a_skipped_task_does_not_come_back_and_counts_as_skipped(store: Store, filled: Project) -> None:
    at = rank_page()
    first = part(at, "strip")["task"]
    at = send(at, number="n1", kind="skip", reason="language")
    assert part(at, "strip")["task"] != first
    assert part(at, "strip")["saved_text"].startswith("Skipped")
    assert [j.skip_reason for j in store.judgements(filled.id, status="skipped")] == ["language"]


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
