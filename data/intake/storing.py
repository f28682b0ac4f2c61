"""Some items of a file into a project at once: what fits what is there is stored, the rest is rejected."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from data.errors import InputError, Sentence
from data.intake.content import Item
from data.intake.rows import rejected
from data.intake.tally import Tally
from data.schemas import Judgement, Project, Task, check_fits
from data.store import Store

Told = Callable[[Task], Task]
"""Gives a task with what can be told from its text: its language and its topics."""


def store_items(chunk: Sequence[Item], store: Store, project: Project, tally: Tally, told: Told | None = None) -> None:
    """Store what fits what is there, in one transaction; tasks that are new are `told` first."""
    judgements = [j for item in chunk for j in item.judgements]
    stored = {j.idempotency_key: j for j in store.under_keys(project.id, [j.idempotency_key for j in judgements])}
    known = {t.id: t for t in store.tasks_under(project.id, list(_looked_up(chunk, told)))}
    fit = []
    for item in chunk:
        if clash := next((said for j in item.judgements if (said := _clash(j, item, stored, known))), None):
            for row in item.rows:
                tally.reject(rejected(row, clash))
        else:
            fit.append(item)
    _widen(fit, store, project, tally)
    added = store.add(project.id, _tasks(fit, known, told), [j for item in fit for j in item.judgements])
    tally.used += sum(len(item.rows) for item in fit)
    tally.tasks += added.tasks
    tally.judgements += added.judgements
    tally.merged += sum(item.merged for item in fit)
    _count_masked(fit, {*known, *stored}, tally)


def _tasks(items: Sequence[Item], known: Collection[str], told: Told | None) -> list[Task]:
    """The tasks of these items, each once; what is new is told."""
    each = dict[str, Task]()
    for item in items:
        for task in item.tasks:
            each.setdefault(task.id, task)
    return [told(task) if told and task.id not in known else task for task in each.values()]


def _looked_up(chunk: Sequence[Item], told: Told | None) -> set[str]:
    """The ids of those tasks of which it matters whether they are there."""
    judged = {j.task_id for item in chunk for j in item.judgements}
    return judged | {t.id for item in chunk if told or item.masked for t in item.tasks}


def _count_masked(items: Sequence[Item], there: set[str], tally: Tally) -> None:
    """Count what was masked in what was not there yet, each task and each judgement once."""
    new = {key: counts for item in items for key, counts in item.masked.items() if key not in there}
    for counts in new.values():
        tally.masked.update(counts)


def _widen(items: list[Item], store: Store, project: Project, tally: Tally) -> None:
    """Add to the project's settings what the judgements flag and rank by."""
    judgements = [j for item in items for j in item.judgements if j.flags or j.criteria]
    if tally.asked.has_new(judgements):
        now = next(p for p in store.projects() if p.id == project.id)
        if (wider := tally.asked.widened(now, judgements)) != now:
            store.update_project(wider, before=now)


def _clash(
    judgement: Judgement, item: Item, stored: Mapping[str, Judgement], known: Mapping[str, Task]
) -> Sentence | None:
    """Why a judgement cannot go into a project, by what is there under its key and of its task; None when it can."""
    there, task = stored.get(judgement.idempotency_key), known.get(judgement.task_id)
    if there is not None:
        return Sentence(_STAYS, name=judgement.annotator) if what_was_said(judgement) != what_was_said(there) else None
    return _CHANGED if task is not None and not _still_fits(judgement, item, task) else None


def _still_fits(judgement: Judgement, item: Item, task: Task) -> bool:
    """Whether a judgement can be of the task as it is in the project; marked words must stand in the same text."""
    try:
        check_fits(judgement, task)
    except InputError:
        return False
    texts = {one.id: one.text for own in item.tasks if own.id == task.id for one in own.responses}
    marked = {flag.response_id for flag in judgement.flags if flag.spans}
    return all(texts.get(one.id, one.text) == one.text for one in task.responses if one.id in marked)


def what_was_said(judgement: Judgement) -> dict[str, Any]:
    """What an annotator said, without when and how."""
    return judgement.model_dump(include=_CONTENT)


_STAYS = Sentence("“{name}” has judged these responses differently in this project; the earlier one stays.")
_CHANGED = Sentence(
    "judges responses that were changed in this project meanwhile; undo the change, then load it again."
)
_CONTENT = {"ranking", "criteria", "scores", "none_acceptable", "unrankable", "flags", "edits", "reference", "margin"}
