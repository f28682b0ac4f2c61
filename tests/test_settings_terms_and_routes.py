"""Glossary, words of sensitive topics and routes on the Settings page, on a real store."""

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import session
from app.board.view import Seat, view_of
from app.cleaning_jobs import jobs
from app.glossary import joined, pasted, terms_of
from app.list_editor.list_editor import rows_sent
from app.routing import people_of
from app.topic_jobs import learnings, worth_learning
from app.topic_words import highlighted, seeds_of
from data import cleaning
from data.clean.marks import Mark
from data.errors import InputError
from data.readings import Reading
from data.schemas import Project, Term
from data.store import Store
from tests.conftest import a_judgement, a_task
from tests.test_learned_topics import LEARNED, labelled_project
from tests.test_settings_page import save, settings, shown

pytestmark = pytest.mark.usefixtures("shared_store")
LINES = "wrong,right\ne-mail,email,en\nкофий;кофе;RU\nOpen AI\tOpenAI\n\n"


def row(wrong: str, right: str, language: str = "") -> dict[str, str]:
    return {"wrong": wrong, "right": right, "language": language}


def said(at: AppTest) -> str:
    parts = [*at.markdown, *at.text, *at.caption, *at.success, *at.warning, *at.info, *at.error]
    return "\n".join(str(part.value) for part in parts)


def editor(at: AppTest) -> str:
    kept = at.session_state["settings_opened"]
    return f"settings_glossary_{kept['version']}_{kept['terms_resets']}"


def table(at: AppTest, head: str) -> pd.DataFrame:
    """The table whose first column is headed so."""
    return next(shown.value for shown in at.dataframe if shown.value.columns[0] == head)


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception
    return at


# Glossary


def test_lines_with_commas_semicolons_or_tabs_become_terms() -> None:
    read = pasted(LINES)
    assert read.rows == [row("e-mail", "email", "en"), row("кофий", "кофе", "ru"), row("Open AI", "OpenAI")]
    assert read.faults == []
    assert pasted('"a, b",c').rows == [row("a, b", "c")]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("only one", "Line 2 is not in two or three columns"),
        ("a,b,en,more", "Line 2 is not in two or three columns"),
        ("a,", "Line 2 lacks a term"),
        (f"{'x' * 81},b", "Line 2 has a term of more than 80 characters"),
        (f"{'x' * 200_000},b", "Line 2 is not in two or three columns"),
        ("a,b,English", "“english” is no code of a language"),
    ],
)
def test_a_line_that_is_no_term_is_said_and_the_others_are_taken(line: str, fault: str) -> None:
    read = pasted(f"one,two\n{line}\nthree,four")
    assert read.rows == [row("one", "two"), row("three", "four")]
    assert len(read.faults) == 1
    assert fault in read.faults[0]


def test_of_two_terms_for_one_word_the_later_one_counts_in_its_language() -> None:
    rows = joined([row("a", "b"), row("", "half")], [row("a", "c"), row("a", "d", "en")])
    assert rows == [row("a", "c"), row("a", "d", "en"), row("", "half")]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([row("half", "")], "“half” lacks its other term"),
        ([row("", "half")], "“half” lacks its other term"),
        ([row("a", "b"), row("a ", "c")], "“a” stands in the list twice"),
        ([row("a", "b", "klingon")], "Term “a”"),
    ],
)
def test_a_glossary_that_cannot_be_kept_is_refused(rows: list[dict[str, str]], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        terms_of(rows)


def test_the_browser_sends_terms_as_text_alone() -> None:
    sent = [{"wrong": "a", "right": 7, "evil": "x", "": "made-up"}, "text"]
    assert rows_sent("glossary", sent, []) == [row("a", "")]
    assert len(rows_sent("glossary", [{"wrong": "a"}] * 3000, [])) == 2000


def test_a_glossary_is_kept_with_the_other_settings(store: Store, project: Project) -> None:
    at = settings()
    at.session_state[editor(at)] = {"things": [row("кофий", "кофе", "ru"), row("", "")]}
    save(at)
    assert store.projects()[0].glossary == (Term(wrong="кофий", right="кофе", language="ru"),)
    assert shown(at)[3]["things"] == [row("кофий", "кофе", "ru")]


def test_many_terms_come_in_at_once_beside_what_is_being_written(store: Store, project: Project) -> None:
    at = settings()
    at.session_state[editor(at)] = {"things": [row("first", "1st")]}
    at.text_area(key=f"{editor(at)}_paste").set_value(f"{LINES}broken")
    press(at, "settings_terms_add")
    assert "3 lines were added to the list" in said(at)
    assert "Line 6 is not in two or three columns" in said(at)
    assert store.projects()[0].glossary == ()
    save(at)
    assert [term.wrong for term in store.projects()[0].glossary] == ["first", "e-mail", "кофий", "Open AI"]


def test_of_many_lines_that_are_no_terms_the_first_are_shown_and_the_rest_counted(project: Project) -> None:
    at = settings()
    at.text_area(key=f"{editor(at)}_paste").set_value("broken\n" * 7)
    press(at, "settings_terms_add")
    assert "Line 5 is not" in said(at)
    assert "Line 6 is not" not in said(at)
    assert "And 2 more lines." in said(at)


def test_a_file_in_another_encoding_is_refused_not_half_read(project: Project) -> None:
    at = settings()
    key = editor(at)
    at.file_uploader(key=f"{key}_file").set_value([("terms.csv", "кофий;кофе".encode("cp1251"), "text/csv")])
    press(at, "settings_terms_add")
    assert "terms.csv is not UTF-8; save the file as UTF-8." in said(at)
    assert at.session_state["settings_opened"]["terms"] == []


def test_terms_beyond_the_most_are_left_out_and_not_counted(project: Project) -> None:
    at = settings()
    at.text_area(key=f"{editor(at)}_paste").set_value("\n".join(f"wrong {n},right {n}" for n in range(2_005)))
    press(at, "settings_terms_add")
    assert "2,000 lines were added" in said(at)
    assert "A glossary holds up to 2,000 terms" in said(at)


def test_what_is_wrong_with_the_glossary_names_its_tab_and_nothing_is_saved(store: Store, project: Project) -> None:
    at = settings()
    at.number_input[0].set_value(4)
    at.session_state[editor(at)] = {"things": [row("half", "")]}
    save(at)
    assert "“half” lacks its other term" in at.error[0].value
    assert "What is wrong is said on the tab Glossary." in said(at)
    assert store.projects() == [project]


def test_only_languages_can_be_chosen_also_where_tasks_were_not_read(store: Store, project: Project) -> None:
    store.add(project.id, [a_task("Is it raining in the old town today?", "Yes.", "No.")])
    at = settings()
    assert [*at.segmented_control(key="settings_language").options] == ["English", "Russian", "Chinese"]
    version = at.session_state["settings_opened"]["version"]
    offered = at.selectbox(key=f"settings_route_new_{version}").options
    assert not [one for one in offered if "not read" in one or "not told" in one]


# Words of topics


def words(at: AppTest, topic: str, code: str) -> str:
    return f"settings_words_{at.session_state['settings_opened']['version']}_{topic}_{code}"


def test_words_of_several_topics_and_languages_are_kept_while_others_are_looked_at(
    store: Store, project: Project
) -> None:
    at = settings()
    at.text_area(key=words(at, "politics", "en")).set_value("levy\n\n levy\n-party hat").run()
    at.selectbox(key="settings_topic").set_value("health").run()
    at.segmented_control(key="settings_language").set_value("ru").run()
    at.text_area(key=words(at, "health", "ru")).set_value("градусник").run()
    at.selectbox(key="settings_topic").set_value("politics").run()
    at.segmented_control(key="settings_language").set_value("en").run()
    assert at.text_area(key=words(at, "politics", "en")).value == "levy\n\n levy\n-party hat"
    save(at)
    assert store.projects()[0].seeds == {"politics": {"en": ("levy", "-party hat")}, "health": {"ru": ("градусник",)}}


def test_a_word_that_is_too_long_is_said_and_nothing_is_saved(store: Store, project: Project) -> None:
    at = settings()
    at.text_area(key=words(at, "politics", "en")).set_value("x" * 81).run()
    save(at)
    assert "is longer than 80 characters" in at.error[0].value
    assert store.projects() == [project]
    assert seeds_of({"politics": {"en": " \n-\n"}}) == {}


def test_a_text_is_tried_on_the_words_as_they_are_written_now(project: Project) -> None:
    at = settings()
    at.text_area(key="settings_try").set_value("The levy on <b>windows</b> rose by one half last year.").run()
    assert "No sensitive topic is found" in said(at)
    at.text_area(key=words(at, "politics", "en")).set_value("levy").run()
    drawn = next(one.proto.body for one in at.get("html") if "rd-told" in one.proto.body)
    assert "<mark>levy</mark>" in drawn
    assert "&lt;b&gt;windows" in drawn
    assert "Politics" in said(at)


def test_marks_that_overlap_are_drawn_once_and_nothing_of_the_text_is_lost() -> None:
    marks = (Mark(2, 5, "x"), Mark(0, 4, "x"), Mark(6, 7, "x"))
    assert highlighted("ab&d f<", marks) == "<mark>ab&amp;d</mark> f<mark>&lt;</mark>"


def test_changed_words_offer_to_read_the_tasks_again_and_one_click_does(store: Store, project: Project) -> None:
    task = a_task("Would you like to pay the levy on windows for your house?", "Yes.", "No.")
    store.add(project.id, [task])
    cleaning.read_tasks(store, project)
    at = settings()
    assert "since the tasks were read" not in said(at)
    at.text_area(key=words(at, "politics", "en")).set_value("levy").run()
    save(at)
    assert "since the tasks were read" in said(at)
    told = said(press(at, "settings_read"))
    job = jobs().of(project.id)
    assert job is not None
    assert job.wait(60)
    at.run()
    assert "1 task was read." in told + said(at)  # it may be done before the page is drawn
    assert "since the tasks were read" not in said(at)
    assert store.task(project.id, task.id).topics == ("politics",)


# Learned from labels


def test_labels_are_learned_from_shown_and_forgotten(store: Store) -> None:
    here = labelled_project(store)
    at = settings()
    assert "There are labels enough to learn from" in said(at)
    press(at, "settings_learn")
    assert learnings()[here.id].wait(120)
    at.run()
    assert not at.exception
    rows = table(at, "Topic").set_index("Topic")
    assert list(rows.loc["Politics"]) == [40, "0.00", "1.00", "words and labels"]
    assert list(rows.loc["Religion"]) == [0, "not measured", "not measured", "words alone: too few labels"]
    assert "Learned from 80 judged answers" in said(at)
    assert "since the tasks were read" in said(at)
    press(at, "settings_forget")
    assert store.learned_topics(here.id) is None


def test_learning_is_offered_when_a_fifth_more_labels_are_there() -> None:
    assert not worth_learning(40, {"politics": 19}, None)
    assert not worth_learning(39, {"politics": 20}, None)
    assert worth_learning(40, {"politics": 20}, LEARNED.model_copy(update={"labels": {"politics": 19}}))
    assert worth_learning(200, {"politics": 100}, LEARNED.model_copy(update={"texts": 110, "labels": {"politics": 95}}))
    assert worth_learning(40, {"politics": 20}, None)
    assert not worth_learning(200, {"politics": 23}, LEARNED)
    assert worth_learning(200, {"politics": 24}, LEARNED)


# Routes


def routed(store: Store, project: Project) -> Project:
    tasks = [a_task(f"Question {n}?", "Yes.", "No.") for n in range(3)]
    said = [a_judgement(tasks[2], ("r1",), annotator=who) for who in ("anna", "boris")]
    store.add(project.id, tasks, said)
    store.keep_readings(project.id, {tasks[0].id: Reading("ru", ("politics",)), tasks[1].id: Reading("en", ())})
    return project


def person_rows(at: AppTest) -> dict[str, int]:
    return dict(table(at, "Annotator").itertuples(index=False, name=None))


def route(at: AppTest, kind: str) -> str:
    return f"settings_route_{at.session_state['settings_opened']['version']}_{kind}"


def add_route(at: AppTest, kind: str, people: list[str]) -> None:
    at.selectbox(key=f"settings_route_new_{at.session_state['settings_opened']['version']}").set_value(kind).run()
    at.multiselect(key=route(at, kind)).set_value(people).run()
    assert not at.exception


def test_a_route_is_added_shown_with_its_tasks_and_kept(store: Store, project: Project) -> None:
    routed(store, project)
    at = settings()
    assert "There are no routes" in said(at)
    assert person_rows(at) == {"anna": 2, "boris": 2, "local": 2}
    add_route(at, "language:ru", ["boris"])
    assert at.multiselect(key=route(at, "language:ru")).label == "Language: Russian · 1 open task"
    assert person_rows(at) == {"anna": 1, "local": 1, "boris": 2}
    save(at)
    assert store.projects()[0].routes == {"language:ru": ("boris",)}
    press(at, "settings_unroute_language:ru")
    save(at)
    assert store.projects()[0].routes == {}


def test_routes_that_leave_nobody_or_too_few_are_warned_of(store: Store, project: Project) -> None:
    store.update_project(project.model_copy(update={"overlap": 2}))
    routed(store, project)
    at = settings()
    add_route(at, "language:ru", ["boris"])
    assert "1 open task is to be judged by 2 people" in said(at)
    add_route(at, "topic:politics", ["anna"])
    assert "1 open task can be given to nobody, as no person is named for all of: " in said(at)
    assert "Language: Russian, Topic: Politics." in said(at)
    add_route(at, "language:en", [])
    assert "1 route names nobody and will not be kept." in said(at)


def test_who_has_nothing_to_do_is_said_to_the_lead_and_to_them(store: Store, project: Project) -> None:
    routed(store, project)
    at = settings()
    add_route(at, "language:ru", ["boris"])
    add_route(at, "language:en", ["boris"])
    assert "anna, local have nothing to do at the moment" in said(at)
    save(at)
    here = store.projects()[0]
    assert view_of(Seat(store, here, "anna"))["withheld"] == 2
    assert view_of(Seat(store, here, "boris"))["task"] is not None
    assert people_of(here) == ["anna", "boris", session.person().name]


def test_those_who_are_set_up_to_judge_can_be_named_for_a_route(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = {"auth": {}, "leads": "lea@example.org", "reviewers": ["rob@example.org"], "engineers": ["eve@example.org"]}
    monkeypatch.setattr(st, "secrets", lists)
    monkeypatch.setattr(session, "person", lambda: session.Person("lea@example.org", "lead"))
    assert people_of(project) == ["lea@example.org", "rob@example.org"]
