"""Work on versions beside the Export page, which tells how far it is and can be ended: comparing two, uploading one."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import streamlit as st

from app import session
from app.background import Job, See, Stopped
from data.export.compare import Compared
from data.export.hub import Withdrawn
from data.export.versions import compare, push_version

Done = tuple[int, int]
"""How much is done, of how much."""
Key = tuple[int, str, object]
KEPT = 12
"""Pieces of work whose outcome is kept; those that ended longest ago go first."""
SOON = 2.0
"""Seconds for which a page waits for work that may be short, before it shows how far it is."""


class Jobs:
    """The newest pieces of work in this process: by project, what is done, and with which versions."""

    def __init__(self) -> None:
        self._lock, self._jobs = Lock(), dict[Key, Job[Done, Any]]()

    def of(self, key: Key) -> Job[Done, Any] | None:
        """The work that was begun under this key; None where there is none."""
        return self._jobs.get(key)

    def begin(self, key: Key, work: Callable[[See[Done]], Any]) -> Job[Done, Any]:
        """Begin work, unless the same goes on already; and wait a moment for it."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or not job.running:
                self._jobs.pop(key, None)
                self._jobs[key] = job = Job(work, (0, 1))
            ended = [known for known, one in self._jobs.items() if not one.running and known != key]
            for known in ended[: max(len(self._jobs) - KEPT, 0)]:
                del self._jobs[known]
        job.wait(SOON)
        return job

    def forget(self, key: Key) -> None:
        """Forget what came of work, so that it can begin again."""
        with self._lock:
            self._jobs.pop(key, None)


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The work on versions in this process."""
    return Jobs()


def comparing(project_id: int, older: int, newer: int) -> Callable[[See[Done]], Compared]:
    """The work of comparing two versions."""
    store = session.store()
    return lambda see: compare(store, project_id, older, newer, _told(see))


def pushing(project_id: int, number: int, repo: str, token: str) -> Callable[[See[Done]], str]:
    """The work of uploading a version to a private dataset of the Hub; its outcome is an address."""
    store = session.store()

    def work(see: See[Done]) -> str:
        try:
            return push_version(store, project_id, number, repo, token, told=lambda *done: see(done))
        except Withdrawn:
            raise Stopped from None

    return work


def _told(see: See[Done]) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        if not see((done, max(total, 1))):
            raise Stopped

    return told


def has_result(job: Job[Done, Any]) -> bool:
    """Whether work has ended with a result: it may, although somebody asked for its end too late."""
    try:
        return not job.running and job.result() is not None
    except Exception:  # said by `error`
        return False
