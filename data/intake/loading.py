"""From a file into a project: every row is used or rejected, and the counts say so."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from data.errors import InputError
from data.intake.asked import Asked
from data.intake.content import Item
from data.intake.files import opened
from data.intake.formats import FORMATS
from data.intake.plans import Plan, check_plan, reading
from data.intake.rows import Row, rejected
from data.intake.sources import Source
from data.intake.spill import Spill
from data.schemas import Judgement, Load, Project, Rejection, Task, check_fits, fingerprint
from data.store import Store

CHUNK = 500
"""Items stored in one transaction."""
MAX_KEPT = 1_000
"""Rejections that are kept with their sentences; all are counted."""
_EVERY = 100


class Progress(NamedTuple):
    """How far a file is: rows read, rows rejected so far, tasks so far, and the share of the file read (0 to 1)."""

    rows: int
    rejected: int
    tasks: int
    share: float


Watch = Callable[[Progress], bool | None]
"""Called every 100 rows and after every chunk; it returns False to stop."""


class Stopped(Exception):
    """The watch said stop."""


def _as_it_is(rejection: Rejection) -> Rejection:
    return rejection


@dataclass
class Tally:
    """Counts that grow as a file is read. `rejections` holds the first 1,000."""

    read: int = 0
    used: int = 0
    rejected: int = 0
    tasks: int = 0
    judgements: int = 0
    merged: int = 0
    asked: Asked = field(default_factory=lambda: Asked(takes_criteria=True))
    stopped: bool = False
    rejections: list[Rejection] = field(default_factory=list)
    placed: Callable[[Rejection], Rejection] = _as_it_is

    def reject(self, rejection: Rejection) -> Rejection:
        """Count a row that cannot be used, and say in which of several files it is."""
        self.rejected += 1
        found = self.placed(rejection)
        if len(self.rejections) < MAX_KEPT:
            self.rejections.append(found)
        return found

    def check(self) -> None:
        """Raise RuntimeError unless every row that was read is used or rejected."""
        if not self.stopped and self.read != self.used + self.rejected:
            raise RuntimeError(f"{self.read} rows read, {self.used} used, {self.rejected} rejected: rows went missing")


def nothing(_progress: Progress) -> None:
    """A watch that lets everything run."""


def check(plan: Plan, watch: Watch = nothing, on_rejection: Callable[[Rejection], object] = id) -> Tally:
    """What loading the file would bring, without storing anything; every rejection goes to `on_rejection` too."""
    tally = Tally()
    with closing(Spill()) as spill, opened(plan.path, plan.name, plan.sheet) as source:
        tally.placed = source.placed
        try:
            for found in _outcomes(plan, source, spill, tally, watch):
                if isinstance(found, Rejection):
                    on_rejection(tally.reject(found))
                    continue
                tally.used += len(found.rows)
                tally.judgements += len(found.judgements)
                tally.merged += found.merged
                tally.tasks += sum(spill.first(f"task {t.id}", found.rows[0]) == found.rows[0] for t in found.tasks)
        except Stopped:
            tally.stopped = True
    tally.check()
    return tally


def load(
    plan: Plan, store: Store, project: Project, loaded_by: str, *, licence: str = "", watch: Watch = nothing
) -> Load:
    """Load a file into a project, 500 items at a time, and record what came in.

    Loading a file again adds nothing. When the watch stops or raises, what is stored stays and the record says so.
    InputError, with nothing stored or recorded, when the file or its file of texts cannot be used at all.
    """
    tally = Tally(asked=Asked(takes_criteria=store.size(project.id)[0] == 0))
    with closing(Spill()) as spill, opened(plan.path, plan.name, plan.sheet) as source:
        tally.placed = source.placed
        outcomes = _outcomes(plan, source, spill, tally, watch, project.name)
        try:
            for chunk in _chunks(outcomes, tally):
                _store(chunk, store, project, tally)
                _watch(tally, source, watch)
        except Stopped:
            tally.stopped = True
        except BaseException:
            if tally.read:
                tally.stopped = True
                store.record_load(project.id, _record(plan, tally, loaded_by, licence))
            raise
    tally.check()
    record = _record(plan, tally, loaded_by, licence)
    store.record_load(project.id, record)
    return record


def _outcomes(
    plan: Plan, source: Source, spill: Spill, tally: Tally, watch: Watch, salt: str = ""
) -> Iterator[Item | Rejection]:
    """What the rows of a file become, repeated rows rejected."""
    check_plan(plan)
    for found in FORMATS[plan.format].read(_counted(source, tally, watch), reading(plan, spill, salt)):
        yield from [found] if isinstance(found, Rejection) else _once(found, spill)


def _once(item: Item, spill: Spill) -> list[Item] | list[Rejection]:
    """The item, unless an earlier row was the same or has another judgement of the same person on the same task."""
    first = spill.first(f"item {item.key}", item.rows[0])
    if first != item.rows[0]:
        return [rejected(row, _repeats(item, first)) for row in item.rows]
    for judgement in item.judgements:
        key, content = f"judgement {judgement.idempotency_key}", fingerprint([repr(_said(judgement))])
        if not spill.put(key, content) and spill.get(key) != content:
            who = f"“{judgement.annotator}” has judged these responses differently in an earlier row; keep one of them."
            return [rejected(row, who) for row in item.rows]
    return [item]


def _repeats(item: Item, first: int) -> str:
    if item.judgements and len(item.tasks) == 1:
        who = item.judgements[0].annotator
        return (
            f"is a second judgement by “{who}” on the responses of row {first}; keep one, or map the annotator column."
        )
    return f"repeats row {first}; remove one."


def _counted(source: Source, tally: Tally, watch: Watch) -> Iterator[Row | Rejection]:
    for row in source.rows:
        tally.read += 1
        yield row
        if tally.read % _EVERY == 0:
            _watch(tally, source, watch)


def _watch(tally: Tally, source: Source, watch: Watch) -> None:
    if watch(Progress(tally.read, tally.rejected, tally.tasks, source.share())) is False:
        raise Stopped


def _chunks(outcomes: Iterator[Item | Rejection], tally: Tally) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    for found in outcomes:
        if isinstance(found, Rejection):
            tally.reject(found)
            continue
        chunk.append(found)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    yield chunk


def _store(chunk: list[Item], store: Store, project: Project, tally: Tally) -> None:
    judgements = [j for item in chunk for j in item.judgements]
    stored = {j.idempotency_key: j for j in store.under_keys(project.id, [j.idempotency_key for j in judgements])}
    known = {t.id: t for t in store.tasks_under(project.id, list({j.task_id for j in judgements}))}
    fit = []
    for item in chunk:
        if clash := next((said for j in item.judgements if (said := _clash(j, stored, known))), None):
            for row in item.rows:
                tally.reject(rejected(row, clash))
        else:
            fit.append(item)
    _widen(fit, store, project, tally)
    added = store.add(project.id, [t for item in fit for t in item.tasks], [j for item in fit for j in item.judgements])
    tally.used += sum(len(item.rows) for item in fit)
    tally.tasks += added.tasks
    tally.judgements += added.judgements
    tally.merged += sum(item.merged for item in fit)


def _widen(items: list[Item], store: Store, project: Project, tally: Tally) -> None:
    """Add to the project's settings what the judgements flag and rank by."""
    judgements = [j for item in items for j in item.judgements if j.flags or j.criteria]
    if tally.asked.has_new(judgements):
        now = next(p for p in store.projects() if p.id == project.id)
        if (wider := tally.asked.widened(now, judgements)) != now:
            store.update_project(wider, before=now)


def _clash(judgement: Judgement, stored: Mapping[str, Judgement], known: Mapping[str, Task]) -> str | None:
    """Why a judgement cannot go into a project, by what is there under its key and of its task; None when it can."""
    there, task = stored.get(judgement.idempotency_key), known.get(judgement.task_id)
    if there is not None:
        who = f"“{judgement.annotator}” has judged these responses differently in this project; the earlier one stays."
        return who if _said(judgement) != _said(there) else None
    try:
        if task is not None:
            check_fits(judgement, task)
    except InputError:
        return "judges responses that were changed in this project meanwhile; undo the change, then load it again."
    return None


def _said(judgement: Judgement) -> dict[str, Any]:
    """What an annotator said, without when and how."""
    return judgement.model_dump(include=_CONTENT)


_CONTENT = {"ranking", "criteria", "scores", "none_acceptable", "unrankable", "flags", "edits", "reference", "margin"}


def _record(plan: Plan, tally: Tally, loaded_by: str, licence: str) -> Load:
    rejections = list(tally.rejections)
    if tally.stopped:
        note = f"Loading was stopped after {tally.read:,} rows; load the file again to go on."
        rejections.insert(0, Rejection(row=0, reason=note))
    return Load(
        file=plan.name.encode("utf-8", "replace").decode().replace("\x00", ""),
        format=plan.format,
        licence=licence,
        rows=tally.used + tally.rejected,
        rows_used=tally.used,
        rows_rejected=tally.rejected,
        tasks=tally.tasks,
        judgements=tally.judgements,
        merged=tally.merged,
        added=tuple(tally.asked.added),
        unasked=tuple(tally.asked.lacking),
        rejections=tuple(rejections),
        loaded_by=loaded_by,
    )
