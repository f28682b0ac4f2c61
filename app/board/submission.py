"""What the board in the browser sends, checked field by field and carried out."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from data.errors import InputError, checked
from data.schemas import Judgement, Name, Note, Project, Schema, Task, check_asked
from data.store import Store
from rankers.assignment import shown_order

LETTERS = "ABCDEFGHI"
"""The names of the answers on the screen, in the order in which they are shown."""
DAY = 86_400.0
TAKEN_BACK = "Not saved: you had judged this task and taken that back. It is open again as you had judged it."
Letter = Annotated[str, Field(pattern="^[A-I]$")]


class MarkedFault(Schema):
    """A flag as the board sends it: the letter of the answer instead of its id."""

    answer: Letter
    kind: str
    note: Note = ""


class Sent(Schema):
    """One message of the board. `number` is its own; `revision` is the one that it was made on top of.

    An `undo` names the task and the revision that it takes back, so that one that arrives twice undoes once.
    """

    kind: Literal["judge", "skip", "undo"]
    number: Annotated[str, Field(min_length=1, max_length=100)]
    project: Annotated[int, Field(strict=True)]
    task: Name | None
    revision: Annotated[int, Field(strict=True, ge=0)]
    seconds: Annotated[float, Field(ge=0)] = 0.0
    ranking: tuple[tuple[Letter, ...], ...] = ()
    none_acceptable: Annotated[bool, Field(strict=True)] = False
    flags: tuple[MarkedFault, ...] = ()
    comment: Note = ""
    reason: str | None = None


class Outcome(NamedTuple):
    """What became of a message: a sentence when it could not be done, one when there is something to know."""

    number: str
    error: str = ""
    note: str = ""
    reopened: str | None = None


def letters(task: Task, annotator: str, seed: int) -> dict[str, str]:
    """Letter on this annotator's screen → response id, in the shown order."""
    return dict(zip(LETTERS, shown_order(task, annotator, seed), strict=False))


def judgement_of(sent: Sent, task: Task, annotator: str, seed: int) -> Judgement:
    """The judgement that a message means; InputError when it is none."""
    ids = letters(task, annotator, seed)
    skipped = sent.kind == "skip"
    return checked(
        Judgement,
        {
            "task_id": task.id,
            "annotator": annotator,
            "status": "skipped" if skipped else "submitted",
            "ranking": () if skipped else [[_response(ids, letter) for letter in tier] for tier in sent.ranking],
            "none_acceptable": sent.none_acceptable and not skipped,
            "flags": () if skipped else [_flag(ids, fault) for fault in sent.flags],
            "comment": sent.comment.strip(),
            "skip_reason": sent.reason if skipped else None,
            "shown_order": tuple(ids.values()),
            "seconds": min(sent.seconds, DAY),
            "idempotency_key": sent.number,
        },
    )


def _response(ids: Mapping[str, str], letter: str) -> str:
    if letter not in ids:
        raise InputError(f"This task has no answer {letter}; reload the page and judge again.")
    return ids[letter]


def _flag(ids: Mapping[str, str], fault: MarkedFault) -> dict[str, str]:
    return {"response_id": _response(ids, fault.answer), "kind": fault.kind, "note": fault.note.strip()}


def carry_out(payload: object, store: Store, project: Project, annotator: str) -> Outcome:
    """Do what a message asks for. It is committed when this returns, and the same message again changes nothing."""
    number = _number(payload)
    try:
        sent = checked(Sent, payload if isinstance(payload, dict) else {})
        if sent.project != project.id:
            raise InputError("This judgement belongs to another project; open that project and submit it again.")
        return _undo(sent, store, project, annotator) if sent.kind == "undo" else _keep(sent, store, project, annotator)
    except InputError as error:
        return Outcome(number, error=str(error))


def _number(payload: object) -> str:
    number = payload.get("number") if isinstance(payload, dict) else None
    return number if isinstance(number, str) else ""


def _keep(sent: Sent, store: Store, project: Project, annotator: str) -> Outcome:
    task = store.task(project.id, sent.task or "")
    judgement = judgement_of(sent, task, annotator, project.seed)
    check_asked(judgement, project)
    kept = store.submit(project.id, judgement, sent.revision)
    if kept.is_new:
        return Outcome(sent.number)
    newest = store.latest(project.id, task.id, annotator)
    if newest and newest.status == "withdrawn":
        return Outcome(sent.number, note=TAKEN_BACK, reopened=task.id)
    differs = _said(kept.judgement) != _said(judgement)
    return Outcome(sent.number, note="You had judged this task before; that judgement was kept." if differs else "")


def _said(judgement: Judgement) -> dict[str, Any]:
    return judgement.model_dump(include={"status", "ranking", "none_acceptable", "flags", "comment", "skip_reason"})


def _undo(sent: Sent, store: Store, project: Project, annotator: str) -> Outcome:
    newest = store.latest(project.id, sent.task or "", annotator)
    if newest and newest.status == "withdrawn" and newest.revision == sent.revision + 1:
        return Outcome(sent.number, reopened=newest.task_id)
    last = store.last_standing(project.id, annotator)
    if last is None or (last.task_id, last.revision) != (sent.task, sent.revision):
        return Outcome(sent.number, note="There was nothing left to undo.")
    store.withdraw(project.id, last)
    return Outcome(sent.number, reopened=last.task_id)


def as_drafted(judgement: Judgement | None, ids: Mapping[str, str]) -> dict[str, Any]:
    """What was said before, in the board's words, to fill it in again."""
    if judgement is None:
        return {}
    names = {response: letter for letter, response in ids.items()}
    flags: dict[str, dict[str, str]] = {}
    for flag in judgement.flags:
        flags.setdefault(names[flag.response_id], {})[flag.kind] = flag.note
    tiers: Sequence[Sequence[str]] = [[names[i] for i in tier] for tier in judgement.ranking]
    return {"ranking": tiers, "none": judgement.none_acceptable, "flags": flags, "comment": judgement.comment}
