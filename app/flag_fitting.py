"""From the flags of a project to its flag models: what is collected, how they are fitted, and what they propose."""

from collections import defaultdict
from collections.abc import Mapping

import streamlit as st

from app.apart import Ended, apart
from app.background import Job, See, Stopped
from data.errors import InputError
from data.schemas import Judgement, Project, Suggestion, Task
from data.store import Store
from data.toxicity import comments
from reward_model.flag_evaluation import FITS, LEAST, Flagged, fitted_apart
from reward_model.flag_model import FlagModel, flag_model_from, weights_bytes
from reward_model.flag_suspects import Suspect, proposals, suspects

FROM = 0.5
"""The probability from which a kind counts where the lead has set none."""
SAMPLED = "toxic"
"""The kind of flag that the sample is about."""
Done = tuple[int, int]
Fitting = Job[Done, int]


def limits(project: Project) -> Mapping[str, float]:
    """Kind of flag → the probability from which it is proposed."""
    return defaultdict(lambda: FROM, project.thresholds)


def collected(store: Store, project_id: int, kind: str) -> list[Flagged]:
    """Every judged answer, and whether at least half of those who judged it set this flag."""
    tasks = {task.id: task for task in store.tasks(project_id)}
    said = defaultdict[str, list[Judgement]](list)
    for one in store.judgements(project_id):
        said[one.task_id].append(one)
    return [
        Flagged(response.text, 2 * _times(some, response.id, kind) >= len(some), tasks[task_id].group)
        for task_id, some in said.items()
        for response in tasks[task_id].responses
    ]


def _times(said: list[Judgement], response_id: str, kind: str) -> int:
    return sum(any((flag.response_id, flag.kind) == (response_id, kind) for flag in one.flags) for one in said)


def from_sample() -> list[Flagged]:
    """The comments of the sample, each a group of its own."""
    return [Flagged(one.text, one.toxic, f"sample {n}", one.origin) for n, one in enumerate(comments())]


def _texts(store: Store, project_id: int, kind: str, with_sample: bool) -> list[Flagged]:
    """What to fit on. Beside the sample a project with few flags adds nothing: perhaps nobody was asked to flag."""
    own = collected(store, project_id, kind)
    if not (with_sample and kind == SAMPLED):
        return own
    return from_sample() + (own if sum(one.flagged for one in own) >= LEAST else [])


def fitting(store: Store, project: Project, kind: str, with_sample: bool, by: str) -> Fitting:
    """Fit the model of a kind and store it; the result is its version."""

    def work(see: See[Done]) -> int:
        texts = _texts(store, project.id, kind, with_sample)
        try:
            model = apart(fitted_apart, kind, texts, see=see, first=(0, FITS))
        except Ended:
            raise Stopped from None
        return store.save_flag_model(project.id, kind, model.card, weights_bytes(model), by).version

    return Job(work, (0, FITS))


@st.cache_resource(show_spinner=False)
def fittings() -> dict[tuple[int, str], Fitting]:
    """The newest fit of each project and kind in this process."""
    return {}


_LOADED: dict[tuple[Store, int, str, int], FlagModel | None] = {}
_MOST_LOADED = 200


def flag_models(store: Store, project: Project) -> dict[str, FlagModel]:
    """The newest model of each kind that the project has; one that cannot be read is left out."""
    versions = store.flag_versions(project.id)
    found = {flag.kind: _loaded(store, project.id, flag.kind, versions) for flag in project.flags}
    return {kind: model for kind, model in found.items() if model}


def _loaded(store: Store, project_id: int, kind: str, versions: Mapping[str, int]) -> FlagModel | None:
    if kind not in versions:
        return None
    which = (store, project_id, kind, versions[kind])
    if which not in _LOADED:
        if len(_LOADED) >= _MOST_LOADED:
            _LOADED.clear()
        _LOADED[which] = _read(store, project_id, kind, versions[kind])
    return _LOADED[which]


def _read(store: Store, project_id: int, kind: str, version: int) -> FlagModel | None:
    card = next(m.card for m in store.flag_models(project_id) if (m.kind, m.version) == (kind, version))
    try:
        return flag_model_from(card, store.flag_model_weights(project_id, kind, version))
    except InputError:
        return None


def proposed(store: Store, project: Project, task: Task) -> tuple[Suggestion, ...]:
    """What the flag models of the project propose for a task."""
    models = flag_models(store, project)
    return proposals(task, models, limits(project)) if models else ()


def suspected(store: Store, project: Project) -> list[Suspect]:
    """The answers that the models mark and that nobody has flagged so, the most probable first."""
    flagged = {(j.task_id, f.response_id, f.kind) for j in store.judgements(project.id) for f in j.flags}
    models = flag_models(store, project)
    return suspects(list(store.tasks(project.id)), models, limits(project), flagged) if models else []
