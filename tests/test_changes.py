"""Cleaning changes tasks by batch, can take it back, and leaves alone what people have judged word by word."""

import json

import pytest

from data.changes import responses_as_text
from data.schemas import Finding, Project, Task
from data.store import Store
from tests.conftest import a_judgement, a_task

TASKS = [a_task(f"Question {n}?", "Yes&amp;no.", "No.") for n in range(3)]


def a_finding(part: str, before: str, after: str | None, task: Task = TASKS[0]) -> Finding:
    return Finding(rule="html", task_id=task.id, part=part, before=before, after=after, why="An entity is left over.")


MENDED = a_finding("response:r1", "Yes&amp;no.", "Yes&no.")


@pytest.fixture
def here(any_store: Store) -> tuple[Store, Project]:
    project = any_store.create_project(Project(name="Here"))
    any_store.add(project.id, TASKS)
    return any_store, project


def text(store: Store, project: Project, response: str = "r1") -> str:
    return store.task(project.id, TASKS[0].id).response(response).text


def test_a_change_is_made_logged_and_undone(here: tuple[Store, Project]) -> None:
    store, project = here
    made = store.apply_changes(project.id, [MENDED, a_finding("prompt:0", "Question 0?", "Question?")], "lea")
    assert (made.done, made.refused) == (2, ())
    assert (text(store, project), store.task(project.id, TASKS[0].id).prompt[0].content) == ("Yes&no.", "Question?")
    log = store.changes(project.id)
    assert {(one.part, one.before, one.after, one.made_by, one.batch) for one in log} == {
        ("response:r1", "Yes&amp;no.", "Yes&no.", "lea", made.batch),
        ("prompt:0", "Question 0?", "Question?", "lea", made.batch),
    }
    assert store.undo_changes(project.id, [one.id for one in log], "bob").done == 2
    assert list(store.tasks(project.id)) == TASKS
    assert {one.undone_by for one in store.changes(project.id)} == {"bob"}
    assert store.undo_changes(project.id, [one.id for one in log], "bob").done == 0


def test_the_file_of_a_changed_task_adds_nothing(here: tuple[Store, Project]) -> None:
    store, project = here
    store.apply_changes(project.id, [MENDED], "lea")
    assert store.add(project.id, TASKS).tasks == 0
    assert text(store, project) == "Yes&no."


def test_what_is_only_pointed_out_changes_nothing(here: tuple[Store, Project]) -> None:
    store, project = here
    assert store.apply_changes(project.id, [a_finding("response:r1", "Yes&amp;no.", None)], "lea").done == 0
    assert list(store.tasks(project.id)) == TASKS


def test_a_text_that_has_changed_since_is_left_alone(here: tuple[Store, Project]) -> None:
    store, project = here
    store.apply_changes(project.id, [MENDED], "lea")
    again = store.apply_changes(project.id, [a_finding("response:r1", "Yes&amp;no.", "Maybe.")], "lea")
    assert "changed since" in again.refused[0].reason
    assert text(store, project) == "Yes&no."


def test_an_older_change_is_undone_only_after_the_newer_one(here: tuple[Store, Project]) -> None:
    store, project = here
    store.apply_changes(project.id, [MENDED], "lea")
    store.apply_changes(project.id, [a_finding("response:r1", "Yes&no.", "Both.")], "lea")
    newer, older = store.changes(project.id)
    assert store.undo_changes(project.id, [older.id], "lea").refused
    assert store.undo_changes(project.id, [older.id, newer.id], "lea").done == 2
    assert text(store, project) == "Yes&amp;no."


@pytest.mark.parametrize(
    ("finding", "says"),
    [
        (a_finding("response:r9", "x", "y"), "changed since"),
        (a_finding("prompt:7", "x", "y"), "changed since"),
        (a_finding("response:r1", "Yes&amp;no.", "x" * 200_001), "longer than"),
        (a_finding("response:r1", "Yes&amp;no.", "y", a_task("Elsewhere?", "A", "B")), "not in this project"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_with_a_sentence(
    here: tuple[Store, Project], finding: Finding, says: str
) -> None:
    store, project = here
    made = store.apply_changes(project.id, [finding, a_finding("response:r2", "No.", "None.")], "lea")
    assert made.done == 1
    assert says in made.refused[0].reason
    assert text(store, project, "r2") == "None."


def test_marked_words_stay_where_they_are(here: tuple[Store, Project]) -> None:
    store, project = here
    flag = {"response_id": "r1", "kind": "toxic", "spans": [{"start": 0, "end": 3}]}
    store.submit(project.id, a_judgement(TASKS[0], ("r2",), ("r1",), flags=[flag]))
    assert "marked words" in store.apply_changes(project.id, [MENDED], "lea").refused[0].reason
    assert store.apply_changes(project.id, [a_finding("response:r2", "No.", "None.")], "lea").done == 1


def test_an_answer_does_not_become_what_an_annotator_made_of_it(here: tuple[Store, Project]) -> None:
    store, project = here
    store.submit(project.id, a_judgement(TASKS[0], edits=[{"response_id": "r1", "text": "Yes&no."}]))
    assert "rewritten" in store.apply_changes(project.id, [MENDED], "lea").refused[0].reason


def test_a_task_in_hand_is_not_changed_under_the_annotator(here: tuple[Store, Project]) -> None:
    store, project = here
    store.assign(project, "ann")
    assert "judging this task now" in store.apply_changes(project.id, [MENDED], "lea").refused[0].reason
    assert store.apply_changes(project.id, [MENDED], "ann").done == 1


def test_what_a_lead_has_begun_to_judge_is_not_changed_by_that_lead_either(here: tuple[Store, Project]) -> None:
    store, project = here
    store.assign(project, "lea")
    assert store.keep_draft(project.id, TASKS[0].id, "lea", 0, {"changed": 1})
    assert "judging this task now" in store.apply_changes(project.id, [MENDED], "lea").refused[0].reason
    assert text(store, project) == "Yes&amp;no."


def test_answers_are_merged_until_somebody_has_judged_them(here: tuple[Store, Project]) -> None:
    store, project = here
    task = a_task("Which?", "Same.", "Same.", "Other.", sources=("a", "b", "c"))
    store.add(project.id, [task])
    before = responses_as_text([one.model_dump() for one in task.responses])
    kept = [one.model_dump() for one in (task.responses[0], task.responses[2])]
    merged = a_finding("responses", before, json.dumps(kept), task)
    assert store.apply_changes(project.id, [merged], "lea").done == 1
    assert [one.id for one in store.task(project.id, task.id).responses] == ["r1", "r3"]
    (change,) = store.changes(project.id)
    store.submit(project.id, a_judgement(task, ("r1",), ("r3",)))
    assert "has been judged" in store.undo_changes(project.id, [change.id], "lea").refused[0].reason


def test_a_task_set_aside_is_given_to_nobody_and_counts_nowhere(here: tuple[Store, Project]) -> None:
    store, project = here
    store.submit(project.id, a_judgement(TASKS[0], ("r1",), ("r2",)))
    aside = [a_finding("task", "", "", task) for task in TASKS[:2]]
    before = store.size(project.id)
    assert store.apply_changes(project.id, aside, "lea").done == 2
    assert list(store.tasks(project.id)) == TASKS[2:]
    assert store.judgements(project.id) == []
    assert store.size(project.id) != before
    progress = store.progress(project, "ann")
    assert (progress.left, progress.tasks) == (1, 1)
    given = store.assign(project, "bob")
    assert given
    assert given.task == TASKS[2]


def test_a_task_taken_back_in_is_given_out_again(here: tuple[Store, Project]) -> None:
    store, project = here
    store.apply_changes(project.id, [a_finding("task", "in", "", TASKS[0])], "lea")
    store.undo_changes(project.id, [store.changes(project.id)[0].id], "lea")
    assert list(store.tasks(project.id)) == TASKS
    given = store.assign(project, "ann")
    assert given
    assert given.task == TASKS[0]


def test_a_prompt_joins_the_split_group_of_another(here: tuple[Store, Project]) -> None:
    store, project = here
    joined = a_finding("group", TASKS[0].group, TASKS[1].group)
    assert store.apply_changes(project.id, [joined], "lea").done == 1
    assert store.task(project.id, TASKS[0].id).group == TASKS[1].group
