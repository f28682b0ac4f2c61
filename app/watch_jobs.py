"""Work of the Watch page: a file of released answers scored and kept, and everything scored again by a new version."""

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import NamedTuple

import streamlit as st

from app import session
from app.background import Job, See, Stopped
from app.fitted import loaded
from app.flagging import every_flag
from app.upload.shelf import Upload
from data.errors import InputError
from data.intake import Progress
from data.intake.files import opened
from data.intake.released import Released, released
from data.schemas import Alarm, Project, Rejection
from data.store import Store
from data.watched import WatchedSize
from reward_model.alarms import AlarmState, alarm_states
from reward_model.features import prompt_text
from reward_model.likeness import Judged, judged_prompts
from reward_model.watch import Week, WinRate, releases, weekly, win_rates
from reward_model.watching import Watcher

AT_ONCE = 500
MAX_KEPT = 1_000
NOTHING_READ = Progress(0, 0, 0, 0.0)
_BEGINNING = Lock()


class Came(NamedTuple):
    """What a file brought: `rows` = `new` + `known` + `rejected`, and the first rejections."""

    rows: int
    new: int
    known: int
    rejected: int
    rejections: tuple[Rejection, ...]


Work = Callable[[See[Progress]], Came]


@st.cache_resource(show_spinner=False)
def jobs() -> dict[int, Job[Progress, Came]]:
    """The newest work of each project in this process."""
    return {}


def start(project_id: int, work: Work) -> Job[Progress, Came] | None:
    """Begin work and return it; None where some of somebody else is under way in the project."""
    with _BEGINNING:
        known = jobs().get(project_id)
        if known is not None and known.running:
            return None
        jobs()[project_id] = begun = Job(work, NOTHING_READ)
        return begun


def watcher(store: Store, project: Project, version: int) -> Watcher:
    """What looks at answers: this version, the prompts that were judged, the flag models."""
    return Watcher(loaded(project.id, version), version, _judged(store, project.id), every_flag(store, project))


def _judged(store: Store, project_id: int) -> Judged:
    said = {judgement.task_id for judgement in store.judgements(project_id)}
    return judged_prompts({task.group: prompt_text(task.prompt) for task in store.tasks(project_id) if task.id in said})


def load_work(store: Store, project: Project, upload: Upload, version: int) -> Work:
    """The work of scoring a file and keeping its answers."""

    def work(see: See[Progress]) -> Came:
        looks, faults, new, known, rejected = watcher(store, project, version), list[Rejection](), 0, 0, 0
        with opened(upload.path, upload.name) as source:
            for some in _chunks(released(source.rows)):
                good = {one.id: one for one in some if isinstance(one, Released)}
                bad = [one for one in some if isinstance(one, Rejection)]
                added = store.add_watched(project.id, looks.watched(list(good.values())))
                new, known, rejected = new + added, known + len(some) - len(bad) - added, rejected + len(bad)
                faults += bad[: MAX_KEPT - len(faults)]
                if not see(Progress(new + known + rejected, rejected, 0, source.share())):
                    raise Stopped
        if not new + known:
            if not faults:
                raise InputError("The file has no rows below the names of its columns; choose one with rows in it.")
            raise InputError("No row of the file can be used. {reason}", reason=faults[0].reason)
        return Came(new + known + rejected, new, known, rejected, tuple(faults))

    return work


def _chunks(rows: Iterator[Released | Rejection]) -> Iterator[list[Released | Rejection]]:
    some: list[Released | Rejection] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def again_work(store: Store, project: Project, version: int) -> Work:
    """The work of scoring by this version what other versions have scored: their scores are on other scales."""

    def work(see: See[Progress]) -> Came:
        old = [answer for answer in store.watched(project.id) if answer.model_version != version]
        looks, done = watcher(store, project, version), 0
        for some in looks.again(old):
            done += len(some)
            store.add_watched(project.id, some)
            if not see(Progress(done, 0, 0, done / len(old))):
                raise Stopped
        return Came(done, 0, done, 0, ())

    return work


class Seen(NamedTuple):
    """What the page shows of watched answers: releases by age, their weeks, each beside the last, the alarms."""

    releases: list[str]
    weeks: list[Week]
    rates: list[WinRate]
    alarms: list[AlarmState]


@st.cache_data(show_spinner=False, max_entries=8)
def seen_of(
    project_id: int,
    size: WatchedSize,
    version: int,
    thresholds: Mapping[str, float],
    alarms: Mapping[Alarm, float],
) -> Seen:
    """What is kept of all watched answers that this version has scored; `size` changes whenever they do.

    It is reckoned once for all who look; the answers themselves are read, and let go again.
    """
    answers = session.store().watched_scores(project_id, version)
    rates = win_rates(answers)
    return Seen(releases(answers), weekly(answers, thresholds), rates, alarm_states(answers, alarms, thresholds))
