"""The page “What next” on a real store: who may see it, what it fills, what came of it; and what fills the queues."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import queue_filling, queue_jobs, session
from app.queue_filling import Known, fill_queues, known, worded
from app.queue_jobs import comparing, jobs
from app.session import Person, Role
from data.readings import Reading
from data.schemas import Project, QueueName, Slice, Task
from data.store import Store
from rankers.pairs import PairRules, preference_pairs
from reward_model.flag_suspects import Suspect
from reward_model.model import RewardModel, weights_bytes
from reward_model.training import trained
from tests.conftest import MAIN, a_judgement, a_task
from tests.preferences_made import BAD, GOOD, an_answer

pytestmark = pytest.mark.usefixtures("shared_store")
ON: dict[QueueName, float] = {"informative": 0.3, "disagreement": 0.3, "contested": 0.1, "suspects": 0.1}


def silent(_what: str, _done: int, _total: int) -> None:
    return None


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    """Sixty tasks, each with a good and a bad answer: r1, r2."""
    chance = np.random.default_rng(0)
    return [a_task(f"Say number {n}", an_answer(GOOD, chance), an_answer(BAD, chance)) for n in range(60)]


def best_of(n: int) -> tuple[tuple[str, ...], ...]:
    """The good answer wins, but in task 7 and 23."""
    return (("r2",), ("r1",)) if n in (7, 23) else (("r1",), ("r2",))


@pytest.fixture(scope="module")
def model(tasks: list[Task]) -> RewardModel:
    judged = [a_judgement(task, *best_of(n)) for n, task in enumerate(tasks[:50])]
    return trained(preference_pairs({t.id: t for t in tasks}, judged, PairRules()).pairs)


@pytest.fixture
def here(store: Store, tasks: list[Task], model: RewardModel) -> Project:
    """Fifty of the sixty tasks are judged, and a reward model is fitted."""
    made = store.create_project(Project(name="Here"))
    store.add(made.id, tasks, [a_judgement(task, *best_of(n)) for n, task in enumerate(tasks[:50])])
    store.save_model(made.id, dict(model.card), weights_bytes(model), "ann")
    return made


def opened() -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/next.py").run()
    assert not at.exception
    return at


def texts(at: AppTest) -> str:
    return "\n".join(one.value for one in [*at.text, *at.caption, *at.markdown])


def fill(at: AppTest, project: Project, **shares: int) -> AppTest:
    for queue, share in shares.items():
        at.slider(key=f"next_{queue}_{project.id}").set_value(share)
    at.run()
    at.button(key="next_fill").click().run()
    work = jobs().of(project.id, "filling")
    assert work
    assert work.wait(60)
    return at.run()


def test_without_a_project_the_page_offers_to_load_a_file() -> None:
    assert [link.proto.label for link in opened().get("page_link")] == ["Load file"]


@pytest.mark.parametrize("role", ["annotator", "reviewer"])
def test_annotators_cannot_open_the_page(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "person", lambda: Person("ann", role))
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        opened()


def test_an_engineer_looks_and_changes_nothing(here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "person", lambda: Person("eng", "engineer"))
    at = opened()
    assert all(slider.disabled for slider in at.slider)
    assert "next_fill" not in [button.key for button in at.button]


def test_a_lead_turns_queues_on_and_they_are_filled(here: Project, store: Store, tasks: list[Task]) -> None:
    at = fill(opened(), here, informative=30, disagreement=20)
    assert not at.exception
    assert store.project("Here").queues == {"informative": 0.3, "disagreement": 0.2}
    assert {one.task_id for one in store.queue(here.id, "informative")} == {task.id for task in tasks[50:]}
    doubted = [one.task_id for one in store.queue(here.id, "disagreement")]
    assert {tasks[7].id, tasks[23].id} <= set(doubted)
    assert "In the usual order, as the control: 50% of the tasks." in texts(at)
    assert "Answer 2 was judged best" in texts(at)
    assert next(task for task in tasks if task.id == doubted[0]).responses[1].text in texts(at)


def test_the_queues_can_be_filled_with_one_topic_or_language_alone(
    here: Project, store: Store, tasks: list[Task]
) -> None:
    kinds = {task.id: Reading("en", ("health",) if n % 2 else ()) for n, task in enumerate(tasks)}
    store.keep_readings(here.id, kinds)
    at = opened()
    choice = at.selectbox(key="next_slice")
    assert choice.options == ["Topic: Health", "Topic: none", "Language: English"]
    choice.set_value(Slice("topic", "health")).run()
    assert "Only such tasks are put into the queues" in texts(at)
    at = fill(at, here, informative=30, disagreement=20)
    assert not at.exception
    assert {one.task_id for one in store.queue(here.id, "informative")} == {task.id for task in tasks[51::2]}
    doubted = {one.task_id for one in store.queue(here.id, "disagreement")}
    assert {tasks[7].id, tasks[23].id} <= doubted <= {task.id for task in tasks[1::2]}
    assert {one.task_id for one in store.queue(here.id, "random")} <= {task.id for task in tasks[1::2]}


def test_contested_and_suspected_tasks_of_another_topic_stay_out(
    here: Project, store: Store, tasks: list[Task]
) -> None:
    store.keep_readings(here.id, {task.id: Reading("ru", ()) for task in tasks[:4]})
    for task in (tasks[2], tasks[40]):
        store.submit(here.id, a_judgement(task, ("r2",), ("r1",), annotator="bob"))
    found = these(here, store, None, [(tasks[3].id, "Toxic"), (tasks[55].id, "Toxic")])
    fill_queues(store, found._replace(only=Slice("language", "ru")), silent)
    assert [one.task_id for one in store.queue(here.id, "contested")] == [tasks[2].id]
    assert [one.task_id for one in store.queue(here.id, "suspects")] == [tasks[3].id]


def test_where_nothing_was_read_there_is_no_topic_to_choose(here: Project) -> None:
    assert [box.key for box in opened().selectbox if box.key == "next_slice"] == []


def test_a_queue_that_is_turned_off_is_emptied(here: Project, store: Store) -> None:
    fill(opened(), here, informative=30, disagreement=20)
    fill(opened(), here, disagreement=0)
    assert set(store.queue_sizes(here.id)) == {"informative"}
    assert store.progress(here, "bob").left == 10


def test_queues_that_leave_no_control_cannot_be_saved(here: Project, store: Store) -> None:
    at = opened()
    at.slider(key=f"next_informative_{here.id}").set_value(60)
    at.slider(key=f"next_contested_{here.id}").set_value(60).run()
    assert at.button(key="next_fill").disabled
    assert [error.value for error in at.error] == [
        "The queues take 120% of the tasks. Leave at least 10% to the usual order, as a control."
    ]
    assert store.project("Here").queues == {}


def test_without_a_reward_model_the_page_says_which_queues_need_one(store: Store, tasks: list[Task]) -> None:
    store.add(store.create_project(Project(name="New")).id, tasks)
    at = opened()
    assert texts(at).count("It needs a reward model; none is fitted yet.") == 2


def test_what_second_opinions_changed_is_counted_and_compared(here: Project, store: Store, tasks: list[Task]) -> None:
    on = here.model_copy(update={"queues": {"disagreement": 0.9}})
    store.update_project(on)
    fill_queues(store, known(store, on, newest(store, on)), silent)
    while found := store.assign(on, "bob"):
        store.submit(on.id, a_judgement(found.task, ("r1",), ("r2",), annotator="bob"))
    at = opened()
    rows = {row["Queue"]: row for row in at.dataframe[-1].value.to_dict("records")}
    assert rows["Confident disagreements"]["Labels changed"] == 2
    work = comparing(store, on)
    assert work.wait(120)
    assert not work.error()
    compared = work.result().compared
    assert compared
    assert 0 <= compared["before"] <= compared["after"] + 0.2


def newest(store: Store, project: Project) -> RewardModel:
    from app.queue_jobs import newest_model

    model = newest_model(store, project.id)
    assert model
    return model


def these(project: Project, store: Store, model: RewardModel | None, suspects: Sequence[tuple[str, str]] = ()) -> Known:
    return known(store, project.model_copy(update={"queues": ON}), model, suspects)


def test_suspects_keep_their_order_and_reason_and_a_judged_one_goes_to_another_person(
    here: Project, store: Store, tasks: list[Task]
) -> None:
    suspects = [(tasks[3].id, "Toxic, 93%"), (tasks[55].id, "Toxic, 90%"), ("unknown", "Toxic, 80%")]
    on = here.model_copy(update={"queues": {"suspects": 0.9}})
    fill_queues(store, known(store, on, None, suspects), silent)
    assert [(one.task_id, one.why) for one in store.queue(here.id, "suspects")] == suspects[:2]
    assert worded("Toxic, 93%") == "Toxic, 93%"
    assert store.progress(on, "bob").left == 11


def test_a_task_is_suspected_once_and_for_its_most_probable_fault(
    here: Project, store: Store, tasks: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Suspect(tasks[n].id, "r1", kind, share, "") for n, kind, share in ((51, "toxic", 0.9), (51, "spam", 0.8))]
    monkeypatch.setattr(queue_jobs, "suspected", lambda *_given: found)
    ((task_id, why),) = queue_jobs.suspected_tasks(store, here)
    assert task_id == tasks[51].id
    assert worded(why) == "A flag model holds an answer for “Toxic”, by 90%."


def test_one_in_five_second_opinions_is_drawn_by_chance(here: Project, store: Store, tasks: list[Task]) -> None:
    store.add(here.id, [], [a_judgement(t, ("r2",), ("r1",), annotator="cem") for t in tasks[:8]])
    filled = fill_queues(store, these(here, store, None), silent)
    assert filled == {"informative": 0, "disagreement": 0, "contested": 7, "suspects": 0, "random": 2}


def test_a_judgement_that_was_judged_again_is_not_doubted_a_second_time(
    here: Project, store: Store, tasks: list[Task], model: RewardModel
) -> None:
    on = here.model_copy(update={"queues": {"disagreement": 0.9}})
    store.update_project(on)
    fill_queues(store, known(store, on, model), silent)
    first = {one.task_id for one in store.queue(on.id, "disagreement")}
    while found := store.assign(on, "bob"):
        store.submit(on.id, a_judgement(found.task, ("r2",), ("r1",), annotator="bob"))
    fill_queues(store, known(store, on, model), silent)
    assert first
    assert not first & {one.task_id for one in store.queue(on.id, "disagreement")}


def test_work_that_is_stopped_leaves_the_queues_as_they_were(here: Project, store: Store, model: RewardModel) -> None:
    def stop(_what: str, _done: int, _total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        fill_queues(store, these(here, store, model), stop)
    assert store.queue_sizes(here.id) == {}


@pytest.mark.parametrize("says", list(queue_filling.WHYS))
def test_every_reason_is_worded_whatever_it_says(says: str) -> None:
    values = {
        "unsure": 0.5,
        "compared": 1.5,
        "best": 2,
        "chance": 0.25,
        "people": 3,
        "difference": 0.4,
        "flag": "Toxic",
    }
    told = {name: value for name, value in values.items() if f"{{{name}}}" in queue_filling.WHYS[says]}
    said = worded(json.dumps({"says": says, **told}))
    assert said.endswith(".")
    assert "{" not in said
