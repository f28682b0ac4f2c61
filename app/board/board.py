"""The ranking board: one component of our own that stands in two places of the page.

`cards` (head, prompt, answers, flags) stands in the middle and `strip` (the ranking, its tools, submit) at the bottom.
Everything is local to the browser until one message, which `message` reads on the next run. The browser learns letters,
never response ids or sources.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from app.colours import colours_of
from app.render import RENDER_CSS, prompt_html, raw_html, response_html
from data.schemas import SKIP_REASONS, Judgement, Message, Project, Task

HERE = Path(__file__).parent
SCRIPTS = ("model", "dom", "desk", "cards", "strip", "drag", "keys", "board")
LINE = 300
"""Characters of the prompt in the line that stays in sight."""
_BOARD = st.components.v2.component(
    "rankdesk_board",
    css=RENDER_CSS + (HERE / "board.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS),
)


def flag_table(project: Project) -> dict[str, dict[str, str]]:
    """Kind of flag → how it is shown on the board."""
    colours = colours_of(project.flags)
    return {f.kind: {"label": f.label, "definition": f.definition, "colour": colours[f.kind]} for f in project.flags}


def message() -> object:
    """What the board sent last; None while it has sent nothing in this session."""
    return (st.session_state.get("rank_strip") or {}).get("submission")


class Shown(NamedTuple):
    """What is on an annotator's board: a task at a revision, its letters, and what was said of it before."""

    project: Project
    task: Task
    ids: Mapping[str, str]
    revision: int = 0
    before: Mapping[str, Any] = {}
    annotator: str = ""

    @property
    def key(self) -> str:
        """What a draft belongs to; the board empties itself when it changes. Letters differ between annotators."""
        return f"{self.project.id}/{self.task.id}/{self.revision}/{self.annotator}"


def cards(shown: Shown, progress: str) -> None:
    """Show the head, the prompt and the answers under their letters."""
    texts = {letter: shown.task.response(i).text for letter, i in shown.ids.items()}
    data = {
        "part": "cards",
        "key": shown.key,
        "before": shown.before,
        "progress": progress,
        "prompt_html": prompt_html(shown.task.prompt, content=_drawn),
        "prompt_raw": prompt_html(shown.task.prompt, content=raw_html),
        "prompt_line": _line(shown.task.prompt),
        "guideline_html": _drawn(shown.project.guideline or "There is no guideline yet."),
        "answers": [{"letter": a, "html": _drawn(text), "raw": raw_html(text)} for a, text in texts.items()],
        "flags": flag_table(shown.project),
    }
    _BOARD(key="rank_cards", data=data)


def strip(project: Project, shown: Shown | None, said: Mapping[str, Any]) -> None:
    """Show the ranking at the bottom of the page; without a task only what became of the last one.

    `said` holds `answered`, `error`, `note` (see `submission.Outcome`) and what `afterwards` gives.
    """
    data = {
        "part": "strip",
        "key": shown.key if shown else "",
        "project": project.id,
        "task": shown.task.id if shown else None,
        "revision": shown.revision if shown else 0,
        "letters": list(shown.ids) if shown else [],
        "before": shown.before if shown else {},
        "flags": flag_table(project),
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
