"""The page for cleaning on a real store: what is found, applied one by one or by rule, logged and taken back."""

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.cleaning_jobs import Found, jobs, looking, worded
from app.material import SAYS, row_name, table_chart, table_frame
from data.cleaning import RULES
from data.report import CHANGED, LANGUAGES, SOURCES, TITLES, TOPICS, Table, report_of
from data.schemas import Project, Task
from data.store import Store
from tests.conftest import MAIN, a_judgement, a_task

pytestmark = pytest.mark.usefixtures("shared_store")
QUESTION = "Which of these would you rather say to a friend, and why would you?"
BROKEN = [a_task(f"{QUESTION} {n}", f"Donâ€™t do {n}.", "Yes &amp; no, as you like.") for n in range(12)]
SAME = a_task(QUESTION, "The same thing.", "The same thing.", sources=("m-1", "m-2"))


@pytest.fixture
def here(store: Store) -> Project:
    made = store.create_project(Project(name="Here"))
    store.add(made.id, [*BROKEN, SAME])
    return made


def opened() -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/cleaning.py").run()
    assert not at.exception
    return at


def turned_to(at: AppTest, tab: str) -> AppTest:
    """The page with this tab open; the others are not drawn."""
    at.session_state["cleaning_tab"] = tab
    at.run()
    assert not at.exception
    return at


def clicked(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception
    return at


def pressed(at: AppTest, key: str) -> AppTest:
    """Press a button, and wait for the work that it begins."""
    clicked(at, key)
    for project in session.store().projects():
        if job := jobs().of(project.id):
            assert job.wait(60)
    at.run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    parts = [*at.markdown, *at.text, *at.caption, *at.success, *at.warning, *at.info]
    return "\n".join(str(part.value) for part in parts)


def answer(store: Store, here: Project, task: Task, name: str = "r1") -> str:
    return store.task(here.id, task.id).response(name).text


def test_without_a_project_it_says_what_will_be_here() -> None:
    at = opened()
    assert "A project begins with a file" in said(at)


def test_what_is_found_is_counted_and_shown_before_and_after(here: Project, store: Store) -> None:
    at = pressed(opened(), "cleaning_look")
    assert "propose a change" in said(at)
    options = at.selectbox(key=f"cleaning_rule_{here.id}").options
    assert "Wrong encoding (12)" in options
    assert "Leftover HTML (12)" in options
    assert "Don’t do" in said(at)
    assert list(store.tasks(here.id)) == [*BROKEN, SAME]


def test_one_proposal_is_applied_and_the_others_stay(here: Project, store: Store) -> None:
    at = pressed(opened(), "cleaning_look")
    clicked(at, "cleaning_apply_0")
    changed = [task for task in BROKEN if answer(store, here, task) != task.response("r1").text]
    assert len(changed) == 1
    assert "Wrong encoding (11)" in at.selectbox(key=f"cleaning_rule_{here.id}").options
    (change,) = store.changes(here.id)
    assert (change.rule, change.after[:8]) == ("encoding", "Don’t do")


def test_a_rule_is_applied_whole_and_taken_back_whole(here: Project, store: Store) -> None:
    at = pressed(opened(), "cleaning_look")
    pressed(at, "cleaning_apply")
    assert "12 changes were made." in said(at)
    assert all("â€™" not in answer(store, here, task) for task in BROKEN)
    clicked(turned_to(at, "Changes"), "cleaning_undo")
    assert list(store.tasks(here.id)) == [*BROKEN, SAME]
    assert "12 were taken back" in said(at)
    assert "12 changes were made." not in said(at)


def test_answers_that_are_the_same_set_their_task_aside(here: Project, store: Store) -> None:
    at = pressed(opened(), "cleaning_look")
    at.selectbox(key=f"cleaning_rule_{here.id}").set_value("same-answers").run()
    clicked(at, "cleaning_apply_0")
    assert SAME not in list(store.tasks(here.id))
    assert jobs().found[here.id].counts["same-answers"] == 0


def test_a_refused_proposal_says_why(here: Project, store: Store) -> None:
    at = pressed(opened(), "cleaning_look")
    flag = {"response_id": "r1", "kind": "toxic", "spans": [{"start": 0, "end": 3}]}
    for task in BROKEN:
        store.submit(here.id, a_judgement(task, ("r1",), ("r2",), flags=[flag]))
    clicked(at, "cleaning_apply_0")
    assert "marked words" in said(at)
    pressed(at, "cleaning_apply")
    assert "12 proposals were left alone" in said(at)
    assert store.changes(here.id) == []


def test_the_report_counts_draws_and_languages_are_read(here: Project, store: Store) -> None:
    at = pressed(turned_to(opened(), "Report"), "cleaning_read")
    assert "13 tasks were read." in said(at)
    assert {task.language for task in store.tasks(here.id)} <= {"en", ""}
    assert any("Tasks" in list(frame.value.iloc[:, 0]) for frame in at.dataframe)
    assert "In which language are the prompts? Most often English, 13 of 13" in said(at)
    assert "Who wrote the answers? Most often not known, 24 of 26" in said(at)
    charts = at.get("vega_lite_chart")
    assert len(charts) == 6
    assert all(chart.proto.alt for chart in charts)


def test_a_chart_has_a_bar_for_each_row_with_its_number(here: Project, store: Store) -> None:
    report = report_of(store, here)
    (table,) = (one for one in report.tables if one.title == SOURCES)
    frame = table_frame(table, here)
    assert list(frame["name"]) == ["not known", "m-1", "m-2"]
    assert list(frame["said"]) == ["24 · 92%", "1 · 4%", "1 · 4%"]
    drawn = table_chart(table, here, dark=True).to_dict()
    assert {layer["mark"]["type"] for layer in drawn["layer"]} == {"bar", "text"}


def test_every_table_of_the_report_has_a_question(here: Project) -> None:
    assert set(SAYS) == set(TITLES)
    names = {LANGUAGES: "ru", TOPICS: "politics", CHANGED: "html", SOURCES: "ru"}
    rows = {title: row_name(Table(title, "tasks", ()), name, here) for title, name in names.items()}
    assert rows == {LANGUAGES: "Russian", TOPICS: "Politics", CHANGED: "Leftover HTML", SOURCES: "ru"}


def test_an_answer_that_becomes_empty_says_so(store: Store) -> None:
    made = store.create_project(Project(name="Empty"))
    store.add(made.id, [a_task("What?", "<br>", "No.")])
    at = pressed(opened(), "cleaning_look")
    at.selectbox(key=f"cleaning_rule_{made.id}").set_value("html").run()
    assert "Nothing: the text is empty then." in said(at)


def test_a_search_can_be_stopped(here: Project, store: Store) -> None:
    kept: list[Found] = []
    work = looking(store, here, kept.append)
    work.stop()
    assert work.wait(60)
    assert not work.error()


def test_why_is_translated_up_to_what_it_quotes() -> None:
    assert worded("A tag of HTML is left over: “<b>: “x””") == "A tag of HTML is left over: “<b>: “x””"
    assert worded("Something new") == "Something new"


def test_hostile_texts_are_shown_as_they_are(store: Store) -> None:
    made = store.create_project(Project(name="Hostile"))
    store.add(made.id, [a_task("What?", "&amp;<script>alert(1)</script>$x$ :tada: **b**", "No.")])
    at = pressed(opened(), "cleaning_look")
    assert any("<script>" in text.value for text in at.text)
    assert not any("<script>" in str(part.value) for part in at.markdown)


def test_every_rule_says_what_it_does() -> None:
    assert all(rule.label and rule.says.endswith(".") for rule in RULES.values())


def test_offence_says_that_the_lists_alone_mark_where_there_is_no_model(store: Store) -> None:
    made = store.create_project(Project(name="Rude"))
    store.add(made.id, [a_task(QUESTION, "Ask somebody else, you idiot.", "Gladly, when I am back.")])
    at = pressed(opened(), "cleaning_look")
    at.selectbox(key=f"cleaning_rule_{made.id}").set_value("offence").run()
    assert "the lists of words alone mark" in said(at)
