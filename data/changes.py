"""What cleaning changes in tasks: applied by batch, logged, undone; nothing that was judged word by word is touched.

A task keeps its id, so loading its file again still adds nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, NamedTuple

import sqlalchemy as sa

from data import tables
from data.assignments import HELD
from data.database import Database
from data.errors import InputError, Sentence, checked
from data.queries import PAGE, insert, is_task, task_from, without
from data.schemas import Change, Finding, Refusal, Task
from data.standing import hold, settle

TASK, GROUP, RESPONSES = "task", "group", "responses"


class Applied(NamedTuple):
    """How many changes were made or undone, under which batch, and which could not be."""

    done: int
    batch: str
    refused: tuple[Refusal, ...]


class Changes:
    """The part of the store that changes tasks after they came in."""

    _db: Database

    def apply_changes(self, project_id: int, findings: Sequence[Finding], made_by: str) -> Applied:
        """Make what the findings propose, in one batch; those that only point something out are passed over.

        A finding is refused where its text has changed since, is being judged, or where people have marked words in it.
        """
        batch, stamp = token_hex(8), {"made_by": made_by, "made_at": datetime.now(UTC)}
        wanted = [finding for finding in findings if finding.after is not None]
        with self._db.write() as db:
            hold(db, project_id)
            refused = _each(db, project_id, [(f.task_id, f.part, f.before, f.after or "") for f in wanted], made_by)
            made = [f for n, f in enumerate(wanted) if n not in refused]
            rows = [{"project_id": project_id, "batch": batch, **stamp, **f.model_dump()} for f in made]
            insert(db, tables.change, rows)
            _touched(db, project_id, len(made))
        return Applied(len(made), batch, tuple(refused.values()))

    def undo_changes(self, project_id: int, ids: Sequence[int], undone_by: str) -> Applied:
        """Take changes back, the newest first; one is refused where its text was changed again, or judged since."""
        with self._db.write() as db:
            hold(db, project_id)
            made = [one for one in _changes(db, project_id, ids) if one.undone_at is None]
            refused = _each(db, project_id, [(c.task_id, c.part, c.after, c.before) for c in made], undone_by)
            undone = [one.id for n, one in enumerate(made) if n not in refused]
            c, stamp = tables.change.c, {"undone_by": undone_by, "undone_at": datetime.now(UTC)}
            for some in _paged(undone):
                db.execute(sa.update(tables.change).where(c.id.in_(some)).values(stamp))
            _touched(db, project_id, len(undone))
        return Applied(len(undone), "", tuple(refused.values()))

    def changes(self, project_id: int) -> list[Change]:
        """Everything that was changed, newest first, what was undone included."""
        with self._db.read() as db:
            return _changes(db, project_id)

    def judged_tasks(self, project_id: int) -> frozenset[str]:
        """The ids of tasks of which anybody has said anything; their answers stay as many as they are."""
        j = tables.judgement.c
        with self._db.read() as db:
            return frozenset(db.scalars(sa.select(j.task_id).where(j.project_id == project_id).distinct()))


def _changes(db: sa.Connection, project_id: int, ids: Sequence[int] | None = None) -> list[Change]:
    c = tables.change.c
    query = sa.select(tables.change).where(c.project_id == project_id).order_by(c.id.desc())
    wanted = None if ids is None else set(ids)
    rows = (row for row in db.execute(query).mappings() if wanted is None or row["id"] in wanted)
    return [Change(**without(row, "project_id")) for row in rows]


def _paged(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (ids[at : at + PAGE] for at in range(0, len(ids), PAGE))


def _touched(db: sa.Connection, project_id: int, n: int) -> None:
    p = tables.project.c
    db.execute(sa.update(tables.project).where(p.id == project_id).values(touched=p.touched + n))


Step = tuple[str, str, str, str]
"""Task id, part, what stands there, what shall stand there."""


def _each(db: sa.Connection, project_id: int, steps: Sequence[Step], who: str) -> dict[int, Refusal]:
    """Take the steps; the refused ones, by their place."""
    refused, moved = dict[int, Refusal](), list[str]()
    for n, (task_id, part, before, after) in enumerate(steps):
        try:
            _take(db, project_id, task_id, (part, before, after), who)
        except InputError as error:
            refused[n] = Refusal(task_id=task_id, part=part, reason=str(error))
        else:
            moved += [task_id] if part == TASK else []
    settle(db, project_id, moved)
    return refused


def _take(db: sa.Connection, project_id: int, task_id: str, step: tuple[str, str, str], who: str) -> None:
    row = db.execute(sa.select(tables.task).where(*is_task(project_id, task_id))).mappings().first()
    if row is None:
        raise InputError("The task is not in this project; look through the project again.")
    part, before, after = step
    values = _values(row, part, before, after)
    if part not in (TASK, GROUP):
        _check_free(db, project_id, task_id, who)
        _check_judged(db, project_id, task_id, step)
        checked(Task, dict(task_from(row)) | values, Sentence("The change"))
    db.execute(sa.update(tables.task).where(*is_task(project_id, task_id)).values(values))


def _values(row: Mapping[Any, Any], part: str, before: str, after: str) -> dict[str, Any]:
    """The columns of the task as they shall be; InputError where it is not as the step takes it to be."""
    if part == TASK:
        return {"is_aside": after == ""}
    values = _part_of(row, part)
    if values is None or values.now != before:
        raise InputError("Its text has changed since it was looked through; look through the project again.")
    return values.become(after)


class _Part(NamedTuple):
    now: str
    column: str
    place: tuple[Any, ...]
    value: Any

    def become(self, after: str) -> dict[str, Any]:
        """The column with this part replaced."""
        if not self.place:
            return {self.column: json.loads(after) if self.column == RESPONSES else after}
        at, field = self.place
        items = [dict(item) for item in self.value]
        items[at][field] = after
        return {self.column: items}


def _part_of(row: Mapping[Any, Any], part: str) -> _Part | None:
    """Where a part stands in a task's row; None where the task has no such part."""
    if part == GROUP:
        return _Part(row["group"], "group", (), None)
    if part == RESPONSES:
        return _Part(responses_as_text(row["responses"]), RESPONSES, (), None)
    kind, _, name = part.partition(":")
    column, field = ("prompt", "content") if kind == "prompt" else (RESPONSES, "text")
    at = next((n for n, item in enumerate(row[column]) if name == (str(n) if kind == "prompt" else item["id"])), None)
    return None if at is None else _Part(row[column][at][field], column, (at, field), row[column])


def responses_as_text(responses: Sequence[Mapping[str, Any]]) -> str:
    """All responses of a task as a finding of the part `responses` writes them."""
    kept = [{name: one.get(name) for name in ("id", "text", "source")} for one in responses]
    return json.dumps(kept, ensure_ascii=False)


def _check_free(db: sa.Connection, project_id: int, task_id: str, who: str) -> None:
    """Raise InputError where somebody is at this task: another person, or anybody who has begun to say something."""
    a = tables.assignment.c
    at_it = sa.or_(a.draft.is_not(None), a.annotator != who)
    here = a.project_id == project_id, a.task_id == task_id, a.touched_at > datetime.now(UTC) - HELD, at_it
    if db.scalar(sa.select(sa.func.count()).where(*here)):
        raise InputError("Somebody is judging this task now; try again in half an hour.")


def _check_judged(db: sa.Connection, project_id: int, task_id: str, step: tuple[str, str, str]) -> None:
    """Raise InputError where changing the text would change what somebody has said of it."""
    part = step[0]
    j = tables.judgement.c
    said = db.execute(sa.select(j.flags, j.edits).where(j.project_id == project_id, j.task_id == task_id)).all()
    if part == RESPONSES and said:
        raise InputError("The task has been judged, so its answers stay as many as they are.")
    _, _, name = part.partition(":")
    marked = (flag for flags, _ in said for flag in flags if flag["response_id"] == name and flag["spans"])
    if part.startswith("response:") and next(marked, None):
        raise InputError("An annotator has marked words in this answer, and the marks would be off.")
    if any(edit["response_id"] == name and edit["text"] == step[2] for _, edits in said for edit in edits):
        raise InputError("An annotator has rewritten the answer in just this way, so it stays beside that.")
