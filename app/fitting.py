"""Fits that run beside the screens: one for each project at a time, seen by everybody, stopped by a button."""

from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any

import streamlit as st

from app.apart import Ended, apart
from app.background import Job, See, Stopped
from app.fit_apart import Fitted, Order, fitted_apart
from app.language import N_, _, number
from data.schemas import Project
from data.store import Store
from rankers.agreement import human_ceiling
from rankers.pairs import PairRules, PairSet, preference_pairs
from reward_model.fit import ALL, FitRules
from reward_model.training import Step

FETCHING = Step(0, 1, N_("Fetching the judgements"))


class Fit:
    """One fit under way or ended, asked for by `by`: how far it is, and what came of it."""

    def __init__(self, store: Store, project: Project, rules: PairRules, by: str, fit_rules: FitRules = ALL) -> None:
        self.by = by
        self.version: int | None = None
        self.notes: list[str] = []
        """What is to be said beside the outcome, in English: messages to translate."""
        self.job: Job[Step, None] = Job(lambda see: self._run(store, project, rules, fit_rules, see), FETCHING)

    def _run(self, store: Store, project: Project, rules: PairRules, fit_rules: FitRules, see: See[Step]) -> None:
        order = ordered(store, project, rules, fit_rules)
        try:
            found = apart(fitted_apart, order, see=see, first=FETCHING)
        except Ended:
            raise Stopped from None
        self.notes = list(_notes(order, found))
        self.version = store.save_model(project.id, found.card, found.weights, self.by).version

    @property
    def running(self) -> bool:
        """Whether the fit goes on."""
        return self.job.running

    def share(self) -> float:
        """The part that is done, 0 to 1."""
        return min(self.job.progress.done / self.job.progress.total, 1.0)

    def words(self) -> str:
        """How far the fit is, for people: what is done now, counts, time left."""
        step, left = self.job.progress, self.job.seconds_left(self.share())
        if not step.done:
            return _(step.doing)
        said = {"doing": _(step.doing), "done": number(step.done), "total": number(step.total)}
        if left is None:
            return _("{doing}: {done} of {total} small fits", **said)
        return _("{doing}: {done} of {total} small fits, about {left} s left", **said, left=number(left))


def ordered(store: Store, project: Project, rules: PairRules, fit_rules: FitRules) -> Order:
    """The fit of a project as it stands now, to begin at its newest version."""
    tasks = {task.id: task for task in store.tasks(project.id)}
    made = preference_pairs(tasks, store.judgements(project.id), rules)
    newest = next(iter(store.models(project.id)), None)
    before = None if newest is None else (newest.card, store.model_weights(project.id, newest.version))
    return Order(made.pairs, fit_rules, before, about_pairs(made), project.name)


def _notes(order: Order, found: Fitted) -> Iterator[str]:
    if order.before is not None and not found.warm:
        yield N_("The version before was made by another version of Rankdesk, so this fit began from nothing.")
    if found.told:
        yield found.told


def about_pairs(made: PairSet) -> dict[str, Any]:
    """What the card says of the pairs beyond the fit: rules, judgements, what was left out, human ceiling."""
    ceiling = human_ceiling(made.pairs)
    return {
        "pair_rules": {"weighting": made.rules.weighting, "flags": made.rules.flags},
        "judgements": made.judgements,
        "left_out": dict(made.left_out),
        "human_ceiling": None if ceiling is None else _ceiling(vars(ceiling)),
    }


def _ceiling(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "accuracy": found["agreement"],
        "ci": [found["low"], found["high"]],
        "n_pairs": found["n_pairs"],
        "n_prompts": found["n_prompts"],
    }


class Fits:
    """The newest fit of each project in this process."""

    def __init__(self) -> None:
        self._lock, self._fits = Lock(), dict[int, Fit]()

    def of(self, project_id: int) -> Fit | None:
        """The newest fit of a project, ended or not; None before the first."""
        return self._fits.get(project_id)

    def start(self, store: Store, project: Project, rules: PairRules, by: str, fit_rules: FitRules = ALL) -> Fit:
        """Begin a fit and return it at once; the one under way, if there is one."""
        with self._lock:
            known = self._fits.get(project.id)
            if known and known.running:
                return known
            fit = self._fits[project.id] = Fit(store, project, rules, by, fit_rules)
        return fit


@st.cache_resource(show_spinner=False)
def fits() -> Fits:
    """The fits of this process."""
    return Fits()
