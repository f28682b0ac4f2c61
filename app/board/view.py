"""What the board shows: the task at hand, as plain values for the browser. It learns letters, never ids or sources."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from app.board.submission import Board, as_drafted, board_of
from app.board.suggestions import in_letters, missed, shown
from app.guideline import relevant, sections
from app.render import raw_html, response_html
from data.schemas import Message, Project
from data.store import Assignment, Store

LINE = 300
"""Characters of the prompt in the line that stays in sight."""


class Seat(NamedTuple):
    """Who judges, and where: `offset` minutes lie between their clock and UTC, as browsers count (−180 in Moscow)."""

    store: Store
    project: Project
    annotator: str
    offset: int = 0


def view_of(seat: Seat) -> dict[str, Any]:
    """The task in this annotator's hands with all that is known of it, or that there is none; and how far they are."""
    assignment = seat.store.assign(seat.project, seat.annotator)
    shown = _task(seat, assignment) if assignment else _nothing(seat)
    return _progress(seat) | shown | {"now": now_in_ms()}


def now_in_ms() -> int:
    """The server's clock, by which all browsers date their drafts: milliseconds since 1970."""
    return int(datetime.now(UTC).timestamp() * 1000)


def _progress(seat: Seat) -> dict[str, Any]:
    so_far = seat.store.progress(seat.project, seat.annotator, midnight(datetime.now(UTC), seat.offset))
    last = seat.store.last_standing(seat.project.id, seat.annotator)
    known = last and {
        "task": last.task_id,
        "revision": last.revision,
        "saved": last.idempotency_key,
        "skipped": last.status == "skipped",
    }
    looked = missed(seat.store, seat.project, last) if last else []
    if known and looked:
        known["missed"] = looked
    counts = {"done": so_far.mine, "today": so_far.mine_today, "left": so_far.left}
    return counts | {"last": known}


def midnight(now: datetime, offset: int) -> datetime:
    """The moment in UTC at which the day began for somebody whose clock is so many minutes behind UTC."""
    behind = timedelta(minutes=max(-840, min(840, offset)))
    return (now - behind).replace(hour=0, minute=0, second=0, microsecond=0) + behind


def _nothing(seat: Seat) -> dict[str, Any]:
    empty: dict[str, Any] = {"letters": [], "alike": [], "answers": [], "prompt": [], "prompt_line": ""}
    known = {"key": f"{seat.project.id}//{seat.annotator}", "task": None, "revision": 0, "section": None}
    return empty | known | {"withheld": seat.store.withheld(seat.project, seat.annotator)}


def _task(seat: Seat, assignment: Assignment) -> dict[str, Any]:
    task, revision = assignment.task, assignment.base_revision
    board = board_of(task, seat.annotator, seat.project.seed)
    before = as_drafted(assignment.before, board)
    return {
        "key": f"{seat.project.id}/{task.id}/{revision}/{seat.annotator}",
        "task": task.id,
        "revision": revision,
        "letters": list(board.ids),
        "alike": board.alike,
        "answers": [_answer(board, letter) for letter in board.ids],
        "prompt": [{"role": m.role, "html": drawn(m.content), "raw": raw_html(m.content)} for m in task.prompt],
        "prompt_line": _line(task.prompt),
        "section": relevant(sections(seat.project.guideline), _asked(task.prompt)),
        "suggested": in_letters(shown(seat.store, seat.project, task, assignment.before), board),
        "before": before and still_asked(before.model_dump(mode="json"), seat.project),
        "draft": assignment.draft and still_asked(assignment.draft, seat.project),
    }


def still_asked(draft: Mapping[str, Any], project: Project) -> dict[str, Any]:
    """A draft without what its project has stopped asking for: the board has no place for it, and no way to undo it."""
    kinds, topics = {flag.kind for flag in project.flags}, {topic.topic for topic in project.topics}
    flags = [fault for fault in draft.get("flags", []) if fault["kind"] in kinds]
    criteria = {criterion.criterion for criterion in project.criteria}
    return dict(draft) | {
        "flags": [fault | {"topic": fault["topic"] if fault["topic"] in topics else None} for fault in flags],
        "criteria": {name: tiers for name, tiers in draft.get("criteria", {}).items() if name in criteria},
        "scores": draft.get("scores", {}) if project.scores else {},
    }


def _answer(board: Board, letter: str) -> dict[str, Any]:
    text = board.text(letter)
    return {"letter": letter, "text": text, "html": drawn(text), "raw": raw_html(text), "words": words_in(text)}


def words_in(text: str) -> int:
    """How many words a text has; of a script that writes none apart, each character counts."""
    return len(_WORD.findall(text))


_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def drawn(text: str) -> str:
    """Rendered with formulas, which only our own components can show."""
    return response_html(text, mathml=True)


def _asked(prompt: Sequence[Message]) -> str:
    return next((m.content for m in reversed(prompt) if m.role == "user"), prompt[-1].content)


def _line(prompt: Sequence[Message]) -> str:
    return " ".join(_asked(prompt)[: 4 * LINE].split())[:LINE]
