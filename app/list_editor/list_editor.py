"""A list of the settings to edit: names and words in fields, with buttons to order, add and remove."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app.language import _
from app.project_settings import EDITED, Rows

_HERE = Path(__file__).parent
_LIST = st.components.v2.component(
    "rankdesk_list_editor",
    html='<div class="list">\n</div>',
    css=(_HERE / "list_editor.css").read_text(encoding="utf-8"),
    js=(_HERE / "list_editor.js").read_text(encoding="utf-8"),
)
MAX_ROWS, MAX_TERMS = 200, 2_000
"""Rows of a list whose things have names, and of the glossary."""
Choices = Mapping[str, str]
"""What a field can be → what that is called."""


def list_editor(name: str, given: Rows, add: str, key: str, languages: Choices | None = None) -> Rows:
    """Show a list of the project and return its rows as they are now; `add` is the word on the button for a new one.

    What is shown at first under a key is what is edited from then on. `languages` are the choices where one is asked.
    """
    words = {"add": add, "up": _("Move up"), "down": _("Move down"), "remove": _("Remove")}
    short = EDITED[name].name
    data = {"name": short, "things": given, "fields": _fields(name, languages or {}), "words": words}
    sent: Any = _LIST(key=key, data=data, on_things_change=lambda: None).things
    return rows_sent(name, sent, given) if isinstance(sent, list) else given


def rows_now(name: str, given: Rows, key: str) -> Rows:
    """The rows of a list as its editor under this key has them, for what happens between two drawings of a page."""
    sent = st.session_state.get(key) or {}
    things = sent.get("things") if hasattr(sent, "get") else None
    return rows_sent(name, things, given) if isinstance(things, list) else given


def _fields(name: str, languages: Choices) -> list[dict[str, Any]]:
    words: Mapping[str, dict[str, Any]] = {
        "label": {"label": _("Name"), "most": 80, "long": False},
        "definition": {"label": _("What it means"), "most": 1000, "long": True},
        "example": {"label": _("Example"), "most": 1000, "long": True},
        "wrong": {"label": _("Wrong term"), "most": 80, "long": False},
        "right": {"label": _("Right term"), "most": 80, "long": False},
        "language": {"label": _("Language"), "most": 3, "long": False, "choices": list(languages.items())},
    }
    return [{"name": field, **words[field]} for field in EDITED[name].texts]


def rows_sent(name: str, sent: Sequence[object], given: Rows) -> Rows:
    """The rows that a browser has sent; it cannot name things itself, only keep the names it was given."""
    kind = EDITED[name]
    known = {row[kind.name] for row in given} if kind.name else set()

    def row_of(thing: Mapping[str, object]) -> dict[str, str]:
        said = {field: value if isinstance(value := thing.get(field), str) else "" for field in kind.texts}
        if not kind.name:
            return said
        named = thing.get(kind.name)
        return {kind.name: named if isinstance(named, str) and named in known else "", **said}

    return [row_of(thing) for thing in sent[: MAX_ROWS if kind.name else MAX_TERMS] if isinstance(thing, dict)]
