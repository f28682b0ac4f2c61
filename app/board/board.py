"""The ranking board: one component of our own that stands in two places of the page.

`cards` (head, prompt, answers, flags) stands in the middle and `strip` (the ranking, its tools, submit) at the bottom.
Everything is local to the browser until one message, which `message` reads on the next run. The browser learns letters,
never response ids or sources.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app.colours import FLAG_COLOURS
from app.render import RENDER_CSS, prompt_html, raw_html, response_html
from data.schemas import FLAGS, SKIP_REASONS, Judgement, Message, Task

HERE = Path(__file__).parent
SCRIPTS = ("model", "dom", "desk", "cards", "strip", "drag", "keys", "board")
LINE = 300
"""Characters of the prompt in the line that stays in sight."""
_BOARD = st.components.v2.component(
    "rankdesk_board",
    css=RENDER_CSS + (HERE / "board.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS),
)
FLAG_TABLE = {
    kind: {"label": label, "definition": definition, "colour": FLAG_COLOURS[kind]}
    for kind, (label, definition) in FLAGS.items()
}
FRAME_CSS = (HERE / "frame.css").read_text(encoding="utf-8")
"""What the ranking page changes around the board: less empty space above and below."""


def message() -> object:
    """What the board sent last; None while it has sent nothing in this session."""
    return (st.session_state.get("rank_strip") or {}).get("submission")


def board_key(task: Task, revision: int) -> str:
    """What a draft belongs to: a task at a revision. The board empties itself when it changes."""
    return f"{task.id}/{revision}"


def cards(
    task: Task, ids: Mapping[str, str], revision: int, before: Mapping[str, Any], guideline: str, progress: str
) -> None:
    """Show the head, the prompt and the answers under their letters."""
    answers = [
        {
            "letter": letter,
            "html": _drawn(task.response(i).text),
            "raw": raw_html(task.response(i).text),
        }
        for letter, i in ids.items()
    ]
    data = {
        "part": "cards",
        "key": board_key(task, revision),
        "before": before,
        "letters": list(ids),
        "progress": progress,
        "prompt_html": prompt_html(task.prompt, content=_drawn),
        "prompt_raw": "".join(
            raw_html(f"{m.role}: {m.content}" if len(task.prompt) > 1 else m.content) for m in task.prompt
        ),
        "prompt_line": _line(task.prompt),
        "guideline_html": _drawn(guideline or "There is no guideline yet."),
        "answers": answers,
        "flags": FLAG_TABLE,
    }
    _BOARD(key="rank_cards", data=data)


def strip(
    task: Task | None, ids: Mapping[str, str], revision: int, before: Mapping[str, Any], said: Mapping[str, Any]
) -> None:
    """Show the ranking at the bottom of the page; without a task only what became of the last one.

    `said` holds `answered`, `error`, `note`, `count`, `saved_text` and `last` (see `afterwards`).
    """
    data = {
        "part": "strip",
        "key": board_key(task, revision) if task else "",
        "task": task.id if task else None,
        "revision": revision,
        "letters": list(ids),
        "before": before,
        "flags": FLAG_TABLE,
        "skip_reasons": dict(SKIP_REASONS),
        **said,
    }
    with st.bottom:
        _BOARD(key="rank_strip", data=data)


def afterwards(last: Judgement | None, count: int, today: int) -> dict[str, Any]:
    """What the strip says of the last thing that this annotator saved: its key, and the running count."""
    if last is None:
        return {"last": None, "count": count, "saved_text": ""}
    verb = "Skipped" if last.status == "skipped" else "Saved"
    known = {"task": last.task_id, "revision": last.revision, "saved": last.idempotency_key}
    return {"last": known, "count": count, "saved_text": f"{verb} · {today} today"}


def _drawn(text: str) -> str:
    return response_html(text, mathml=True)


def _line(prompt: Sequence[Message]) -> str:
    asked = next((m.content for m in reversed(prompt) if m.role == "user"), prompt[-1].content)
    return " ".join(asked[: 4 * LINE].split())[:LINE]
