"""The list of one's own work: rows to open in place, and a way back to the Rank page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app.language import _
from app.render import RENDER_CSS
from app.work_list.reading import Reading, full, row

_HERE = Path(__file__).parent
_LIST = st.components.v2.component(
    "rankdesk_work",
    html='<div class="head" aria-hidden="true">\n</div><ol class="list">\n</ol>',
    css=RENDER_CSS + (_HERE / "work_list.css").read_text(encoding="utf-8"),
    js=(_HERE / "work_list.js").read_text(encoding="utf-8"),
)
KEY = "work_list"


def work_list(readings: Sequence[Reading]) -> str | None:
    """Show these pieces of work, the chosen one in full; the id of the task that is to be taken up again, if any."""
    chosen = (st.session_state.get(KEY) or {}).get("chosen")
    rows = [row(reading) | _open(reading, chosen) for reading in readings]
    words = {
        "list": _("Your work"),
        "open": _("Open on the Rank page"),
        "head": [_("When"), _("Prompt"), _("Your ranking"), _("What you marked")],
    }
    data = {"rows": rows, "words": words}
    asked: Any = _LIST(key=KEY, data=data, on_chosen_change=lambda: None, on_take_change=lambda: None)
    return next((r.piece.task.id for r in readings if r.piece.task.id == asked.take), None)


def _open(reading: Reading, chosen: object) -> dict[str, str]:
    return {"full": full(reading)} if reading.piece.task.id == chosen else {}
