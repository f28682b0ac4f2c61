"""Tasks of a language or a sensitive topic go to those whom the project names for them."""

import pytest

from data.readings import Reading
from data.routes import shared_out
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


def test_what_is_left_does_not_count_what_was_judged_before_a_route_took_it_away(here: tuple[Store, Project]) -> None:
    store, project = here
    store.add(project.id, [], [a_judgement(RUSSIAN, ("r1",), ("r2",), annotator="ann")])
    assert store.progress(project, "ann").left == 1


def test_what_waits_is_counted_by_route_and_by_person(here: tuple[Store, Project]) -> None:
    store, project = here
    store.add(project.id, [], [a_judgement(PLAIN, ("r1",), ("r2",), annotator="hal")])
    shared = shared_out(project.routes, 2, store.waiting(project.id), ["rita", "hal", "ann"])
    assert shared.of_kind == {"language:ru": 1, "language:en": 2, "topic:health": 1, "topic:politics": 1}
    assert shared.of_person == {who: store.progress(project, who).left for who in ("rita", "hal", "ann")}
    assert shared.of_person == {"rita": 3, "hal": 1, "ann": 1}
    assert (shared.nobody, shared.too_few) == ({}, 1)
    assert store.annotators(project.id) == ["hal"]


def test_two_routes_that_name_nobody_in_common_leave_a_task_to_nobody(here: tuple[Store, Project]) -> None:
    store, project = here
    store.keep_readings(project.id, {RUSSIAN.id: Reading("ru", ("health",))})
    apart = {"language:ru": ["rita"], "topic:health": ["hal"]}
    shared = shared_out(apart, 1, store.waiting(project.id), ["rita", "hal"])
    assert (shared.nobody, shared.too_few) == ({";language:ru;topic:health;": 1}, 0)
    assert shared.of_person == {"rita": 1, "hal": 2}


def test_what_a_route_withholds_is_counted_until_it_was_judged(here: tuple[Store, Project]) -> None:
    store, project = here
    assert [store.withheld(project, who) for who in ("rita", "hal", "ann")] == [0, 1, 2]
    store.add(project.id, [], [a_judgement(HEALTH, ("r1",), ("r2",), annotator="ann")])
    assert store.withheld(project, "ann") == 1
    assert store.withheld(project.model_copy(update={"routes": {}}), "ann") == 0
