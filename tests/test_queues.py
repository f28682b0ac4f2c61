"""The queues of what to judge next: filled, given out by shares, blind, with room for second opinions."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.choosing import BY_CHANCE, drawn
from data.errors import InputError
from data.schemas import CONTROL_SHARE, Project, QueuedTask, QueueName, Task
from data.store import Store
from tests.conftest import a_judgement, a_task

NOW = datetime.now(UTC)


def queued(queue: QueueName, *tasks: Task, again: bool = False) -> list[QueuedTask]:
    return [QueuedTask(queue=queue, task_id=t.id, place=n, why="so", again=again) for n, t in enumerate(tasks, 1)]


@pytest.fixture
def tasks() -> list[Task]:
    return [a_task(f"Question {n}?", "Yes.", "No.", "Perhaps.") for n in range(20)]


@pytest.fixture
def here(any_store: Store, tasks: list[Task]) -> tuple[Store, Project]:
    project = any_store.create_project(Project(name="Here", queues={"informative": 0.9}))
    any_store.add(project.id, tasks)
    return any_store, project


def judged_next(store: Store, project: Project, annotator: str) -> tuple[str, QueueName | None]:
    """The task that is given out, judged at once, and the queue that is stored with it."""
    found = store.assign(project, annotator)
    assert found
    made = store.submit(project.id, a_judgement(found.task, ("r1",), annotator=annotator), found.base_revision)
    return found.task.id, made.judgement.queue


def judge_all(store: Store, project: Project, annotator: str) -> None:
    while store.assign(project, annotator):
        judged_next(store, project, annotator)


def test_a_queue_is_given_out_in_its_order_and_the_control_in_the_usual_one(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    back = tasks[::-1]
    store.fill_queue(project.id, "informative", queued("informative", *back))
    given_out = [judged_next(store, project, "ann") for _ in range(len(tasks))]
    by_queue = [task_id for task_id, queue in given_out if queue == "informative"]
    control = [task_id for task_id, queue in given_out if queue == "random"]
    assert by_queue == [t.id for t in back if t.id in by_queue]
    assert control == [t.id for t in tasks if t.id in control]
    assert 1 <= len(control) <= 4
    assert len(by_queue) + len(control) == len(tasks)


def test_where_no_queue_is_on_the_usual_order_holds_and_no_queue_is_named(any_store: Store, tasks: list[Task]) -> None:
    project = any_store.create_project(Project(name="Plain"))
    any_store.add(project.id, tasks)
    any_store.fill_queue(project.id, "informative", queued("informative", *tasks[::-1]))
    assert [judged_next(any_store, project, "ann") for _ in range(3)] == [(t.id, None) for t in tasks[:3]]


def test_an_empty_queue_gives_way_to_the_usual_order(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    assert [judged_next(store, project, "ann") for _ in range(3)] == [(t.id, "random") for t in tasks[:3]]


def test_a_second_opinion_comes_from_another_person_once_and_blind(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    judge_all(store, project, "ann")
    on = project.model_copy(update={"queues": {"disagreement": 0.9}})
    store.update_project(on)
    store.fill_queue(project.id, "disagreement", queued("disagreement", tasks[4], tasks[7], again=True))
    assert store.assign(on, "ann") is None
    found = store.assign(on, "bob")
    assert found
    assert (found.before, found.draft) == (None, None)
    assert [judged_next(store, on, "bob") for _ in range(2)] == [
        (tasks[4].id, "disagreement"),
        (tasks[7].id, "disagreement"),
    ]
    assert store.assign(on, "bob") is None
    assert store.assign(on, "cem") is None
    assert store.queue_sizes(project.id) == {}


def test_filling_a_queue_again_asks_for_no_more_people_while_a_task_waits(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    judge_all(store, project, "ann")
    for queue in ("disagreement", "contested", "disagreement", "disagreement"):
        store.fill_queue(project.id, queue, queued(queue, tasks[0], again=True))
    assert judged_next(store, project, "bob")[0] == tasks[0].id
    assert store.assign(project, "cem") is None
    store.fill_queue(project.id, "contested", queued("contested", tasks[1], again=True))
    found = store.assign(project, "cem")
    assert found
    assert found.task.id == tasks[1].id


def test_a_task_that_leaves_its_queue_unjudged_needs_nobody_any_more(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    judge_all(store, project, "ann")
    store.fill_queue(project.id, "disagreement", queued("disagreement", tasks[0], again=True))
    store.fill_queue(project.id, "contested", queued("contested", tasks[0], again=True))
    store.fill_queue(project.id, "disagreement", [])
    assert store.queue_sizes(project.id) == {"contested": 1}
    store.fill_queue(project.id, "contested", [])
    assert store.assign(project, "bob") is None
    assert store.progress(project, "bob").left == 0


def test_a_queue_takes_nothing_away_from_a_task_that_the_overlap_still_asks_for(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    store.fill_queue(project.id, "suspects", queued("suspects", *tasks, again=True))
    store.fill_queue(project.id, "suspects", [])
    assert store.progress(project, "ann").left == len(tasks)


def test_a_revision_keeps_the_queue_and_the_browser_cannot_name_one(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    store.fill_queue(project.id, "informative", queued("informative", tasks[9]))
    while (found := store.assign(project, "ann")) and found.task.id != tasks[9].id:
        judged_next(store, project, "ann")
    said = a_judgement(tasks[9], ("r1",), queue="suspects")
    assert store.submit(project.id, said).judgement.queue == "informative"
    assert store.submit(project.id, said.model_copy(update={"ranking": (("r2",),)}), 1).judgement.queue == "informative"
    unasked = a_judgement(tasks[19], ("r1",), annotator="bob", queue="suspects")
    assert store.submit(project.id, unasked).judgement.queue is None


def test_a_queue_with_a_task_of_another_project_is_refused_and_the_old_one_stays(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    store.fill_queue(project.id, "suspects", queued("suspects", tasks[0]))
    with pytest.raises(InputError, match="not in the project"):
        store.fill_queue(project.id, "suspects", queued("suspects", a_task("Other?", "A.", "B.")))
    assert [one.task_id for one in store.queue(project.id, "suspects")] == [tasks[0].id]


def test_people_who_ask_at_once_get_different_tasks_of_a_queue(here: tuple[Store, Project], tasks: list[Task]) -> None:
    store, project = here
    judge_all(store, project, "ann")
    on = project.model_copy(update={"queues": {"disagreement": 0.9}})
    store.fill_queue(project.id, "disagreement", queued("disagreement", *tasks[:6], again=True))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: store.assign(on, f"person {n}"), range(8)))
    ids = [one.task.id for one in found if one]
    assert sorted(ids) == sorted(t.id for t in tasks[:6])


def test_people_who_submit_while_the_queues_are_filled_judge_each_second_opinion_once(
    here: tuple[Store, Project], tasks: list[Task]
) -> None:
    store, project = here
    judge_all(store, project, "ann")
    on = project.model_copy(update={"queues": {"disagreement": 0.9}})
    wanted = queued("disagreement", *tasks, again=True)
    store.fill_queue(project.id, "disagreement", wanted)

    def work(n: int) -> None:
        if n == 0:
            waiting = store.queue(project.id, "disagreement")
            store.fill_queue(
                project.id, "contested", [one.model_copy(update={"queue": "contested"}) for one in waiting]
            )
        else:
            judge_all(store, on, f"person {n}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    judge_all(store, on, "person 9")
    counts = Counter(j.task_id for j in store.judgements(project.id))
    assert set(counts.values()) <= {2, 3}, "a task that closed between the list and the filling may be asked for anew"
    assert store.progress(on, "nobody").left == 0


@given(
    st.dictionaries(
        st.sampled_from(("informative", "disagreement", "contested", "suspects")), st.integers(0, 22), max_size=4
    ),
    st.text("abc", min_size=1, max_size=5),
    st.integers(1, 400),
)
@settings(max_examples=60)
def test_the_shares_hold_at_any_time_and_the_control_never_falls_short(
    parts: dict[QueueName, int], annotator: str, n: int
) -> None:
    project = Project(name="Shares", queues={queue: part / 100 for queue, part in parts.items()})
    counts = Counter(drawn(project, annotator, one) for one in range(n))
    by_chance = BY_CHANCE * sum(
        share for queue, share in project.queues.items() if queue in ("disagreement", "contested")
    )
    for queue, share in project.queues.items():
        kept = share * (1 - BY_CHANCE) if queue in ("disagreement", "contested") else share
        assert abs(counts[queue] - kept * n) < 6
    assert abs(counts["random"] - by_chance * n) < 9
    assert counts["usual"] > CONTROL_SHARE * n - 6


def test_a_queue_and_the_usual_order_are_quick_with_20_000_tasks(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'many.db'}")
    project = store.create_project(Project(name="Many", queues={"informative": 0.5, "disagreement": 0.4}))
    many = [a_task(f"Question {n}?", "Yes.", "No.") for n in range(20_000)]
    store.add(project.id, many, [a_judgement(t, ("r1",)) for t in many[:5000]])
    store.fill_queue(project.id, "informative", queued("informative", *many[:-1001:-1]))
    store.fill_queue(project.id, "disagreement", queued("disagreement", *many[:1000], again=True))
    taken = []
    for n in range(60):
        began = time.perf_counter()
        store.assign(project, "bob", NOW + timedelta(hours=n))
        taken.append(time.perf_counter() - began)
        judged_next(store, project, "bob")
    store.close()
    assert sorted(taken)[len(taken) // 2] < 0.05, taken
