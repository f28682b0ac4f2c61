"""What many tests share: a real SQLite store, a real PostgreSQL server, small tasks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.schemas import Judgement, Message, Project, Response, Task, prompt_group, task_id
from data.store import Store


def a_task(prompt: str, *answers: str, sources: tuple[str, ...] = ()) -> Task:
    """A task with this prompt and these answers, whose ids are r1, r2, … in order."""
    turns = (Message(role="user", content=prompt),)
    named = sources or (None,) * len(answers)
    responses = tuple(
        Response(id=f"r{n}", text=text, source=source)
        for n, (text, source) in enumerate(zip(answers, named, strict=True), start=1)
    )
    return Task(id=task_id(turns, responses), prompt=turns, responses=responses, group=prompt_group(turns))


def a_judgement(task: Task, *tiers: tuple[str, ...], annotator: str = "ann", **more: object) -> Judgement:
    """What `annotator` says of the task: tiers best first."""
    values = {"task_id": task.id, "annotator": annotator, "ranking": tiers, "idempotency_key": f"{task.id}/{annotator}"}
    return Judgement.model_validate(values | more)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite store."""
    made = Store(f"sqlite:///{tmp_path / 'rankdesk.db'}")
    yield made
    made.close()


@pytest.fixture
def project(store: Store) -> Project:
    """An empty project in the SQLite store."""
    return store.create_project(Project(name="Test"))
