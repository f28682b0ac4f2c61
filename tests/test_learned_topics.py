"""What labels of people teach about sensitive topics is kept, used where topics are read, and forgotten again."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from data import cleaning
from data.clean.topic_labels import LearnedTopics, TopicWeights, counted, labelled, read_by
from data.clean.topic_learning import learned
from data.reader import reader
from data.schemas import Project, Task
from data.store import Store
from tests.conftest import a_judgement, a_task

FLAG = {"response_id": "r1", "kind": "sensitive-topic", "topic": "politics"}
WORDS = ("table", "house", "green", "river", "stone", "cloud", "lamp")
WEIGHTS = TopicWeights(
    topic="politics", words={"frobnic": 9.0}, listed=1, bar=1, labelled=20, others=20, f1_lists=0.1, f1_learned=0.7
)
LEARNED = LearnedTopics(
    texts=40,
    labels={"politics": 20},
    weights=(WEIGHTS,),
    learned_by="lea",
    learned_at=datetime(2026, 11, 23, tzinfo=UTC),
)


def a_told(n: int) -> Task:
    words = f"{WORDS[n % 7]} {WORDS[n % 5]} {WORDS[n % 3]} number {n}"
    return a_task(f"Say something about the {words}, please.", f"Frobnicate the {words}.", f"Leave the {words}.")


def labelled_project(store: Store, count: int = 40) -> Project:
    project = store.create_project(Project(name="Here"))
    tasks = [a_told(n) for n in range(count)]
    store.add(project.id, tasks, [a_judgement(task, ("r2",), ("r1",), flags=[FLAG]) for task in tasks])
    return project


def test_what_was_learned_is_kept_replaced_and_forgotten(any_store: Store) -> None:
    here, other = (any_store.create_project(Project(name=name)) for name in ("Here", "Other"))
    assert any_store.learned_topics(here.id) is None
    any_store.keep_learned_topics(here.id, LEARNED)
    again = LEARNED.model_copy(update={"texts": 41})
    any_store.keep_learned_topics(here.id, again)
    assert any_store.learned_topics(here.id) == again
    assert any_store.learned_topics(other.id) is None
    any_store.forget_learned_topics(here.id)
    assert any_store.learned_topics(here.id) is None


def test_tasks_are_read_by_what_was_learned_also_while_loading(any_store: Store) -> None:
    here = any_store.create_project(Project(name="Here"))
    task = a_task("Would you frobnicate the old green river house for me today?", "Yes, I would.", "No.")
    any_store.add(here.id, [task])
    cleaning.read_tasks(any_store, here)
    assert any_store.task(here.id, task.id).topics == ()
    assert reader(any_store, here)(task).topics == ()
    any_store.keep_learned_topics(here.id, LEARNED)
    assert any_store.last_read(here.id) != read_by(here, LEARNED)
    cleaning.read_tasks(any_store, here)
    assert any_store.task(here.id, task.id).topics == ("politics",)
    assert reader(any_store, here)(task).topics == ("politics",)
    assert any_store.last_read(here.id) == read_by(here, LEARNED)


def test_a_reading_that_was_stopped_leaves_the_tasks_to_be_read_again(any_store: Store) -> None:
    here = any_store.create_project(Project(name="Here"))
    any_store.add(here.id, [a_told(1)])
    cleaning.read_tasks(any_store, here)
    with pytest.raises(cleaning.Stopped):
        cleaning.read_tasks(any_store, here, lambda _progress: False)
    assert any_store.last_read(here.id) != read_by(here, None)


@pytest.mark.parametrize(
    "change", [{"topics": ()}, {"seeds": {"politics": {"en": ("frob",)}}}, {"seeds": {"politics": {"ru": ("frob",)}}}]
)
def test_other_words_or_topics_mean_that_tasks_are_to_be_read_again(change: dict[str, object]) -> None:
    here = Project(name="Here")
    assert read_by(here, None) == read_by(here.model_copy(update={"overlap": 5}), None)
    assert read_by(here, None) != read_by(here.model_copy(update=change), None)
    assert read_by(here, None) != read_by(here, LEARNED)


def test_labels_are_counted_by_topic(store: Store) -> None:
    here = labelled_project(store, 3)
    assert counted(labelled(store.tasks(here.id), store.judgements(here.id))) == {"politics": 3}


def test_learning_tells_how_many_topics_are_done(store: Store) -> None:
    here, seen = labelled_project(store), list[tuple[int, int]]()
    examples = labelled(store.tasks(here.id), store.judgements(here.id))
    (weights,) = learned(examples, {}, seen.append)
    assert seen == [(0, 1)]
    assert (weights.labelled, weights.others, weights.f1_lists) == (40, 40, 0)
    assert weights.f1_learned > 0.9


def test_the_command_learns_shows_and_forgets(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    here = labelled_project(store)
    monkeypatch.setenv("DATABASE_URL", str(store._db._engine.url))

    def said(*arguments: str) -> str:
        command = [sys.executable, "-m", "data", "topics", *arguments, "--project", "Here"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert "nothing was learned" in said("show")
    assert "politics: 40 labels, F1 on prompts left out: lists 0.00, learned 1.00; used" in said("learn")
    assert "religion: 0 labels, too few (20 are needed)" in said("show")
    assert store.learned_topics(here.id) is not None
    assert "forgotten" in said("forget")
    assert store.learned_topics(here.id) is None
