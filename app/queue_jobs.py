"""Work on the queues beside the screens, one piece a project: filling them, and what second opinions were worth."""

from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple

import streamlit as st

from app.apart import Ended, apart
from app.background import Job, See, Stopped
from app.flag_fitting import suspected
from app.language import N_
from app.queue_filling import Suspects, fill_queues, known, reason
from data.schemas import Project, QueueName, Slice
from data.store import Store
from rankers.contested import second_opinions
from rankers.pairs import PairRules, preference_pairs
from reward_model.model import RewardModel, model_from
from reward_model.relabelling import FITS, relabelled


class Doing(NamedTuple):
    """What is being done, and how far it is."""

    what: str
    done: int = 0
    total: int = 1

    @property
    def share(self) -> float:
        """The part that is done, 0 to 1."""
        return min(self.done / max(self.total, 1), 1.0)


class Outcome(NamedTuple):
    """What came of it: how many tasks each queue holds, or the accuracy before and after (None: nothing to compare)."""

    filled: dict[QueueName, int] | None = None
    compared: dict[str, Any] | None = None


FETCHING = Doing(N_("Fetching the judgements"))
COMPARING = N_("Fitting without the second opinions, and with them")
Work = Job[Doing, Outcome]


def newest_model(store: Store, project_id: int) -> RewardModel | None:
    """The newest reward model of a project; None before the first."""
    models = store.models(project_id)
    return model_from(models[0].card, store.model_weights(project_id, models[0].version)) if models else None


def suspected_tasks(store: Store, here: Project) -> Suspects:
    """The tasks with an answer that a flag model marks and nobody has flagged, once each, and why; surest first."""
    labels, found = {flag.kind: flag.label for flag in here.flags}, dict[str, str]()
    for one in suspected(store, here):
        found.setdefault(one.task_id, reason("suspects", flag=labels.get(one.kind, one.kind), chance=one.probability))
    return list(found.items())


def filling(store: Store, project: Project, only: Slice | None = None) -> Work:
    """Fill the queues of a project, with tasks of one topic or language alone where one is named."""

    def work(see: See[Doing]) -> Outcome:
        def say(what: str, done: int, total: int) -> None:
            if not see(Doing(what, done, total)):
                raise Stopped

        these = known(store, project, newest_model(store, project.id))._replace(only=only)
        if project.queues.get("suspects"):
            say(N_("Looking for suspected faults"), 0, 1)
            these = these._replace(suspects=suspected_tasks(store, project))
        return Outcome(filled=fill_queues(store, these, say))

    return Job(work, FETCHING)


def comparing(store: Store, project: Project) -> Work:
    """Fit without second opinions and with them, in a process of its own."""

    def work(see: See[Doing]) -> Outcome:
        judgements = store.judgements(project.id)
        second = {(one.task_id, one.annotator) for one in second_opinions(judgements)}
        pairs = preference_pairs({t.id: t for t in store.tasks(project.id)}, judgements, PairRules()).pairs
        is_second = [(pair.task_id, pair.annotator) in second for pair in pairs]

        def told(done: int) -> bool:
            return see(Doing(COMPARING, done, FITS))

        try:
            return Outcome(compared=apart(relabelled, pairs, is_second, see=told, first=0))
        except Ended:
            raise Stopped from None

    return Job(work, FETCHING)


class Jobs:
    """The newest work of each kind on the queues of each project in this process."""

    def __init__(self) -> None:
        self._lock, self._jobs = Lock(), dict[tuple[int, str], Work]()

    def of(self, project_id: int, kind: str) -> Work | None:
        """The newest work of a kind, ended or not; None before the first."""
        return self._jobs.get((project_id, kind))

    def start(self, kind: str, project: Project, begin: Callable[[], Work]) -> None:
        """Begin to fill the queues, or to compare; nothing new while such work goes on."""
        with self._lock:
            known_one = self._jobs.get((project.id, kind))
            if known_one is None or not known_one.running:
                self._jobs[project.id, kind] = begin()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The work on queues in this process."""
    return Jobs()
