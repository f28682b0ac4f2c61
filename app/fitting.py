"""Fits that run beside the screens: one for each project at a time, seen by everybody, stopped by a button."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

import streamlit as st

from app.language import N_, _, number
from data.errors import InputError
from data.schemas import Project
from data.store import Store
from rankers.agreement import human_ceiling
from rankers.pairs import PairRules, PairSet, preference_pairs
from reward_model.model import weights_bytes
from reward_model.training import Step, trained

FETCHING = Step(0, 1, N_("Fetching the judgements"))


class Stopped(Exception):
    """Raised inside a fit when somebody has asked it to end."""


@dataclass(eq=False)
class Fit:
    """One fit under way or ended: how far it is, and what came of it (`version`, `error`, or neither: stopped)."""

    by: str
    step: Step = FETCHING
    version: int | None = None
    error: str = ""
    began: float = field(default_factory=time.monotonic)
    _stop: Event = field(default_factory=Event)
    _ended: Event = field(default_factory=Event)

    @property
    def running(self) -> bool:
        """Whether the fit goes on."""
        return not self._ended.is_set()

    @property
    def stopped(self) -> bool:
        """Whether somebody asked the fit to end."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask the fit to end; it does within one small fit."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the fit has ended; False when it has not by then."""
        return self._ended.wait(seconds)

    def see(self, step: Step) -> None:
        """Take note of a step; raises Stopped when the fit is to end."""
        self.step = step
        if self.stopped:
            raise Stopped

    def run(self, store: Store, project: Project, rules: PairRules) -> None:
        """Fetch, fit, store; what cannot be done is told in `error`."""
        try:
            self.version = _stored_version(self, store, project, rules)
        except Stopped:
            pass
        except InputError as error:
            self.error = str(error)
        except Exception:
            self.error = N_("The fit failed by a fault of Rankdesk; the server's log says where. Nothing was stored.")
            raise
        finally:
            self._ended.set()

    def share(self) -> float:
        """The part that is done, 0 to 1."""
        return min(self.step.done / self.step.total, 1.0)

    def words(self) -> str:
        """How far the fit is, for people: what is done now, counts, time left."""
        share, passed = self.share(), time.monotonic() - self.began
        said = {"doing": _(self.step.doing), "done": number(self.step.done), "total": number(self.step.total)}
        if share <= 0.03:
            return _("{doing}: {done} of {total} small fits", **said)
        left = number(max(passed * (1 - share) / share, 1))
        return _("{doing}: {done} of {total} small fits, about {left} s left", **said, left=left)


def _stored_version(fit: Fit, store: Store, project: Project, rules: PairRules) -> int:
    tasks = {task.id: task for task in store.tasks(project.id)}
    made = preference_pairs(tasks, store.judgements(project.id), rules)
    fit.see(fit.step)
    model = trained(made.pairs, fit.see)
    card = dict(model.card) | about_pairs(made)
    fit.see(fit.step)
    return store.save_model(project.id, card, weights_bytes(model), fit.by).version


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

    def start(self, store: Store, project: Project, rules: PairRules, by: str) -> Fit:
        """Begin a fit and return it at once; the one under way, if there is one."""
        with self._lock:
            known = self._fits.get(project.id)
            if known and known.running:
                return known
            fit = self._fits[project.id] = Fit(by)
        Thread(target=fit.run, args=(store, project, rules), name=f"fit {project.id}", daemon=True).start()
        return fit


@st.cache_resource(show_spinner=False)
def fits() -> Fits:
    """The fits of this process."""
    return Fits()
