"""A list of the settings to edit: names and words in fields, with buttons to order, add and remove."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app.language import _
from app.project_settings import LISTS, Rows, rows_of
from data.schemas import Schema

_HERE = Path(__file__).parent
_LIST = st.components.v2.component(
    "rankdesk_list_editor",
    html='<div class="list">\n</div>',
    css=(_HERE / "list_editor.css").read_text(encoding="utf-8"),
    js=(_HERE / "list_editor.js").read_text(encoding="utf-8"),
)
MAX_ROWS = 200


def list_editor(name: str, things: Sequence[Schema], add: str, key: str) -> Rows:
    """Show a list of the project and return its rows as they are now; `add` is the word on the button for a new one.

    What is shown at first under a key is what is edited from then on.
    """
    given = rows_of(name, things)
    words = {"add": add, "up": _("Move up"), "down": _("Move down"), "remove": _("Remove")}
    data = {"name": LISTS[name].name, "things": given, "fields": _fields(name), "words": words}
    sent: Any = _LIST(key=key, data=data, on_things_change=lambda: None).things
    return rows_sent(name, sent, given) if isinstance(sent, list) else given


def _fields(name: str) -> list[dict[str, Any]]:
    words = {
        "label": {"label": _("Name"), "most": 80, "long": False},
        "definition": {"label": _("What it means"), "most": 1000, "long": True},
        "example": {"label": _("Example"), "most": 1000, "long": True},
    }
    return [{"name": field, **words[field]} for field in LISTS[name].texts]


def rows_sent(name: str, sent: Sequence[object], given: Rows) -> Rows:
    """The rows that a browser has sent; it cannot name things itself, only keep the names it was given."""
    kind = LISTS[name]
    known = {row[kind.name] for row in given}

    def row_of(thing: Mapping[str, object]) -> dict[str, str]:
        said = {field: value if isinstance(value := thing.get(field), str) else "" for field in kind.texts}
        named = thing.get(kind.name)
        return {kind.name: named if isinstance(named, str) and named in known else "", **said}

    return [row_of(thing) for thing in sent[:MAX_ROWS] if isinstance(thing, dict)]
