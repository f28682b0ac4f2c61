"""What a message of the board does: it is committed when this returns, and the same message again changes nothing."""

from typing import Any

from app.board.submission import Draft, Sent, board_of, judgement_of
from app.board.suggestions import shown
from app.board.view import Seat, now_in_ms
from app.language import N_
from data.errors import checked
from data.schemas import Judgement, Name, Schema, Suggestion, Task

TAKEN_BACK = N_("Not saved: you had judged this task and taken that back. It is open again as you had judged it.")
KEPT = N_("You had judged this task before; that judgement was kept.")
NOTHING_LEFT = N_("There was nothing left to undo.")


class SentDraft(Schema):
    """A draft on its way to be kept."""

    task: Name
    revision: int
    draft: Draft


def carry_out(payload: dict[str, Any], seat: Seat) -> str:
    """Do what a message asks for; what there is to know then, "" for nothing. InputError when it cannot be done."""
    sent = checked(Sent, payload)
    return _undo(sent, seat) if sent.kind == "undo" else _keep(sent, seat)


def _keep(sent: Sent, seat: Seat) -> str:
    task = seat.store.task(seat.project.id, sent.task or "")
    said = judgement_of(sent, board_of(task, seat.annotator, seat.project.seed), seat.project, seat.annotator)
    judgement = said.model_copy(update={"suggested": _shown(task, sent, seat)})
    kept = seat.store.submit(seat.project.id, judgement, sent.revision)
    if kept.is_new:
        return ""
    newest = seat.store.latest(seat.project.id, task.id, seat.annotator)
    if newest and newest.status == "withdrawn":
        seat.store.give(seat.project.id, task.id, seat.annotator)
        return TAKEN_BACK
    stored = newest if newest and sent.insists else kept.judgement
    if _said(stored) == _said(judgement):
        return ""
    return _replaced(judgement, stored, seat) if sent.insists else KEPT


def _shown(task: Task, sent: Sent, seat: Seat) -> tuple[Suggestion, ...]:
    """What stood on the board that this was said on."""
    newest = seat.store.latest(seat.project.id, task.id, seat.annotator)
    before = newest if newest and newest.revision == sent.revision else None
    return shown(seat.store, seat.project, task, before)


def _replaced(judgement: Judgement, stored: Judgement, seat: Seat) -> str:
    seat.store.submit(seat.project.id, judgement, stored.revision)
    return ""


_OF_THE_MOMENT = {"shown_order", "seconds", "suggested", "queue", "revision", "idempotency_key", "created_at"}


def _said(judgement: Judgement) -> dict[str, Any]:
    return judgement.model_dump(exclude=_OF_THE_MOMENT)


def _undo(sent: Sent, seat: Seat) -> str:
    here = seat.project.id
    newest = seat.store.latest(here, sent.task or "", seat.annotator)
    if newest and newest.status == "withdrawn" and newest.revision == sent.revision + 1:
        seat.store.give(here, newest.task_id, seat.annotator)
        return ""
    last = seat.store.last_standing(here, seat.annotator)
    if last is None or (last.task_id, last.revision) != (sent.task, sent.revision):
        return NOTHING_LEFT
    seat.store.withdraw(here, last)
    return ""


def keep_draft(payload: dict[str, Any], seat: Seat) -> bool:
    """Keep a draft on the server; False when a newer one is kept, or the task has been judged meanwhile.

    InputError when it is none. No draft is from the future: a clock that is ahead must not outlast what comes later.
    """
    sent = checked(SentDraft, payload)
    values = sent.draft.model_dump(mode="json") | {"changed": min(sent.draft.changed, now_in_ms())}
    return seat.store.keep_draft(seat.project.id, sent.task, seat.annotator, sent.revision, values)
