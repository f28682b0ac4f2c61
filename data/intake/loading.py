"""From a file into a project: every row is used or rejected, and the counts say so."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import NamedTuple

from data.errors import Sentence
from data.intake.asked import Asked
from data.intake.content import Item
from data.intake.files import opened
from data.intake.plans import Plan, check_plan, items
from data.intake.rows import Row, rejected
from data.intake.sources import Source
from data.intake.spill import Spill
from data.intake.storing import Told, store_items, what_was_said
from data.intake.tally import Tally
from data.schemas import Load, Project, Rejection, fingerprint
from data.store import Store

CHUNK = 500
"""Items stored in one transaction."""
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
                tally.tasks += sum(_is_first(t.id, found, spill) for t in found.tasks)
                for key, counts in found.masked.items():
                    tally.masked.update(counts if _is_first(key, found, spill) else {})
        except Stopped:
            tally.stopped = True
    tally.check()
    return tally


def _is_first(key: str, item: Item, spill: Spill) -> bool:
    """Whether a task or a judgement stands in no earlier row."""
    return spill.first(f"task {key}", item.rows[0]) == item.rows[0]


def load(
    plan: Plan,
    store: Store,
    project: Project,
    loaded_by: str,
    *,
    licence: str = "",
    watch: Watch = nothing,
    told: Told | None = None,
) -> Load:
    """Load a file into a project, 500 items at a time, and record what came in.

    `told` reads the language and the topics of new tasks, as `data.cleaning.reader` does; None leaves them unread.
    Loading a file again adds nothing. When the watch stops or raises, what is stored stays and the record says so.
    InputError, with nothing stored or recorded, when the file or its file of texts cannot be used at all.
    """
    tally = Tally(asked=Asked(takes_criteria=store.size(project.id)[0] == 0))
    with closing(Spill()) as spill, opened(plan.path, plan.name, plan.sheet) as source:
        tally.placed = source.placed
        outcomes = _outcomes(plan, source, spill, tally, watch, project.name)
        try:
            for chunk in _chunks(outcomes, tally):
                store_items(chunk, store, project, tally, told)
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
    for found in items(plan, _counted(source, tally, watch), spill, salt):
        yield from [found] if isinstance(found, Rejection) else _once(found, spill)


def _once(item: Item, spill: Spill) -> list[Item] | list[Rejection]:
    """The item, unless an earlier row was the same or has another judgement of the same person on the same task."""
    first = spill.first(f"item {item.key}", item.rows[0])
    if first != item.rows[0]:
        return [rejected(row, _repeats(item, first)) for row in item.rows]
    for judgement in item.judgements:
        key, content = f"judgement {judgement.idempotency_key}", fingerprint([repr(what_was_said(judgement))])
        if not spill.put(key, content) and spill.get(key) != content:
            who = Sentence(_JUDGED_BEFORE, name=judgement.annotator)
            return [rejected(row, who) for row in item.rows]
    return [item]


_JUDGED_BEFORE = Sentence("“{name}” has judged these responses differently in an earlier row; keep one of them.")
_SECOND = Sentence(
    "is a second judgement by “{name}” on the responses of row {row}; keep one, or map the annotator column."
)


def _repeats(item: Item, first: int) -> Sentence:
    if item.judgements and len(item.tasks) == 1:
        return Sentence(_SECOND, name=item.judgements[0].annotator, row=str(first))
    return Sentence("repeats row {row}; remove one.", row=str(first))


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


def _record(plan: Plan, tally: Tally, loaded_by: str, licence: str) -> Load:
    rejections = list(tally.rejections)
    if tally.stopped:
        note = Sentence("Loading was stopped after {n} rows; load the file again to go on.", n=tally.read)
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
        masked=dict(tally.masked),
        added=tuple(tally.asked.added),
        unasked=tuple(tally.asked.lacking),
        rejections=tuple(rejections),
        loaded_by=loaded_by,
    )
