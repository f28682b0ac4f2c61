"""A load that is killed: what is stored is whole, and loading again goes on where it stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from data import intake, tables
from data.intake.loading import CHUNK
from data.schemas import Project
from data.store import Store

N = 20_000


def pairs_file(folder: Path) -> Path:
    path = folder / "pairs.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for n in range(N):
            pair = {"prompt": f"Which of these, {n}?", "chosen": f"this {n} " * 20, "rejected": f"that {n} " * 20}
            file.write(json.dumps(pair) + "\n")
    return path


def stored(url: str) -> tuple[int, int]:
    """How many tasks and judgements a database holds, read past the store; none before its tables are made."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as db:
            counts = [db.scalar(sa.select(sa.func.count()).select_from(t)) for t in (tables.task, tables.judgement)]
            return counts[0] or 0, counts[1] or 0
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        return 0, 0
    finally:
        engine.dispose()


def load_and_kill(path: Path, url: str, after: int) -> None:
    """Load in a process of its own, and kill it once so many tasks are stored."""
    command = [sys.executable, "-m", "data", "load", str(path), "--project", "P"]
    process = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url}, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while stored(url)[0] < after and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was done before it could be killed"


def test_a_kill_in_the_middle_leaves_whole_tasks_and_the_next_load_goes_on(tmp_path: Path, any_url: str) -> None:
    path, url = pairs_file(tmp_path), any_url
    for after in (1, 3 * CHUNK):
        load_and_kill(path, url, after)
        tasks, judgements = stored(url)
        assert after <= tasks < N
        assert tasks == judgements
        assert tasks % CHUNK == 0
    store = Store(url)
    try:
        (project,) = store.projects()
        there = {task.id for task in store.tasks(project.id)}
        assert {j.task_id for j in store.judgements(project.id)} == there
        load = intake.load(intake.plan(path), store, project, "lead")
        assert (load.rows, load.rows_used, load.rows_rejected) == (N, N, 0)
        assert len(there) + load.tasks == N == len(list(store.tasks(project.id)))
        assert len(there) + load.judgements == N == len(store.judgements(project.id))
    finally:
        store.close()


def test_going_on_after_a_stop_stores_what_one_load_stores(tmp_path: Path, store: Store, project: Project) -> None:
    path, whole = pairs_file(tmp_path), store.create_project(Project(name="Whole", seed=project.seed))
    plan = intake.plan(path)
    stopped = [intake.load(plan, store, project, "lead", watch=lambda seen: seen.tasks < 2 * CHUNK) for _ in range(2)]
    rest = intake.load(plan, store, project, "lead")
    assert [load.tasks for load in stopped] == [2 * CHUNK, 2 * CHUNK]
    assert sum(load.tasks for load in (*stopped, rest)) == intake.load(plan, store, whole, "lead").tasks == N
    assert [task.id for task in store.tasks(project.id)] == [task.id for task in store.tasks(whole.id)]


def test_what_is_there_is_passed_over_faster_than_it_was_stored(tmp_path: Path) -> None:
    path = pairs_file(tmp_path)
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    project = store.create_project(Project(name="P"))
    times = []
    for _ in range(2):
        began = time.process_time()
        intake.load(intake.plan(path), store, project, "lead")
        times.append(time.process_time() - began)
    store.close()
    assert times[1] < times[0]
