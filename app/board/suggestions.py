"""What flag models propose on the board: never before the annotator has submitted, unless the lead has said so.

The server works it out for showing and for storing alike; the browser is not asked what it showed.
"""

from typing import Any

from app.board.submission import Board, board_of
from app.flag_fitting import proposed
from data.schemas import Judgement, Project, Suggestion, Task
from data.store import Store


def shown(store: Store, project: Project, task: Task, before: Judgement | None) -> tuple[Suggestion, ...]:
    """What an annotator is shown while they judge: with “after”, only once they have said something of the task."""
    mode = project.suggestions
    is_open = mode == "before" or (mode == "after" and before is not None and _was_said(before))
    return proposed(store, project, task) if is_open else ()


def _was_said(before: Judgement) -> bool:
    """Whether it was a submission, withdrawn or not, and no skip."""
    marked = before.none_acceptable or before.unrankable
    return bool(before.named() or before.reference or marked)


def missed(store: Store, project: Project, last: Judgement) -> list[dict[str, Any]]:
    """What is proposed for the task submitted last and was not flagged; with “after” only."""
    if project.suggestions != "after" or last.status != "submitted":
        return []
    task = store.task(project.id, last.task_id)
    flagged = {(flag.response_id, flag.kind) for flag in last.flags}
    found = [one for one in proposed(store, project, task) if (one.response_id, one.kind) not in flagged]
    return in_letters(tuple(found), board_of(task, last.annotator, project.seed))


def in_letters(suggested: tuple[Suggestion, ...], board: Board) -> list[dict[str, Any]]:
    """What the browser learns: letters and kinds."""
    names = board.names
    return sorted(
        ({"answer": names[one.response_id], "kind": one.kind} for one in suggested), key=lambda s: s["answer"]
    )
