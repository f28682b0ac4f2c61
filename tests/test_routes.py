"""Tasks of a language or a sensitive topic go to those whom the project names for them."""

import pytest

from data.readings import Reading
from data.schemas import Project, Task
from data.store import Store
from tests.conftest import a_judgement, a_task

RUSSIAN, HEALTH, PLAIN = (a_task(f"Question {n}?", "Yes.", "No.") for n in range(3))
READ = {RUSSIAN.id: Reading("ru", ()), HEALTH.id: Reading("en", ("health", "politics")), PLAIN.id: Reading("en", ())}


@pytest.fixture
def here(any_store: Store) -> tuple[Store, Project]:
    routes = {"language:ru": ("rita",), "topic:health": ("hal", "rita"), "topic:finance": ()}
    project = any_store.create_project(Project(name="Here", overlap=9, routes=routes))
    any_store.add(project.id, [RUSSIAN, HEALTH, PLAIN])
    any_store.keep_readings(project.id, READ)
    return any_store, project


def given_out(store: Store, project: Project, annotator: str) -> list[str]:
    ids = []
    while found := store.assign(project, annotator):
        ids.append(found.task.id)
        store.submit(project.id, a_judgement(found.task, ("r1",), ("r2",), annotator=annotator), found.base_revision)
    return ids


@pytest.mark.parametrize(
    ("annotator", "tasks"), [("rita", [RUSSIAN, HEALTH, PLAIN]), ("hal", [HEALTH, PLAIN]), ("ann", [PLAIN])]
)
def test_a_task_goes_to_those_who_are_named_for_it(
    here: tuple[Store, Project], annotator: str, tasks: list[Task]
) -> None:
    store, project = here
    assert store.progress(project, annotator).left == len(tasks)
    assert given_out(store, project, annotator) == [task.id for task in tasks]
    assert store.progress(project, annotator).left == 0


def test_what_was_read_comes_back_with_the_task_and_its_pairs(here: tuple[Store, Project]) -> None:
    store, project = here
    found = {task.id: (task.language, task.topics) for task in store.tasks(project.id)}
    assert found == {task_id: tuple(reading) for task_id, reading in READ.items()}


def test_reading_again_replaces_what_was_read(here: tuple[Store, Project]) -> None:
    store, project = here
    before = store.size(project.id)
    store.keep_readings(project.id, {RUSSIAN.id: Reading("en", ())})
    assert store.size(project.id) != before
    assert given_out(store, project, "ann") == [RUSSIAN.id, PLAIN.id]


def test_a_task_that_brings_its_language_and_topics_is_routed_at_once(here: tuple[Store, Project]) -> None:
    store, project = here
    ill = a_task("Ill?", "Yes.", "No.").model_copy(update={"language": "ru", "topics": ("health",)})
    store.add(project.id, [ill])
    assert ill.id in given_out(store, project, "rita")
    assert ill.id not in given_out(store, project, "hal")
